"""K-cores: who is left when rare users and items go, until none is rare any more."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from crossrec.data.log import InteractionLog
from crossrec.schema import SCENARIO

CORE_COLUMNS = ("k", SCENARIO, "rows", "users", "items", "kept")


def in_core(log: InteractionLog, user_core: int, item_core: int) -> np.ndarray:
    """Which rows are in the core of their scenario, shape (n,), bool.

    In each scenario every kept user has at least ``user_core`` different kept items there, and
    every kept item at least ``item_core`` different kept users: the largest such part.
    """
    kept = np.zeros(len(log), dtype=bool)
    for code in range(len(log.scenarios)):
        rows = np.flatnonzero(log.scenario == code)
        user, item = log.user[rows], log.item[rows]
        key = user.astype(np.int64) * len(log.items) + item
        pair, number = np.unique(key, return_inverse=True)
        alive = _core_pairs(pair // len(log.items), pair % len(log.items), user_core, item_core)
        kept[rows] = alive[number]
    return kept


def _core_pairs(
    user: np.ndarray, item: np.ndarray, least_items: int, least_users: int
) -> np.ndarray:
    alive = np.ones(len(user), dtype=bool)
    while True:
        items_of = np.bincount(user[alive], minlength=int(user.max(initial=0)) + 1)
        users_of = np.bincount(item[alive], minlength=int(item.max(initial=0)) + 1)
        still = alive & (items_of[user] >= least_items) & (users_of[item] >= least_users)
        if still.sum() == alive.sum():
            return alive
        alive = still


def preview_cores(log: InteractionLog, ks: Sequence[int] = (1, 2, 3, 5, 10)) -> pd.DataFrame:
    """What each k-core (k for users and items) would leave.

    Returns:
        One row per k and scenario: ``k, scenario, rows, users, items`` and ``kept``, the share of
        the scenario's rows that stay.
    """
    table = []
    for k in ks:
        kept = in_core(log, k, k)
        for code, name in enumerate(log.scenarios.ids):
            here = log.scenario == code
            rows = here & kept
            users, items = len(np.unique(log.user[rows])), len(np.unique(log.item[rows]))
            share = float(rows.sum() / max(here.sum(), 1))
            table.append((k, name, int(rows.sum()), users, items, share))
    return pd.DataFrame(table, columns=CORE_COLUMNS)
