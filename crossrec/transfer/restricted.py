"""A fitted transfer model with other coefficients: none, one source alone, or not personal."""

from dataclasses import replace
from typing import TYPE_CHECKING, Self
from zlib import crc32

import numpy as np

from crossrec.data.history import Histories
from crossrec.data.split.cutting import ScenarioSplit
from crossrec.language.table import FeatureTable
from crossrec.progress import Progress, silent
from crossrec.schema import EQUAL, SHUFFLED
from crossrec.transfer.coefficients import START_BASE
from crossrec.transfer.recommender import Recommender

if TYPE_CHECKING:
    from crossrec.transfer.model import TransferModel


class _Restricted(Recommender):
    """A recommender that asks a transfer model; fitting it fits that one."""

    model: "TransferModel"

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


class TargetOnly(_Restricted):
    """A fitted transfer model with M = identity."""

    name = "target only"

    def __init__(self, model: "TransferModel") -> None:
        self.model = type(model)(replace(model.config, transfer=False))
        self.model.space_ = self.space_ = model.space_
        self.model.histories_ = self.histories_ = model.histories_
        self.model.text_ = model.text_
        self.model.half_life_ = model.half_life_
        self.model.half_life_unit_ = model.half_life_unit_
        self.model.strength_power_ = model.strength_power_
        self.model.gates_ = model.gates_
        self.model.preferences_ = replace(model.preferences_, across={})

    def scores(self, histories: Histories, scenario: int) -> np.ndarray:
        """Scores with M = identity, shape (m, n_t)."""
        return self.model.scores(histories, scenario)


class OnlySource(_Restricted):
    """A fitted transfer model with all sources but one switched off.

    Args:
        model: a fitted transfer model.
        source: code of the one that stays on.
        forced: with coefficient 1 for everybody, and for users without target history with the
            weight of popularity that training starts from: the learnt one has grown until a
            source that says nothing does no harm.
    """

    def __init__(self, model: "TransferModel", source: int, *, forced: bool) -> None:
        self.model, self.source, self.forced = model, source, forced
        self.name = f"transfer from {model.space_.scenarios.ids[source]}"
        self.space_, self.histories_ = model.space_, model.histories_

    def scores(self, histories: Histories, scenario: int) -> np.ndarray:
        """Scores with one source on, shape (m, n_t)."""
        if not self.forced:
            return self.model.scores(histories, scenario, sources=[self.source])
        counts = histories.counts()
        learnt = self.model.base(counts, scenario)
        return self.model.scores(
            histories,
            scenario,
            coefficients=np.ones(counts.shape, dtype=np.float32),
            base=np.where(counts[:, scenario] > 0, learnt, START_BASE).astype(np.float32),
            sources=[self.source],
        )


class NotPersonal(Recommender):
    """A fitted transfer model whose coefficients are those of the cohort, or of somebody else.

    What it loses against the model is what is *personal* in M. Users with and without target
    history are kept apart: the difference between these is not personal.

    Args:
        model: a fitted transfer model.
        histories: users to take coefficients from.
        shuffled: each user has those of somebody else; otherwise the mean.
        seed: of the draws.
    """

    POOL = 2_000
    """Users per target and cohort that coefficients are taken from."""

    def __init__(
        self, model: "TransferModel", histories: Histories, *, shuffled: bool, seed: int
    ) -> None:
        self.model, self.shuffled, self.seed = model, shuffled, seed
        self.name = SHUFFLED if shuffled else EQUAL
        self.space_, self.histories_ = model.space_, model.histories_
        rng = np.random.default_rng([seed, 2])
        counts = histories.counts()
        self.pools: dict[tuple[int, bool], np.ndarray] = {}
        for target in range(counts.shape[1]):
            for warm in (True, False):
                known = ((counts[:, target] > 0) == warm) & (counts.sum(1) > 0)
                users = rng.permutation(np.flatnonzero(known))[: self.POOL]
                self.pools[target, warm] = model.coefficients(histories.take(users), target)

    def fit(
        self,
        split: ScenarioSplit,
        features: FeatureTable | None = None,
        *,
        progress: Progress = silent,
    ) -> Self:
        """Nothing: the model is fitted already."""
        return self

    def scores(self, histories: Histories, scenario: int) -> np.ndarray:
        """The model's scores with the coefficients that were given, shape (m, n_t)."""
        warm = histories.counts()[:, scenario] > 0
        given = self.model.coefficients(histories, scenario)
        for cohort in (True, False):
            rows, pool = np.flatnonzero(warm == cohort), self.pools[scenario, cohort]
            if len(rows) and len(pool):
                given[rows] = (
                    pool[self._whose(histories, rows, len(pool))]
                    if self.shuffled
                    else (pool.mean(0))
                )
        return self.model.scores(histories, scenario, coefficients=given)

    def _whose(self, histories: Histories, rows: np.ndarray, pool: int) -> np.ndarray:
        """Whose coefficients each user has: the same in whatever batch the user stands."""
        ids = (f"{self.seed} {name}".encode() for name in histories.users.ids[rows])
        return np.array([crc32(name) % pool for name in ids])
