"""What items share: attribute values from the catalogue, or read from texts by a language model."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import pandas as pd

from crossrec.data.catalog import Catalog
from crossrec.data.values import values_of
from crossrec.schema import ITEM

ATTRIBUTE_COLUMNS = (ITEM, "attribute", "value", "evidence", "confidence")
CATALOGUE, READ = "catalogue", "read"
"""Evidence of a value: a column of the catalogue holds it, or a language model read it."""

TRUSTED = 0.5
"""Read values with less confidence link nothing."""

MOST_VALUES = 0.8
"""A column with nearly as many values as items is a name or an id, no attribute."""


@dataclass(frozen=True)
class ItemAttributes:
    """Attribute values of items.

    Attributes:
        table: columns :data:`ATTRIBUTE_COLUMNS`, each (item, attribute, value) once. ``evidence``
            is :data:`CATALOGUE` or :data:`READ`, ``confidence`` in [0, 1] (catalogue: 1).
        items: number of items that were looked at.
    """

    table: pd.DataFrame
    items: int

    @classmethod
    def of_catalog(cls, catalog: Catalog, columns: Sequence[str] | None = None) -> "ItemAttributes":
        """The text columns of a catalogue; a cell may hold several values ("Drama | Comedy").

        Args:
            catalog: items.
            columns: which attributes; default all text columns that are neither the same for most
                items nor different for nearly all of them.
        """
        names = columns if columns is not None else list(catalog.attributes)
        parts = []
        for name in names:
            column = catalog.attributes[name]
            if column.dtype.kind == "f":
                continue
            cells = pd.Series(column, index=catalog.items.ids, dtype=object)
            values = cells.map(values_of).explode().dropna()
            if columns is None and not _tells(values):
                continue
            parts.append(
                pd.DataFrame(
                    {
                        ITEM: values.index.to_numpy(dtype=object),
                        "attribute": name,
                        "value": values.to_numpy(dtype=object),
                        "evidence": CATALOGUE,
                        "confidence": 1.0,
                    }
                )
            )
        return cls(_unique(parts), len(catalog))

    def with_read(self, read: pd.DataFrame, *, least: float = TRUSTED) -> "ItemAttributes":
        """These and what a language model read; what the catalogue says stays.

        Args:
            read: long, columns ``item_id, facet, value, confidence``, as
                :meth:`crossrec.language.attributes.AttributeTable.to_frame`; "" is unknown.
            least: confidence that a value must have.
        """
        kept = read.loc[(read["value"] != "") & (read["confidence"] >= least)]
        more = kept.rename(columns={"facet": "attribute"}).assign(evidence=READ)
        return replace(self, table=_unique([self.table, more.loc[:, list(ATTRIBUTE_COLUMNS)]]))

    def of(self, items: Iterable[str]) -> pd.DataFrame:
        """The rows of some items, in their order, once each."""
        wanted = [item for item in dict.fromkeys(items) if item in self._rows]
        at = np.concatenate([np.zeros(0, dtype=np.int64), *(self._rows[item] for item in wanted)])
        return pd.DataFrame({name: column[at] for name, column in self._columns.items()})

    def holders(self, attribute: str, value: str) -> int:
        """How many items have a value."""
        return int(self._holders.get((attribute, value), 0))

    @cached_property
    def _columns(self) -> dict[str, np.ndarray]:
        """The table as plain columns: a few rows of them are had in a tenth of the time."""
        texts = {name: self.table[name].to_numpy(dtype=object) for name in ATTRIBUTE_COLUMNS[:4]}
        return {**texts, "confidence": self.table["confidence"].to_numpy(dtype=np.float64)}

    @cached_property
    def _rows(self) -> dict[str, np.ndarray]:
        return dict(self.table.groupby(ITEM, sort=False).indices)  # type: ignore[arg-type]

    @cached_property
    def _holders(self) -> dict[tuple[str, str], int]:
        return self.table.groupby(["attribute", "value"], sort=False).size().to_dict()


def _tells(values: pd.Series) -> bool:
    """Whether a column groups items at all."""
    if not len(values):
        return False
    share = values.value_counts(normalize=True)
    return len(share) > 1 and len(share) <= max(MOST_VALUES * len(values), 2)


def _unique(parts: Sequence[pd.DataFrame]) -> pd.DataFrame:
    if not parts:
        return pd.DataFrame({name: pd.Series(dtype=object) for name in ATTRIBUTE_COLUMNS})
    table = pd.concat(parts, ignore_index=True)
    table = table.astype({"confidence": np.float64})
    return table.drop_duplicates(list(ATTRIBUTE_COLUMNS[:3]), ignore_index=True)
