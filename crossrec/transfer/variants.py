"""Fitted engines with other coefficients: none, or one source alone."""

from dataclasses import replace
from typing import Self

import numpy as np

from crossrec.data.history import Histories
from crossrec.data.split.cutting import ScenarioSplit
from crossrec.language.table import FeatureTable
from crossrec.progress import Progress, silent
from crossrec.transfer.fitted import Fitted
from crossrec.transfer.popularity import START_BASE
from crossrec.transfer.recommender import Recommender


def without_transfer(fitted: Fitted) -> Fitted:
    """The same preference models with M = identity."""
    return replace(fitted, between={}, transfer=False)


class OnlySource(Recommender):
    """A fitted engine with all sources but one switched off.

    Args:
        fitted: a fitted engine.
        source: code of the one that stays on.
        forced: with coefficient 1 for everybody, and for users without target history with
            :data:`START_BASE` as the weight of popularity: the learnt one has grown until a source
            that says nothing does no harm.
        histories: those seen in the fit.
    """

    def __init__(
        self, fitted: Fitted, source: int, *, forced: bool, histories: Histories | None = None
    ) -> None:
        self.fitted, self.source, self.forced = fitted, source, forced
        self.name = f"transfer from {fitted.space.scenarios.ids[source]}"
        self.space_, self.histories_ = fitted.space, histories

    def fit(
        self,
        split: ScenarioSplit,
        features: FeatureTable | None = None,
        *,
        progress: Progress = silent,
    ) -> Self:
        """Nothing: the engine is fitted already."""
        return self

    def scores(self, histories: Histories, scenario: int) -> np.ndarray:
        """Scores with one source on, shape (m, n_t)."""
        if not self.forced:
            return self.fitted.scores(histories, scenario, sources=[self.source])
        everybody = np.ones((len(histories), len(self.space_)), dtype=np.float32)
        return self.fitted.scores(
            histories,
            scenario,
            coefficients=everybody,
            sources=[self.source],
            base_cold=START_BASE,
        )
