"""Hyper-parameters of a scenario's own model, chosen on validation rows."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import product

import numpy as np
import torch

from crossrec.data.history import Histories
from crossrec.transfer.building import spread_sample, text_matrix, within_factors, within_solver
from crossrec.transfer.candidates import Best, Judge, at_unit, middle
from crossrec.transfer.choice import ADAPTED, MEANING, Choice, Views
from crossrec.transfer.collective_ease import WithinSolver
from crossrec.transfer.config import TransferConfig
from crossrec.transfer.factors import FactorSize
from crossrec.transfer.fitting import at_unit_spread, least_text, own_links
from crossrec.transfer.tuning import climb
from crossrec.transfer.within import Within

FACTOR_WEIGHTS = (0.3, 1.0)
"""Candidate weights of item factors within a scenario, in spreads of the rest; or none."""


def choose_within(
    train: Histories, views: Views, target: int, judge: Judge, config: TransferConfig
) -> tuple[Choice, Within | None]:
    """Lambda with alpha, then the views, then the factors; without users to judge, no model.

    Args:
        train: histories before the validation cut.
        views: the text vectors of the target's items.
        target: t.
        judge: of the pair (t, t).
        config: the grids.

    Returns:
        The choice, and the model fitted on ``train`` with it.
    """
    has_text = bool(views[MEANING].any())
    alphas = sorted(config.text_grid) if has_text else [0.0]
    start = Choice(middle(config.within_grid), alphas[0])
    if not len(judge.users):
        return (replace(start, text=least_text(config)) if has_text else start), None
    best = Best(start)
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
    if has_text:
        _offer_views(best, views, [alpha for alpha in alphas if alpha], judge)
    first, (solver, _, scores) = best.choice, best.parts
    model = own_links(solver, views, first, config)
    best.parts = ()  # an inversion is large: free it before the factors are fitted
    del solver
    _offer_factors(best, at_unit(scores), train, target, judge, config)
    factors = (best.parts[0], best.parts[1]) if best.parts else None
    known = spread_sample(train, target, config)
    return best.choice, at_unit_spread(model, factors, best.choice.factors, known)


def _offer_views(best: Best, views: Views, alphas: list[float], judge: Judge) -> None:
    """Further views of the text beside the meaning, or in its place, with the lambda chosen."""
    first, (solver, learnt, _) = best.choice, best.parts
    for name in (n for n in views if n != MEANING and views[n].any()):
        kept = tuple(n for n in best.choice.views if name != ADAPTED or n != MEANING)
        names = (*kept, name)  # adapted vectors take the place of those they were made from
        wider = text_matrix(views, names)
        for alpha, scores in _text_candidates(solver, learnt, wider, alphas, judge):
            choice = replace(first, text=alpha, views=names)
            best.offer(choice, judge.ndcg(scores), solver, learnt, scores)


def _offer_factors(
    best: Best,
    links: np.ndarray,
    train: Histories,
    target: int,
    judge: Judge,
    config: TransferConfig,
) -> None:
    """Item factors beside the links, whose scores are at unit spread, shape (m, n)."""
    first = best.choice
    for size, rank in product(config.factor_sizes, config.factor_ranks):
        left, right = within_factors(train, target, FactorSize(rank, *size), config)
        low = at_unit((judge.weights @ left) @ right.T)
        for weight in FACTOR_WEIGHTS:
            choice = replace(first, factors=weight, factor_rank=rank, factor_size=size)
            best.offer(choice, judge.ndcg(links + weight * low), left, right)


def _text_candidates(
    solver: WithinSolver,
    learnt: np.ndarray,
    text: np.ndarray,
    alphas: Sequence[float],
    judge: Judge,
) -> Iterator[tuple[float, np.ndarray]]:
    """Scores for each alpha with one F, see :func:`text_matrix`."""
    carried: torch.Tensor | None = solver.carry(text) if any(alphas) else None
    for alpha in alphas:
        factor = solver.text_factor(text, alpha, carried)
        yield alpha, solver.scores(judge.weights, learnt, factor)
