"""The contract every recommender keeps: the transfer model and all it is compared with."""

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import Protocol, Self, runtime_checkable

import numpy as np

from crossrec.data.history import Histories
from crossrec.data.seen import EXCLUDE, Seen, left_out
from crossrec.data.space import ItemSpace
from crossrec.data.split.cutting import ScenarioSplit
from crossrec.errors import CrossRecError, NotFitted
from crossrec.language.table import FeatureTable
from crossrec.progress import Progress, silent


@dataclass(frozen=True)
class Recommendation:
    """The best k items of one scenario for one user.

    Attributes:
        user: user id.
        scenario: target scenario name.
        item_ids: shape (k,), object strings; fewer than k where there are fewer candidates.
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
        """Learn from ``split.train`` and choose on ``split.valid``; ``split.test`` is not read."""

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
        seen: Seen = EXCLUDE,
    ) -> Recommendation:
        """The k best items, without those the user has or with them.

        Args:
            user: a user id of ``histories``.
            scenario: the target scenario's name.
            k: list length.
            histories: where the user's history is; default those of ``fit``.
            seen: whether seen items are left out; disliked ones always are.

        Raises:
            UnknownId: the user or the scenario is not known.
            NotFitted: ``fit`` was not called.
        """
        histories = histories or self._fitted_histories()
        target = self.space_.scenarios.code(scenario, "scenario")
        one = histories.take(np.array([histories.users.code(user, "user")]))
        items, scores = top_k(self.scores(one, target), one, target, k, seen)
        found = items[0] >= 0
        return Recommendation(
            user, scenario, self.space_.ids(target)[items[0][found]], scores[0][found]
        )

    def _remember(self, split: ScenarioSplit) -> None:
        """Keep the item space and, for :meth:`recommend`, the histories up to the test cut."""
        self.space_ = split.space
        self.histories_ = split.histories(dislikes=True)

    def _fitted_histories(self) -> Histories:
        if not hasattr(self, "space_"):
            raise NotFitted(f"expected a fitted {type(self).__name__}", "", "Call fit first")
        if self.histories_ is None:
            raise CrossRecError(
                "expected histories: a loaded model does not keep any user's rows",
                "",
                "Pass histories=Histories.complete(log, model.space_)",
            )
        return self.histories_


@runtime_checkable
class TransferRecommender(Protocol):
    """A fitted recommender whose sources can be opened and closed one by one."""

    def coefficients(self, histories: Histories, target: int) -> np.ndarray:
        """M_st(u) of each user and source, shape (m, S), in [0, 1]; column ``target`` is 1."""
        ...

    def coefficient_intervals(
        self, histories: Histories, target: int
    ) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Ends of the 95 % interval of each, shape (m, S), and users each rests on, shape (S,)."""
        ...

    def target_only(self) -> Recommender:
        """The same model with every other scenario closed."""
        ...

    def only_source(self, source: int, *, forced: bool = False) -> Recommender:
        """The same model with one source open; ``forced`` sets its coefficient to 1 for all."""
        ...


def top_k(
    scores: np.ndarray, histories: Histories, scenario: int, k: int, seen: Seen = EXCLUDE
) -> tuple[np.ndarray, np.ndarray]:
    """The k best items per user, without those of the user's history in the scenario or with them.

    Args:
        scores: shape (m, n_s); not changed.
        histories: the m users.
        scenario: whose items are ranked.
        k: list length.
        seen: whether seen items are left out; disliked ones always are.

    Returns:
        Local item numbers, shape (m, k), int64, -1 where there are fewer than k, and their scores,
        shape (m, k), float32, descending; equal scores are ordered by item number.
    """
    scores = np.array(scores, dtype=np.float32)
    hidden = left_out(histories.by_scenario[scenario], seen).tocoo()
    scores[hidden.row, hidden.col] = -np.inf
    m, n = scores.shape
    items = np.full((m, k), -1, dtype=np.int64)
    best = np.full((m, k), -np.inf, dtype=np.float32)
    if m and n and k:
        row, column = divmod(np.flatnonzero(_candidates(scores, min(k, n))), n)
        order = np.lexsort((-scores[row, column], row))  # stable: ties stay in column order
        row, column = row[order], column[order]
        place = np.arange(len(row)) - np.searchsorted(row, np.arange(m))[row]
        listed = (place < k) & (scores[row, column] > -np.inf)
        row, column, place = row[listed], column[listed], place[listed]
        items[row, place] = column
        best[row, place] = scores[row, column]
    return items, best


def _candidates(scores: np.ndarray, k: int) -> np.ndarray:
    """Mask of few scores per row, shape (m, n), the k best among them (ties: the first ones).

    Of the maxima of more than k blocks of columns, the k-th largest is a lower bound of the k-th
    best score: a tenth of the work of a partition of whole rows.
    """
    n = scores.shape[1]
    blocks = 8 * k
    height = n // blocks
    bound = np.full(len(scores), -np.inf, dtype=np.float32)
    if height > 1:
        maxima = scores[:, : height * blocks].reshape(-1, height, blocks).max(axis=1)
        bound = np.partition(maxima, blocks - k, axis=1)[:, blocks - k]
    keep = scores >= bound[:, None]
    crowded = np.flatnonzero(keep.sum(axis=1) > 2 * blocks)  # many ties, or unlucky blocks
    if len(crowded):
        rows = scores[crowded]
        kth = np.partition(rows, n - k, axis=1)[:, [n - k]]
        above, level = rows > kth, rows == kth
        room = k - above.sum(axis=1, keepdims=True)
        keep[crowded] = above | (level & (np.cumsum(level, axis=1) <= room))
    return keep
