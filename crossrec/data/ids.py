"""Outside ids and row numbers meet here, in one immutable map."""

from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property

import numpy as np
import pandas as pd
import pyarrow as pa

from crossrec.data.clean_ids import clean_ids
from crossrec.errors import DataError, UnknownId

UNKNOWN = -1
"""The code of an id that is not in the map."""


class IdMap:
    """A two-way map between outside ids (strings) and codes ``0..n-1``.

    Args:
        ids: unique ids; their order is the order of the codes.

    Raises:
        DataError: an id occurs twice.
    """

    def __init__(self, ids: Iterable[str]) -> None:
        self._index = pd.Index(np.asarray(list(map(str, ids)), dtype=object), dtype=object)
        if not self._index.is_unique:
            twice = self._index[self._index.duplicated()][0]
            raise DataError("expected unique ids", f"{twice!r} twice", "Remove the repeated id")

    def __len__(self) -> int:
        return len(self._index)

    def __contains__(self, value: object) -> bool:
        return value in self._index

    def __eq__(self, other: object) -> bool:
        return isinstance(other, IdMap) and self._index.equals(other._index)

    __hash__ = None  # type: ignore[assignment]

    @cached_property
    def ids(self) -> np.ndarray:
        """All ids, shape (n,), object strings; read only."""
        ids = self._index.to_numpy().copy()
        ids.flags.writeable = False
        return ids

    def codes(self, ids: Sequence[str] | np.ndarray) -> np.ndarray:
        """Codes of ``ids``, shape (len(ids),), int32; :data:`UNKNOWN` where not in the map."""
        return self._index.get_indexer(np.asarray(ids, dtype=object)).astype(np.int32)

    def as_here(self, ids: Iterable[object]) -> list[str]:
        """Ids that a person or another file gave, as they stand in this map.

        An id that is not in the map as it stands is cleaned like those of a log
        (:func:`~crossrec.data.clean_ids.clean_id`); a word for "none" stays as it was given.
        """
        given = [str(value) for value in ids]
        strange = pa.array(
            dict.fromkeys(value for value in given if value not in self), pa.string()
        )
        clean = dict(zip(strange.to_pylist(), clean_ids(strange).values.to_pylist(), strict=True))
        return [clean.get(value) or value for value in given]

    def code(self, value: str, kind: str = "id") -> int:
        """The code of one id, which may be written as :meth:`as_here` allows.

        Raises:
            UnknownId: with the nearest known ids of this ``kind``.
        """
        known = int(self.codes([str(value)])[0])
        if known == UNKNOWN:
            known = int(self.codes(self.as_here([value]))[0])
        if known == UNKNOWN:
            raise UnknownId.of(kind, value, self.ids)
        return known

    def union(self, ids: Iterable[str]) -> "IdMap":
        """This map followed by those of ``ids`` it does not hold, in their order."""
        extra = pd.Index(list(map(str, ids)), dtype=object).unique()
        return IdMap([*self._index, *extra[~extra.isin(self._index)]])


def merged_columns(
    one: Mapping[str, np.ndarray], other: Mapping[str, np.ndarray], codes: np.ndarray, n: int
) -> dict[str, np.ndarray]:
    """Columns of two tables over one id map; the first value that is not empty wins.

    Args:
        one: columns of shape (m,), whose rows are the first m of the map.
        other: columns of shape (k,).
        codes: rows of ``other`` in the map, shape (k,).
        n: size of the map.

    Returns:
        Columns of shape (n,): float where both are numbers, else object strings.
    """
    result = {}
    for name in (*one, *(each for each in other if each not in one)):
        left, right = one.get(name), other.get(name)
        given = [column for column in (left, right) if column is not None]
        if all(column.dtype.kind == "f" for column in given):
            column, empty = np.full(n, np.nan), np.isnan
        else:
            column, empty = np.full(n, "", dtype=object), _is_blank
        if left is not None:
            column[: len(left)] = _like(column, left)
        if right is not None:
            free = empty(column[codes])
            column[codes[free]] = _like(column, right)[free]
        result[name] = column
    return result


def _is_blank(column: np.ndarray) -> np.ndarray:
    return column == ""


def _like(target: np.ndarray, column: np.ndarray) -> np.ndarray:
    """A column as the kind of another: numbers become text where the other is text."""
    if target.dtype.kind == column.dtype.kind:
        return column
    texts = ["" if np.isnan(value) else f"{value:.15g}" for value in column]
    return np.array(texts, dtype=object)
