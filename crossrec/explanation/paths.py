"""User -> history item -> shared attribute -> recommended item, across scenarios."""

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
    table = explanation.contributions
    forward = table.loc[table["amount"].to_numpy(dtype=np.float64) > 0]
    mine = attributes.of([explanation.item_id])
    theirs = attributes.of(forward[ITEM])
    if not len(forward) or not len(mine) or not len(theirs):
        return _none()
    ends = {ITEM: "target_item_id", "evidence": "target_evidence", "confidence": "other"}
    mine = mine.rename(columns=ends)
    shared = theirs.merge(mine, on=["attribute", "value"])
    shared = shared.loc[shared[ITEM] != explanation.item_id]
    found = forward[[SOURCE_SCENARIO, ITEM, "amount"]].merge(shared, on=ITEM)
    if not len(found):
        return _none()
    amount = found["amount"].to_numpy(dtype=np.float64)
    holders = np.array(
        [
            attributes.holders(attribute, value)
            for attribute, value in zip(found["attribute"], found["value"], strict=True)
        ]
    )
    share = amount / forward["amount"].to_numpy(dtype=np.float64).sum()
    telling = 1 - np.log(holders.clip(min=1)) / np.log(max(attributes.items, 2))
    confidence = (found["confidence"] * found["other"]).to_numpy(dtype=np.float64)
    strength = share * confidence * telling.clip(min=0)
    found = found.assign(share=share, strength=strength, holders=holders, confidence=confidence)
    order = np.lexsort((-amount, -strength))[:most]
    return found.iloc[order].reset_index(drop=True).loc[:, list(PATH_COLUMNS)]


def _none() -> pd.DataFrame:
    return pd.DataFrame({name: [] for name in PATH_COLUMNS})
