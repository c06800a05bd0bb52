"""The audit's rules on time: is there one, can it be trusted, does it reach all scenarios."""

from collections.abc import Iterator
from datetime import UTC, datetime

import numpy as np
import pandas as pd

from crossrec.data.audit.facts import Facts
from crossrec.data.audit.findings import EXAMPLES, Finding, Severity, counted
from crossrec.data.log import InteractionLog, TimeKind
from crossrec.schema import SCENARIO, TIME, USER

DISORDER = 0.01
"""Share of rows against the order of time from which on the disorder is told."""
COARSE_TIME = 0.5
LAST_PART = 0.8
"""Quantile of all times after which the default split takes its valid and test rows."""
DAY = 86_400
COVERAGE_COLUMNS = (SCENARIO, "first", "last", "days", "late")
"""Columns of :func:`time_coverage`."""


def check_time(facts: Facts) -> Iterator[Finding]:
    """All findings about time."""
    log = facts.log
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
    yield from _disorder(log)
    yield from _coarse(log)
    yield from _uncovered(facts)


def time_coverage(facts: Facts) -> pd.DataFrame:
    """When each scenario was used.

    Returns:
        One row per scenario: ``scenario``; ``first`` and ``last`` (ISO dates of its rows, UTC);
        ``days`` (different days with rows); ``late`` (share of its rows in the last fifth of the
        whole log's rows, from which valid and test rows come). Empty without clock times.
    """
    log = facts.log
    if log.time is None or log.time_kind is not TimeKind.CLOCK or not len(log):
        return pd.DataFrame(columns=COVERAGE_COLUMNS)
    cut = _cut(log.time)
    table = []
    for name, rows in zip(facts.names, facts.rows, strict=True):
        own = log.time[rows]
        if len(own):
            table.append(
                (
                    name,
                    _date(int(own.min())),
                    _date(int(own.max())),
                    len(np.unique(own // DAY)),
                    float((own >= cut).mean()),
                )
            )
    return pd.DataFrame(table, columns=COVERAGE_COLUMNS)


def _cut(time: np.ndarray) -> int:
    """The time at quantile :data:`LAST_PART`, as the default split takes it."""
    at = min(int(LAST_PART * (len(time) - 1)) + 1, len(time) - 1)
    return int(np.partition(time, at)[at])


def _date(seconds: int) -> str:
    """The day of a time in ISO form; the number itself where no calendar reaches it."""
    try:
        return datetime.fromtimestamp(seconds, UTC).date().isoformat()
    except (OverflowError, ValueError, OSError):
        return str(seconds)


def _disorder(log: InteractionLog) -> Iterator[Finding]:
    """Rows that stand after a later row of the same user."""
    assert log.time is not None
    order = np.argsort(log.user, kind="stable")
    time = log.time[order]
    same_user = np.diff(log.user[order]) == 0
    steps = np.diff(time)
    back = np.flatnonzero((steps < 0) & same_user)
    forth = int(((steps > 0) & same_user).sum())
    # Sorted backwards is an order too; only a mixture says that rows and times disagree.
    total = max(int(same_user.sum()), 1)
    if len(back) > DISORDER * total and forth > DISORDER * total:
        yield Finding(
            "time_order",
            Severity.INFO,
            "",
            len(back),
            f"{counted(len(back), 'row')} after a later row of the same user",
            "Nothing to do: the time column decides, not the order of the rows",
            tuple(
                {
                    USER: log.users.ids[log.user[order[at]]],
                    TIME: int(time[at + 1]),
                    "after": int(time[at]),
                }
                for at in back[:EXAMPLES].tolist()
            ),
        )


def _coarse(log: InteractionLog) -> Iterator[Finding]:
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
    if not len(log):
        return 0
    low, high = int(log.time.min()), int(log.time.max())
    span = high - low + 1
    if span < 2**62 // max(len(log.users), 1):  # one number per (user, time) sorts fastest
        packed = log.user.astype(np.int64) * span + (log.time - low)
        packed.sort()
        same = np.diff(packed) == 0
    else:
        order = np.lexsort((log.time, log.user))
        same = (np.diff(log.user[order]) == 0) & (np.diff(log.time[order]) == 0)
    return int((np.append(same, False) | np.insert(same, 0, False)).sum())


def _uncovered(facts: Facts) -> Iterator[Finding]:
    """Scenarios that a global cut leaves without rows on one of its sides."""
    log = facts.log
    if log.time_kind is not TimeKind.CLOCK or log.time is None or not len(log):
        return
    cut = _cut(log.time)
    if cut == int(log.time.min()):
        return
    for name, rows in zip(facts.names, facts.rows, strict=True):
        own = log.time[rows]
        late = int((own >= cut).sum())
        if not len(own) or 0 < late < len(own):
            continue
        what = "ends before" if late == 0 else "begins after"
        yield Finding(
            "time_coverage",
            Severity.WARNING,
            name,
            len(own),
            f"{name} {what} {_date(cut)}, where the last fifth of all rows begins:"
            f" nothing {'to judge it by' if late == 0 else 'of it can be learnt from'}",
            "Give logs that cover the same period, or split by order instead of by time",
            ({SCENARIO: name, "first": _date(int(own.min())), "last": _date(int(own.max()))},),
        )
