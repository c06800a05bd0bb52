"""Are repeated interactions a habit worth learning, or noise?"""

import numpy as np
import pandas as pd

from crossrec.data.audit.facts import Facts
from crossrec.data.log import InteractionLog, TimeKind
from crossrec.schema import SCENARIO

DAY = 86_400
HABIT_LIFT, HABIT_SHARE = 2.0, 0.05
"""Repeats are a signal where a user comes back to an item so many times more often than others come
to it, and comes back to this share of the items at all."""
REPEAT_COLUMNS = (SCENARIO, "rows", "repeats", "share", "gap_days", "again", "others", "signal")


def repeat_profile(log: InteractionLog) -> pd.DataFrame:
    """How often users repeat an item, and whether that says something about them.

    The scenario's time is cut at its median. ``again`` is the share of the (user, item) pairs
    before the cut that come again after it; ``others`` is how often the same items are taken after
    the cut by any user who is active then. A habit shows as ``again`` far above ``others``.

    Returns:
        One row per scenario: ``scenario, rows, repeats, share`` (of rows that repeat an earlier
        one), ``gap_days`` (median time between two; NaN without clock times), ``again, others``
        (NaN without a time that users share) and ``signal`` ("habit", "chance", or "unknown").
    """
    facts = Facts(log)
    table = []
    for name, rows in zip(facts.names, facts.rows, strict=True):
        key = log.user[rows].astype(np.int64) * len(log.items) + log.item[rows]
        repeats = len(key) - len(np.unique(key))
        gap = again = others = np.nan
        if log.time is not None and log.time_kind is TimeKind.CLOCK and len(rows):
            time = log.time[rows]
            gap = _gap(key, time)
            again, others = _again(key, time, len(log.items))
        signal = "unknown"
        if not np.isnan(again):
            habit = again >= HABIT_SHARE and again >= HABIT_LIFT * others
            signal = "habit" if habit else "chance"
        share = repeats / max(len(key), 1)
        table.append((name, len(key), repeats, share, gap, again, others, signal))
    return pd.DataFrame(table, columns=REPEAT_COLUMNS)


def _gap(key: np.ndarray, time: np.ndarray) -> float:
    order = np.lexsort((time, key))
    same = np.diff(key[order]) == 0
    gaps = np.diff(time[order])[same]
    return float(np.median(gaps)) / DAY if len(gaps) else np.nan


def _again(key: np.ndarray, time: np.ndarray, n_items: int) -> tuple[float, float]:
    late = time >= np.median(time)
    before, after = np.unique(key[~late]), np.unique(key[late])
    active = np.unique(after // n_items)
    before = before[np.isin(before // n_items, active)]  # who left cannot come again
    if not len(before):
        return np.nan, np.nan
    takers = np.bincount(after % n_items, minlength=n_items)
    again = float(np.isin(before, after).mean())
    return again, float(takers[before % n_items].mean() / len(active))
