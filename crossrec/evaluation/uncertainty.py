"""How sure a mean over users is: bootstrap intervals, paired tests, Holm's correction.

Users are the units that are drawn: two metrics of one user are never independent. All columns of
a table share the same draws, so the difference of two models is compared user by user (paired).
Source: method page §3; Efron and Tibshirani, An Introduction to the Bootstrap (1993), ch. 13;
Holm, A simple sequentially rejective multiple test procedure (1979).
"""

from dataclasses import dataclass

import numpy as np

LEVEL = 0.95
RESAMPLES = 1000

_CHUNK = 2_000_000  # drawn user numbers held at once


@dataclass(frozen=True)
class Interval:
    """Means with percentile intervals, each array of shape (c,).

    Attributes:
        value: the means over all users.
        low, high: ends of the interval; NaN for fewer than two users.
        p: two-sided p-value of "the mean is 0": twice the smaller share of the drawn means on
            one side of 0, draws at 0 counting for both sides and one draw added to each (so never
            below ``2 / (resamples + 1)``); 1 for fewer than two users.
        n: number of users.
    """

    value: np.ndarray
    low: np.ndarray
    high: np.ndarray
    p: np.ndarray
    n: int


def bootstrap(
    values: np.ndarray, *, resamples: int = RESAMPLES, seed: int = 0, level: float = LEVEL
) -> Interval:
    """Percentile bootstrap over users of the mean of each column.

    For a paired comparison give the differences as a column of their own: equal models then have
    a difference of exactly 0 in every draw.

    Args:
        values: shape (n, c), one row per user, finite.
        resamples: number of draws of n users with replacement.
        seed: of the draws.
        level: of the interval.

    Returns:
        The means with their intervals; memory grows with ``resamples * c``, not with n.
    """
    n, columns = values.shape
    if n < 2:
        nothing = np.full(columns, np.nan)
        return Interval(
            values.mean(axis=0) if n else nothing, nothing, nothing, np.ones(columns), n
        )
    means = np.empty((resamples, columns))
    rng = np.random.default_rng(seed)
    table = np.ascontiguousarray(values, dtype=np.float32)
    size = max(1, _CHUNK // n)
    for start in range(0, resamples, size):
        rows = min(size, resamples - start)
        drawn = rng.integers(0, n, (rows, n)) + np.arange(rows)[:, None] * n
        weights = np.bincount(drawn.ravel(), minlength=rows * n).reshape(rows, n)
        means[start : start + rows] = weights.astype(np.float32) @ table / n
    tail = (1 - level) / 2
    low, high = np.quantile(means, [tail, 1 - tail], axis=0)
    below = ((means <= 0).sum(axis=0) + 1) / (resamples + 1)
    above = ((means >= 0).sum(axis=0) + 1) / (resamples + 1)
    p = np.minimum(1.0, 2 * np.minimum(below, above))
    return Interval(values.mean(axis=0, dtype=np.float64), low, high, p, n)


def bootstrap_difference(
    first: np.ndarray,
    second: np.ndarray,
    *,
    resamples: int = RESAMPLES,
    seed: int = 0,
    level: float = LEVEL,
) -> Interval:
    """Paired bootstrap of ``mean(first - second)`` over the same users, each of shape (n,)."""
    difference = (np.asarray(first) - np.asarray(second))[:, None]
    return bootstrap(difference, resamples=resamples, seed=seed, level=level)


def resamples_for(tests: int) -> int:
    """Draws needed for p-values that can still be below 0.05 after Holm over so many tests."""
    return max(RESAMPLES, 100 * tests)


def holm(p: np.ndarray) -> np.ndarray:
    """Holm's step-down adjusted p-values, in the order given, shape (t,).

    With p sorted ascending: adjusted_i = max over j <= i of min(1, (t - j + 1) * p_j). NaN stays
    NaN and does not count as a test.
    """
    p = np.asarray(p, dtype=float)
    adjusted = np.full(len(p), np.nan)
    tested = np.flatnonzero(~np.isnan(p))
    order = tested[np.argsort(p[tested], kind="stable")]
    steps = p[order] * np.arange(len(order), 0, -1)
    adjusted[order] = np.minimum(1.0, np.maximum.accumulate(steps)) if len(order) else []
    return adjusted
