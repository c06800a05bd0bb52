"""The audit's rules on time: is there one, can it be trusted, does it reach all scenarios."""

import time
from collections.abc import Iterator
from datetime import UTC, datetime

import numpy as np
import pandas as pd

from crossrec.data.audit.facts import Facts
from crossrec.data.audit.findings import EXAMPLES, Finding, Severity
from crossrec.data.log import InteractionLog, TimeKind
from crossrec.data.phrases import phrase, recognised
from crossrec.schema import ITEM, SCENARIO, TIME, USER

DISORDER = 0.01
"""Share of rows against the order of time from which on the disorder is told."""
COARSE_TIME = 0.5
LAST_PART = 0.8
"""Quantile of all times after which the default split takes its valid and test rows."""
DAY = 86_400
WRONG_BEFORE = 63_072_000
"""Times before 1972 come from a wrong unit, or were none."""
AHEAD = 2 * DAY
"""So far ahead a clock in another time zone, or a wrong one, may be."""
GAP_SHARE, GAP_DAYS, LONG_GAP = 0.5, 30, 5 * 366
"""A gap is told from this share of the covered days, if it is not short, or from so many days."""
COVERAGE_COLUMNS = (SCENARIO, "first", "last", "days", "late")
"""Columns of :func:`time_coverage`."""


def check_time(facts: Facts, now: float | None = None) -> Iterator[Finding]:
    """All findings about time.

    Args:
        facts: of the log.
        now: seconds since 1970; today's by default.
    """
    log = facts.log
    if log.time is None:
        yield Finding("no_time", Severity.WARNING, "", len(log))
        return
    if log.time_kind is TimeKind.ORDER:
        yield Finding("time_order.positions", Severity.INFO, "", len(log))
    if log.time_kind is TimeKind.CLOCK:
        yield from _misplaced(log, time.time() if now is None else now)
    yield from _mixed(log)
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


def _misplaced(log: InteractionLog, now: float) -> Iterator[Finding]:
    """Rows in 1970 and 1971, rows of the future, and long stretches without any row."""
    assert log.time is not None
    early, late = log.time < WRONG_BEFORE, log.time > now + AHEAD
    if early.any():
        rows, examples = int(early.sum()), _dated(log, early)
        yield Finding("early_times", Severity.WARNING, "", rows, examples=examples)
    if late.any():
        rows, examples = int(late.sum()), _dated(log, late)
        yield Finding("future_times", Severity.WARNING, "", rows, examples=examples)
    yield from _gap(log.time[~(early | late)] if early.any() or late.any() else log.time)


def _mixed(log: InteractionLog) -> Iterator[Finding]:
    """Files whose times were read by several forms, or in which day and month were in doubt."""
    doubts = [phrase(word) for word in ("either_first", "turned_day_first", "turned_month_first")]
    for file in log.rejects.files:
        doubtful = any(doubt in file.time for doubt in doubts)
        reading = recognised(file.time)
        if doubtful or (reading is not None and reading[0] in ("several", "epoch_mixed")):
            yield Finding(
                "mixed_times",
                Severity.WARNING if doubtful else Severity.INFO,
                "",
                file.rows,
                examples=({"file": file.name, "reading": file.time},),
            )


def _gap(times: np.ndarray) -> Iterator[Finding]:
    """The longest stretch without a row between the 1 % and the 99 % quantile.

    Args:
        times: seconds, shape (n,), from 1972 to today.
    """
    if not len(times):
        return
    days = times // DAY
    start = int(days.min())
    counts = np.bincount(days - start)
    share = np.cumsum(counts) / len(times)
    first, last = np.searchsorted(share, [0.01, 0.99])
    used = np.flatnonzero(counts[first : last + 1]) + first
    if len(used) < 2:
        return
    steps = np.diff(used)
    at = int(steps.argmax())
    empty, covered = int(steps[at]) - 1, int(last - first) + 1
    if empty >= LONG_GAP or (empty >= GAP_DAYS and empty > GAP_SHARE * covered):
        before, after = ((start + int(used[side])) * DAY for side in (at, at + 1))
        yield Finding(
            "time_gaps",
            Severity.WARNING,
            "",
            empty,
            examples=({"last": _date(before), "first": _date(after)},),
        )


def _dated(log: InteractionLog, chosen: np.ndarray) -> tuple[dict[str, object], ...]:
    """The first few chosen rows: user, item and date."""
    assert log.time is not None
    return tuple(
        {
            USER: log.users.ids[log.user[row]],
            ITEM: log.items.ids[log.item[row]],
            TIME: _date(int(log.time[row])),
        }
        for row in np.flatnonzero(chosen)[:EXAMPLES].tolist()
    )


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
            "time_order.disorder",
            Severity.INFO,
            "",
            len(back),
            examples=tuple(
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
        yield Finding("coarse_time", Severity.WARNING, "", tied)


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
        yield Finding(
            "time_coverage.ends" if late == 0 else "time_coverage.begins",
            Severity.WARNING,
            name,
            len(own),
            {"date": _date(cut)},
            ({SCENARIO: name, "first": _date(int(own.min())), "last": _date(int(own.max()))},),
        )
