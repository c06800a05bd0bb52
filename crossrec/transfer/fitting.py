"""From histories and chosen hyper-parameters to preference models, all at unit spread."""

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
from scipy import sparse

from crossrec.data.history import Histories
from crossrec.progress import Progress
from crossrec.transfer.across import Across
from crossrec.transfer.building import (
    across_links,
    across_pair,
    spread_sample,
    text_matrix,
    within_factors,
    within_solver,
)
from crossrec.transfer.choice import Choice, Views
from crossrec.transfer.collective_ease import WithinSolver
from crossrec.transfer.config import TransferConfig
from crossrec.transfer.factors import FactorSize
from crossrec.transfer.pooled import PooledFactors
from crossrec.transfer.popularity import unit_popularity
from crossrec.transfer.preference import per_spread, spread
from crossrec.transfer.preferences import Preferences
from crossrec.transfer.within import Within


def least_text(config: TransferConfig) -> float:
    """The smallest weight of text among the candidates, 0 without any."""
    return min((alpha for alpha in config.text_grid if alpha), default=0.0)


def fit_pooled(
    histories: Histories, size: tuple[float, float], config: TransferConfig
) -> PooledFactors:
    """Factors of all scenarios; ``size`` is their lambda and confidence."""
    whole = FactorSize(config.pooled_rank, *size)
    return PooledFactors.fit(histories, whole, config.shared_weights, config.seed)


def own_links(solver: WithinSolver, views: Views, choice: Choice, config: TransferConfig) -> Within:
    """A scenario's own model without factors, at its natural scale."""
    alpha = choice.text or least_text(config)
    factor = solver.text_factor(text_matrix(views, choice.views), alpha)
    return solver.solve(factor, config.links, unused_only=not choice.text)


def at_unit_spread(
    model: Within,
    factors: tuple[np.ndarray, np.ndarray] | None,
    weight: float,
    sample: sparse.csr_array,
) -> Within:
    """A scenario's own model with item factors beside its links, P at unit spread.

    Args:
        model: from :func:`own_links`.
        factors: ``left`` and ``right``, shape (n, r) each; None without any.
        weight: of the factors, in spreads of the rest.
        sample: from :func:`spread_sample`.
    """
    if factors is not None:
        left, right = factors
        low = per_spread(spread((sample @ left) @ right.T))
        model = model.with_factors(left, right, weight * spread(model.scores(sample)) * low)
    return replace(model, scale=per_spread(spread(model.scores(sample))))


def as_chosen(
    model: Across,
    choice: Choice,
    pair: tuple[int, int],
    sample: sparse.csr_array,
    *,
    tower: np.ndarray | None,
    pooled: PooledFactors | None,
    links: sparse.csr_array | None,
) -> Across:
    """A map from a source to a target with all parts of a choice, P at unit spread.

    Args:
        model: with parts as they come.
        choice: what it takes.
        pair: source and target.
        sample: from :func:`spread_sample`.
        tower: text map of the tower, shape (d, d), where the choice wants it.
        pooled: the same of the pooled factors.
        links: the same of the links, shape (n_s, n_t).
    """
    if choice.tower and tower is not None:
        model = replace(model, text_map=tower)
    if choice.factors and pooled is not None:
        model = pooled.joined(model, *pair, choice.factors, sample)
    if choice.links and links is not None:
        model = model.with_links(links, choice.links, sample)
    return model.mixed(choice.text, sample)


def solve(
    histories: Histories,
    choices: dict[tuple[int, int], Choice],
    views: tuple[Views, ...],
    config: TransferConfig,
    progress: Progress,
    *,
    within: Mapping[int, Within] | None = None,
    across: Mapping[tuple[int, int], Across] | None = None,
    tower: np.ndarray | None = None,
) -> Preferences:
    """Fit every preference model with chosen hyper-parameters.

    Args:
        histories: what is learnt from.
        choices: from :func:`crossrec.transfer.choosing.choose`.
        views: per scenario centred text vectors.
        config: sizes, ranks, seed.
        progress: told as phase "train".
        within: scenarios' own models already fitted on these histories with these choices.
        across: the same of models from a source to a target.
        tower: the text map of the tower, shape (d, d), where a choice wants it.
    """
    within, across = dict(within or {}), dict(across or {})
    missing = [pair for pair in choices if pair[0] != pair[1] and pair not in across]
    wanted = sorted({choices[pair].factor_size for pair in missing if choices[pair].factors})
    pooled = {size: fit_pooled(histories, size, config) for size in wanted}
    for done, (source, target) in enumerate(sorted(choices)):
        progress("train", done, len(choices), "fitting preference models")
        choice = choices[source, target]
        known = spread_sample(histories, source, config)
        if source == target and target not in within:
            solver = within_solver(histories, target, choice.penalty, config)
            model = own_links(solver, views[target], choice, config)
            del solver  # an inversion is large: free it before the factors are fitted
            factors = None
            if choice.factors:
                size = FactorSize(choice.factor_rank, *choice.factor_size)
                factors = within_factors(histories, target, size, config)
            within[target] = at_unit_spread(model, factors, choice.factors, known)
        elif source != target and (source, target) not in across:
            model = across_pair(
                histories, views, source, target, choice.penalty, choice.rank, config
            )
            across[source, target] = as_chosen(
                model,
                choice,
                (source, target),
                known,
                tower=tower,
                pooled=pooled.get(choice.factor_size),
                links=across_links(histories, source, target, config) if choice.links else None,
            )
    progress("train", len(choices), len(choices), "fitting preference models")
    own = tuple(within[target] for target in range(len(views)))
    popularity = tuple(unit_popularity(histories, target) for target in range(len(views)))
    recent = tuple(
        unit_popularity(histories, target, choices[target, target].popularity)
        for target in range(len(views))
    )
    return Preferences(own, across, popularity, recent)
