"""The one rule for every choice made on validation users: what is *clearly* better.

A difference counts once it is so many standard errors of its mean. Few users show much by chance,
so a choice that all targets make together needs little, and one that a single target makes against
the common one needs more.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

TOGETHER = 1.0
"""Standard errors for a choice on the users of all targets."""
ALONE = 2.0
"""Standard errors for a choice on the users of one target or pair."""
LEAST_USERS = 10
"""Fewer users than this decide nothing."""


@dataclass(frozen=True)
class Chosen:
    """What was chosen for one target, and why.

    Attributes:
        value: the choice.
        gain: mean NDCG@10 over the usual value on validation users; 0 where nothing was measured.
        error: standard error of it.
        users: how many judged.
    """

    value: Any
    gain: float = 0.0
    error: float = 0.0
    users: int = 0


def standard_error(gain: np.ndarray) -> float:
    """Of the mean of paired differences, shape (m,)."""
    return float(gain.std(ddof=1) / len(gain) ** 0.5) if len(gain) > 1 else float("inf")


def in_errors(gain: np.ndarray) -> float:
    """The mean of paired differences in its standard errors; 0 of too few users."""
    if len(gain) < LEAST_USERS:
        return 0.0
    return float(gain.mean() / max(standard_error(gain), 1e-12))


def choose(values: Mapping[Any, Sequence[np.ndarray]], usual: Any) -> tuple[Chosen, ...]:
    """One value per target: the usual one unless another is clearly better.

    First all targets together take the best of those that are :data:`TOGETHER` above the usual
    value; then each target alone takes the best of those that are :data:`ALONE` above that, and
    goes back to the usual value where that is :data:`TOGETHER` better.

    Args:
        values: candidate -> per target the NDCG@10 of its users, shape (m_t,), the same users in
            the same order for every candidate.
        usual: the candidate that stands without evidence.
    """
    common = _best(values, usual, range(len(values[usual])), TOGETHER)
    found = []
    for target, before in enumerate(values[usual]):
        value = _best(values, common, [target], ALONE)
        if value == common and in_errors(before - values[common][target]) > TOGETHER:
            value = usual
        gain = values[value][target] - before
        known = len(gain) > 0 and value != usual
        found.append(
            Chosen(
                value,
                float(gain.mean()) if known else 0.0,
                standard_error(gain) if known and len(gain) > 1 else 0.0,
                len(gain),
            )
        )
    return tuple(found)


def _best(
    values: Mapping[Any, Sequence[np.ndarray]],
    usual: Any,
    targets: Sequence[int] | range,
    errors: float,
) -> Any:
    best, most = usual, 0.0
    for value, by_target in values.items():
        if value == usual:
            continue
        gain = np.concatenate([by_target[t] - values[usual][t] for t in targets])
        if in_errors(gain) > errors and gain.mean() > most:
            best, most = value, float(gain.mean())
    return best
