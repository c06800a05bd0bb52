"""One user's history with parts of it gone, as if they had never been there."""

from collections.abc import Iterable, Sequence

import numpy as np
from scipy import sparse

from crossrec.data.history import Histories
from crossrec.data.ids import IdMap

Entry = tuple[int, int]
"""Scenario code and local item number of a history item."""


def entries(one: Histories) -> list[Entry]:
    """All history items of a single user, scenario by scenario."""
    return [
        (scenario, item)
        for scenario, matrix in enumerate(one.by_scenario)
        for item in matrix.indices.tolist()
    ]


def without_entries(one: Histories, removals: Sequence[Iterable[Entry]]) -> Histories:
    """The history of a single user once per removal, each without some of its entries.

    Ages are what they would be: without a newer item an older one is newer by one (ages in items),
    without the newest of all the next one has age 0 (ages in days).

    Args:
        one: the history of a single user.
        removals: m sets of entries to leave out; entries that are not there are passed over.

    Returns:
        m users, named by their number.
    """
    gone: list[list[set[int]]] = [[set() for _ in removals] for _ in one.by_scenario]
    for row, removal in enumerate(removals):
        for scenario, item in removal:
            gone[scenario][row].add(item)
    matrices, ages, times = [], [], []
    for scenario, matrix in enumerate(one.by_scenario):
        age = None if one.ages is None else one.ages[scenario]
        kept = [_keep(matrix.indices, each) for each in gone[scenario]]
        size = (len(removals), matrix.shape[1])  # type: ignore[index]
        indptr = np.cumsum([0, *(int(mask.sum()) for mask in kept)])
        data = [matrix.data[mask] for mask in kept]
        indices = [matrix.indices[mask] for mask in kept]
        matrices.append(_csr(data, indices, indptr, size, matrix))
        if age is not None:
            ages.append([_aged(age, mask, unit=one.unit) for mask in kept])
        if one.times is not None:
            times.append(_joined([one.times[scenario][mask] for mask in kept]))
    if one.unit == "days" and ages:
        ages = _since_newest(ages)
    joined = tuple(_joined(parts) for parts in ages) if one.ages is not None else None
    return Histories(
        IdMap(map(str, range(len(removals)))),
        tuple(matrices),
        joined,
        one.unit,
        times=tuple(times) if one.times is not None else None,
    )


def _keep(indices: np.ndarray, gone: set[int]) -> np.ndarray:
    if not gone:
        return np.ones(len(indices), dtype=bool)
    return ~np.isin(indices, np.fromiter(gone, dtype=np.int64, count=len(gone)))


def _csr(
    data: list[np.ndarray],
    indices: list[np.ndarray],
    indptr: np.ndarray,
    size: tuple[int, int],
    like: sparse.csr_array,
) -> sparse.csr_array:
    columns = np.concatenate([*indices, like.indices[:0]])
    return sparse.csr_array((_joined(data), columns, indptr), shape=size)


def _joined(parts: list[np.ndarray]) -> np.ndarray:
    return np.concatenate([*parts, np.zeros(0, dtype=np.float32)]).astype(np.float32)


def _aged(age: np.ndarray, kept: np.ndarray, *, unit: str) -> np.ndarray:
    """Ages of the kept entries."""
    left, lost = age[kept], age[~kept]
    if unit != "items" or not len(lost):
        return left
    return left - np.searchsorted(np.sort(lost), left)


def _since_newest(ages: list[list[np.ndarray]]) -> list[list[np.ndarray]]:
    """Ages in days of each user, counted from what is now the newest anywhere."""
    newest = [
        min((float(age.min()) for age in user if len(age)), default=0.0)
        for user in zip(*ages, strict=True)
    ]
    return [[age - first for age, first in zip(scenario, newest, strict=True)] for scenario in ages]
