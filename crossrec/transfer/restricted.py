"""A fitted transfer model with coefficients forced: none at all, or one source alone."""

from dataclasses import replace
from typing import TYPE_CHECKING, Self

import numpy as np

from crossrec.data.history import Histories
from crossrec.data.split import ScenarioSplit
from crossrec.language.table import FeatureTable
from crossrec.progress import Progress, silent
from crossrec.transfer.recommender import Recommender

if TYPE_CHECKING:
    from crossrec.transfer.model import TransferModel


class TargetOnly(Recommender):
    """A fitted transfer model with M = identity."""

    name = "target only"

    def __init__(self, model: "TransferModel") -> None:
        self.model = type(model)(replace(model.config, transfer=False))
        self.model.space_ = self.space_ = model.space_
        self.model.histories_ = self.histories_ = model.histories_
        self.model.text_ = model.text_
        self.model.half_life_ = model.half_life_
        self.model.half_life_unit_ = model.half_life_unit_
        self.model.network_ = model.network_
        self.model.preferences_ = replace(model.preferences_, across={})

    def fit(
        self,
        split: ScenarioSplit,
        features: FeatureTable | None = None,
        *,
        progress: Progress = silent,
    ) -> Self:
        """Fit a target-only model of its own."""
        self.model.fit(split, features, progress=progress)
        return self

    def scores(self, histories: Histories, scenario: int) -> np.ndarray:
        """Scores with M = identity, shape (m, n_t)."""
        return self.model.scores(histories, scenario)


class OnlySource(Recommender):
    """A fitted transfer model with all sources but one switched off."""

    def __init__(self, model: "TransferModel", source: int, *, forced: bool) -> None:
        self.model, self.source, self.forced = model, source, forced
        self.name = f"transfer from {model.space_.scenarios.ids[source]}"
        self.space_, self.histories_ = model.space_, model.histories_

    def fit(
        self,
        split: ScenarioSplit,
        features: FeatureTable | None = None,
        *,
        progress: Progress = silent,
    ) -> Self:
        """Fit the underlying model."""
        self.model.fit(split, features, progress=progress)
        return self

    def scores(self, histories: Histories, scenario: int) -> np.ndarray:
        """Scores with one source on, shape (m, n_t)."""
        ones = np.ones((len(histories), len(self.space_)), dtype=np.float32)
        return self.model.scores(
            histories,
            scenario,
            coefficients=ones if self.forced else None,
            sources=[self.source],
        )
