"""What all matrix baselines share: columns, choosing on the validation part, popularity ties."""

from abc import abstractmethod
from typing import Generic, Self, TypeVar

import numpy as np
from scipy import sparse

from crossrec.data.history import Histories
from crossrec.data.space import ItemSpace
from crossrec.data.split import ScenarioSplit
from crossrec.errors import NotFitted
from crossrec.language.table import FeatureTable
from crossrec.progress import Progress, silent
from crossrec.transfer.baselines.choice import ValidationCases
from crossrec.transfer.baselines.matrix import strengths, user_counts
from crossrec.transfer.recommender import Recommender

Learnt = TypeVar("Learnt")

TIE = 1e-6
"""Weight of an item's popularity share (0 to 1) in a score: it only orders ties.

A user without any history in the columns a baseline reads gets nothing but ties, and so the most
popular items: the usual fallback for cold-start users.
"""


class Baseline(Recommender, Generic[Learnt]):
    """A recommender that reads a user's history as one sparse row.

    Target-only (``pooled=False``), every scenario has its own model over its own columns. Pooled,
    the columns of all scenarios stand side by side in one model, and only the target's columns are
    recommended. Models are fitted on train and valid rows together: nothing after the test cut is
    read.
    """

    def __init__(self, label: str, *, pooled: bool) -> None:
        self.pooled = pooled
        self.name = f"{label} (pooled)" if pooled else label

    def fit(
        self,
        split: ScenarioSplit,
        features: FeatureTable | None = None,
        *,
        progress: Progress = silent,
    ) -> Self:
        """Learn from the rows before the test cut."""
        self._remember(split)
        histories = split.histories()
        groups = _groups(self.space_, pooled=self.pooled)
        models: list[Learnt] = []
        self._prepare(split, features)
        for done, group in enumerate(groups):
            progress("train", done, len(groups), self.name)
            models.append(self._fit_group(group, strengths(histories, group)))
        progress("train", len(groups), len(groups), self.name)
        self._popularity = [_share(matrix) for matrix in histories.by_scenario]
        self._models = models
        return self

    def scores(self, histories: Histories, scenario: int) -> np.ndarray:
        """See :meth:`Recommender.scores`; ties are ordered by popularity (see :data:`TIE`)."""
        if not hasattr(self, "_models"):
            raise NotFitted(f"expected a fitted {type(self).__name__}", "", "Call fit first")
        which = 0 if self.pooled else scenario
        group = _groups(self.space_, pooled=self.pooled)[which]
        columns = columns_of(self.space_, group, scenario)
        found = self._predict(self._models[which], strengths(histories, group), columns)
        return (found + TIE * self._popularity[scenario]).astype(np.float32)  # (m, n_s)

    def _prepare(self, split: ScenarioSplit, features: FeatureTable | None) -> None:
        """Collect what the models of all groups need; nothing by default."""

    @abstractmethod
    def _fit_group(self, group: tuple[int, ...], matrix: sparse.csr_array) -> Learnt:
        """Fit the model of some scenarios to their strengths side by side, shape (m, n)."""

    @abstractmethod
    def _predict(self, model: Learnt, matrix: sparse.csr_array, columns: slice) -> np.ndarray:
        """Dense scores of ``columns`` for the rows of ``matrix``, shape (m, n_s)."""


class TunedBaseline(Baseline[Learnt]):
    """A baseline with one hyper-parameter that may have several candidate values.

    Each candidate is fitted on ``split.train`` and the best by NDCG@10 on ``split.valid`` is
    kept, per scenario (or once, if pooled); the final model then sees both parts.

    Attributes:
        chosen_: the chosen values, one per scenario, or one if pooled.
    """

    chosen_: list[float]

    def __init__(self, label: str, candidates: tuple[float, ...], *, pooled: bool) -> None:
        super().__init__(label, pooled=pooled)
        self._candidates = candidates

    @abstractmethod
    def _learn(self, matrix: sparse.csr_array, value: float, *, trial: bool = False) -> Learnt:
        """Fit one model to strengths of shape (m, n); ``trial`` allows a cheaper approximation."""

    def _prepare(self, split: ScenarioSplit, features: FeatureTable | None) -> None:
        self.chosen_ = []
        self._cases = ValidationCases.of(split) if len(self._candidates) > 1 else None

    def _fit_group(self, group: tuple[int, ...], matrix: sparse.csr_array) -> Learnt:
        value = self._choose(group)
        self.chosen_.append(value)
        return self._learn(matrix, value)

    def _choose(self, group: tuple[int, ...]) -> float:
        """The candidate with the best validation NDCG@10; the middle one without any case."""
        cases = self._cases
        if cases is None or not cases.exist(group):
            return self._candidates[len(self._candidates) // 2]
        matrix = strengths(cases.train, group)
        quality = []
        for value in self._candidates:
            model = self._learn(matrix, value, trial=True)

            def predict(rows: np.ndarray, scenario: int, model: Learnt = model) -> np.ndarray:
                return self._predict(model, matrix[rows], columns_of(self.space_, group, scenario))

            quality.append(cases.ndcg(predict, group))
        return self._candidates[int(np.argmax(quality))]


def _groups(space: ItemSpace, *, pooled: bool) -> list[tuple[int, ...]]:
    everything = tuple(range(len(space)))
    return [everything] if pooled else [(scenario,) for scenario in everything]


def columns_of(space: ItemSpace, group: tuple[int, ...], scenario: int) -> slice:
    """Where the items of ``scenario`` stand when those of ``group`` stand side by side."""
    start = sum(space.sizes[other] for other in group[: group.index(scenario)])
    return slice(start, start + space.sizes[scenario])


def _share(matrix: sparse.csr_array) -> np.ndarray:
    counts = user_counts(matrix)
    return counts / max(counts.max(initial=0), 1)
