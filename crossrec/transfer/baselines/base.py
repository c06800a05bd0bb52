"""What all matrix baselines share: columns, choosing on the validation part, popularity ties."""

from abc import abstractmethod
from collections.abc import Sequence
from itertools import product
from typing import Any, Generic, Self, TypeVar

import numpy as np
from scipy import sparse

from crossrec.data.history import Histories
from crossrec.data.ids import UNKNOWN, IdMap
from crossrec.data.space import ItemSpace
from crossrec.data.split.cutting import ScenarioSplit
from crossrec.errors import NotFitted
from crossrec.language.table import FeatureTable
from crossrec.progress import Progress, silent
from crossrec.transfer.baselines.choice import ALL, COLD, Predict, ValidationCases
from crossrec.transfer.baselines.matrix import strengths, user_counts
from crossrec.transfer.recommender import Recommender

Learnt = TypeVar("Learnt")
Setting = tuple[float, ...]
"""One candidate: the values of a baseline's hyper-parameters, in the order of its constructor."""

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

    users_: IdMap | None = None
    """The users of training, in the rows of what was learnt; None where nobody is remembered."""

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
        groups = groups_of(self.space_, pooled=self.pooled)
        models: list[Learnt] = []
        self._prepare(split, features)
        for done, group in enumerate(groups):
            progress("train", done, len(groups), self.name)
            models.append(self._fit_group(group, strengths(histories, group)))
        progress("train", len(groups), len(groups), self.name)
        self.popularity_ = [_share(matrix) for matrix in histories.by_scenario]
        self.models_ = models
        return self

    def scores(self, histories: Histories, scenario: int) -> np.ndarray:
        """See :meth:`Recommender.scores`; ties are ordered by popularity (see :data:`TIE`)."""
        if not hasattr(self, "models_"):
            raise NotFitted(f"expected a fitted {type(self).__name__}", "", "Call fit first")
        which = 0 if self.pooled else scenario
        group = groups_of(self.space_, pooled=self.pooled)[which]
        columns = columns_of(self.space_, group, scenario)
        users = histories.users.ids
        found = self._predict(self.models_[which], strengths(histories, group), columns, users)
        return (found + TIE * self.popularity_[scenario]).astype(np.float32)  # (m, n_s)

    def _prepare(self, split: ScenarioSplit, features: FeatureTable | None) -> None:
        """Collect what the models of all groups need; nothing by default."""

    @abstractmethod
    def _fit_group(self, group: tuple[int, ...], matrix: sparse.csr_array) -> Learnt:
        """Fit the model of some scenarios to their strengths side by side, shape (m, n)."""

    @abstractmethod
    def _predict(
        self, model: Learnt, matrix: sparse.csr_array, columns: slice, users: np.ndarray
    ) -> np.ndarray:
        """Dense scores of ``columns``, shape (m, n_s), for histories of shape (m, n).

        ``users`` are the ids of the rows, for models that remember users; most need not know them.
        """

    @abstractmethod
    def to_arrays(self, model: Learnt) -> dict[str, np.ndarray]:
        """One of :attr:`models_` as named arrays, to be kept on disk."""

    @abstractmethod
    def from_arrays(self, arrays: dict[str, np.ndarray], columns: int) -> Learnt:
        """The inverse of :meth:`to_arrays`, for a model over so many columns.

        Raises:
            KeyError: an array is missing.
            ValueError: the arrays do not fit together, or not these columns.
        """


