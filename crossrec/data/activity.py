"""How active users are: interactions by rank, thinned for a curve."""

import numpy as np
import pandas as pd

from crossrec.data.log import InteractionLog
from crossrec.schema import SCENARIO


def activity_curves(log: InteractionLog, points: int = 200) -> pd.DataFrame:
    """Interactions per user against the user's rank in each scenario.

    Args:
        log: the interactions.
        points: most points per scenario, spread evenly over the logarithm of the rank.

    Returns:
        Columns ``scenario``, ``rank`` (1 is the most active user) and ``count``; the first and the
        last user of every scenario are always among the points.
    """
    curves = []
    for code, name in enumerate(log.scenarios.ids):
        counts = np.unique(log.user[log.scenario == code], return_counts=True)[1]
        if not len(counts):
            continue
        ordered = np.sort(counts)[::-1]
        ranks = np.unique(np.geomspace(1, len(ordered), points).round().astype(int))
        curves.append(pd.DataFrame({SCENARIO: name, "rank": ranks, "count": ordered[ranks - 1]}))
    if not curves:
        return pd.DataFrame(columns=[SCENARIO, "rank", "count"])
    return pd.concat(curves, ignore_index=True)
