"""How much less a weak event counts: a power of its strength, from validation."""

from dataclasses import replace

import numpy as np
from scipy import sparse

from crossrec.data.history import Histories, shape
from crossrec.transfer.building import sample
from crossrec.transfer.candidates import at_unit
from crossrec.transfer.coefficients import START_BASE
from crossrec.transfer.collective_ease import WithinSolver
from crossrec.transfer.config import TransferConfig
from crossrec.transfer.popularity import unit_popularity
from crossrec.transfer.preference import counted, history_weights
from crossrec.transfer.tuning import climb, validation_ndcg

SURE = 2.0
"""Standard errors that a power's gain must be above zero: who weighed the events had reasons."""

MAX_ACTIVE = 3_000
"""Items with learnt links in a trial, the most popular: seconds where the whole takes minutes."""


def counted_histories(histories: Histories, power: float) -> Histories:
    """The same histories with strengths as :func:`counted` has them."""
    if power == 1:
        return histories
    return replace(histories, by_scenario=tuple(counted(m, power) for m in histories.by_scenario))


def mixed_scenarios(histories: Histories) -> list[int]:
    """Codes of the scenarios in which some events are weaker than others."""
    return [s for s, matrix in enumerate(histories.by_scenario) if _differ(matrix)]


def choose_strength_power(train: Histories, valid: Histories, config: TransferConfig) -> float:
    """The power of event strengths that ranks best: 1 is as they are, near 0 all count alike.

    Judged by the learnt links within each scenario beside popularity, on warm validation users of
    all scenarios together: NDCG@10. One scenario has too few users to tell.

    Args:
        train: histories before the validation cut.
        valid: held-out items of the same users, in the same order.
        config: the powers, the number of users, the seed.

    Returns:
        1 where all strengths are alike, or nobody can judge, or nothing is clearly better.
    """
    mixed = mixed_scenarios(train)
    powers = [power for power in config.strength_powers if power != 1]
    if not mixed or not powers:
        return 1.0

    def quality(power: float) -> np.ndarray:
        return np.concatenate([_ndcg(train, valid, s, power, config) for s in mixed])

    as_they_are, best, most = quality(1.0), 1.0, 0.0
    if len(as_they_are) < 2:
        return 1.0
    for power in powers:
        gain = quality(power) - as_they_are
        if gain.mean() > max(most, SURE * gain.std() / len(gain) ** 0.5):
            best, most = power, float(gain.mean())
    return best


def _differ(matrix: sparse.csr_array) -> bool:
    strengths = np.minimum(np.abs(matrix.data), 1)
    return bool(len(strengths)) and bool(strengths.min() < strengths.max())


def _ndcg(
    train: Histories, valid: Histories, scenario: int, power: float, config: TransferConfig
) -> np.ndarray:
    """Of the same warm validation users for every power, shape (m,)."""
    seen, held = train.by_scenario[scenario], valid.by_scenario[scenario]
    warm = np.flatnonzero((np.diff(held.indptr) > 0) & (np.diff(seen.indptr) > 0))
    users = sample(warm, config.tuning_users, np.random.default_rng([config.seed, 29]))
    if not len(users):
        return np.zeros(0)
    matrix = counted(seen, power)
    ones, weights = (
        history_weights(matrix, 0.0),
        history_weights(matrix[users], config.history_power),
    )
    no_text = np.zeros((shape(matrix)[1], 1), dtype=np.float32)
    popularity = START_BASE * unit_popularity(train, scenario)
    found: dict[float, np.ndarray] = {}

    def mean(penalty: float) -> float:
        solver = WithinSolver(ones, penalty, MAX_ACTIVE)
        links = solver.solve(solver.text_factor(no_text, 0.0), config.links)
        said = at_unit(links.scores(weights)) + popularity
        found[penalty] = validation_ndcg(said, seen[users], held[users])
        return float(found[penalty].mean())

    # Weaker strengths want a smaller penalty: each power is judged with the one that suits it.
    quality = climb(config.within_grid, mean)
    return found[max(quality, key=lambda penalty: quality[penalty])]
