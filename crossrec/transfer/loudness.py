"""How loud a source is: the estimate of a coefficient's level, with its interval.

M starts where pooling has it: the loudest source of a target at :data:`START`, the others with the
part of it that their spread in the pooled factors is of its spread. From there validation users
draw it away. Each of a few levels around the start has a mean NDCG; its weight is how likely it is
to be the best, ``exp(-z^2 / 2)`` of the standard errors it lies below the best one, times a prior
that falls with the distance from the start, and the estimate is the weighted mean of the levels.
The interval comes from the bootstrap over these users.
"""

from typing import NamedTuple

import numpy as np
from scipy.special import logit

from crossrec.transfer.clearly import standard_error

START = 0.88
"""M of the loudest source of a user without target history."""
LEAST_START = 0.01
"""Of the loudest source's M, where the M of another one starts at least."""
STEPS = np.array([-4.0, -3.0, -2.0, -1.0, 0.0, 1.0])
"""Candidate levels, in octaves from the start."""
PRIOR = 1.5
"""Standard deviation of the prior, in octaves."""
MOST = 0.98
RESAMPLES = 200


class Level(NamedTuple):
    """M of one pair for users without target history, in (0, 1), and its 95 % interval."""

    m: float
    low: float
    high: float
    users: int


def starts(spreads: np.ndarray) -> np.ndarray:
    """Where M of every pair starts, shape (S, S): source, target.

    Args:
        spreads: of what the pooled factors say, shape (S, S), in one unit per target; 0: unknown,
            which starts like the loudest.
    """
    loudest = spreads.max(axis=0, keepdims=True)
    share = np.divide(spreads, loudest, out=np.ones(spreads.shape), where=spreads > 0)
    return START * np.maximum(share, LEAST_START)


def candidates(start: float) -> np.ndarray:
    """The levels around a start, shape (len(STEPS),)."""
    return np.minimum(start * 2.0**STEPS, MOST)


def estimated(start: float, values: np.ndarray, seed: int) -> Level:
    """The level that validation users draw a pair to.

    Args:
        start: of :func:`starts`.
        values: NDCG@10 of m users at each of :func:`candidates`, shape (len(STEPS), m).
        seed: of the bootstrap.
    """
    levels, users = candidates(start), values.shape[1]
    if users < 2:
        return Level(start, float(levels[0]), float(levels[-1]), users)
    against = values - values[STEPS == 0]
    errors = np.array([standard_error(row) for row in against])
    draws = np.random.default_rng(seed).multinomial(users, np.full(users, 1 / users), RESAMPLES)
    means = np.concatenate([against.mean(1, keepdims=True), against @ draws.T / users], axis=1)
    found = _weighted(means, errors, levels)
    low, high = np.quantile(found[1:], [0.025, 0.975])
    return Level(float(found[0]), float(low), float(high), users)


def _weighted(means: np.ndarray, errors: np.ndarray, levels: np.ndarray) -> np.ndarray:
    """Estimates of several samples: ``means`` are gains over the start, shape (L, samples)."""
    z = means / np.maximum(errors, 1e-9)[:, None]  # how surely each level beats the start
    z[STEPS == 0] = 0
    log_weight = np.sign(z) * z**2 / 2 - (STEPS / PRIOR)[:, None] ** 2 / 2
    weight = np.exp(log_weight - log_weight.max(0))
    return np.exp((weight * np.log(levels)[:, None]).sum(0) / weight.sum(0))


def as_logit(m: np.ndarray) -> np.ndarray:
    """Levels in [0, 1) as logits; 0 is -inf."""
    with np.errstate(divide="ignore"):
        return logit(m)
