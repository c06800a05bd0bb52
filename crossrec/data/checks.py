"""The audit's rules on the log alone. Source: method page §3 "Audit before training"."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from scipy import sparse

from crossrec.data.findings import Finding, Severity, counted
from crossrec.data.log import InteractionLog, TimeKind

EXAMPLES = 5
FEW_SHARED = 50
FEW_SHARED_SHARE = 0.05
"""Fewer common users, in number or as a share of the scenario, are little to learn from."""
SMALLEST_USERS, SMALLEST_ITEMS = 10, 5
"""A scenario below this cannot be judged at all."""
SHORT_HISTORY = 3
SPARSE_ITEMS = 0.5
"""Sparse: the median user has fewer rows, or more of the items have fewer rows, than this."""
NESTED = 0.95
BAD_ROWS = 0.01
COARSE_TIME = 0.5
MANY_SCENARIOS = 30


@dataclass(frozen=True)
class Facts:
    """What several rules need to know about a log, computed once.

    Attributes:
        log: the log.
    """

    log: InteractionLog

    @cached_property
    def names(self) -> list[str]:
        """Scenario names in code order."""
        return self.log.scenarios.ids.tolist()

    @cached_property
    def users(self) -> list[np.ndarray]:
        """Per scenario the sorted codes of its users."""
        return [np.flatnonzero(np.bincount(self.log.user[rows])) for rows in self.rows]

    @cached_property
    def items(self) -> list[np.ndarray]:
        """Per scenario the sorted codes of its items."""
        return [np.flatnonzero(np.bincount(self.log.item[rows])) for rows in self.rows]

    @cached_property
    def rows(self) -> list[np.ndarray]:
        """Per scenario its row numbers."""
        order = np.argsort(self.log.scenario, kind="stable")
        ends = np.cumsum(np.bincount(self.log.scenario, minlength=len(self.names)))
        return np.split(order, ends[:-1])

    @cached_property
    def common_pairs(self) -> np.ndarray:
        """Distinct (user, item) pairs that stand in both of two scenarios, shape (S, S), int64.

        The diagonal counts the distinct pairs of one scenario.
        """
        key = self.log.user.astype(np.int64) * max(len(self.log.items), 1) + self.log.item
        order = np.argsort(key, kind="stable")
        codes = np.empty(len(key), dtype=np.int64)
        codes[order] = np.cumsum(np.diff(key[order], prepend=-1) != 0) - 1
        return self._common(codes)

    @cached_property
    def overlap(self) -> np.ndarray:
        """Common users of two scenarios, shape (S, S), int64; the diagonal counts its users."""
        return self._common(self.log.user)

    @cached_property
    def shared(self) -> np.ndarray:
        """Per scenario how many of its users have rows in another one, shape (S,), int64."""
        present = self._presence(self.log.user)
        in_more = np.asarray(present.sum(axis=0)).ravel() > 1
        return present @ in_more.astype(np.int64)

    def _presence(self, codes: np.ndarray) -> sparse.csr_array:
        """1 where a scenario has a row with the code, shape (S, highest code + 1), int64."""
        shape = (len(self.names), int(codes.max(initial=0)) + 1)
        ones = np.ones(len(codes), dtype=np.int64)
        present = sparse.coo_array((ones, (self.log.scenario, codes)), shape=shape).tocsr()
        present.data[:] = 1
        return present

    def _common(self, codes: np.ndarray) -> np.ndarray:
        present = self._presence(codes)
        return (present @ present.T).toarray()


def check_log(facts: Facts, *, has_text: bool) -> Iterator[Finding]:
    """All findings about the log itself.

    Args:
        facts: the log.
        has_text: whether a catalogue tells what the items are.
    """
    yield from _rejected(facts.log)
    yield from _overlap(facts, has_text=has_text)
    yield from _sparse(facts)
    yield from _repeats(facts)
    yield from _time(facts.log)
    yield from _nested(facts)


def _rejected(log: InteractionLog) -> Iterator[Finding]:
    summary = log.rejects
    if summary.rejected:
        share = summary.rejected / summary.read
        yield Finding(
            "rejected_rows",
            Severity.WARNING if share > BAD_ROWS else Severity.INFO,
            "",
            summary.rejected,
            f"{summary.rejected:,} of {summary.read:,} rows could not be used",
            "Correct these rows in the file, or go on without them",
            tuple(
                {"line": row.line, "column": row.column, "value": row.value, "reason": row.reason}
                for row in summary.rows[:EXAMPLES]
            ),
        )
    if summary.duplicates:
        yield Finding(
            "duplicates",
            Severity.INFO,
            "",
            summary.duplicates,
            f"{counted(summary.duplicates, 'exact repeat')} of an earlier row dropped",
            "Nothing to do, unless each of them was meant to count",
        )


def _overlap(facts: Facts, *, has_text: bool) -> Iterator[Finding]:
    if len(facts.names) < 2:
        yield Finding(
            "overlap",
            Severity.BLOCKER,
            "",
            len(facts.names),
            "The log has one scenario only; transfer needs two",
            "Name the column that tells the scenarios apart, or add the log of another scenario",
        )
        return
    if len(facts.names) > MANY_SCENARIOS:
        yield Finding(
            "many_scenarios",
            Severity.WARNING,
            "",
            len(facts.names),
            f"The log has {len(facts.names)} scenarios",
            "Check that the scenario column is the right one, or join small scenarios into groups",
            tuple({"scenario": name} for name in facts.names[:EXAMPLES]),
        )
    for code, name in enumerate(facts.names):
        shared, users = int(facts.shared[code]), len(facts.users[code])
        if shared == 0:
            yield Finding(
                "overlap",
                Severity.WARNING if has_text else Severity.BLOCKER,
                name,
                0,
                f"No user of {name} has rows in another scenario"
                + ("; only text can transfer" if has_text else ", and there is no item text"),
                "Expect help from item texts only, or use the same user ids in all scenarios"
                if has_text
                else "Add item titles or texts, or use the same user ids in all scenarios",
            )
        elif shared < FEW_SHARED or shared < FEW_SHARED_SHARE * users:
            yield Finding(
                "overlap",
                Severity.WARNING,
                name,
                shared,
                f"Only {shared:,} of {users:,} users of {name} have rows in another scenario",
                "Trust item texts more than shared users here, and look at the intervals",
            )


def _sparse(facts: Facts) -> Iterator[Finding]:
    for code, name in enumerate(facts.names):
        rows = facts.rows[code]
        users, items = len(facts.users[code]), len(facts.items[code])
        if users < SMALLEST_USERS or items < SMALLEST_ITEMS:
            yield Finding(
                "sparse",
                Severity.BLOCKER,
                name,
                len(rows),
                f"{name} has {users:,} users and {items:,} items only",
                f"Add rows: at least {SMALLEST_USERS} users and {SMALLEST_ITEMS} items are needed",
            )
            continue
        history = float(np.median(rows_per_code(facts.log.user[rows])))
        per_item = rows_per_code(facts.log.item[rows])
        rare = int((per_item < SHORT_HISTORY).sum())
        if history < SHORT_HISTORY or rare > SPARSE_ITEMS * items:
            yield Finding(
                "sparse",
                Severity.WARNING,
                name,
                rare,
                f"In {name} the median user has {history:g} rows, and {rare:,} of {items:,} items"
                f" have fewer than {SHORT_HISTORY}",
                "Expect wide intervals and let texts help, or add more of the log",
            )


def rows_per_code(codes: np.ndarray) -> np.ndarray:
    """How often each code that occurs does."""
    counts = np.bincount(codes)
    return counts[counts > 0]


def _repeats(facts: Facts) -> Iterator[Finding]:
    for code, name in enumerate(facts.names):
        rows = len(facts.rows[code])
        again = rows - int(facts.common_pairs[code, code])
        if again:
            yield Finding(
                "repeats",
                Severity.INFO,
                name,
                again,
                f"{counted(again, 'row')} of {name} ({again / rows:.1%}) repeat a user"
                " and item at another time or with another event",
                "Nothing to do: they add strength, and only new items are judged",
            )


def _time(log: InteractionLog) -> Iterator[Finding]:
    if log.time is None:
        yield Finding(
            "no_time",
            Severity.WARNING,
            "",
            len(log),
            "The log has no time, so the test rows are drawn at random",
            "Name a time column if there is one; without it results look better than they are",
        )
        return
    if log.time_kind is TimeKind.ORDER:
        yield Finding(
            "time_order",
            Severity.INFO,
            "",
            len(log),
            "The time column holds positions in each user's history, not clock times",
            "Give real times if you have them: then no row after the cut is seen by anybody",
        )
    order = np.argsort(log.user, kind="stable")
    same_user = np.diff(log.user[order]) == 0
    steps = np.diff(log.time[order])[same_user]
    if not len(steps):
        return
    back = int((steps < 0).sum())
    # Sorted backwards is an order too; only a mixture says that rows and times disagree.
    if back / len(steps) > BAD_ROWS and (steps > 0).sum() > BAD_ROWS * len(steps):
        yield Finding(
            "time_order",
            Severity.INFO,
            "",
            back,
            f"{counted(back, 'row')} after a later row of the same user",
            "Nothing to do: the time column decides, not the order of the rows",
        )
    tied = _tied(log)
    if tied > COARSE_TIME * len(log):
        yield Finding(
            "coarse_time",
            Severity.WARNING,
            "",
            tied,
            f"{tied:,} rows have the same time as another row of the same user",
            "Use a finer time column if there is one; the order inside such a group is unknown",
        )


def _tied(log: InteractionLog) -> int:
    """Rows whose (user, time) is not theirs alone."""
    assert log.time is not None
    order = np.lexsort((log.time, log.user))
    same = (np.diff(log.user[order]) == 0) & (np.diff(log.time[order]) == 0)
    return int((np.append(same, False) | np.insert(same, 0, False)).sum())


def _nested(facts: Facts) -> Iterator[Finding]:
    common = facts.common_pairs
    own = common.diagonal()
    inside = (common >= NESTED * own[:, None]) & (own[:, None] > 0) & (own[:, None] <= own)
    for inner, outer in np.argwhere(inside & ~np.eye(len(own), dtype=bool)):
        name, other = facts.names[inner], facts.names[outer]
        yield Finding(
            "nested_behaviour",
            Severity.WARNING,
            name,
            int(common[inner, outer]),
            f"{common[inner, outer] / own[inner]:.0%} of the user-item pairs of {name} stand in"
            f" {other} too: its rows give the answer away",
            f"Do not count transfer from {other} to {name} as help, or use one of the two",
            ({"scenario": name, "inside": other},),
        )
