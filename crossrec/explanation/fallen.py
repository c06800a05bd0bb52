"""What transfer cost a user: which item fell out of the list, what passed it, and from where."""

from collections.abc import Collection
from dataclasses import dataclass

import numpy as np

from crossrec.data.history import Histories
from crossrec.explanation.ranking import Ranking
from crossrec.explanation.terms import base_of, terms, weights_of
from crossrec.transfer.model import TransferModel

MOST_PUSHERS = 3


@dataclass(frozen=True)
class Fallen:
    """An item that is in the first k without transfer and not with it.

    Attributes:
        item_id: of the item.
        rank_without, rank: its places; ``rank`` is larger than k.
        pushers: (item id, source scenario) of items of the first k that stood below it without
            transfer, best first; the source is the other scenario that speaks most for this item
            against the fallen one.
    """

    item_id: str
    rank_without: int
    rank: int
    pushers: tuple[tuple[str, str], ...]


def fallen(
    model: TransferModel,
    one: Histories,
    ranking: Ranking,
    without: Ranking,
    k: int,
    *,
    among: Collection[str] | None = None,
) -> list[Fallen]:
    """The items that transfer pushed out of the first k, in their order without transfer.

    Without transfer and with it the scores differ by the contributions of the other scenarios
    alone, so what passed an item did so by their difference, which is exact.

    Args:
        model: the model that ranked.
        one: the history of the single user.
        ranking: with transfer.
        without: without it, same candidates.
        k: list length.
        among: ids of the items to tell of, such as a user's hidden items; default all.
    """
    ids, codes = without.item_ids[:k], without.local[:k]
    out = [
        (str(item), int(at))
        for item, at in zip(ids, codes, strict=True)
        if ranking.ranks[at] > k and (among is None or item in among)
    ]
    return [_fallen(model, one, ranking, without, item, at, k) for item, at in out]


def _fallen(
    model: TransferModel,
    one: Histories,
    ranking: Ranking,
    without: Ranking,
    item: str,
    at: int,
    k: int,
) -> Fallen:
    passed = np.flatnonzero(without.ranks[ranking.local[:k]] > without.ranks[at])[:MOST_PUSHERS]
    ids, local = ranking.item_ids[passed], ranking.local[passed]
    target = model.space_.scenarios.code(ranking.scenario, "scenario")
    found = terms(
        model,
        weights_of(model, one, target),
        0,
        target,
        np.concatenate([[at], local]),
        base=base_of(model, one, target),
        coefficients=ranking.coefficients,
    )
    others = [source for source in range(len(model.space_)) if source != target]
    sums = np.stack([found.amount[found.source == source].sum(axis=0) for source in others])
    best = (sums[:, 1:] - sums[:, :1]).argmax(axis=0)
    names = model.space_.scenarios.ids
    pushers = tuple(
        (str(pusher), str(names[others[source]])) for pusher, source in zip(ids, best, strict=True)
    )
    return Fallen(item, int(without.ranks[at]), int(ranking.ranks[at]), pushers)
