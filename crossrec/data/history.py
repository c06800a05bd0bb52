"""User histories as sparse matrices, one per scenario: what every recommender reads."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import cast

import numpy as np
from scipy import sparse

from crossrec.data.added_rows import Row, coded, joined
from crossrec.data.dislikes import settled
from crossrec.data.ids import IdMap
from crossrec.data.log import InteractionLog, TimeKind
from crossrec.data.space import ItemSpace

DAY = 86_400
"""Seconds."""


@dataclass(frozen=True)
class Histories:
    """The histories of m users.

    Attributes:
        users: user ids, m of them, in row order.
        by_scenario: per scenario s a CSR matrix of event strengths, shape (m, n_s), float32; a
            negative strength is a dislike.
        ages: per scenario the age of each entry, in the order of the matrix's ``data``, shape
            (nnz,), float32; None where no times are known.
        unit: of the ages. "days": before the user's newest interaction anywhere; "items": how many
            of the user's items in the scenario are newer.
        quiet: days from each user's newest interaction to the newest in the log, shape (m,),
            float32; None where ages are not in days. Added to ages they are days before the log
            ends.
        times: per scenario how many rows the user took each item by, 0 for a dislike, in the
            layout of ``ages``, float32; None where nobody here took an item twice: each once.
            Histories with other entries than these they are made from have none unless they say so.
    """

    users: IdMap
    by_scenario: tuple[sparse.csr_array, ...]
    ages: tuple[np.ndarray, ...] | None = None
    unit: str = "items"
    quiet: np.ndarray | None = None
    times: tuple[np.ndarray, ...] | None = None

    def __post_init__(self) -> None:
        # `replace` with some of the entries gone keeps what it was not told about: the old counts.
        if self.times is not None and any(
            len(times) != matrix.nnz
            for times, matrix in zip(self.times, self.by_scenario, strict=True)
        ):
            object.__setattr__(self, "times", None)

    def __len__(self) -> int:
        return len(self.users)

    @classmethod
    def from_log(
        cls,
        log: InteractionLog,
        space: ItemSpace,
        users: Sequence[str] | np.ndarray | None = None,
        *,
        dislikes: InteractionLog | None = None,
    ) -> "Histories":
        """Collect the rows of a log per user and scenario; repeated rows add their weights.

        Args:
            log: the interactions; its scenarios must be those of ``space``.
            space: the item numbering.
            users: ids of the wanted users in the wanted order (unknown ones get an empty
                history); default all users of the log.
            dislikes: rows that count against an item, of none of the log's (user, item, scenario);
                see :func:`~crossrec.data.dislikes.settled`. They make nothing else older.
        """
        user_map = log.users if users is None else IdMap(users)
        row = user_map.codes(log.users.ids)[log.user]
        matrices, ages, times_taken = [], [], []
        clock = log.time_kind is TimeKind.CLOCK
        newest = _newest(log, row, len(user_map))
        against = None if dislikes is None else _entries(dislikes, space, user_map)
        liked = _entries(log, space, user_map)
        for scenario in range(len(space)):
            one = liked(scenario)
            two = None if against is None else against(scenario)
            rows, columns, weights, times = one if two is None else _with_dislikes(one, two)
            matrix = sparse.coo_array(
                (weights, (rows, columns)),
                shape=(len(user_map), space.sizes[scenario]),
                dtype=np.float32,
            ).tocsr()
            matrices.append(matrix)
            times_taken.append(_times_taken(rows, columns, weights, matrix))
            if times is not None:
                held, time = _last_times(rows, columns, times)
                age = (newest[held] - time) / DAY if clock else _newer(held, time)
                if two is not None:  # interactions are as old as without dislikes
                    positive = matrix.data > 0
                    age = age.clip(min=0)
                    if not clock:
                        age[positive] = _newer(held[positive], time[positive])
                ages.append(age.astype(np.float32))
        known = tuple(ages) if log.time is not None else None
        quiet = _quiet(log.time, newest) if clock and log.time is not None else None
        unit = "days" if clock else "items"
        return cls(user_map, tuple(matrices), known, unit, quiet, _unless_once(times_taken))

    @classmethod
    def complete(
        cls, log: InteractionLog, space: ItemSpace, users: Sequence[str] | np.ndarray | None = None
    ) -> "Histories":
        """Interactions and dislikes of a log: of each user and item the newest counts."""
        log = settled(log)
        return cls.from_log(log, space, users, dislikes=log.negatives)

    @classmethod
    def from_items(
        cls, items: Mapping[str, Mapping[str, float]], space: ItemSpace, user: str = ""
    ) -> "Histories":
        """One made-up user: ``{scenario: {item id: weight}}``; items of no scenario are left out.

        Raises:
            UnknownId: a scenario or an item is not in the space.
        """
        matrices = [sparse.csr_array((1, size), dtype=np.float32) for size in space.sizes]
        for name, weights in items.items():
            scenario = space.scenarios.code(name, "scenario")
            codes = np.array([space.items.code(item, "item") for item in weights], dtype=np.int32)
            column = space.local(scenario, codes)
            keep = column >= 0
            values = np.array(list(weights.values()), dtype=np.float32)[keep]
            matrices[scenario] = sparse.coo_array(
                (values, (np.zeros(keep.sum(), dtype=np.int32), column[keep])),
                shape=(1, space.sizes[scenario]),
            ).tocsr()
        return cls(IdMap([user]), tuple(matrices))

    @classmethod
    def of(cls, rows: Iterable[Row], space: ItemSpace) -> "Histories":
        """The histories of users that are known from these rows alone, oldest row first.

        Raises:
            UnknownId: a scenario, or an item in its scenario, is not known.
            DataError: a strength is not a finite number.
        """
        empty = tuple(sparse.csr_array((0, size), dtype=np.float32) for size in space.sizes)
        nothing = tuple(np.zeros(0, dtype=np.float32) for _ in space.sizes)
        return cls(IdMap([]), empty, nothing).with_rows(rows, space)

    def with_rows(self, rows: Iterable[Row], space: ItemSpace) -> "Histories":
        """These histories after some more interactions, oldest first; this one is not changed.

        A row takes the place of an older one of the same user, scenario and item, counts as one
        time more, and makes the user's other items there one item older, if ages are in items.
        Users not known yet follow the known ones.

        Args:
            rows: user id, scenario name, item id and strength; see :data:`Row`.
            space: the item numbering of these histories.

        Raises:
            UnknownId: a scenario, or an item in its scenario, is not known.
            DataError: a strength is not a finite number.
        """
        rows = list(rows)
        users = self.users
        if strangers := [name for name, *_ in rows if name not in users]:
            users = users.union(strangers)
        found = replace(self, users=users)
        grouped: dict[int, list[tuple[int, int, float]]] = {}
        for code, entry in coded(rows, users, space):
            grouped.setdefault(code, []).append(entry)
        matrices, ages, times = [], [], []
        for code, matrix in enumerate(self.by_scenario):
            facts = (
                np.zeros(matrix.nnz) if self.ages is None else self.ages[code],
                _once(matrix) if self.times is None else self.times[code],
            )
            added = grouped.get(code, [])
            older = 1 if self.unit == "items" else 0
            matrix, age, taken = joined(matrix, facts, added, len(users), older)
            matrices.append(matrix)
            ages.append(age)
            times.append(taken)
        return replace(
            found,
            by_scenario=tuple(matrices),
            ages=None if self.ages is None else tuple(ages),
            quiet=_padded(self.quiet, len(users)),
            times=_unless_once(times),
        )

    def moved(self, old: ItemSpace, new: ItemSpace) -> "Histories":
        """The same histories numbered by a space that has all items of the old one and more."""
        matrices = []
        for code, matrix in enumerate(self.by_scenario):
            column = new.local(code, new.items.codes(old.ids(code)))
            size = (len(self), new.sizes[code])
            moved = (matrix.data, column[matrix.indices], matrix.indptr)
            matrices.append(sparse.csr_array(moved, shape=size))
        return replace(self, by_scenario=tuple(matrices))

    def take(self, rows: np.ndarray | slice) -> "Histories":
        """The users at ``rows``, in that order."""
        ids = self.users.ids[rows]
        matrices = tuple(matrix[rows] for matrix in self.by_scenario)
        quiet = None if self.quiet is None else self.quiet[rows]
        ages, times = self._facts_at(self.ages, rows), self._facts_at(self.times, rows)
        return Histories(IdMap(ids), matrices, ages, self.unit, quiet, times)

    def _facts_at(
        self, facts: tuple[np.ndarray, ...] | None, rows: np.ndarray | slice
    ) -> tuple[np.ndarray, ...] | None:
        """Facts about entries, such as their ages, of the users at ``rows``."""
        if facts is None:
            return None
        return tuple(
            sparse.csr_array((fact, m.indices, m.indptr), shape=m.shape)[rows].data
            for fact, m in zip(facts, self.by_scenario, strict=True)
        )

    def without(self, scenario: int) -> "Histories":
        """The same users with nothing in one scenario."""
        empty = sparse.csr_array(self.by_scenario[scenario].shape, dtype=np.float32)
        matrices = list(self.by_scenario)
        matrices[scenario] = empty
        ages, times = (
            facts and (*facts[:scenario], empty.data, *facts[scenario + 1 :])
            for facts in (self.ages, self.times)
        )
        return replace(self, by_scenario=tuple(matrices), ages=ages, times=times)

    def counts(self) -> np.ndarray:
        """Number of history items per user and scenario, shape (m, S), int64.

        Dislikes do not count: who has only refused items of a scenario is new there.
        """
        return np.stack([liked_items(matrix) for matrix in self.by_scenario], axis=1)


def liked_items(matrix: sparse.csr_array) -> np.ndarray:
    """Number of entries above 0 in each row, shape (m,), int64."""
    if matrix.data.min(initial=1) > 0:
        return np.diff(matrix.indptr).astype(np.int64)
    ends = np.concatenate([[0], np.cumsum(matrix.data > 0)])
    return np.diff(ends[matrix.indptr])


def shape(matrix: sparse.csr_array) -> tuple[int, int]:
    """Rows and columns; scipy allows arrays of one dimension, histories never have one."""
    return cast("tuple[int, int]", matrix.shape)


Entries = tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray | None]
"""User rows, local items, weights and times of the rows of one scenario, each shape (n,)."""


def _entries(log: InteractionLog, space: ItemSpace, users: IdMap) -> Callable[[int], Entries]:
    """A function from a scenario's code to the entries of a log there."""
    row = users.codes(log.users.ids)[log.user]
    item = space.items.codes(log.items.ids)[log.item]
    place = space.scenarios.codes(log.scenarios.ids)[log.scenario]

    def of(scenario: int) -> Entries:
        column = space.local(scenario, item)
        mine = (place == scenario) & (row >= 0) & (column >= 0)
        time = None if log.time is None else log.time[mine]
        return row[mine], column[mine], log.weight[mine], time

    return of


