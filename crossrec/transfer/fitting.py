"""From histories to preference models: choose penalties on validation rows, then solve."""

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from scipy import sparse

from crossrec.data.history import Histories
from crossrec.progress import Progress
from crossrec.transfer.config import TransferConfig
from crossrec.transfer.preference import (
    Across,
    Within,
    WithinSolver,
    fit_across,
    history_weights,
    spread,
)
from crossrec.transfer.tuning import validation_ndcg

SPREAD_USERS = 1_000
"""Users the spread of a preference model is measured on."""

TEXT_SHARES = (0.0, 0.15, 0.4, 1.0)
"""Candidate shares of text in the preference of a source for a target."""

DEFAULT_TEXT_SHARE = 0.15


@dataclass(frozen=True)
class Choice:
    """Hyper-parameters chosen for one (source, target) pair, with their validation NDCG@10.

    Attributes:
        penalty: lambda.
        text: alpha within a scenario; the share of text in P from a source to a target.
        ndcg: of the choice, over ``users`` validation users; 0 where there were none.
        users: number of validation users.
    """

    penalty: float
    text: float
    ndcg: float = 0.0
    users: int = 0


@dataclass(frozen=True)
class Preferences:
    """All preference models of one fit.

    Attributes:
        within: per scenario t the model of t to itself.
        across: (s, t) -> the model of source s for target t.
        popularity: per scenario b_j: number of users with the item at unit spread, shape (n_s,).
    """

    within: tuple[Within, ...]
    across: dict[tuple[int, int], Across]
    popularity: tuple[np.ndarray, ...]


def choose(
    train: Histories,
    valid: Histories,
    text: tuple[np.ndarray, ...],
    config: TransferConfig,
    progress: Progress,
) -> tuple[dict[tuple[int, int], Choice], dict[tuple[int, int], Across]]:
    """Choose penalties and text weights of every pair on validation rows.

    Args:
        train: histories before the validation cut.
        valid: held-out items of the same users, in the same order.
        text: per scenario centred text vectors, shape (n_s, d).
        config: the grids.
        progress: told as phase "train".

    Returns:
        The choices, and the source -> target models fitted on ``train`` with them.
    """
    scenarios = len(text)
    rng = np.random.default_rng(config.seed)
    found: dict[tuple[int, int], Choice] = {}
    across: dict[tuple[int, int], Across] = {}
    pairs = _pairs(scenarios, transfer=config.transfer)
    for done, (source, target) in enumerate(pairs):
        progress("train", done, len(pairs), "choosing penalties")
        users = _tuning_users(train, valid, source, target, config.tuning_users, rng)
        if source == target:
            found[source, target] = _choose_within(train, valid, text, target, users, config)
        else:
            found[source, target], across[source, target] = _choose_across(
                train, valid, text, source, target, users, config
            )
    progress("train", len(pairs), len(pairs), "choosing penalties")
    return found, across


def solve(
    histories: Histories,
    choices: dict[tuple[int, int], Choice],
    text: tuple[np.ndarray, ...],
    config: TransferConfig,
    progress: Progress,
    across: dict[tuple[int, int], Across] | None = None,
) -> Preferences:
    """Fit every preference model with chosen hyper-parameters.

    Args:
        histories: what is learnt from.
        choices: from :func:`choose`.
        text: per scenario centred text vectors.
        config: sizes, ranks, seed.
        progress: told as phase "train".
        across: models already fitted on these histories with these choices.
    """
    rng = np.random.default_rng(config.seed)
    within: list[Within] = []
    across = dict(across or {})
    popularity = []
    for done, (source, target) in enumerate(sorted(choices)):
        progress("train", done, len(choices), "fitting preference models")
        choice = choices[source, target]
        weights = history_weights(histories.by_scenario[source], config.history_power)
        sample = _sample(np.flatnonzero(np.diff(weights.indptr)), SPREAD_USERS, rng)
        if source == target:
            solver = _solver(histories, text, target, choice.penalty, config)
            model = solver.solve(choice.text, config.links)
            scale = 1.0 / max(spread(model.scores(weights[sample])), 1e-9)
            within.append(Within(model.links, model.left, model.right, scale))
            counts = np.diff(histories.by_scenario[target].tocsc().indptr).astype(np.float32)
            popularity.append(counts / max(float(counts.std()), 1e-9))
        elif (source, target) not in across:
            model = _fit_pair(histories, text, source, target, choice.penalty, config)
            across[source, target] = _mixed(model, choice.text, weights[sample])
    progress("train", len(choices), len(choices), "fitting preference models")
    return Preferences(tuple(within), across, tuple(popularity))


def _pairs(scenarios: int, *, transfer: bool) -> list[tuple[int, int]]:
    return [(s, t) for t in range(scenarios) for s in range(scenarios) if transfer or s == t]


def _sample(rows: np.ndarray, size: int, rng: np.random.Generator) -> np.ndarray:
    return rows if len(rows) <= size else np.sort(rng.choice(rows, size, replace=False))


