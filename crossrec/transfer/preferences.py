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
        popularity: per scenario b_j: number of users with the item, recent ones more where that
            was chosen, at unit spread, shape (n_s,).
    """

    within: tuple[Within, ...]
    across: dict[tuple[int, int], Across]
    popularity: tuple[np.ndarray, ...]
