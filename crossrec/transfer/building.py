"""One preference model at a time, from histories and given hyper-parameters."""

import numpy as np
from scipy import sparse

from crossrec.data.history import Histories
from crossrec.transfer.across import Across
from crossrec.transfer.choice import ADAPTED, MEANING, Views
from crossrec.transfer.collective_ease import WithinSolver
from crossrec.transfer.config import TransferConfig
from crossrec.transfer.factors import FactorSize, fit_factors
from crossrec.transfer.low_rank_ridge import fit_across, shared_users
from crossrec.transfer.preference import history_weights, softly_whitened
from crossrec.transfer.sparse_ridge import fit_links

SPREAD_USERS = 500
"""Users the spread of a preference model is measured on."""


def sample(rows: np.ndarray, size: int, rng: np.random.Generator) -> np.ndarray:
    """At most ``size`` of ``rows``, sorted."""
    return rows if len(rows) <= size else np.sort(rng.choice(rows, size, replace=False))


def spread_sample(histories: Histories, source: int, config: TransferConfig) -> sparse.csr_array:
    """History weights of the users a spread is measured on, the same at every call, (m, n_s)."""
    weights = history_weights(histories.by_scenario[source], config.history_power)
    rng = np.random.default_rng([config.seed, source])
    return weights[sample(np.flatnonzero(np.diff(weights.indptr)), SPREAD_USERS, rng)]


def text_matrix(views: Views, names: tuple[str, ...]) -> np.ndarray:
    """F of some views side by side, rows of length at most 1, shape (n, sum of d)."""
    blocks = [views[n] if n == ADAPTED else softly_whitened(views[n]) for n in names]
    return (np.concatenate(blocks, axis=1) / len(blocks) ** 0.5).astype(np.float32)


def within_solver(
    histories: Histories, target: int, penalty: float, config: TransferConfig
) -> WithinSolver:
    """The solver of a scenario's own model."""
    return WithinSolver(_ones(histories, target), penalty, config.max_active)


def within_factors(
    histories: Histories, target: int, size: FactorSize, config: TransferConfig
) -> tuple[np.ndarray, np.ndarray]:
    """A scenario's own item factors, see :func:`fit_factors`."""
    return fit_factors(_ones(histories, target), size, config.seed)


def across_pair(
    histories: Histories,
    views: tuple[Views, ...],
    source: int,
    target: int,
    penalty: float,
    rank: int,
    config: TransferConfig,
) -> Across:
    """One source -> target model with parts as they come, not yet at unit spread."""
    return fit_across(
        history_weights(histories.by_scenario[source], config.history_power),
        _ones(histories, target),
        views[source][MEANING],
        views[target][MEANING],
        penalty=penalty,
        text_penalty=config.text_penalty,
        rank=rank,
        max_shared=config.max_shared,
        seed=config.seed,
    )


def across_links(
    histories: Histories, source: int, target: int, config: TransferConfig
) -> sparse.csr_array:
    """Links of a source to a target, see :func:`fit_links`."""
    weights = history_weights(histories.by_scenario[source], config.history_power)
    ones = _ones(histories, target)
    shared = shared_users(weights, ones, config.max_shared)
    return fit_links(
        weights[shared],
        ones[shared],
        penalty=config.across_links_penalty,
        kept=config.across_links,
        max_active=config.max_active,
    )


def _ones(histories: Histories, scenario: int) -> sparse.csr_array:
    return history_weights(histories.by_scenario[scenario], 0.0)
