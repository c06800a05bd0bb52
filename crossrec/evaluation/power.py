"""How many users would settle what is open.

Source: Cohen, Statistical Power Analysis for the Behavioral Sciences (1988), ch. 2, for the number
of pairs; Schuirmann (1987) for deciding "no gain" from an interval and a margin.
"""

import math
from statistics import NormalDist
from typing import Final

from crossrec.evaluation.uncertainty import LEVEL
from crossrec.evaluation.verdict import ALPHA, ENOUGH_USERS, Judged

MARGIN: Final = 0.02
"""A gain below this share of the value without transfer is no gain."""

POWER: Final = 0.8
"""Chance of a verdict, should the lift be what it was measured to be."""

MOST: Final = 100
"""Times the users of now; what would need more is not worth waiting for."""

_NORMAL: Final = NormalDist()
_HALF: Final = _NORMAL.inv_cdf((1 + LEVEL) / 2)  # standard errors in half an interval


def needed_users(one: Judged, without: float, tests: int = 1) -> int | None:
    """Users after which this lift would probably be judged, one way or the other.

    The standard error s falls with the square root of the users. A lift d is clear where
    ``n * ((z_a + z_b) * s / d)^2`` users are judged, with z_a for :data:`ALPHA` shared by the tests
    (Bonferroni, so that Holm's correction is met) and z_b for :data:`POWER`: for one test
    ``n * (2.8 / z)^2`` with z = d / s. It is no gain where the interval's upper end falls below
    m = :data:`MARGIN` times ``without``: ``n * (1.96 * s / (m - d))^2``.

    Args:
        one: the lift with its interval.
        without: the value it is a lift over.
        tests: over how many p-values are corrected.

    Returns:
        The smaller of both, at least :data:`ENOUGH_USERS`; None where it is above :data:`MOST`
        times the users of now.
    """
    if one.n < 2 or not math.isfinite(one.high - one.low) or one.high == one.low:
        return ENOUGH_USERS
    error = (one.high - one.low) / (2 * _HALF)
    both = _NORMAL.inv_cdf(1 - ALPHA / (2 * tests)) + _NORMAL.inv_cdf(POWER)
    room = MARGIN * without - one.lift
    times = [(both * error / abs(one.lift)) ** 2] if one.lift else []
    times += [(_HALF * error / room) ** 2] if room > 0 else []
    if not times or min(times) > MOST:
        return None
    return max(ENOUGH_USERS, math.ceil(one.n * min(times)))


def no_gain(one: Judged, without: float) -> bool:
    """Whether the whole interval lies below a gain of :data:`MARGIN`."""
    return one.n >= ENOUGH_USERS and one.high < MARGIN * without
