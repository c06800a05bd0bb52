"""Hyper-parameters of a map from a source to a target, chosen on cold-start validation users."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import product

import numpy as np

from crossrec.data.history import Histories
from crossrec.transfer.across import Across
from crossrec.transfer.building import across_pair, spread_sample
from crossrec.transfer.candidates import Best, Judge, at_unit, middle
from crossrec.transfer.choice import MEANING, Choice, Views
from crossrec.transfer.choosing_pooled import Pooled
from crossrec.transfer.coefficients import START_BASE
from crossrec.transfer.config import TransferConfig
from crossrec.transfer.popularity import unit_popularity

TEXT_SHARES = (0.15, 0.4, 1.0)
"""Candidate shares of text in the preference of a source for a target; or none."""

DEFAULT_TEXT_SHARE = 0.15

FACTOR_SHARES = (0.7, 1.0)
"""Candidate shares of the pooled factors in the learnt part between scenarios; or none."""


@dataclass(frozen=True)
class TextMaps:
    """What may take the place of the ridge between texts: where it ranks better, and unjudged."""

    judged: np.ndarray | None
    unjudged: np.ndarray | None


def choose_across(
    train: Histories,
    views: tuple[Views, ...],
    pooled: Pooled | None,
    maps: TextMaps,
    source: int,
    target: int,
    judge: Judge,
    config: TransferConfig,
) -> tuple[Choice, Across]:
    """Lambda and rank with the share of the pooled factors, then the share of text.

    Args:
        train: histories before the validation cut.
        views: per scenario the text vectors.
        pooled: the factors of all scenarios, fitted on ``train``.
        maps: of the text tower.
        source: s.
        target: t.
        judge: of the pair.
        config: the grids.

    Returns:
        The choice, and the model fitted on ``train`` with it.
    """
    has_text = bool(views[source][MEANING].any()) and bool(views[target][MEANING].any())
    start = Choice(
        middle(config.across_grid),
        DEFAULT_TEXT_SHARE if has_text else 0.0,
        rank=_middle_rank(config),
    )
    if not len(judge.users):
        model = across_pair(train, views, source, target, start.penalty, start.rank, config)
        if maps.unjudged is not None and has_text:
            model, start = replace(model, text_map=maps.unjudged), replace(start, tower=True)
        return start, model.mixed(start.text, spread_sample(train, source, config))
    # Every candidate is scored at unit spread beside popularity, as it will be used.
    popularity = START_BASE * unit_popularity(train, target)
    best = Best(start)
    for penalty in config.across_grid:
        fitted = across_pair(train, views, source, target, penalty, max(config.ranks), config)
        written = at_unit(fitted.text(judge.weights))
        for choice, model, learnt in _learnt_candidates(fitted, penalty, pooled, judge, config):
            best.offer(choice, judge.ndcg(learnt + popularity), model, learnt, written)
    model, learnt, written = best.parts
    first = best.choice
    readers = {False: written}
    if maps.judged is not None:
        readers[True] = at_unit(replace(model, text_map=maps.judged).text(judge.weights))
    for (tower, text), share in product(readers.items(), TEXT_SHARES if has_text else ()):
        mixed = at_unit((1 - share) * learnt + share * text)
        choice = replace(first, text=share, tower=tower)
        best.offer(choice, judge.ndcg(mixed + popularity))
    choice, some = best.choice, spread_sample(train, source, config)
    if choice.tower and maps.judged is not None:
        model = replace(model, text_map=maps.judged)
    if choice.factors and pooled is not None:
        model = pooled.factors.joined(model, source, target, choice.factors, some)
    return choice, model.mixed(choice.text, some)


def _learnt_candidates(
    fitted: Across,
    penalty: float,
    pooled: Pooled | None,
    judge: Judge,
    config: TransferConfig,
) -> Iterator[tuple[Choice, Across, np.ndarray]]:
    """Ranks, the middle one first, with and without the pooled factors, and what they say."""
    ranks = sorted(config.ranks, key=lambda rank: abs(rank - _middle_rank(config)))
    known = None if pooled is None else at_unit(pooled.factors.scores(judge.weights, *judge.pair))
    for rank in ranks:
        model = fitted.cut(rank)
        ridge = at_unit(model.learnt(judge.weights))
        plain = Choice(penalty, 0.0, rank=rank)
        if pooled is not None and known is not None:
            for share in FACTOR_SHARES:
                mixed = at_unit((1 - share) * ridge + share * known)
                yield replace(plain, factors=share, factor_size=pooled.size), model, mixed
        yield plain, model, ridge


def _middle_rank(config: TransferConfig) -> int:
    return config.ranks[len(config.ranks) // 2]
