"""The first stage: what all choices are made on."""

from dataclasses import dataclass

import numpy as np
from scipy import sparse

from crossrec.data.history import Histories
from crossrec.data.space import ItemSpace
from crossrec.data.split.cutting import ScenarioSplit
from crossrec.language.table import FeatureTable
from crossrec.transfer.config import TransferConfig
from crossrec.transfer.judges import Judge, cold_judge, judging_users, warm_judge
from crossrec.transfer.popularity import unit_popularity
from crossrec.transfer.text import Text
from crossrec.transfer.validation import with_cold_users, without_revealing
from crossrec.transfer.weights import history_weights, positions_of

COLD_SHARE = 0.2
"""Of the users with several scenarios, those who lose one altogether while choices are made."""
SPREAD_USERS = 200
"""Users the spread of a preference model is measured on."""


@dataclass(frozen=True)
class Known:
    """Histories to learn from.

    Attributes:
        histories: of all users.
        targets: codes of all scenarios but profiles.
        positions: per scenario, of the entries, see :func:`positions_of`; None without times.
        seed: of samples.
    """

    histories: Histories
    targets: tuple[int, ...]
    positions: tuple[np.ndarray, ...] | None
    seed: int

    @classmethod
    def of(cls, histories: Histories, space: ItemSpace, seed: int) -> "Known":
        """Histories with the positions of their entries."""
        found = [positions_of(histories, s) for s in range(len(histories.by_scenario))]
        positions = tuple(one for one in found if one is not None) or None
        return cls(histories, space.targets, positions, seed)

    def weights(self, source: int, half_life: float | None = None) -> sparse.csr_array:
        """History weights of all users in a source, shape (m, n_s)."""
        positions = None if self.positions is None else self.positions[source]
        return history_weights(self.histories.by_scenario[source], positions, half_life)

    def some(self, source: int, half_life: float | None = None) -> sparse.csr_array:
        """The same of the users a spread is measured on, the same ones at every call."""
        weights = self.weights(source, half_life)
        rows = np.flatnonzero(np.diff(weights.indptr))
        if len(rows) > SPREAD_USERS:
            rng = np.random.default_rng([self.seed, source])
            rows = np.sort(rng.choice(rows, SPREAD_USERS, replace=False))
        return weights[rows]


@dataclass(frozen=True)
class Ground:
    """What all choices are made on.

    Attributes:
        known: histories before the validation cut, without the cold-start users' target rows.
        valid: held-out items of the same users, in the same order.
        texts: per scenario.
        warm, cold: per target who judges it.
        popularity: per target at unit spread, shape (n_t,).
        config: settings.
    """

    known: Known
    valid: Histories
    texts: tuple[Text, ...]
    warm: tuple[Judge, ...]
    cold: tuple[Judge, ...]
    popularity: tuple[np.ndarray, ...]
    config: TransferConfig

    @property
    def targets(self) -> range:
        """Codes of the scenarios; one that is a profile has nobody who judges it."""
        return range(len(self.texts))


def lay_ground(
    split: ScenarioSplit, features: FeatureTable | None, config: TransferConfig
) -> Ground:
    """Hold out rows of cold-start users, and choose who judges."""
    train = Histories.from_log(split.train, split.space)
    valid = Histories.from_log(split.valid, split.space, train.users.ids)
    if config.transfer:
        train, valid = with_cold_users(train, valid, COLD_SHARE, config.seed, split.space.targets)
        train = without_revealing(train, valid, split)
    targets = range(len(split.space))
    most = [judging_users(size) for size in split.space.sizes]
    return Ground(
        known=Known.of(train, split.space, config.seed),
        valid=valid,
        texts=tuple(Text.of(split.space, t, features) for t in targets),
        warm=tuple(warm_judge(train, valid, t, most[t], config.seed) for t in targets),
        cold=tuple(cold_judge(train, valid, t, most[t], config.seed) for t in targets),
        popularity=tuple(unit_popularity(train, t) for t in targets),
        config=config,
    )
