"""The contract every recommender keeps: the transfer model and all it is compared with."""

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import Self

import numpy as np

from crossrec.data.history import Histories
from crossrec.data.space import ItemSpace
from crossrec.data.split import ScenarioSplit
from crossrec.errors import CrossRecError, NotFitted
from crossrec.language.table import FeatureTable
from crossrec.progress import Progress, silent


@dataclass(frozen=True)
class Recommendation:
    """The best k items of one scenario for one user.

    Attributes:
        user: user id.
        scenario: target scenario name.
        item_ids: shape (k,), object strings; fewer than k where the scenario has fewer new items.
        scores: shape (k,), float32, descending.
    """

    user: str
    scenario: str
    item_ids: np.ndarray
    scores: np.ndarray


class Recommender(ABC):
    """Base of all recommenders.

    A subclass keeps hyper-parameters in its constructor, sets ``space_`` and ``histories_`` through
    :meth:`_remember` in ``fit``, and scores whole batches of histories.
    """

    name: str = ""
    space_: ItemSpace
    histories_: Histories | None = None

    @abstractmethod
    def fit(
        self,
        split: ScenarioSplit,
        features: FeatureTable | None = None,
        *,
        progress: Progress = silent,
    ) -> Self:
        """Learn from ``split.train`` (and choose on ``split.valid``); ``split.test`` is not read."""

    @abstractmethod
    def scores(self, histories: Histories, scenario: int) -> np.ndarray:
        """Scores of all items of a scenario, shape (len(histories), n_s), float32, finite.

        Items already in the history are scored like any other; callers leave them out.
        """

    def recommend(
        self,
        user: str,
        scenario: str,
        k: int = 10,
        *,
        histories: Histories | None = None,
    ) -> Recommendation:
        """The k best items the user does not have yet.

        Args:
            user: a user id of ``histories``.
            scenario: the target scenario's name.
            k: list length.
            histories: where the user's history is; default those seen in ``fit``.

        Raises:
            UnknownId: the user or the scenario is not known.
            NotFitted: ``fit`` was not called.
        """
        histories = histories or self._fitted_histories()
        target = self.space_.scenarios.code(scenario, "scenario")
        one = histories.take(np.array([histories.users.code(user, "user")]))
        items, scores = top_k(self.scores(one, target), one, target, k)
        found = items[0] >= 0
        return Recommendation(
            user, scenario, self.space_.ids(target)[items[0][found]], scores[0][found]
        )

    def _remember(self, split: ScenarioSplit) -> None:
        """Keep the item space and, for :meth:`recommend`, the histories up to the test cut."""
        self.space_ = split.space
        self.histories_ = split.histories()

    def _fitted_histories(self) -> Histories:
        if not hasattr(self, "space_"):
            raise NotFitted(f"expected a fitted {type(self).__name__}", "", "Call fit first")
        if self.histories_ is None:
            raise CrossRecError(
                "expected histories: a loaded model does not keep any user's rows",
                "",
                "Pass histories=Histories.from_log(log, model.space_)",
            )
        return self.histories_


def top_k(
    scores: np.ndarray, histories: Histories, scenario: int, k: int
) -> tuple[np.ndarray, np.ndarray]:
    """The k best items per user without those of the user's history in the scenario.

    Args:
        scores: shape (m, n_s); not changed.
        histories: the m users.
        scenario: whose items are ranked.
        k: list length.

    Returns:
        Local item numbers, shape (m, k), int64, -1 where there are fewer than k, and their scores,
        shape (m, k), float32, descending; equal scores are ordered by item number.
    """
    scores = np.array(scores, dtype=np.float32)
    seen = histories.by_scenario[scenario].tocoo()
    scores[seen.row, seen.col] = -np.inf
    width = min(k, scores.shape[1])
    best = (
        np.argpartition(-scores, width - 1, axis=1)[:, :width]
        if width
        else scores[:, :0].astype(int)
    )
    best.sort(axis=1)
    order = np.argsort(-np.take_along_axis(scores, best, 1), axis=1, kind="stable")
    best = np.take_along_axis(best, order, 1)
    top = np.take_along_axis(scores, best, 1)
    best = np.where(np.isfinite(top), best, -1)
    pad = ((0, 0), (0, k - width))
    return np.pad(best, pad, constant_values=-1), np.pad(top, pad, constant_values=-np.inf)
