"""Weighted matrix factorisation by alternating least squares."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy import sparse
from threadpoolctl import threadpool_limits

from crossrec.data.history import shape
from crossrec.transfer.baselines.base import Setting, TunedBaseline, settings
from crossrec.transfer.baselines.choice import ALL
from crossrec.transfer.baselines.matrix import shaped

if TYPE_CHECKING:
    from implicit.cpu.als import AlternatingLeastSquares

REGULARISATION = (10.0, 50.0, 200.0)


@dataclass(frozen=True)
class Factors:
    """A solved factorisation and the confidence weight it was solved with."""

    solver: "AlternatingLeastSquares"
    alpha: float


class ALS(TunedBaseline[Factors]):
    """Implicit-feedback matrix factorisation; users are folded in from the history given.

    Because a user's factors are solved anew from the history at scoring time, users who were not
    in training are scored like any other. Source: Hu, Koren & Volinsky, ICDM 2008; solved by the
    package ``implicit``.

    Each of the first three takes one value, or a tuple of candidates to choose from on the
    validation part.

    Args:
        factors: length of a vector.
        regularisation: L2 weight; None for :data:`REGULARISATION`.
        alpha: confidence of an interaction is ``1 + alpha * strength``.
        iterations: sweeps over users and items.
        threads: of the solver; the result does not depend on it.
        seed: of the starting vectors.
        pooled: see :class:`Baseline`.
        tuned_for: see :class:`TunedBaseline`.
    """

    def __init__(
        self,
        factors: int | tuple[int, ...] = 128,
        regularisation: float | tuple[float, ...] | None = None,
        alpha: float | tuple[float, ...] = 50.0,
        iterations: int = 15,
        *,
        threads: int = 1,
        seed: int = 0,
        pooled: bool = False,
        tuned_for: str = ALL,
    ) -> None:
        penalties = REGULARISATION if regularisation is None else regularisation
        candidates = settings(factors, penalties, alpha)
        super().__init__("ALS", candidates, pooled=pooled, tuned_for=tuned_for)
        self.iterations = iterations
        self.threads = threads
        self.seed = seed

    def _learn(self, matrix: sparse.csr_array, setting: Setting, *, trial: bool = False) -> Factors:
        factors, penalty, alpha = int(setting[0]), setting[1], setting[2]
        # One BLAS thread inside each of the solver's own, else they get in each other's way.
        with threadpool_limits(1, "blas"):
            model = self._solver(factors, penalty)
            model.fit(_confidence(matrix, alpha), show_progress=False)
        return Factors(model, alpha)

    def _predict(
        self, model: Factors, matrix: sparse.csr_array, columns: slice, users: np.ndarray
    ) -> np.ndarray:
        rows, confidence = np.arange(shape(matrix)[0]), _confidence(matrix, model.alpha)
        with threadpool_limits(1, "blas"):
            vectors = model.solver.recalculate_user(rows, confidence)
        vectors[np.diff(matrix.indptr) == 0] = 0  # nothing known: all candidates tie
        return vectors @ model.solver.item_factors[columns].T

    def to_arrays(self, model: Factors) -> dict[str, np.ndarray]:
        """See :meth:`Baseline.to_arrays`."""
        numbers = np.array([model.alpha, model.solver.regularization])
        return {"items": np.asarray(model.solver.item_factors), "numbers": numbers}

    def from_arrays(self, arrays: dict[str, np.ndarray], columns: int) -> Factors:
        """See :meth:`Baseline.from_arrays`."""
        items = shaped(arrays["items"], columns, -1)
        alpha, penalty = arrays["numbers"].tolist()
        solver = self._solver(items.shape[1], penalty)
        solver.item_factors = items
        return Factors(solver, alpha)

    def _solver(self, factors: int, penalty: float) -> "AlternatingLeastSquares":
        from implicit.cpu.als import AlternatingLeastSquares  # heavy: only where it is used

        return AlternatingLeastSquares(
            factors=factors,
            regularization=penalty,
            iterations=self.iterations,
            num_threads=self.threads,
            random_state=self.seed,
        )


def _confidence(matrix: sparse.csr_array, alpha: float) -> sparse.csr_matrix:
    weighted = sparse.csr_matrix(matrix, dtype=np.float32)
    weighted.data = 1 + alpha * weighted.data
    return weighted
