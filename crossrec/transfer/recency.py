"""Whether what is old counts less: half-lives of histories and of popularity, from validation."""

from collections.abc import Callable, Sequence

import numpy as np

from crossrec.data.history import Histories
from crossrec.transfer.across import Across
from crossrec.transfer.building import sample
from crossrec.transfer.coefficients import START_BASE
from crossrec.transfer.config import TransferConfig
from crossrec.transfer.popularity import unit_popularity
from crossrec.transfer.preference import decayed, history_weights
from crossrec.transfer.preferences import Preferences
from crossrec.transfer.tuning import validation_ndcg
from crossrec.transfer.validation import MIN_COLD
from crossrec.transfer.within import Within

SURE = 2.0
"""Standard errors that the gain of a half-life of history items must be above zero to be taken."""
SURE_POPULARITY = 1.0
"""The same of popularity: that tastes move on is the usual case."""


def choose_popularity(
    train: Histories, valid: Histories, target: int, config: TransferConfig
) -> float | None:
    """The half-life of popularity for warm users, in days; None if all interactions count alike.

    Judged by popularity alone, on warm validation users of the target. For cold-start users all
    count alike: what is held out of them is all they ever took, and not only what came last.

    Args:
        train: histories before the validation cut.
        valid: held-out items of the same users, in the same order.
        target: t.
        config: the grid, the number of users, the seed.
    """
    if train.quiet is None:
        return None
    seen, held = train.by_scenario[target], valid.by_scenario[target]
    warm = np.flatnonzero((np.diff(held.indptr) > 0) & (np.diff(seen.indptr) > 0))
    users = sample(warm, config.tuning_users, np.random.default_rng(config.seed))
    seen, held = seen[users], held[users]

    def ndcg(half_life: float | None) -> np.ndarray:
        scores = unit_popularity(train, target, half_life)
        return validation_ndcg(np.broadcast_to(scores, (len(users), len(scores))), seen, held)

    return _best(config.popularity_grid, ndcg, len(users), SURE_POPULARITY)


def choose_half_lives(
    train: Histories, valid: Histories, preferences: Preferences, config: TransferConfig
) -> dict[tuple[int, int], float]:
    """Half-lives of history weights by (source, target), where one ranks better than none.

    Judged by the preference of that source alone beside popularity: NDCG@10 with the weights
    ``w_uh 2^(-age_h / half_life)``, on validation users of the target with a history in the
    source, its cold-start users if there are enough.

    Args:
        train: histories before the validation cut.
        valid: held-out items of the same users, in the same order.
        preferences: fitted on ``train``.
        config: the grid, the number of users, the seed.
    """
    if train.ages is None:
        return {}
    own = {(t, t): model for t, model in enumerate(preferences.within)}
    found = {}
    for pair, model in (own | preferences.across).items():
        half_life = _of_pair(train, valid, preferences, model, pair, config)
        if half_life is not None:
            found[pair] = half_life
    return found


def _of_pair(
    train: Histories,
    valid: Histories,
    preferences: Preferences,
    model: Within | Across,
    pair: tuple[int, int],
    config: TransferConfig,
) -> float | None:
    source, target = pair
    counts, held = train.counts(), valid.by_scenario[target]
    wanted = (np.diff(held.indptr) > 0) & (counts[:, source] > 1)
    cold = wanted & (counts[:, target] == 0)
    if cold.sum() >= MIN_COLD:  # never within a scenario
        wanted = cold
    rng = np.random.default_rng(config.seed)
    users = sample(np.flatnonzero(wanted), config.tuning_users, rng)
    known, held = train.take(users), held[users]
    plain = history_weights(known.by_scenario[source], config.history_power)
    ages = None if known.ages is None else known.ages[source]
    popularity = preferences.recent if source == target else preferences.popularity
    base = START_BASE * popularity[target]

    def ndcg(half_life: float | None) -> np.ndarray:
        weights = decayed(plain, ages, half_life)
        return validation_ndcg(model.scores(weights) + base, known.by_scenario[target], held)

    return _best(config.half_life_grid, ndcg, len(users), SURE)


def _best(
    grid: Sequence[float | None],
    ndcg: Callable[[float | None], np.ndarray],
    users: int,
    sure: float,
) -> float | None:
    """The best half-life whose gain over none is ``sure`` standard errors above zero."""
    candidates = [value for value in grid if value is not None]
    if users < 2 or not candidates:
        return None
    without, found, best = ndcg(None), None, 0.0
    for value in candidates:
        gain = ndcg(value) - without
        if gain.mean() > max(best, sure * gain.std() / users**0.5):
            found, best = value, float(gain.mean())
    return found