def _with_dislikes(liked: Entries, against: Entries) -> Entries:
    """Entries of both, those against an item with a negative weight."""
    rows, columns, weights = (
        np.concatenate([one, two])
        for one, two in zip(liked[:3], (*against[:2], -against[2]), strict=True)
    )
    if liked[3] is None or against[3] is None:
        return rows, columns, weights, None
    return rows, columns, weights, np.concatenate([liked[3], against[3]])


def _newest(log: InteractionLog, row: np.ndarray, users: int) -> np.ndarray:
    """Time of each user's newest row, shape (users,), int64; the least there is without rows."""
    newest = np.zeros(users, dtype=np.int64)
    if log.time is not None:
        known = row >= 0
        newest[:] = np.iinfo(np.int64).min
        np.maximum.at(newest, row[known], log.time[known])
    return newest


def _quiet(time: np.ndarray, newest: np.ndarray) -> np.ndarray:
    """Days from each user's newest row to the newest of all; 0 for users without rows."""
    known = newest > np.iinfo(np.int64).min
    last = time.max(initial=0)
    return np.where(known, (last - np.where(known, newest, last)) / DAY, 0).astype(np.float32)


def _padded(quiet: np.ndarray | None, users: int) -> np.ndarray | None:
    """Days without interactions, with 0 for users that were not there before."""
    if quiet is None:
        return None
    return np.concatenate([quiet, np.zeros(users - len(quiet), dtype=np.float32)])


