"""How active users and how popular items are: counts by rank, thinned for a curve."""

import numpy as np
import pandas as pd

from crossrec.data.log import InteractionLog
from crossrec.schema import SCENARIO

CURVE_COLUMNS = (SCENARIO, "rank", "count")
POINTS = 200
"""Most points of a curve: it is drawn on logarithmic axes."""


def activity_curves(log: InteractionLog, points: int = POINTS, *, least: int = 1) -> pd.DataFrame:
    """Interactions per user against the user's rank in each scenario.

    Args:
        log: the interactions.
        points: most points per scenario, spread evenly over the logarithm of the rank.
        least: smallest group of users that is shown: the most active ones stand at their mean.

    Returns:
        Columns ``scenario``, ``rank`` (1 is the most active user) and ``count``; the first and the
        last user of every scenario are always among the points. Scenarios of fewer than ``least``
        users are left out.
    """
    return _curves(log, log.user, points, least)


def popularity_curves(log: InteractionLog, points: int = POINTS) -> pd.DataFrame:
    """Interactions per item against the item's rank in each scenario: how long the tail is.

    Args:
        log: the interactions.
        points: most points per scenario, spread evenly over the logarithm of the rank.

    Returns:
        Columns ``scenario``, ``rank`` (1 is the most popular item) and ``count``; the first and
        the last item of every scenario are always among the points.
    """
    return _curves(log, log.item, points, 1)


def head_shares(log: InteractionLog, share: float = 0.01) -> pd.DataFrame:
    """How much of all interactions the most popular items take.

    Args:
        log: the interactions.
        share: of the items of a scenario that are its head, in (0, 1]; one item at least.

    Returns:
        Columns ``scenario``, ``items`` (in the head) and ``share`` (of the scenario's rows).
    """
    rows = []
    for code, name in enumerate(log.scenarios.ids):
        ordered = _ordered(log.item[log.scenario == code])
        if len(ordered):
            head = max(1, round(share * len(ordered)))
            rows.append((name, head, float(ordered[:head].sum() / ordered.sum())))
    return pd.DataFrame(rows, columns=(SCENARIO, "items", "share"))


def _curves(log: InteractionLog, codes: np.ndarray, points: int, least: int) -> pd.DataFrame:
    curves = []
    for code, name in enumerate(log.scenarios.ids):
        ordered = _ordered(codes[log.scenario == code])
        if len(ordered) < max(least, 1):
            continue
        if least > 1:
            ordered[:least] = round(float(ordered[:least].mean()))
        ranks = np.unique(np.geomspace(1, len(ordered), points).round().astype(int))
        curves.append(pd.DataFrame({SCENARIO: name, "rank": ranks, "count": ordered[ranks - 1]}))
    if not curves:
        return pd.DataFrame(columns=CURVE_COLUMNS)
    return pd.concat(curves, ignore_index=True)


def _ordered(codes: np.ndarray) -> np.ndarray:
    """How often each code that occurs does, most frequent first."""
    counts = np.bincount(codes)
    return np.sort(counts[counts > 0])[::-1].copy()
