"""Further views of an item beside its meaning: its attributes C(j), stated and read."""

from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from crossrec.data.catalog import Catalog
from crossrec.data.values import values_of
from crossrec.language.attributes import AttributeTable
from crossrec.language.table import FeatureTable

ATTRIBUTES = "attributes"
KNOWLEDGE = "knowledge"

MAX_VALUES = 300
"""A column of more different words is a name or an id, not an attribute."""

MIN_ITEMS = 3
"""A value of fewer items says nothing about others."""


def item_views(catalog: Catalog) -> dict[str, np.ndarray]:
    """The views of a catalogue of n items that are worth trying in the model.

    Returns:
        "attributes", where the catalogue has columns that describe: shape (n, d), float32.
    """
    attributes = attribute_vectors(catalog.attributes, len(catalog))
    return {ATTRIBUTES: attributes} if attributes.shape[1] else {}


def with_knowledge(features: FeatureTable, table: AttributeTable) -> FeatureTable:
    """The features with what was read of the items as a further view, C(j).

    The engine tries every view on validation rows and uses it in the scenarios where it helps, so
    adding this one is the ablation: ``choices`` name it where it was taken.

    Args:
        features: vectors of n items.
        table: attributes of the same or other items; unknown ones are zero in every column.
    """
    codes = table.items.codes(features.items.ids)
    read = table.vectors()
    mine = np.where(codes[:, None] >= 0, read[codes.clip(min=0)], 0).astype(np.float32)
    return replace(features, views={**features.views, KNOWLEDGE: mine})


def attribute_vectors(columns: Mapping[str, np.ndarray], n: int) -> np.ndarray:
    """Attributes as numbers, shape (n, d), float32.

    Words become one column per value (a cell may hold several) that at least :data:`MIN_ITEMS`
    items share; numbers become their five quantile groups, so that a price far out does not
    outweigh all else. Missing values are zero in every column.
    """
    blocks = [np.zeros((n, 0), dtype=np.float32)]
    for column in columns.values():
        cells = _grouped(column) if column.dtype.kind == "f" else column
        values = [values_of(cell) for cell in cells.tolist()]
        rows = np.repeat(np.arange(n), [len(one) for one in values])
        names, inverse, counts = np.unique(
            np.array([value for one in values for value in one], dtype=str),
            return_inverse=True,
            return_counts=True,
        )
        useful = (counts >= MIN_ITEMS) & (counts < n)
        if not useful.any() or len(names) > MAX_VALUES:
            continue
        block = np.zeros((n, len(names)), dtype=np.float32)
        block[rows, inverse] = 1.0
        blocks.append(block[:, useful])
    return np.concatenate(blocks, axis=1)


def _grouped(column: np.ndarray) -> np.ndarray:
    """Numbers as the name of their quantile group, "" where missing, object."""
    known = np.isfinite(column)
    found = np.full(len(column), "", dtype=object)
    if known.any():
        edges = np.unique(np.quantile(column[known], [0.2, 0.4, 0.6, 0.8]))
        found[known] = np.searchsorted(edges, column[known], side="right").astype(str)
    return found
