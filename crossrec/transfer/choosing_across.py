"""Hyper-parameters of a map from a source to a target, chosen on cold-start validation users."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import product

import numpy as np
from scipy import sparse

from crossrec.data.history import Histories
from crossrec.transfer.across import Across
from crossrec.transfer.building import across_links, across_pair, spread_sample
from crossrec.transfer.candidates import Best, Judge, at_unit, middle
from crossrec.transfer.choice import MEANING, Choice, Views
from crossrec.transfer.choosing_pooled import Pooled
from crossrec.transfer.coefficients import START_BASE
from crossrec.transfer.config import TransferConfig
from crossrec.transfer.fitting import as_chosen
from crossrec.transfer.popularity import unit_popularity
from crossrec.transfer.preference import spread

TEXT_SHARES = (0.15, 0.4, 1.0)
"""Candidate shares of text in the preference of a source for a target; or none."""

DEFAULT_TEXT_SHARE = 0.15

FACTOR_SHARES = (0.7, 1.0)
"""Candidate shares of the pooled factors in the learnt part between scenarios; or none."""


LINK_SHARES = (0.7, 1.0)
"""Candidate shares of links in the learnt part between scenarios; or none."""

SURE_LINKS = 2.0
"""Standard errors by which they must be better. On most data they are worse, for a link between two
items knows less than a map of few directions: then noise must not choose them."""


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
    """Lambda and rank with the share of the pooled factors, then the shares of links and of text.

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
        start = replace(start, tower=maps.unjudged is not None and has_text)
        some = spread_sample(train, source, config)
        return start, as_chosen(
            model, start, judge.pair, some, tower=maps.unjudged, pooled=None, links=None
        )
    # Every candidate is scored at unit spread beside popularity, as it will be used.
    popularity = START_BASE * unit_popularity(train, target)
    best = Best(start)
    for penalty in config.across_grid:
        fitted = across_pair(train, views, source, target, penalty, max(config.ranks), config)
        written = at_unit(fitted.text(judge.weights))
        for choice, model, learnt in _learnt_candidates(fitted, penalty, pooled, judge, config):
            best.offer(choice, judge.ndcg(learnt + popularity), model, learnt, written)
    links = across_links(train, source, target, config)
    _offer_links(best, links, judge, popularity)
    model, learnt, written = best.parts
    first = best.choice
    readers = {False: written}
    if maps.judged is not None:
        readers[True] = at_unit(replace(model, text_map=maps.judged).text(judge.weights))
    for (tower, text), share in product(readers.items(), TEXT_SHARES if has_text else ()):
        mixed = at_unit((1 - share) * learnt + share * text)
        choice = replace(first, text=share, tower=tower)
        best.offer(choice, judge.ndcg(mixed + popularity))
    some = spread_sample(train, source, config)
    chosen, factors = best.choice, None
    if pooled is not None:
        factors = pooled.factors
        chosen = replace(chosen, pooled_spread=spread(factors.scores(some, source, target)))
    return chosen, as_chosen(
        model, chosen, judge.pair, some, tower=maps.judged, pooled=factors, links=links
    )


def _offer_links(best: Best, links: sparse.csr_array, judge: Judge, popularity: np.ndarray) -> None:
    """Links beside the best map so far, or in its place."""
    if not links.nnz:
        return
    first, (model, learnt, written) = best.choice, best.parts
    low = at_unit(sparse.csr_array(judge.weights @ links).toarray())
    for share in LINK_SHARES:
        mixed = at_unit((1 - share) * learnt + share * low)
        values = judge.ndcg(mixed + popularity)
        choice = replace(first, links=share)
        if share == 1:  # nothing of the factors is left
            choice = replace(choice, factors=0.0, factor_size=(0.0, 0.0))
        best.offer(choice, values, model, mixed, written, caution=SURE_LINKS)


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