class TunedBaseline(Baseline[Learnt]):
    """A baseline whose hyper-parameters may have several candidate values.

    Every candidate is fitted on ``split.train`` and the best by NDCG@10 on ``split.valid`` is
    kept, per scenario (or once, if pooled); the final model then sees both parts.

    Args:
        label: for the name.
        candidates: the settings to choose from; a single one is taken as it is.
        pooled: see :class:`Baseline`.
        tuned_for: the validation users that decide: "all", or "cold" for those without a target
            history (a pooled model serves them best with a much stronger regularisation).

    Attributes:
        chosen_: the chosen settings, one per scenario, or one if pooled.
        quality_: their validation NDCG@10; NaN where nothing was chosen.
    """

    chosen_: list[Setting]
    quality_: list[float]

    def __init__(
        self, label: str, candidates: Sequence[Setting], *, pooled: bool, tuned_for: str = ALL
    ) -> None:
        super().__init__(label, pooled=pooled)
        self.candidates = tuple(candidates)
        self.tuned_for = tuned_for
        self._reused: list[Setting] | None = None
        if tuned_for == COLD:
            self.name = f"{label} (pooled, tuned for cold)"

    def reuse(self, chosen: Sequence[Sequence[float]]) -> Self:
        """Take settings chosen before (see :attr:`chosen_`) instead of choosing again."""
        self._reused = [tuple(setting) for setting in chosen]
        return self

    @abstractmethod
    def _learn(self, matrix: sparse.csr_array, setting: Setting, *, trial: bool = False) -> Learnt:
        """Fit one model to strengths of shape (m, n); ``trial`` allows a cheaper approximation."""

    def _prepare(self, split: ScenarioSplit, features: FeatureTable | None) -> None:
        self.chosen_, self.quality_ = [], []
        choosing = self._reused is None and len(self.candidates) > 1
        self._cases = ValidationCases.of(split, self.tuned_for) if choosing else None

    def _fit_group(self, group: tuple[int, ...], matrix: sparse.csr_array) -> Learnt:
        setting, quality = self._choose(group)
        self.chosen_.append(setting)
        self.quality_.append(quality)
        return self._learn(matrix, setting)

    def _choose(self, group: tuple[int, ...]) -> tuple[Setting, float]:
        """The candidate with the best validation NDCG@10; the middle one without any case."""
        if self._reused is not None:
            return self._reused[0 if self.pooled else group[0]], float("nan")
        cases = self._cases
        if cases is None or not cases.exist(group):
            return self.candidates[len(self.candidates) // 2], float("nan")
        matrix = strengths(cases.train, group)
        quality = []
        for setting in self.candidates:
            model = self._learn(matrix, setting, trial=True)
            quality.append(cases.ndcg(self._predictor(model, matrix, group, cases), group))
        best = int(np.argmax(quality))
        return self.candidates[best], quality[best]

    def _predictor(
        self,
        model: Learnt,
        matrix: sparse.csr_array,
        group: tuple[int, ...],
        cases: ValidationCases,
    ) -> Predict:
        def predict(rows: np.ndarray, scenario: int) -> np.ndarray:
            columns = columns_of(self.space_, group, scenario)
            return self._predict(model, matrix[rows], columns, cases.train.users.ids[rows])

        return predict


def settings(*values: Any) -> list[Setting]:
    """All combinations of hyper-parameters that each are one number or a tuple of candidates."""
    return list(product(*(value if isinstance(value, tuple) else (value,) for value in values)))


def groups_of(space: ItemSpace, *, pooled: bool) -> list[tuple[int, ...]]:
    """The scenarios of each model: every one its own, or all of them one, if pooled."""
    everything = tuple(range(len(space)))
    return [everything] if pooled else [(scenario,) for scenario in everything]


def columns_of(space: ItemSpace, group: tuple[int, ...], scenario: int) -> slice:
    """Where the items of ``scenario`` stand when those of ``group`` stand side by side."""
    start = sum(space.sizes[other] for other in group[: group.index(scenario)])
    return slice(start, start + space.sizes[scenario])


def known_rows(known: IdMap | None, users: np.ndarray) -> np.ndarray:
    """Rows of users in what was learnt, shape (m,); :data:`UNKNOWN` for those not in training."""
    return np.full(len(users), UNKNOWN) if known is None else known.codes(users)


def _share(matrix: sparse.csr_array) -> np.ndarray:
    counts = user_counts(matrix)
    return counts / max(counts.max(initial=0), 1)
