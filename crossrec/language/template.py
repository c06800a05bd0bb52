"""Which columns of the catalogue make up an item's text, and how they are joined."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from crossrec.data.catalog import Catalog
from crossrec.errors import ColumnMissing, DataError
from crossrec.language.text import MAX_CHARACTERS, clean, joined
from crossrec.schema import CATEGORY, TEXT, TITLE

USUAL = (TITLE, CATEGORY, TEXT)
"""The columns that are read where nobody chose; they stand without their name."""

BANDS = ("very low", "low", "medium", "high", "very high")
"""What a number is called, by its fifth of the catalogue: a model reads words, not prices."""

WHOLE_CHARACTERS = 40_000
"""Cut of a text that is read whole, in chunks: some twenty pages."""


@dataclass(frozen=True)
class TextTemplate:
    """How the text of an item is made.

    Attributes:
        columns: of the catalogue, in order. Title, category and text stand as they are; another
            column stands with its name ("brand: Acme"), a number as its band ("price: low").
        whole: read long texts whole, in chunks whose vectors are averaged, instead of cutting them
            where the encoder stops reading.

    Raises:
        DataError: no column, or one twice.
    """

    columns: tuple[str, ...] = USUAL
    whole: bool = False

    def __post_init__(self) -> None:
        object.__setattr__(self, "columns", tuple(self.columns))
        if not self.columns or len(set(self.columns)) < len(self.columns):
            raise DataError(
                "expected at least one column of the catalogue, each once",
                ", ".join(self.columns) or "none",
            )

    @property
    def max_characters(self) -> int:
        """Characters of a text at most."""
        return WHOLE_CHARACTERS if self.whole else MAX_CHARACTERS

    def texts(self, catalog: Catalog) -> list[str]:
        """The text of every item in catalogue order, "" where nothing is known.

        Raises:
            ColumnMissing: the catalogue has no such column.
        """
        columns = [self._said(catalog, name) for name in self.columns]
        return [joined(parts, self.max_characters) for parts in zip(*columns, strict=True)]

    def _said(self, catalog: Catalog, name: str) -> Sequence[str]:
        found = readable_columns(catalog)
        if name not in found:
            if name in USUAL:
                return [""] * len(catalog)
            raise ColumnMissing(
                "expected columns of the catalogue to make the text of",
                repr(name),
                f"There are: {', '.join(found)}",
            )
        column = found[name]
        is_number = column.dtype.kind == "f" and name not in USUAL  # a category may be a number
        said = [
            clean(value, self.max_characters) if isinstance(value, str) else ""
            for value in (bands(column) if is_number else column)
        ]
        if name in USUAL:
            return said
        label = clean(name)
        return [f"{label}: {value}" if value else "" for value in said]


def item_texts(catalog: Catalog, template: TextTemplate | None = None) -> list[str]:
    """The text of every item in catalogue order, "" where nothing is known."""
    return (template or TextTemplate()).texts(catalog)


def readable_columns(catalog: Catalog) -> Mapping[str, np.ndarray]:
    """The columns a text may be made of, by name: title, text, and every attribute."""
    found = {TITLE: catalog.title}
    if CATEGORY in catalog.attributes:
        found[CATEGORY] = catalog.attributes[CATEGORY]
    return {**found, TEXT: catalog.text, **catalog.attributes}


def bands(numbers: np.ndarray) -> np.ndarray:
    """Numbers as words of :data:`BANDS`, "" where missing, object, shape (n,)."""
    known = np.isfinite(numbers)
    said = np.full(len(numbers), "", dtype=object)
    if known.any():
        edges = np.quantile(numbers[known], [0.2, 0.4, 0.6, 0.8])
        # Where most items cost the same, that price is the middle and not the lowest.
        low = np.searchsorted(edges, numbers[known], side="left")
        high = np.searchsorted(edges, numbers[known], side="right")
        said[known] = np.array(BANDS, dtype=object)[(low + high) // 2]
    return said
