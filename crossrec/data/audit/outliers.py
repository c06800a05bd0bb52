"""Users that are no persons: far more rows than the others, or more in a day than one can do."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from crossrec.data.audit.facts import Facts
from crossrec.data.audit.findings import EXAMPLES, Finding, Severity
from crossrec.data.log import InteractionLog, TimeKind
from crossrec.data.phrases import phrase
from crossrec.schema import USER

UNLIKELY = 2.0
"""How far (in e-foldings) beyond the longest tail of as many users a user must stand."""
SHORTEST_TAIL = 0.4
"""Mean log excess assumed at least: where all have 20 rows, somebody with 60 is still a person."""
FEW_ABOVE = 0.05
"""A smaller share of the users above the median says nothing about a tail: it may be the bots."""
GAP = 50
"""Times the rows of the most active user below it: whoever stands beyond such a gap is no person,
whatever the others do."""
MOST_BEYOND = 0.1
"""Largest share of the users beyond a gap; more of them are a way of using the thing."""
ROWS_BEYOND = 1_000
"""Least rows of a user beyond a gap: 50 rows beside single ones are none."""
MANY_ROWS = 200
"""Fewer rows than this are a keen person, whatever the others do."""
A_DAY = 500
"""More rows than this on one day are not made by hand."""
DAY = 86_400
HEAVY = 0.05
"""Share of all rows by flagged users that is worth a warning."""


@dataclass(frozen=True)
class Outliers:
    """Users that stand out.

    Attributes:
        user: codes, shape (n,), int64, by rows descending.
        rows: their rows, shape (n,), int64.
        busiest_day: most rows on one day, shape (n,), int64; 0 without clock times.
        reason: "many rows" or "many rows in a day", shape (n,), object strings.
    """

    user: np.ndarray
    rows: np.ndarray
    busiest_day: np.ndarray
    reason: np.ndarray

    def __len__(self) -> int:
        return len(self.user)


def find_outliers(log: InteractionLog) -> Outliers:
    """Users with at least :data:`MANY_ROWS` rows that stand far out, or are too fast for a person.

    Activity has a long tail in every log, so "far" is measured against one: where the upper half of
    the users follows a power law (the logarithm of their rows beyond the median is exponential;
    its mean is taken from its median, which outliers do not move), the most active of n users has
    about ``median * exp(mean * ln n)`` rows. Whoever has ``exp(mean * UNLIKELY)`` times as many
    stands out, and so do few users beyond a gap of :data:`GAP` times all the others.
    """
    counts = np.bincount(log.user, minlength=len(log.users))
    active = counts[counts > 0]
    if not len(active):
        none = np.zeros(0, dtype=np.int64)
        return Outliers(none, none, none, none.astype(object))
    far = counts > min(max(_reach(active), MANY_ROWS), _gap(active))
    candidates = np.flatnonzero(counts >= MANY_ROWS)
    busiest = np.zeros(len(counts), dtype=np.int64)
    if log.time is not None and log.time_kind is TimeKind.CLOCK and len(candidates):
        rows = np.flatnonzero(counts[log.user] >= MANY_ROWS)
        day = log.time[rows] // DAY
        key = log.user[rows].astype(np.int64) * (int(np.ptp(day)) + 1) + (day - day.min())
        key.sort()
        starts = np.flatnonzero(np.diff(key, prepend=-1))
        per_day = np.diff(starts, append=len(key))
        np.maximum.at(busiest, key[starts] // (int(np.ptp(day)) + 1), per_day)
    fast = busiest[candidates] >= A_DAY
    flagged = candidates[far[candidates] | fast]
    flagged = flagged[np.argsort(-counts[flagged], kind="stable")]
    reason = np.where(
        busiest[flagged] >= A_DAY, phrase("many_rows_day"), phrase("many_rows")
    ).astype(object)
    return Outliers(flagged, counts[flagged], busiest[flagged], reason)


def _reach(active: np.ndarray) -> float:
    """Most rows that the tail of these users lets expect.

    Args:
        active: rows per user, all above 0, shape (n,).
    """
    logs = np.log(active)
    middle = float(np.median(logs))
    upper = logs[logs > middle] - middle
    mean = SHORTEST_TAIL
    if len(upper) > FEW_ABOVE * len(logs):
        mean = max(mean, float(np.median(upper)) / np.log(2))
    longest = np.log(max(len(upper), len(logs) / 2))
    return float(np.exp(min(middle + mean * (longest + UNLIKELY), 700)))  # e^709 is infinite


def _gap(active: np.ndarray) -> float:
    """Rows of the last user before the first gap that few stand beyond; infinite without."""
    ordered = np.sort(active)
    beyond = max(1, int(MOST_BEYOND * len(ordered)))
    below, above = ordered[:-1][-beyond:], ordered[1:][-beyond:]
    wide = (above >= GAP * below) & (above > ROWS_BEYOND)
    return float(below[wide].min()) if wide.any() else np.inf


def check_outliers(facts: Facts) -> Iterator[Finding]:
    """At most one finding, of rule ``bots``."""
    found = find_outliers(facts.log)
    if not len(found):
        return
    rows = int(found.rows.sum())
    share = rows / len(facts.log)
    yield Finding(
        "bots",
        Severity.WARNING if share > HEAVY else Severity.INFO,
        "",
        len(found),
        {"rows": rows, "share": share},
        tuple(
            {
                USER: facts.log.users.ids[found.user[at]],
                "rows": int(found.rows[at]),
                "reason": found.reason[at],
            }
            for at in range(min(EXAMPLES, len(found)))
        ),
    )