def _last_times(
    row: np.ndarray, column: np.ndarray, time: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Row and newest time of each (row, column), in the order of a CSR matrix."""
    order = np.lexsort((-time, column, row))
    row, column = row[order], column[order]
    first = np.ones(len(row), dtype=bool)
    first[1:] = (row[1:] != row[:-1]) | (column[1:] != column[:-1])
    return row[first], time[order][first]


def _newer(row: np.ndarray, time: np.ndarray) -> np.ndarray:
    """How many entries of the same row have a later time, shape (nnz,)."""
    order = np.lexsort((-time, row))
    row, time = row[order], time[order]
    place = np.arange(len(row))
    starts = np.ones(len(row), dtype=bool)
    starts[1:] = row[1:] != row[:-1]
    level = starts.copy()
    level[1:] |= time[1:] != time[:-1]
    found = np.empty(len(row), dtype=np.int64)
    begin = np.maximum.accumulate(np.where(starts, place, 0))
    found[order] = np.maximum.accumulate(np.where(level, place, 0)) - begin
    return found


def _once(matrix: sparse.csr_array) -> np.ndarray:
    """Each item taken once, a disliked one never, shape (nnz,), float32."""
    return (matrix.data > 0).astype(np.float32)


def _times_taken(
    row: np.ndarray, column: np.ndarray, weight: np.ndarray, matrix: sparse.csr_array
) -> np.ndarray:
    """How many rows took each (row, column), in the order of the matrix they add up to."""
    if matrix.nnz == len(row):
        return _once(matrix)
    taken = ((weight > 0).astype(np.float32), (row, column))
    return sparse.coo_array(taken, shape=shape(matrix)).tocsr().data


def _unless_once(times: list[np.ndarray]) -> tuple[np.ndarray, ...] | None:
    """Times per scenario; None where no item was taken twice."""
    return tuple(times) if any(taken.max(initial=0) > 1 for taken in times) else None
