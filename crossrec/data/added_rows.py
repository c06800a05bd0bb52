"""Rows that are added to histories: as entries of a matrix, and a matrix with them in it."""

from collections.abc import Iterator, Sequence
from typing import cast

import numpy as np
from scipy import sparse

from crossrec.data.ids import UNKNOWN, IdMap
from crossrec.data.space import ItemSpace
from crossrec.errors import DataError, UnknownId

Row = tuple[str, str, str, float]
"""User id, scenario name, item id, strength: negative for a dislike, 0 to forget the item."""


def coded(
    rows: list[Row], users: IdMap, space: ItemSpace
) -> Iterator[tuple[int, tuple[int, int, float]]]:
    """Rows as (scenario code, (user code, local item number, strength)), in their order."""
    codes = zip(
        users.codes([row[0] for row in rows]),
        space.scenarios.codes([row[1] for row in rows]),
        space.items.codes([row[2] for row in rows]),
        strict=True,
    )
    for (_, scenario, item, weight), (user, code, item_code) in zip(rows, codes, strict=True):
        if code == UNKNOWN:
            raise UnknownId.of("scenario", scenario, space.scenarios.ids)
        column = int(space.local(code, np.array([item_code]))[0])
        if column == UNKNOWN:
            raise UnknownId.of(f"item of scenario {scenario!r}", item, space.ids(code))
        if not np.isfinite(weight):
            raise DataError(f"expected a strength for item {item!r}", f"{weight}")
        yield int(code), (int(user), column, float(weight))


def joined(
    matrix: sparse.csr_array,
    facts: tuple[np.ndarray, np.ndarray],
    added: list[tuple[int, int, float]],
    users: int,
    older: int,
) -> tuple[sparse.csr_array, np.ndarray, np.ndarray]:
    """A matrix with entries (row, column, strength) set, others ``older`` by each.

    Args:
        matrix: as it was.
        facts: age and times of its entries, shape (nnz,) each.
        added: what is set, in this order; strength 0 takes an entry away.
        users: rows of the result.
        older: how much each set entry ages the others of its row.

    Returns:
        The matrix, and the ages and times of its entries.
    """
    old, width = cast("tuple[int, int]", matrix.shape)
    ends = np.concatenate([matrix.indptr, np.full(users - old, matrix.indptr[-1])])
    size = (users, width)
    if not added:
        age, times = (fact.astype(np.float32, copy=False) for fact in facts)
        return sparse.csr_array((matrix.data, matrix.indices, ends), shape=size), age, times
    columns: list[Sequence[int] | np.ndarray] = []
    values: list[np.ndarray] = []  # of strength, age and times, shape (3, entries) each
    whole = np.stack([matrix.data, *facts])
    lengths = np.diff(ends)
    last, parts = 0, {row for row, _, _ in added}
    for row in sorted(parts):  # all rows between two changed ones are copied at once
        start, stop = ends[row], ends[row + 1]
        mine = zip(*whole[:, start:stop].tolist(), strict=True)
        entries = dict(zip(matrix.indices[start:stop].tolist(), mine, strict=True))
        for _, column, weight in (each for each in added if each[0] == row):
            *_, taken = entries.pop(column, (0.0, 0.0, 0.0))
            if weight:  # to forget an item makes no other one older
                entries = {at: (value, age + older, n) for at, (value, age, n) in entries.items()}
                entries[column] = (weight, 0.0, taken + 1 if weight > 0 else 0.0)
        order = sorted(entries)
        values += [whole[:, last:start], np.array([entries[at] for at in order]).reshape(-1, 3).T]
        columns += [matrix.indices[last:start], order]
        lengths[row], last = len(order), stop
    values.append(whole[:, last:])
    columns.append(matrix.indices[last:])
    indptr = np.concatenate([[0], np.cumsum(lengths)]).astype(matrix.indptr.dtype)
    indices = np.concatenate(columns).astype(matrix.indices.dtype)
    data, age, times = np.concatenate(values, axis=1).astype(np.float32)
    return sparse.csr_array((data, indices, indptr), shape=size), age, times
