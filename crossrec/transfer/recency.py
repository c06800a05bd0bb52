"""Whether old history items count less: a half-life per target scenario, chosen on validation."""

from dataclasses import dataclass

import numpy as np
from scipy import sparse

from crossrec.data.history import Histories
from crossrec.transfer.building import sample
from crossrec.transfer.coefficients import START_BASE
from crossrec.transfer.config import TransferConfig
from crossrec.transfer.preference import decayed, history_weights
from crossrec.transfer.preferences import Preferences
from crossrec.transfer.tuning import validation_ndcg

SURE = 2.0
"""Standard errors that the gain of a half-life must be above zero to be taken."""


def choose_half_lives(
    train: Histories, valid: Histories, preferences: Preferences, config: TransferConfig
) -> dict[int, float]:
    """Half-lives by target, where one ranks held-out items better than none.

    Judged by the scenario's own preference beside popularity, on validation users who have a
    history there: NDCG@10 with the weights ``w_uh 2^(-age_h / half_life)``.

    Args:
        train: histories before the validation cut.
        valid: held-out items of the same users, in the same order.
        preferences: fitted on ``train``.
        config: the grid, the number of users, the seed.
    """
    candidates = [value for value in config.half_life_grid if value is not None]
    if train.ages is None or not candidates:
        return {}
    rng = np.random.default_rng(config.seed)
    found = {}
    for target, held in enumerate(valid.by_scenario):
        lengths = np.diff(train.by_scenario[target].indptr)
        judged = np.flatnonzero((np.diff(held.indptr) > 0) & (lengths > 1))
        users = sample(judged, config.tuning_users, rng)
        if len(users) < 2:
            continue
        judge = _Judge(train.take(users), held[users], target, preferences, config.history_power)
        without, best = judge.ndcg(None), 0.0
        for value in candidates:
            gain = judge.ndcg(value) - without
            if gain.mean() > best and gain.mean() > SURE * gain.std() / len(gain) ** 0.5:
                found[target], best = value, float(gain.mean())
    return found


@dataclass(frozen=True)
class _Judge:
    """Users of one target with their held-out items."""

    known: Histories
    held: sparse.csr_array
    target: int
    preferences: Preferences
    power: float

    def ndcg(self, half_life: float | None) -> np.ndarray:
        """NDCG@10 of each user with one half-life."""
        seen = self.known.by_scenario[self.target]
        ages = self.known.ages[self.target] if self.known.ages is not None else None
        weights = decayed(history_weights(seen, self.power), ages, half_life)
        scores = self.preferences.within[self.target].scores(weights)
        scores += START_BASE * self.preferences.popularity[self.target]
        return validation_ndcg(scores, seen, self.held)
