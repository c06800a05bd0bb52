"""All preference models of one fit."""

from dataclasses import dataclass

import numpy as np

from crossrec.transfer.across import Across
from crossrec.transfer.within import Within


@dataclass(frozen=True)
class Preferences:
    """All preference models of one fit.

    Attributes:
        within: per scenario t the model of t to itself.
        across: (s, t) -> the model of source s for target t.
        popularity: per scenario b_j: number of users with the item at unit spread, shape (n_s,).
        recent: the same for warm users, recent interactions counting more where that was chosen.
    """

    within: tuple[Within, ...]
    across: dict[tuple[int, int], Across]
    popularity: tuple[np.ndarray, ...]
    recent: tuple[np.ndarray, ...]
