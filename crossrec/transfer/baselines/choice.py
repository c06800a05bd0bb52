"""Choosing a hyper-parameter on the validation part."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy import sparse

from crossrec.data.history import Histories, shape
from crossrec.data.split.cutting import ScenarioSplit
from crossrec.transfer.recommender import top_k

MAX_USERS = 2000
"""At most so many users per scenario decide; more change the choice by less than its noise."""

K = 10

ALL, COLD = "all", "cold"
"""Which validation users decide: everybody, or those without a history in the target scenario."""

Predict = Callable[[np.ndarray, int], np.ndarray]
"""Scores of (user rows, scenario), shape (len(rows), n_s)."""


@dataclass(frozen=True)
class ValidationCases:
    """Who can judge: users with a history in ``split.train`` and new items in ``split.valid``.

    Attributes:
        train: the histories of all users from ``split.train`` alone.
        new: per scenario the new items of the validation part, CSR, shape (users, n_s), 0 or 1.
        seed: which users are drawn where there are more than :data:`MAX_USERS`.
        users: :data:`ALL` or :data:`COLD`; the latter falls back to all where there is nobody.
    """

    train: Histories
    new: tuple[sparse.csr_array, ...]
    seed: int
    users: str = ALL

    @classmethod
    def of(cls, split: ScenarioSplit, users: str = ALL) -> "ValidationCases":
        """Collect the cases of a split."""
        train = Histories.from_log(split.train, split.space)
        valid = Histories.from_log(split.valid, split.space)
        new = []
        for before, after in zip(train.by_scenario, valid.by_scenario, strict=True):
            cells = np.setdiff1d(_cells(after), _cells(before))
            ones = np.ones(len(cells), dtype=np.float32)
            places = np.divmod(cells, max(shape(after)[1], 1))
            new.append(sparse.csr_array((ones, places), shape=after.shape))
        return cls(train, tuple(new), split.seed, users)

    def exist(self, group: tuple[int, ...]) -> bool:
        """Whether there is a case in any scenario of ``group``."""
        return any(len(self.rows(group, target)) for target in group)

    def ndcg(
        self, predict: Predict, group: tuple[int, ...], targets: tuple[int, ...] | None = None
    ) -> float:
        """Mean NDCG@10 over the users and scenarios of ``group``, or of ``targets`` alone.

        Gain 1 per new item, ideal DCG over min(new items, 10); items seen in training are left out.

        Args:
            predict: scores of (user rows, scenario), shape (len(rows), n_s).
            group: scenarios whose histories the model reads.
            targets: those of them that are judged; None for all.
        """
        total, users = 0.0, 0
        discount = 1 / np.log2(np.arange(2, K + 2))
        for scenario in group if targets is None else targets:
            rows = self.rows(group, scenario)
            for start in range(0, len(rows), 500):
                batch = rows[start : start + 500]
                scores = predict(batch, scenario)
                best, _ = top_k(scores, self.train.take(batch), scenario, K)
                wanted = self.new[scenario][batch]
                hit = wanted.toarray()[np.arange(len(batch))[:, None], best] * (best >= 0)
                ideal = np.cumsum(discount)[np.minimum(np.diff(wanted.indptr), K) - 1]
                total += float((hit @ discount / ideal).sum())
            users += len(rows)
        return total / max(users, 1)

    def rows(self, group: tuple[int, ...], target: int) -> np.ndarray:
        """The user rows that judge one target of a model that reads the scenarios of ``group``."""
        counts = self.train.counts()
        able = (counts[:, list(group)].sum(axis=1) > 0) & (np.diff(self.new[target].indptr) > 0)
        cold = able & (counts[:, target] == 0)
        rows = np.flatnonzero(cold if self.users == COLD and cold.any() else able)
        if len(rows) <= MAX_USERS:
            return rows
        drawn = np.random.default_rng(self.seed).choice(rows, MAX_USERS, replace=False)
        return np.sort(drawn)


def _cells(matrix: sparse.csr_array) -> np.ndarray:
    """The places of the stored entries, counted row by row, int64."""
    row, column = matrix.nonzero()
    return row.astype(np.int64) * shape(matrix)[1] + column
