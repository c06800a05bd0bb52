"""User -> history item -> shared attribute -> recommended item, across scenarios."""

from collections.abc import Iterable, Mapping, Sequence

import numpy as np
import pandas as pd

from crossrec.explanation.attributes import ItemAttributes
from crossrec.explanation.contributions import Explanation
from crossrec.schema import ITEM, SOURCE_SCENARIO

PATH_COLUMNS = (
    SOURCE_SCENARIO, ITEM, "attribute", "value", "target_item_id", "amount", "share", "strength",
    "holders", "evidence", "target_evidence", "confidence",
)  # fmt: skip
"""Columns of :func:`attribute_paths`."""
_AMOUNT, _STRENGTH = PATH_COLUMNS.index("amount"), PATH_COLUMNS.index("strength")
_TOGETHER = 64
"""History items whose attributes are looked up together."""


def attribute_paths(
    explanation: Explanation, attributes: ItemAttributes, *, most: int = 12
) -> pd.DataFrame:
    """The paths that lead from a user's history to an item through shared attributes.

    A path shows what two items have in common beside the exact amount that one adds to the score
    of the other; it does not claim that the attribute alone made the amount.

    Args:
        explanation: of the item.
        attributes: of the items of all scenarios.
        most: paths kept.

    Returns:
        :data:`PATH_COLUMNS`, strongest first. ``amount`` is the exact contribution of the history
        item to the score, ``share`` its share of all positive ones. ``holders`` counts the items
        with the attribute value; a value is the more telling the fewer have it, so that
        ``strength = share * confidence * (1 - log(holders) / log(items))``, with the confidences
        of both ends multiplied. The two evidences say where each end's value is known from. Only
        history items that speak for the item (amount > 0) make paths.
    """
    mine = {row[1:3]: row for row in _rows(attributes, [explanation.item_id])}
    forward = _forward(explanation)
    total = sum(amount for _, _, amount in forward)
    found: list[tuple] = []
    for start in range(0, len(forward), _TOGETHER):
        # no path is stronger than its share: what comes now is too small to be among the strongest
        if len(found) >= most and forward[start][2] / total < found[most - 1][_STRENGTH]:
            break
        found += _paths(forward[start : start + _TOGETHER], mine, total, attributes)
        found.sort(key=lambda row: (-row[_STRENGTH], -row[_AMOUNT]))
    return pd.DataFrame(found[:most], columns=pd.Index(PATH_COLUMNS))


def _forward(explanation: Explanation) -> list[tuple[str, str, float]]:
    """Source, id and amount of the other history items that speak for the item, largest first."""
    table = explanation.contributions
    rows = zip(table[SOURCE_SCENARIO], table[ITEM], table["amount"].astype(float), strict=True)
    kept = [row for row in rows if row[2] > 0]
    return sorted(kept, key=lambda row: -row[2])


def _paths(
    history: Sequence[tuple[str, str, float]],
    mine: Mapping[tuple, tuple],
    total: float,
    attributes: ItemAttributes,
) -> list[tuple]:
    """:data:`PATH_COLUMNS` of all paths through some history items."""
    theirs: dict[str, list[tuple]] = {}
    for row in _rows(attributes, [item for _, item, _ in history]):
        if row[1:3] in mine:
            theirs.setdefault(row[0], []).append(row)
    found = []
    for scenario, item, amount in history:
        for _, attribute, value, evidence, sure in theirs.get(item, []):
            target, _, _, target_evidence, target_sure = mine[attribute, value]
            if target == item:
                continue
            holders = attributes.holders(attribute, value)
            share, confidence = amount / total, sure * target_sure
            rare = 1 - np.log(max(holders, 1)) / np.log(max(attributes.items, 2))
            found.append(
                (scenario, item, attribute, value, target, amount, share,
                 share * confidence * max(rare, 0.0), holders, evidence, target_evidence,
                 confidence)
            )  # fmt: skip
    return found


def _rows(attributes: ItemAttributes, items: Iterable[str]) -> list[tuple]:
    """:data:`ATTRIBUTE_COLUMNS` of some items."""
    return list(attributes.of(items).itertuples(index=False, name=None))
