"""The fewest history items without which a recommendation would not have been made."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from crossrec.data.history import Histories
from crossrec.data.seen import EXCLUDE, Seen
from crossrec.explanation.removal import Asked, by_amount
from crossrec.explanation.variants import Entry
from crossrec.transfer.model import TransferModel

RIVALS = 10
"""Items just below the list, against which history items are weighed."""
SINGLES = 20
"""History items that are tried alone first."""


@dataclass(frozen=True)
class MinimalSet:
    """History items without which an item is not in the first k.

    Attributes:
        scenario, item_id, k: what is asked.
        rank: as it is.
        removed: (source scenario, item id) of the set, the weightiest first; empty where there is
            none. No item of it can stay: each one brings the item back into the list (checked).
        rank_without: rank without the set; None where there is none.
        why_none: "" if there is a set; "not_listed": the item is not in the first k anyway;
            "stays": it is there even without all history items tried.
    """

    scenario: str
    item_id: str
    k: int
    rank: int
    removed: tuple[tuple[str, str], ...]
    rank_without: int | None
    why_none: str = ""


def minimal_set(
    model: TransferModel,
    one: Histories,
    scenario: str,
    item: str,
    *,
    k: int = 10,
    most: int = 50,
    coefficients: Mapping[str, float] | None = None,
    candidates: np.ndarray | None = None,
    seen: Seen = EXCLUDE,
) -> MinimalSet:
    """The history items whose removal takes an item out of the first k.

    Greedy: history items by how much more they speak for the item than for the items just below
    the list; a short beginning of that order whose removal is enough, less every item that can
    stay. Every step is verified by scoring all items again. A smaller set of other items may
    exist, but no part of this one is enough.

    Args:
        model: a fitted model.
        one: the history of a single user.
        scenario: the target's name.
        item: item id of that scenario.
        k: length of the list.
        most: history items tried.
        coefficients: source name -> M that holds whatever is removed; others follow as learnt.
        candidates: local items among which the item is ranked; default all that ``seen`` allows.
        seen: whether seen items are left out of the default candidates.

    Raises:
        UnknownId: a scenario, or the item in it, is not known.
    """
    asked = Asked.of(model, one, scenario, item, coefficients, candidates, seen)
    rank = int(asked.rescored(model, [[]])[1][0])
    if rank > k:
        return MinimalSet(scenario, item, k, rank, (), None, "not_listed")
    order = _by_advantage(model, asked, k)[:most]
    singles = [[entry] for entry in order[:SINGLES]]
    ranks = asked.rescored(model, singles)[1]
    if (ranks > k).any():
        best = int(np.argmax(ranks > k))
        return _found(model, asked, MinimalSet(scenario, item, k, rank, (), None), singles[best])
    size = _shortest(model, asked, order, k)
    if size is None:
        return MinimalSet(scenario, item, k, rank, (), None, "stays")
    removed = _pruned(model, asked, order[:size], k)
    return _found(model, asked, MinimalSet(scenario, item, k, rank, (), None), removed)


def _by_advantage(model: TransferModel, asked: Asked, k: int) -> list[Entry]:
    """History items, those that speak most for the item against its rivals first."""
    parts = model.fitted_.parts(asked.one, asked.target)
    scores = parts.scores(asked.coefficients(parts))[0]
    below = np.setdiff1d(np.flatnonzero(asked.rivals), [asked.item])
    below = below[np.argsort(-scores[below], kind="stable")][k - 1 : k - 1 + RIVALS]
    ranked = by_amount(model, asked, np.concatenate([[asked.item], below]))
    advantage = [amount[0] - (amount[1:].mean() if len(below) else 0.0) for _, amount in ranked]
    best = np.argsort(-np.array(advantage), kind="stable")
    return [ranked[at][0] for at in best]


def _shortest(model: TransferModel, asked: Asked, order: list[Entry], k: int) -> int | None:
    """Length of a beginning of the order that is enough and about the shortest; None if none is.

    Doubling, then halving: a longer beginning nearly always moves the item further down.
    """
    sizes = [2**step for step in range(1, len(order).bit_length()) if 2**step < len(order)]
    sizes = [*sizes, len(order)] if len(order) > 1 else []
    ranks = asked.rescored(model, [order[:size] for size in sizes])[1]
    if not (ranks > k).any():
        return None
    at = int(np.argmax(ranks > k))
    high, low = sizes[at], sizes[at - 1] if at else 1
    while high - low > 1:
        middle = (high + low) // 2
        if asked.rescored(model, [order[:middle]])[1][0] > k:
            high = middle
        else:
            low = middle
    return high


def _pruned(model: TransferModel, asked: Asked, removed: list[Entry], k: int) -> list[Entry]:
    """The set without those that can stay, until each one left brings the item back."""
    while len(removed) > 1:
        fewer = [removed[:at] + removed[at + 1 :] for at in range(len(removed))]
        enough = np.flatnonzero(asked.rescored(model, fewer)[1] > k)
        if not len(enough):
            break
        removed = fewer[int(enough[-1])]  # the lightest stays in the history
    return removed


def _found(
    model: TransferModel, asked: Asked, empty: MinimalSet, removed: list[Entry]
) -> MinimalSet:
    space = model.space_
    names = tuple((str(space.scenarios.ids[s]), str(space.ids(s)[item])) for s, item in removed)
    without = int(asked.rescored(model, [removed])[1][0])
    return MinimalSet(empty.scenario, empty.item_id, empty.k, empty.rank, names, without)
