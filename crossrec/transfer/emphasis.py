"""Whether a source must count for more than the target's own history, from validation.

All preferences have unit spread and a coefficient is at most 1: usually a source is the lesser
voice. Where its events nearly give those of the target away (bought, then used), it is not, and a
coefficient of 1 would hold it down.
"""

from collections.abc import Callable

import numpy as np
from scipy import sparse

from crossrec.data.history import Histories
from crossrec.transfer.building import sample
from crossrec.transfer.config import TransferConfig
from crossrec.transfer.preferences import Preferences
from crossrec.transfer.tuning import validation_ndcg

SURE = 2.0
"""Standard errors by which more than 1 must be better."""
NEAR = 1.0
"""Standard errors below the best within which a smaller factor is as good."""
LEAST_USERS = 50
"""Fewer say too little."""


def choose_emphasis(
    train: Histories,
    valid: Histories,
    weights: Callable[[Histories, int, int], sparse.csr_array],
    preferences: Preferences,
    config: TransferConfig,
) -> dict[tuple[int, int], float]:
    """Factors on the history weights of warm users by (source, target), where above 1 is better.

    The smallest that is as good as the best. Judged by NDCG@10 of ``P(u, t->t, .) + factor *
    P(u, s->t, .)`` on warm validation users of the target with a history in the source, every
    source by itself.

    Args:
        train: histories before the validation cut.
        valid: held-out items of the same users, in the same order.
        weights: history weights of users, by source and target.
        preferences: fitted on ``train``.
        config: the grid, the number of users, the seed.
    """
    found = {}
    candidates = sorted(factor for factor in config.emphasis_grid if factor > 1)
    counts = train.counts()
    for (source, target), model in preferences.across.items():
        held = np.diff(valid.by_scenario[target].indptr) > 0
        wanted = held & (counts[:, source] > 0) & (counts[:, target] > 0)
        users = np.flatnonzero(wanted)
        users = sample(users, config.tuning_users, np.random.default_rng(config.seed))
        if len(users) < LEAST_USERS or not candidates:
            continue
        known, relevant = train.take(users), valid.by_scenario[target][users]
        own = preferences.within[target].scores(weights(known, target, target))
        other = model.scores(weights(known, source, target))
        seen = known.by_scenario[target]
        usual = validation_ndcg(own + other, seen, relevant)
        values = [validation_ndcg(own + f * other, seen, relevant) for f in candidates]
        best = max(values, key=np.mean)
        if _errors(best - usual) > SURE:
            good = (_errors(best - value) <= NEAR for value in values)
            found[source, target] = next(f for f, ok in zip(candidates, good, strict=True) if ok)
    return found


def _errors(gain: np.ndarray) -> float:
    """The mean gain in its standard errors; 0 where there is none."""
    error = float(gain.std()) / len(gain) ** 0.5
    return float(gain.mean()) / error if error else 0.0
