"""Matrix factorisation trained on pairs: what a user has against what he has not."""

from dataclasses import dataclass

import numpy as np
from scipy import sparse
from threadpoolctl import threadpool_limits

from crossrec.data.history import shape
from crossrec.data.split.cutting import ScenarioSplit
from crossrec.language.table import FeatureTable
from crossrec.transfer.baselines.base import Setting, TunedBaseline, known_rows, settings
from crossrec.transfer.baselines.choice import ALL
from crossrec.transfer.baselines.matrix import shaped


@dataclass(frozen=True)
class PairFactors:
    """Learnt vectors.

    Attributes:
        users: shape (U, f), of the users in training.
        items: shape (n, f); the last column is the item's bias.
        of_history: shape (f, f), from the mean of a history's item vectors to a user vector.
    """

    users: np.ndarray
    items: np.ndarray
    of_history: np.ndarray


class BPR(TunedBaseline[PairFactors]):
    """Bayesian personalised ranking: ``max sum log sigmoid(<x_u, y_i - y_j>)`` over pairs.

    Item i is one of the user's, j is drawn from the others. Unlike the other baselines it learns
    a vector per user and not per history: a user seen in training keeps that vector whatever
    history he is scored with; anybody else gets the ridge regression of user vectors on the mean
    vector of the history. Users without a history in the columns get ties.
    Source: Rendle et al., UAI 2009; solved by the package ``implicit``.

    Each of the first three takes one value, or a tuple of candidates to choose from on the
    validation part.

    Args:
        factors: length of a vector.
        learning_rate: of stochastic gradient descent.
        regularisation: L2 weight.
        epochs: passes over the interactions.
        seed: of the starting vectors and the draws. Several threads would race for the same
            vectors, so there is one.
        pooled: see :class:`Baseline`.
        tuned_for: see :class:`TunedBaseline`.
    """

    def __init__(
        self,
        factors: int | tuple[int, ...] = 128,
        learning_rate: float | tuple[float, ...] = 0.05,
        regularisation: float | tuple[float, ...] = 0.01,
        epochs: int = 100,
        *,
        seed: int = 0,
        pooled: bool = False,
        tuned_for: str = ALL,
    ) -> None:
        candidates = settings(factors, learning_rate, regularisation)
        super().__init__("BPR", candidates, pooled=pooled, tuned_for=tuned_for)
        self.epochs = epochs
        self.seed = seed

    def _prepare(self, split: ScenarioSplit, features: FeatureTable | None) -> None:
        super()._prepare(split, features)
        self.users_ = split.train.users

    def _learn(
        self, matrix: sparse.csr_array, setting: Setting, *, trial: bool = False
    ) -> PairFactors:
        from implicit.cpu.bpr import BayesianPersonalizedRanking  # heavy: only for a fit

        factors = int(setting[0])
        if not matrix.nnz:
            n_users, n = shape(matrix)
            nothing = np.zeros((n_users + n, factors + 1), dtype=np.float32)
            return PairFactors(nothing[:n_users], nothing[n_users:], np.eye(factors + 1))
        with threadpool_limits(1, "blas"):
            solver = BayesianPersonalizedRanking(
                factors=factors,
                learning_rate=setting[1],
                regularization=setting[2],
                iterations=self.epochs,
                num_threads=1,
                random_state=self.seed,
            )
            solver.fit(sparse.csr_matrix(matrix, dtype=np.float32), show_progress=False)
        users = np.asarray(solver.user_factors)
        items = np.asarray(solver.item_factors)
        seen = np.diff(matrix.indptr) > 0
        mean = _mean_vectors(matrix[seen], items)
        ridge = mean.T @ mean + 1e-3 * len(mean) * np.eye(mean.shape[1], dtype=np.float32)
        return PairFactors(users, items, np.linalg.solve(ridge, mean.T @ users[seen]))

    def _predict(
        self, model: PairFactors, matrix: sparse.csr_array, columns: slice, users: np.ndarray
    ) -> np.ndarray:
        known = known_rows(self.users_, users)
        folded = _mean_vectors(matrix, model.items) @ model.of_history
        vectors = np.where(known[:, None] >= 0, model.users[known.clip(min=0)], folded)
        vectors[np.diff(matrix.indptr) == 0] = 0  # nothing known: all candidates tie
        return vectors @ model.items[columns].T

    def to_arrays(self, model: PairFactors) -> dict[str, np.ndarray]:
        """See :meth:`Baseline.to_arrays`."""
        return {"users": model.users, "items": model.items, "of_history": model.of_history}

    def from_arrays(self, arrays: dict[str, np.ndarray], columns: int) -> PairFactors:
        """See :meth:`Baseline.from_arrays`."""
        items = shaped(arrays["items"], columns, -1)
        width = items.shape[1]
        users = shaped(arrays["users"], len(self.users_ or ()), width)
        return PairFactors(users, items, shaped(arrays["of_history"], width, width))


def _mean_vectors(matrix: sparse.csr_array, items: np.ndarray) -> np.ndarray:
    """Mean item vector of each history, shape (m, f); zero for an empty one."""
    length = np.maximum(np.diff(matrix.indptr), 1)
    return (matrix @ items) / length[:, None]
