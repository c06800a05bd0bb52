"""Rows that stand twice, and rows in the order of histories."""

from typing import Literal

import numpy as np

from crossrec.data.log import InteractionLog

Repeats = Literal["first", "last", "sum"]
"""Which of several equal rows stays, or that their strengths are added."""
_TABLE_BITS = 24


def one_of_each(
    columns: list[np.ndarray], weight: np.ndarray, policy: Repeats
) -> tuple[np.ndarray, np.ndarray]:
    """The rows that stay, in order, and the weights (changed where strengths are added)."""
    rows, starts = repeats(columns)
    if len(rows) == len(starts):
        return np.arange(len(weight)), weight
    firsts = rows[starts]
    if policy == "sum":
        weight = weight.copy()
        weight[firsts] = np.add.reduceat(weight[rows], starts)
    keep = np.ones(len(weight), dtype=bool)
    keep[rows] = False
    keep[rows[np.append(starts[1:], len(rows)) - 1] if policy == "last" else firsts] = True
    return np.flatnonzero(keep), weight


def history_order(log: InteractionLog) -> np.ndarray:
    """Row numbers by user, then time, then as they stand; shape (n,)."""
    if log.time is None:
        return np.argsort(log.user, kind="stable")
    since = log.time - log.time.min(initial=0)
    bits = int(since.max(initial=0)).bit_length()
    if bits + int(log.user.max(initial=0)).bit_length() < 63:
        # One number per row sorts faster than two.
        return np.argsort((log.user.astype(np.int64) << bits) | since, kind="stable")
    return np.lexsort((log.time, log.user))


def repeats(columns: list[np.ndarray]) -> tuple[np.ndarray, np.ndarray]:
    """Rows that are equal to another one, group by group.

    Args:
        columns: whole numbers, each shape (n,).

    Returns:
        Row numbers, shape (r,), equal rows beside each other in their order; and where each group
        begins, shape (groups,). A group of one row is possible.
    """
    rows = _suspects(columns)
    if not len(rows):
        return rows, rows
    keys = [column[rows] for column in columns]
    order = np.lexsort([rows, *keys])
    change = np.ones(len(rows), dtype=bool)
    change[1:] = False
    for key in keys:
        change[1:] |= key[order[1:]] != key[order[:-1]]
    return rows[order], np.flatnonzero(change)


def _suspects(columns: list[np.ndarray]) -> np.ndarray:
    """Row numbers whose hash occurs twice: all rows that have an equal, and by chance a few more.

    Sorting one 64-bit number per row is several times faster than sorting the rows.
    """
    mixed = np.zeros(len(columns[0]), dtype=np.uint64)
    for column in columns:
        mixed ^= column.astype(np.uint64)
        mixed *= np.uint64(0x9E3779B97F4A7C15)
        mixed ^= mixed >> np.uint64(31)
    ordered = np.sort(mixed)
    twice = np.unique(ordered[1:][ordered[1:] == ordered[:-1]])
    if not len(twice):
        return np.zeros(0, dtype=np.int64)
    # A table of the last bits leaves few rows to look up.
    marked = np.zeros(1 << _TABLE_BITS, dtype=bool)
    low = np.uint64(len(marked) - 1)
    marked[twice & low] = True
    near = np.flatnonzero(marked[mixed & low])
    at = np.searchsorted(twice, mixed[near])
    return near[twice[np.minimum(at, len(twice) - 1)] == mixed[near]]