def _tuning_users(
    train: Histories,
    valid: Histories,
    source: int,
    target: int,
    size: int,
    rng: np.random.Generator,
) -> np.ndarray:
    """Users with a held-out item in the target and history in the source."""
    wanted = (np.diff(valid.by_scenario[target].indptr) > 0) & (
        np.diff(train.by_scenario[source].indptr) > 0
    )
    return _sample(np.flatnonzero(wanted), size, rng)


def _best(
    candidates: dict[tuple[float, float], np.ndarray], default: tuple[float, float]
) -> Choice:
    """The candidate with the highest mean; the default where there is nothing to judge by."""
    judged = {key: values.mean() for key, values in candidates.items() if len(values)}
    if not judged:
        return Choice(*default)
    key = max(judged, key=lambda k: judged[k])
    return Choice(*key, ndcg=float(judged[key]), users=len(candidates[key]))


def _judge(
    train: Histories, valid: Histories, target: int, users: np.ndarray
) -> Callable[[np.ndarray], np.ndarray]:
    """A function from scores of ``users``, shape (m, n_t), to their validation NDCG@10."""
    seen, relevant = train.by_scenario[target][users], valid.by_scenario[target][users]
    return lambda scores: validation_ndcg(scores, seen, relevant)


def _solver(
    histories: Histories,
    text: tuple[np.ndarray, ...],
    target: int,
    penalty: float,
    config: TransferConfig,
) -> WithinSolver:
    counts = history_weights(histories.by_scenario[target], 0.0)
    return WithinSolver(counts, text[target], penalty, config.max_active)


def _choose_within(
    train: Histories,
    valid: Histories,
    text: tuple[np.ndarray, ...],
    target: int,
    users: np.ndarray,
    config: TransferConfig,
) -> Choice:
    alphas = config.text_grid if np.any(text[target]) else (0.0,)
    middle = (config.within_grid[len(config.within_grid) // 2], alphas[len(alphas) // 2])
    if not len(users):
        return Choice(*middle)
    weights = history_weights(train.by_scenario[target][users], config.history_power)
    judge = _judge(train, valid, target, users)
    candidates = {}
    for penalty in config.within_grid:
        solver = _solver(train, text, target, penalty, config)
        for alpha, scores in zip(alphas, solver.scores(weights, alphas), strict=True):
            candidates[penalty, alpha] = judge(scores)
    return _best(candidates, middle)


def _choose_across(
    train: Histories,
    valid: Histories,
    text: tuple[np.ndarray, ...],
    source: int,
    target: int,
    users: np.ndarray,
    config: TransferConfig,
) -> tuple[Choice, Across]:
    has_text = bool(np.any(text[source])) and bool(np.any(text[target]))
    default_share = DEFAULT_TEXT_SHARE if has_text else 0.0
    middle = (config.across_grid[len(config.across_grid) // 2], default_share)
    everybody = history_weights(train.by_scenario[source], config.history_power)
    if not len(users):
        active = np.flatnonzero(np.diff(everybody.indptr))[:SPREAD_USERS]
        choice = Choice(*middle)
        fitted = _fit_pair(train, text, source, target, choice.penalty, config)
        return choice, _mixed(fitted, choice.text, everybody[active])
    weights = everybody[users]
    judge = _judge(train, valid, target, users)
    candidates = {}
    fits = {}
    for penalty in config.across_grid:
        fits[penalty] = _fit_pair(train, text, source, target, penalty, config)
        halves = _mixed(fits[penalty], 0.5, weights)
        learnt, written = halves.parts(weights)
        for share in TEXT_SHARES if has_text else (0.0,):
            candidates[penalty, share] = judge((1 - share) * learnt + share * written)
    choice = _best(candidates, middle)
    return choice, _mixed(fits[choice.penalty], choice.text, weights)


def _fit_pair(
    histories: Histories,
    text: tuple[np.ndarray, ...],
    source: int,
    target: int,
    penalty: float,
    config: TransferConfig,
) -> Across:
    """One source -> target model with parts as they come, not yet at unit spread."""
    return fit_across(
        history_weights(histories.by_scenario[source], config.history_power),
        history_weights(histories.by_scenario[target], 0.0),
        text[source],
        text[target],
        penalty=penalty,
        text_penalty=config.text_penalty,
        rank=config.rank,
        max_shared=config.max_shared,
        seed=config.seed,
    )


def _mixed(model: Across, share: float, sample: sparse.csr_array) -> Across:
    """The model with both parts at unit spread over a sample of users, mixed by the text share."""
    learnt, written = model.parts(sample)
    learnt_spread, text_spread = spread(learnt), spread(written)
    if learnt_spread < 1e-9:  # no shared users: only text can carry anything
        share = 1.0
    if text_spread < 1e-9:
        share = 0.0
    learnt_scale = (1 - share) / max(learnt_spread, 1e-9)
    text_scale = share / max(text_spread, 1e-9)
    whole = max(spread(learnt_scale * learnt + text_scale * written), 1e-9)
    return replace(model, learnt_scale=learnt_scale / whole, text_scale=text_scale / whole)
