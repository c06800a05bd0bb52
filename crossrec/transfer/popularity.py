"""How popular the items of a scenario are, as the base of every score."""

from dataclasses import dataclass

import numpy as np

from crossrec.data.history import Histories, shape
from crossrec.transfer.preference import per_spread

START_BASE = 0.3
"""Weight of popularity beside one open source."""


@dataclass(frozen=True)
class Popularity:
    """The base of a scenario's scores: popularity, and how loud it is.

    Attributes:
        plain: users per item at unit spread, shape (n,), float32.
        recent: the same with recent interactions counting more, if that was chosen.
        cold: weight of ``plain`` for users without history in the scenario.
        warm: weight of ``recent`` for users with much of it.
    """

    plain: np.ndarray
    recent: np.ndarray
    cold: float
    warm: float

    def scores(self, own_items: np.ndarray, *, cold: float | None = None) -> np.ndarray:
        """The base of m users, shape (m, n), float32.

        Each item of a user's history in the scenario halves the weight of what holds for users
        without any: a first click changes the base, and does not switch it.

        Args:
            own_items: length of each history in the scenario, shape (m,).
            cold: another weight of ``plain``.
        """
        unknown = np.exp2(-own_items.astype(np.float32))[:, None]
        first = (self.cold if cold is None else cold) * self.plain
        return (unknown * first + (1 - unknown) * (self.warm * self.recent)).astype(np.float32)


def unit_popularity(
    histories: Histories, scenario: int, half_life: float | None = None
) -> np.ndarray:
    """Number of users with each item at unit spread, shape (n_s,), float32.

    Args:
        histories: of all users.
        scenario: s.
        half_life: a user counts half as much with every so many days between his interaction and
            the newest in the log; None, or ages that are not in days: all users count alike.
    """
    matrix = histories.by_scenario[scenario]
    weights = None
    if half_life is not None and histories.ages is not None and histories.quiet is not None:
        quiet = np.repeat(histories.quiet, np.diff(matrix.indptr))
        weights = np.exp2(-(histories.ages[scenario] + quiet) / half_life)
    users = np.bincount(matrix.indices, weights, minlength=shape(matrix)[1])
    return (users * per_spread(float(users.std()))).astype(np.float32)
