"""How popular the items of a scenario are, as the base of every score."""

import numpy as np

from crossrec.data.history import Histories, shape
from crossrec.transfer.preference import per_spread


def unit_popularity(
    histories: Histories, scenario: int, half_life: float | None = None
) -> np.ndarray:
    """b_j: number of users with the item at unit spread, shape (n_s,), float32.

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
