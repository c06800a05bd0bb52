"""Whether knowledge can move from one scenario to another at all, and over which bridge."""

import numpy as np

from crossrec.data.audit.checks import FEW_ITEMS, FEW_SHARED, FEW_SHARED_SHARE
from crossrec.data.audit.facts import Facts
from crossrec.data.audit.findings import Bridge, PairVerdict, State, Verdict
from crossrec.data.audit.twins import Twins
from crossrec.data.catalog import Catalog

TOLD = 0.5
"""Share of a scenario's items with a text from which on text is a bridge."""


def pair_verdicts(
    facts: Facts,
    catalog: Catalog | None,
    twins: Twins,
    verdicts: dict[str, Verdict],
    nested: list[tuple[str, str]],
) -> tuple[PairVerdict, ...]:
    """A verdict for every ordered pair of scenarios, in code order.

    Knowledge moves by shared users (somebody's taste in A says what they want in B), by shared
    items (the same ids, or twins: who uses an item in A is like who uses it in B), or by text only
    (items of A and B are described in words). A blocked end blocks the pair; few of everything, or
    one behaviour nested in the other, limits it.

    Args:
        facts: the log.
        catalog: the items, if known.
        twins: pairs of items that are one product.
        verdicts: the verdict of each scenario.
        nested: (inner, outer) names of nested behaviours.
    """
    told = _told(facts, catalog)
    items = _shared_items(facts, twins)
    blocked = [verdicts[name].state is State.BLOCKED for name in facts.names]
    found = []
    for one, source in enumerate(facts.names):
        for other, target in enumerate(facts.names):
            if one == other:
                continue
            users, common = int(facts.overlap[one, other]), int(items[one, other])
            enough = users >= max(FEW_SHARED, FEW_SHARED_SHARE * int(facts.overlap[other, other]))
            bridges = {
                Bridge.USERS: enough,
                Bridge.ITEMS: common >= FEW_ITEMS,
                Bridge.TEXT: told[one] and told[other],
            }
            limits = {
                "overlap": not enough,
                "nested_behaviour": bool({(source, target), (target, source)} & set(nested)),
                "blocked": blocked[one] or blocked[other],
            }
            state = State.LIMITS if any(limits.values()) else State.READY
            if limits["blocked"] or not (any(bridges.values()) or users or common):
                state = State.BLOCKED
            found.append(
                PairVerdict(
                    source=source,
                    target=target,
                    state=state,
                    bridges=tuple(bridge for bridge, there in bridges.items() if there),
                    shared_users=users,
                    shared_items=common,
                    cold_users=int(facts.overlap[one, one]) - users,
                    reasons=tuple(rule for rule, holds in limits.items() if holds),
                )
            )
    return tuple(found)


def _told(facts: Facts, catalog: Catalog | None) -> list[bool]:
    """Per scenario whether most of its items have a text."""
    if catalog is None or not len(catalog):
        return [False] * len(facts.names)
    codes = catalog.items.codes(facts.log.items.ids)
    written = ((catalog.title != "") | (catalog.text != ""))[codes] & (codes >= 0)
    return [bool(len(own)) and float(written[own].mean()) >= TOLD for own in facts.items]


def _shared_items(facts: Facts, twins: Twins) -> np.ndarray:
    """Common ids and twins of two scenarios, shape (S, S), int64."""
    shared = facts.item_overlap.astype(np.int64).copy()
    for here, there, item in (
        (twins.scenario, twins.twin_scenario, twins.item),
        (twins.twin_scenario, twins.scenario, twins.twin),
    ):
        for one in range(len(facts.names)):
            for other in range(len(facts.names)):
                if one < other:
                    at = (here == one) & (there == other)
                    extra = len(np.unique(item[at])) if at.any() else 0
                    shared[one, other] += extra
                    shared[other, one] += extra
    return shared
