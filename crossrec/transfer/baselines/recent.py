"""Everybody gets what many users took lately."""

import numpy as np
from scipy import sparse

from crossrec.data.history import Histories, shape
from crossrec.data.split import ScenarioSplit
from crossrec.language.table import FeatureTable
from crossrec.transfer.baselines.base import Baseline
from crossrec.transfer.building import unit_popularity
from crossrec.transfer.config import TransferConfig
from crossrec.transfer.recency import choose_popularity


class RecentPopularity(Baseline[np.ndarray]):
    """Rank by the number of users, recent ones more: the popularity the transfer model contains.

    The half-life is chosen per scenario on the validation part, from the same candidates and by
    the same rule; without clock times it is plain popularity.

    Args:
        pooled: see :class:`Baseline`; the order inside a scenario is the same.
    """

    def __init__(self, *, pooled: bool = False) -> None:
        super().__init__("Popularity (recent)", pooled=pooled)

    def _prepare(self, split: ScenarioSplit, features: FeatureTable | None) -> None:
        train = Histories.from_log(split.train, split.space)
        valid = Histories.from_log(split.valid, split.space, train.users.ids)
        known, config = split.histories(), TransferConfig()
        self._recent = [
            unit_popularity(known, target, choose_popularity(train, valid, target, config))
            for target in range(len(split.space))
        ]

    def _fit_group(self, group: tuple[int, ...], matrix: sparse.csr_array) -> np.ndarray:
        return np.concatenate([self._recent[scenario] for scenario in group])

    def _predict(
        self, model: np.ndarray, matrix: sparse.csr_array, columns: slice, users: np.ndarray
    ) -> np.ndarray:
        return np.tile(model[columns], (shape(matrix)[0], 1))
