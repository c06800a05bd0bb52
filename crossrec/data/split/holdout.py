"""Which part of a split every row of a log belongs to, and why.

All draws run over ids in sorted order, never over row numbers: the same interactions in another
row order give the same parts.
"""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import pandas as pd

from crossrec.data.dislikes import before_test, newest_dislike
from crossrec.data.ids import IdMap
from crossrec.data.log import InteractionLog
from crossrec.data.space import ItemSpace

TRAIN, VALID, TEST, REPEAT, HIDDEN, TWIN, NESTED, DISLIKED = range(8)
"""The part of a row; from ``REPEAT`` on, the reason why a row is in none."""

MAX_COLD_SHARE = 0.6
"""Largest share of the overlapping users that may be cold: the others teach the transfer."""


@dataclass(frozen=True)
class Rows:
    """A log's rows under numbers that follow the sorted ids, so that row order has no say.

    Attributes:
        user, scenario: ranks of the ids, shape (n,), int64.
        triple: one number per (user, scenario, item), shape (n,), int64.
        time: shape (n,), int64; zeros where the log has none.
        weight: shape (n,), float32.
        user_order: user codes by rank, shape (U,).
        scenario_order: scenario codes by rank, shape (S,).
    """

    user: np.ndarray
    scenario: np.ndarray
    triple: np.ndarray
    time: np.ndarray
    weight: np.ndarray
    user_order: np.ndarray
    scenario_order: np.ndarray

    @classmethod
    def of(cls, log: InteractionLog) -> "Rows":
        """Number the rows of a log."""
        user_order, user_rank = _ranks(log.users)
        scenario_order, scenario_rank = _ranks(log.scenarios)
        _, item_rank = _ranks(log.items)
        user, scenario = user_rank[log.user], scenario_rank[log.scenario]
        triple = (user * len(log.scenarios) + scenario) * len(log.items) + item_rank[log.item]
        time = np.zeros(len(log), dtype=np.int64) if log.time is None else log.time
        return cls(user, scenario, triple, time, log.weight, user_order, scenario_order)

    @property
    def shape(self) -> tuple[int, int]:
        """Number of users and of scenarios."""
        return len(self.user_order), len(self.scenario_order)

    def any(self, rows: np.ndarray) -> np.ndarray:
        """Which (user, scenario) have one of the rows of a mask, shape (U, S), bool."""
        found = np.zeros(self.shape, dtype=bool)
        found[self.user[rows], self.scenario[rows]] = True
        return found


def _ranks(ids: IdMap) -> tuple[np.ndarray, np.ndarray]:
    order = np.argsort(ids.ids, kind="stable")
    rank = np.empty(len(order), dtype=np.int64)
    rank[order] = np.arange(len(order))
    return order, rank


def cut_times(time: np.ndarray, valid: float, test: float) -> tuple[int, int]:
    """The first times of the valid and of the test part, at the quantiles of all rows.

    Where many rows share a time (whole days), the valid cut moves to the last earlier time, so
    that the valid part is not empty as long as the log has three different times.
    """
    first_valid, first_test = np.quantile(time, [1 - valid - test, 1 - test], method="higher")
    if valid > 0 and first_valid >= first_test:
        earlier = time[time < first_test]
        if len(earlier) and earlier.max() > time.min():
            first_valid = earlier.max()
    if test == 0:
        first_test = time.max() + 1
    return int(min(first_valid, first_test)), int(first_test)


def by_time(rows: Rows, cuts: tuple[int, int]) -> np.ndarray:
    """Parts by one global cut over all users and scenarios, shape (n,), int8."""
    return np.searchsorted(np.asarray(cuts), rows.time, side="right").astype(np.int8)


