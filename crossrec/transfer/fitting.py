"""From histories and chosen hyper-parameters to preference models, all at unit spread."""

from collections.abc import Iterable
from dataclasses import replace

import numpy as np

from crossrec.data.history import Histories
from crossrec.progress import Progress
from crossrec.transfer.across import Across
from crossrec.transfer.building import (
    SPREAD_USERS,
    across_pair,
    sample,
    text_matrix,
    unit_popularity,
    within_factors,
    within_solver,
)
from crossrec.transfer.choice import Choice, Views
from crossrec.transfer.config import TransferConfig
from crossrec.transfer.factors import FactorSize
from crossrec.transfer.pooled import PooledFactors
from crossrec.transfer.preference import history_weights, per_spread, spread
from crossrec.transfer.preferences import Preferences
from crossrec.transfer.within import Within


def least_text(config: TransferConfig) -> float:
    """The smallest weight of text among the candidates, 0 without any."""
    return min((alpha for alpha in config.text_grid if alpha), default=0.0)


def fit_pooled(
    histories: Histories, penalties: Iterable[float], config: TransferConfig
) -> dict[float, PooledFactors]:
    """Factors of all scenarios, by their penalty."""
    sizes = {p: FactorSize(config.pooled_rank, p, config.pooled_confidence) for p in penalties}
    return {
        penalty: PooledFactors.fit(histories, size, config.shared_weights, config.seed)
        for penalty, size in sizes.items()
    }


def solve(
    histories: Histories,
    choices: dict[tuple[int, int], Choice],
    views: tuple[Views, ...],
    config: TransferConfig,
    progress: Progress,
    across: dict[tuple[int, int], Across] | None = None,
    tower: np.ndarray | None = None,
) -> Preferences:
    """Fit every preference model with chosen hyper-parameters.

    Args:
        histories: what is learnt from.
        choices: from :func:`crossrec.transfer.choosing.choose`.
        views: per scenario centred text vectors.
        config: sizes, ranks, seed.
        progress: told as phase "train".
        across: models already fitted on these histories with these choices.
        tower: the text map of the tower, shape (d, d), where a choice wants it.
    """
    rng = np.random.default_rng(config.seed)
    within: list[Within] = []
    across = dict(across or {})
    popularity = []
    missing = [pair for pair in choices if pair[0] != pair[1] and pair not in across]
    wanted = sorted({choices[pair].pooled_penalty for pair in missing if choices[pair].factors})
    pooled = fit_pooled(histories, wanted, config)
    for done, (source, target) in enumerate(sorted(choices)):
        progress("train", done, len(choices), "fitting preference models")
        choice = choices[source, target]
        weights = history_weights(histories.by_scenario[source], config.history_power)
        known = weights[sample(np.flatnonzero(np.diff(weights.indptr)), SPREAD_USERS, rng)]
        if source == target:
            solver = within_solver(histories, target, choice.penalty, config)
            alpha = choice.text or least_text(config)
            factor = solver.text_factor(text_matrix(views[target], choice.views), alpha)
            model = solver.solve(factor, config.links, unused_only=not choice.text)
            del solver, factor  # an inversion is large: free it before the factors are fitted
            if choice.factors:
                left, right = within_factors(histories, target, choice.factor_rank, config)
                low = spread((known @ left) @ right.T)
                ratio = choice.factors * spread(model.scores(known)) * per_spread(low)
                model = model.with_factors(left, right, ratio)
            unit = per_spread(spread(model.scores(known)))
            within.append(replace(model, scale=unit))
            popularity.append(unit_popularity(histories, target))
        elif (source, target) not in across:
            model = across_pair(
                histories, views, source, target, choice.penalty, choice.rank, config
            )
            if choice.tower and tower is not None:
                model = replace(model, text_map=tower)
            if choice.factors:
                found = pooled[choice.pooled_penalty]
                model = found.joined(model, source, target, choice.factors, known)
            across[source, target] = model.mixed(choice.text, known)
    progress("train", len(choices), len(choices), "fitting preference models")
    return Preferences(tuple(within), across, tuple(popularity))
