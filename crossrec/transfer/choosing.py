"""Hyper-parameters of every preference model, chosen on validation rows."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from itertools import product
from typing import TYPE_CHECKING

import numpy as np
import torch
from scipy import sparse

from crossrec.data.history import Histories
from crossrec.progress import Progress, stretch
from crossrec.transfer.across import Across
from crossrec.transfer.building import (
    across_pair,
    sample,
    spread_sample,
    text_matrix,
    unit_popularity,
    within_factors,
    within_solver,
)
from crossrec.transfer.choice import ADAPTED, MEANING, Choice, Views
from crossrec.transfer.coefficients import START_BASE
from crossrec.transfer.collective_ease import WithinSolver
from crossrec.transfer.config import TransferConfig
from crossrec.transfer.factors import FactorSize
from crossrec.transfer.fitting import at_unit_spread, least_text, own_links
from crossrec.transfer.preference import history_weights, per_spread, spread
from crossrec.transfer.recency import choose_popularity
from crossrec.transfer.sizing import Pooled, choose_pooled
from crossrec.transfer.tuning import climb, validation_ndcg
from crossrec.transfer.validation import MIN_COLD
from crossrec.transfer.within import Within

if TYPE_CHECKING:
    from crossrec.transfer.resume import Checkpoint

TEXT_SHARES = (0.15, 0.4, 1.0)
"""Candidate shares of text in the preference of a source for a target; or none."""

DEFAULT_TEXT_SHARE = 0.15

FACTOR_WEIGHTS = (0.3, 1.0)
"""Candidate weights of item factors within a scenario, in spreads of the rest; or none."""

FACTOR_SHARES = (0.7, 1.0)
"""Candidate shares of the pooled factors in the learnt part between scenarios; or none."""

CAUTION = 0.5
"""Standard errors of the paired difference; without it the noise of few users would choose."""


@dataclass
class _Best:
    """The best candidate so far; the first one offered is what a doubtful choice falls back to."""

    choice: Choice
    values: np.ndarray | None = None
    parts: tuple = field(default=())

    def offer(self, choice: Choice, values: np.ndarray, *parts: object) -> None:
        """Take the candidate if it is better by more than :data:`CAUTION` standard errors."""
        if self.values is not None:
            gain = values - self.values
            if gain.mean() <= CAUTION * gain.std() / len(gain) ** 0.5:
                return
        self.choice = replace(choice, ndcg=float(values.mean()), users=len(values))
        self.values, self.parts = values, parts


def choose(
    train: Histories,
    valid: Histories,
    views: tuple[Views, ...],
    tower: np.ndarray | None,
    config: TransferConfig,
    progress: Progress,
    checkpoint: "Checkpoint",
) -> tuple[dict[tuple[int, int], Choice], dict[int, Within], dict[tuple[int, int], Across]]:
    """Choose the hyper-parameters of every pair on validation rows.

    Args:
        train: histories before the validation cut.
        valid: held-out items of the same users, in the same order.
        views: per scenario the centred text vectors.
        tower: the text map of the tower, shape (d, d); None without one.
        config: the grids.
        progress: told as phase "train".
        checkpoint: where each pair is kept, and taken from if it is there already.

    Returns:
        The choices, and the models fitted on ``train`` with them as far as there are: scenarios'
        own ones and source -> target ones.
    """
    scenarios = len(views)
    rng = np.random.default_rng(config.seed)
    found: dict[tuple[int, int], Choice] = {}
    within: dict[int, Within] = {}
    across: dict[tuple[int, int], Across] = {}
    others = [(s, t) for t in range(scenarios) for s in range(scenarios) if s != t]
    pairs = [(t, t) for t in range(scenarios)] + (others if config.transfer else [])
    steps = len(pairs) + 1

    @cache  # fitted only where a pair is not in the checkpoint
    def pooled() -> Pooled | None:
        told = stretch(progress, scenarios / steps, (scenarios + 1) / steps)
        return choose_pooled(train, valid, config, told, checkpoint)

    for done, (source, target) in enumerate(pairs):
        progress("train", done + (source != target), steps, "choosing penalties")
        judge = _Judge.of(train, valid, source, target, config, rng)  # draws, even if kept
        texts = (views[source][MEANING], views[target][MEANING])
        chosen = checkpoint.pair(source, target, *texts)
        if chosen is None:
            if source == target:
                choice, own = _choose_within(train, views[target], target, judge, config)
                half_life = choose_popularity(train, valid, target, config)
                chosen = replace(choice, popularity=half_life), None
                if own is not None:
                    within[target] = own
            else:
                # Where nobody can judge the pair: is the tower the better reader in the target?
                alike = tower if ADAPTED in found[target, target].views else None
                maps = _TextMaps(tower, alike)
                chosen = _choose_across(train, views, pooled(), maps, source, target, judge, config)
            checkpoint.keep_pair(source, target, *chosen)
        found[source, target], model = chosen
        if model is not None:
            across[source, target] = model
    progress("train", steps, steps, "choosing penalties")
    return found, within, across


@dataclass(frozen=True)
class _Judge:
    """Validation users of one pair: those with a held-out item in t and history in s.

    Between scenarios, the cold-start users among them, if there are enough.
    """

    users: np.ndarray
    weights: sparse.csr_array
    ndcg: Callable[[np.ndarray], np.ndarray]

    @classmethod
    def of(
        cls,
        train: Histories,
        valid: Histories,
        source: int,
        target: int,
        config: TransferConfig,
        rng: np.random.Generator,
    ) -> "_Judge":
        wanted = (np.diff(valid.by_scenario[target].indptr) > 0) & (
            np.diff(train.by_scenario[source].indptr) > 0
        )
        cold = wanted & (np.diff(train.by_scenario[target].indptr) == 0)
        if source != target and cold.sum() >= MIN_COLD:
            wanted = cold
        users = sample(np.flatnonzero(wanted), config.tuning_users, rng)
        seen, relevant = train.by_scenario[target][users], valid.by_scenario[target][users]
        return cls(
            users,
            history_weights(train.by_scenario[source][users], config.history_power),
            lambda scores: validation_ndcg(scores, seen, relevant),
        )


def _choose_within(
    train: Histories, views: Views, target: int, judge: _Judge, config: TransferConfig
) -> tuple[Choice, Within | None]:
    """Lambda with alpha, then the views, then the factors; without users to judge, no model."""
    has_text = views[MEANING].any()
    alphas = sorted(config.text_grid) if has_text else [0.0]
    middle = Choice(_middle(config.within_grid), alphas[0])
    if not len(judge.users):
        return (replace(middle, text=least_text(config)) if has_text else middle), None
    best = _Best(middle)
    text = text_matrix(views, (MEANING,))

    def quality(penalty: float) -> float:
        solver = within_solver(train, target, penalty, config)
        learnt = solver.learnt_scores(judge.weights)
        means = []
        for alpha, scores in _text_candidates(solver, learnt, text, alphas, judge):
            values = judge.ndcg(scores)
            best.offer(Choice(penalty, alpha), values, solver, learnt, scores)
            means.append(float(values.mean()))
        return max(means)

    climb(config.within_grid, quality)
    first = best.choice
    if has_text:
        solver, learnt, _ = best.parts
        for name in (n for n in views if n != MEANING and views[n].any()):
            kept = tuple(n for n in best.choice.views if name != ADAPTED or n != MEANING)
            names = (*kept, name)  # adapted vectors take the place of those they were made from
            wider = text_matrix(views, names)
            some = tuple(alpha for alpha in alphas if alpha)
            for alpha, scores in _text_candidates(solver, learnt, wider, some, judge):
                choice = replace(first, text=alpha, views=names)
                best.offer(choice, judge.ndcg(scores), solver, learnt, scores)
    first, solver, scores = best.choice, best.parts[0], best.parts[2]
    unit = _unit(scores)
    model = own_links(solver, views, first, config)
    best.parts = ()  # an inversion is large: free it before the factors are fitted
    del solver

    def try_factors(rank: int, size: tuple[float, float]) -> None:
        left, right = within_factors(train, target, FactorSize(rank, *size), config)
        low = _unit((judge.weights @ left) @ right.T)
        for weight in FACTOR_WEIGHTS:
            choice = replace(first, factors=weight, factor_rank=rank, factor_size=size)
            best.offer(choice, judge.ndcg(unit + weight * low), left, right)

    for size in config.factor_sizes if config.factor_ranks else ():
        try_factors(config.factor_ranks[0], size)
    if best.choice.factors:  # where the first rank is no help, further ones are not either
        for rank in config.factor_ranks[1:]:
            try_factors(rank, best.choice.factor_size)
    factors = (best.parts[0], best.parts[1]) if best.parts else None
    known = spread_sample(train, target, config)
    return best.choice, at_unit_spread(model, factors, best.choice.factors, known)


def _middle(grid: Sequence[float]) -> float:
    return sorted(grid)[len(grid) // 2]


def _text_candidates(
    solver: WithinSolver,
    learnt: np.ndarray,
    text: np.ndarray,
    alphas: Sequence[float],
    judge: _Judge,
) -> Iterator[tuple[float, np.ndarray]]:
    """Scores for each alpha with one F, see :func:`text_matrix`."""
    carried: torch.Tensor | None = solver.carry(text) if any(alphas) else None
    for alpha in alphas:
        factor = solver.text_factor(text, alpha, carried)
        yield alpha, solver.scores(judge.weights, learnt, factor)


@dataclass(frozen=True)
class _TextMaps:
    """What may take the place of the ridge between texts: where it ranks better, and unjudged."""

    judged: np.ndarray | None
    unjudged: np.ndarray | None


def _choose_across(
    train: Histories,
    views: tuple[Views, ...],
    pooled: Pooled | None,
    maps: _TextMaps,
    source: int,
    target: int,
    judge: _Judge,
    config: TransferConfig,
) -> tuple[Choice, Across]:
    """Lambda, rank and the share of text, then the weight of the pooled factors."""
    has_text = bool(views[source][MEANING].any()) and bool(views[target][MEANING].any())
    middle = Choice(
        _middle(config.across_grid),
        DEFAULT_TEXT_SHARE if has_text else 0.0,
        rank=config.ranks[len(config.ranks) // 2],
    )
    if not len(judge.users):
        model = across_pair(train, views, source, target, middle.penalty, middle.rank, config)
        if maps.unjudged is not None and has_text:
            model, middle = replace(model, text_map=maps.unjudged), replace(middle, tower=True)
        return middle, model.mixed(middle.text, spread_sample(train, source, config))
    # Every candidate is scored at unit spread beside popularity, as it will be used.
    popularity = START_BASE * unit_popularity(train, target)
    best = _Best(middle)
    size, factors = pooled or (None, None)
    known = None if factors is None else _unit(factors.scores(judge.weights, source, target))
    middle_first = sorted(config.ranks, key=lambda rank: abs(rank - middle.rank))
    for penalty in config.across_grid:
        fitted = across_pair(train, views, source, target, penalty, max(config.ranks), config)
        written = _unit(fitted.text(judge.weights))
        for rank in middle_first:
            model = fitted.cut(rank)
            ridge = _unit(model.learnt(judge.weights))
            plain = Choice(penalty, 0.0, rank=rank)
            for share in FACTOR_SHARES if size and known is not None else ():
                mixed = _unit((1 - share) * ridge + share * known)
                choice = replace(plain, factors=share, factor_size=size)
                best.offer(choice, judge.ndcg(mixed + popularity), model, mixed, written)
            best.offer(plain, judge.ndcg(ridge + popularity), model, ridge, written)
    model, learnt, written = best.parts
    first = best.choice
    readers = {False: written}
    if maps.judged is not None:
        readers[True] = _unit(replace(model, text_map=maps.judged).text(judge.weights))
    for (tower, text), share in product(readers.items(), TEXT_SHARES if has_text else ()):
        mixed = _unit((1 - share) * learnt + share * text)
        choice = replace(first, text=share, tower=tower)
        best.offer(choice, judge.ndcg(mixed + popularity))
    choice, some = best.choice, spread_sample(train, source, config)
    if choice.tower and maps.judged is not None:
        model = replace(model, text_map=maps.judged)
    if choice.factors and factors is not None:
        model = factors.joined(model, source, target, choice.factors, some)
    return choice, model.mixed(choice.text, some)


def _unit(scores: np.ndarray) -> np.ndarray:
    return scores * per_spread(spread(scores))
