"""Everybody gets what many users took lately."""

import numpy as np
from scipy import sparse

from crossrec.data.history import Histories
from crossrec.data.split.cutting import ScenarioSplit
from crossrec.language.table import FeatureTable
from crossrec.transfer.baselines.base import Baseline
from crossrec.transfer.baselines.matrix import shaped, user_counts
from crossrec.transfer.clearly import choose
from crossrec.transfer.decisions import DECISIONS
from crossrec.transfer.judges import MOST_USERS, warm_judge
from crossrec.transfer.popularity import unit_popularity


class RecentPopularity(Baseline[tuple[np.ndarray, np.ndarray]]):
    """Rank by the number of users, for warm users recent interactions counting more.

    It is the popularity that the transfer model contains: the half-life is chosen per scenario on
    the validation part, from the same candidates by the same rule. Without clock times, and for
    cold-start users, it is plain popularity.

    Args:
        pooled: see :class:`Baseline`; the order inside a scenario is the same.
    """

    def __init__(self, *, pooled: bool = False) -> None:
        super().__init__("Popularity (recent)", pooled=pooled)

    def _prepare(self, split: ScenarioSplit, features: FeatureTable | None) -> None:
        train = Histories.from_log(split.train, split.space)
        valid = Histories.from_log(split.valid, split.space, train.users.ids)
        targets = range(len(split.space))
        judges = [warm_judge(train, valid, t, MOST_USERS, split.seed) for t in targets]
        decision = DECISIONS["recency"] if train.quiet is not None else None
        values = {
            half_life: [judges[t].ndcg(unit_popularity(train, t, half_life)) for t in targets]
            for half_life in (decision.candidates if decision else (None,))
        }
        known = split.histories()
        chosen = choose(values, None)
        self._recent = [unit_popularity(known, t, chosen[t].value) for t in targets]

    def _fit_group(
        self, group: tuple[int, ...], matrix: sparse.csr_array
    ) -> tuple[np.ndarray, np.ndarray]:
        return np.concatenate([self._recent[code] for code in group]), user_counts(matrix)

    def _predict(
        self,
        model: tuple[np.ndarray, np.ndarray],
        matrix: sparse.csr_array,
        columns: slice,
        users: np.ndarray,
    ) -> np.ndarray:
        recent, counts = model
        warm = np.diff(matrix[:, columns].indptr) > 0
        return np.where(warm[:, None], recent[columns], counts[columns])

    def to_arrays(self, model: tuple[np.ndarray, np.ndarray]) -> dict[str, np.ndarray]:
        """See :meth:`Baseline.to_arrays`."""
        return {"recent": model[0], "users": model[1]}

    def from_arrays(
        self, arrays: dict[str, np.ndarray], columns: int
    ) -> tuple[np.ndarray, np.ndarray]:
        """See :meth:`Baseline.from_arrays`."""
        return shaped(arrays["recent"], columns), shaped(arrays["users"], columns)
