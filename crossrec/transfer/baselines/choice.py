"""Choosing a hyper-parameter on the validation part."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy import sparse

from crossrec.data.history import Histories, shape
from crossrec.data.split import ScenarioSplit
from crossrec.transfer.recommender import top_k

MAX_USERS = 2000
"""At most so many users per scenario decide; more change the choice by less than its noise."""

K = 10


@dataclass(frozen=True)
class ValidationCases:
    """Who can judge: users with a history in ``split.train`` and new items in ``split.valid``.

    Attributes:
        train: the histories of all users from ``split.train`` alone.
        new: per scenario the new items of the validation part, CSR, shape (users, n_s), 0 or 1.
        seed: which users are drawn where there are more than :data:`MAX_USERS`.
    """

    train: Histories
    new: tuple[sparse.csr_array, ...]
    seed: int

    @classmethod
    def of(cls, split: ScenarioSplit) -> "ValidationCases":
        """Collect the cases of a split."""
        train = Histories.from_log(split.train, split.space)
        valid = Histories.from_log(split.valid, split.space)
        new = []
        for before, after in zip(train.by_scenario, valid.by_scenario, strict=True):
            cells = np.setdiff1d(_cells(after), _cells(before))
            ones = np.ones(len(cells), dtype=np.float32)
            places = np.divmod(cells, max(shape(after)[1], 1))
            new.append(sparse.csr_array((ones, places), shape=after.shape))
        return cls(train, tuple(new), split.seed)

    def exist(self, group: tuple[int, ...]) -> bool:
        """Whether there is a case in any scenario of ``group``."""
        return any(len(self._rows(group, target)) for target in group)

    def ndcg(
        self, predict: Callable[[np.ndarray, int], np.ndarray], group: tuple[int, ...]
    ) -> float:
        """Mean NDCG@10 over the users and scenarios of ``group``.

        Gain 1 per new item, ideal DCG over min(new items, 10); items seen in training are left out.

        Args:
            predict: scores of (user rows, scenario), shape (len(rows), n_s).
            group: scenarios whose histories the model reads.
        """
        total, users = 0.0, 0
        discount = 1 / np.log2(np.arange(2, K + 2))
        for scenario in group:
            rows = self._rows(group, scenario)
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

    def _rows(self, group: tuple[int, ...], target: int) -> np.ndarray:
        history = self.train.counts()[:, list(group)].sum(axis=1)
        rows = np.flatnonzero((history > 0) & (np.diff(self.new[target].indptr) > 0))
        if len(rows) <= MAX_USERS:
            return rows
        drawn = np.random.default_rng(self.seed).choice(rows, MAX_USERS, replace=False)
        return np.sort(drawn)


def _cells(matrix: sparse.csr_array) -> np.ndarray:
    """The places of the stored entries, counted row by row, int64."""
    row, column = matrix.nonzero()
    return row.astype(np.int64) * shape(matrix)[1] + column