def by_position(rows: Rows, position: np.ndarray, valid: float, test: float) -> np.ndarray:
    """Parts by the position inside each user's history of one scenario, shape (n,), int8.

    Counted are different items: of c items the last ``max(1, round(test * c))`` to appear are test
    items, those before them valid items, together at most half of them; fewer than three items
    are all train. A repeat that comes after the cut belongs to the later part (where new items are
    judged alone, see :func:`drop_repeats`, and :func:`test_repeats` once more with it).
    """
    group = rows.user * rows.shape[1] + rows.scenario
    order = np.lexsort((rows.triple, position, group))
    starts = np.flatnonzero(np.diff(group[order], prepend=-1))
    sizes = np.diff(starts, append=len(order))
    first = ~pd.Series(rows.triple[order]).duplicated().to_numpy()
    seen = np.cumsum(first)
    seen -= np.repeat(seen[starts] - 1, sizes)  # items of the group so far, this row's included
    count = np.repeat(np.add.reduceat(first.astype(np.int64), starts), sizes)
    room = np.where(count >= 3, count // 2, 0)
    n_test = np.minimum(_share(count, test), room)
    n_valid = np.minimum(_share(count, valid), room - n_test)
    part = np.empty(len(order), dtype=np.int8)
    left = count - seen
    part[order] = np.where(left < n_test, TEST, np.where(left < n_test + n_valid, VALID, TRAIN))
    return part


def _share(count: np.ndarray, fraction: float) -> np.ndarray:
    if fraction == 0:
        return np.zeros_like(count)
    return np.maximum(1, np.rint(fraction * count)).astype(np.int64)


def random_position(rows: Rows, rng: np.random.Generator) -> np.ndarray:
    """A random position per (user, scenario, item), shared by its repeats, shape (n,)."""
    triples, at = np.unique(rows.triple, return_inverse=True)
    return rng.random(len(triples))[at]


@dataclass(frozen=True)
class ColdUsers:
    """Users who lose all rows of one target.

    Attributes:
        target: per user rank the target's rank, -1 for users that stay whole, shape (U,).
        part: per user rank where the target rows go, ``VALID`` or ``TEST``, shape (U,).
    """

    target: np.ndarray
    part: np.ndarray

    def hidden(self, rows: Rows) -> np.ndarray:
        """Mask of the rows that are hidden, shape (n,)."""
        return self.target[rows.user] == rows.scenario

    def codes(self, rows: Rows, part: int) -> tuple[np.ndarray, ...]:
        """Per scenario code the sorted codes of its cold users of one part."""
        users = [np.zeros(0, dtype=np.int32)] * rows.shape[1]
        for rank, code in enumerate(rows.scenario_order):
            ranks = np.flatnonzero((self.target == rank) & (self.part == part))
            users[code] = np.sort(rows.user_order[ranks]).astype(np.int32)
        return tuple(users)


def draw_cold(
    rows: Rows, part: np.ndarray, valid: float, test: float, rng: np.random.Generator
) -> ColdUsers:
    """Draw disjoint groups of users to be cold in one target each.

    Asked are users with a row in the target before the test cut and a train row elsewhere; the
    fractions are of those. They shrink together if more than :data:`MAX_COLD_SHARE` of all
    such users would be taken.
    """
    train = rows.any(part == TRAIN)
    elsewhere = train.sum(axis=1, keepdims=True) - train > 0
    able = rows.any((part == TRAIN) | (part == VALID)) & elsewhere
    taken = (valid + test) * able.sum()
    room = MAX_COLD_SHARE * able.any(axis=1).sum()
    shrink = min(1.0, room / taken) if taken else 1.0
    target = np.full(rows.shape[0], -1, dtype=np.int64)
    cold_part = np.full(rows.shape[0], TRAIN, dtype=np.int8)
    for scenario in np.argsort(able.sum(axis=0), kind="stable"):  # scarce targets choose first
        n_able = able[:, scenario].sum()
        free = rng.permutation(np.flatnonzero(able[:, scenario] & (target < 0)))
        n_test = round(shrink * test * n_able)
        n_valid = round(shrink * valid * n_able)
        target[free[: n_test + n_valid]] = scenario
        cold_part[free[:n_test]] = TEST
        cold_part[free[n_test : n_test + n_valid]] = VALID
    return ColdUsers(target, cold_part)


def hide_cold(rows: Rows, part: np.ndarray, cold: ColdUsers, *, after_cut: int) -> np.ndarray:
    """Parts with the cold users' target rows moved to their part, shape (n,).

    Args:
        rows: the log.
        part: parts so far; not changed.
        cold: who is cold where.
        after_cut: the part for test rows of users that are cold in valid: ``HIDDEN`` where valid
            must not see beyond the test cut, ``VALID`` where no cut is shared between users.
    """
    hidden = cold.hidden(rows)
    to = cold.part[rows.user]
    later = hidden & (to == VALID) & (part == TEST)
    return np.where(later, after_cut, np.where(hidden, to, part)).astype(np.int8)


def drop_disliked(part: np.ndarray, log: InteractionLog, cut: int | None) -> np.ndarray:
    """Parts without the rows whose user said no to the item later.

    A held-out row goes whenever that was; a row that is learnt from only where it was before the
    test cut, or the model would know what comes after it.

    Args:
        part: parts so far, shape (n,); not changed.
        log: the log, with its ``negatives``.
        cut: first time of the test part; None where parts are cut by position or at random.
    """
    dislikes = log.negatives
    if dislikes is None:
        return part
    time = np.zeros(len(log), dtype=np.int64) if log.time is None else log.time
    known = dislikes.select(before_test(dislikes, log.select(part == TEST), cut))
    part = part.copy()
    ever, before = (newest_dislike(log, each) >= time for each in (dislikes, known))
    part[np.where(part == TEST, ever, before)] = DISLIKED
    return part


def drop_repeats(rows: Rows, part: np.ndarray) -> np.ndarray:
    """Parts in which valid and test hold every (user, item, scenario) once, and only new ones."""
    order = np.lexsort((rows.weight, rows.time, part, rows.triple))
    order = order[part[order] <= TEST]
    first = np.diff(rows.triple[order], prepend=-1) != 0
    repeats = order[~first & (part[order] > TRAIN)]
    part = part.copy()
    part[repeats] = REPEAT
    return part


def test_repeats(rows: Rows, part: np.ndarray) -> np.ndarray:
    """Mask of the test rows of a (user, item, scenario) of train or valid, each once, shape (n,).

    Args:
        rows: the log.
        part: parts before :func:`drop_repeats`.
    """
    known = np.unique(rows.triple[(part == TRAIN) | (part == VALID)])
    order = np.lexsort((rows.weight, rows.time, rows.triple))  # as drop_repeats: the first one
    order = order[(part[order] == TEST) & np.isin(rows.triple[order], known)]
    found = np.zeros(len(part), dtype=bool)
    found[order[np.diff(rows.triple[order], prepend=-1) != 0]] = True
    return found


def fingerprint(
    log: InteractionLog, rows: Rows, part: np.ndarray, space: ItemSpace, settings: Iterable[object]
) -> str:
    """Hex sha256 over ids, candidates, rows with their parts, and settings.

    Neither the order of the rows nor that of the ids matters.
    """
    digest = hashlib.sha256()
    for ids in (log.users, log.items, log.scenarios, space.items):
        for value in sorted(ids.ids):
            raw = value.encode("utf-8", "surrogatepass")
            digest.update(len(raw).to_bytes(8, "big") + raw)
        digest.update(b"|")
    _, rank = _ranks(space.items)
    for code in rows.scenario_order:
        digest.update(np.sort(rank[space.members[code]]).tobytes() + b"|")
    mixed = np.zeros(len(rows.triple), dtype=np.uint64)
    for column in (rows.triple, rows.time, rows.weight.view(np.int32), part):
        mixed = _mix(mixed + column.astype(np.int64).view(np.uint64))
    digest.update(np.sort(mixed).tobytes())
    digest.update(repr(tuple(settings)).encode())
    return digest.hexdigest()


def _mix(x: np.ndarray) -> np.ndarray:
    """Splitmix64: spreads each 64-bit number, so that unequal rows get unequal numbers."""
    x = x + np.uint64(0x9E3779B97F4A7C15)
    x = (x ^ (x >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    x = (x ^ (x >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return x ^ (x >> np.uint64(31))
