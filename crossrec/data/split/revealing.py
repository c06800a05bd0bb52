"""Rows that give held-out rows away are held out with them.

Source: method page §3 (twins of hidden rows are hidden too; nested behaviours leak).
"""

from collections.abc import Sequence

import numpy as np

from crossrec.data.audit.twins import products
from crossrec.data.log import InteractionLog
from crossrec.data.split.holdout import NESTED, TEST, TWIN, VALID


def drop_revealing(
    part: np.ndarray,
    log: InteractionLog,
    twins: Sequence[tuple[str, str]],
    nested: Sequence[tuple[str, str]],
) -> np.ndarray:
    """Parts without the train and valid rows that give a later part's row away.

    Such a row has the same user and a twin of the held-out row's item (``TWIN``); or the same
    item, or a twin, in the other of two nested behaviours (``NESTED``): who plays has bought, and
    who has not bought does not play.

    Args:
        part: parts so far, shape (n,); not changed.
        log: the log.
        twins: pairs of item ids that are one product; twins of twins are twins. Ids that are not
            in the log do no harm.
        nested: pairs of scenario names, (inner, outer); unknown names are passed over.
    """
    if not len(twins) and not len(nested):
        return part
    flat = np.asarray(twins, dtype=object).reshape(-1)
    known = log.items.union(flat)
    codes, n = known.codes(flat).reshape(-1, 2), len(known)
    product = products(n, codes[:, 0], codes[:, 1]).astype(np.int64)
    scenarios = log.scenarios.codes(np.asarray(nested, dtype=object).reshape(-1)).reshape(-1, 2)
    scenarios = scenarios[(scenarios >= 0).all(axis=1)]

    part = part.copy()
    for held in (VALID, TEST):
        _drop_twins(part, log, product, codes, held)
        for inner, outer in scenarios.tolist():
            _drop_nested(part, log, product, (inner, outer), held)
            _drop_nested(part, log, product, (outer, inner), held)
    return part


def _drop_twins(
    part: np.ndarray, log: InteractionLog, product: np.ndarray, codes: np.ndarray, held: int
) -> None:
    twin = np.flatnonzero(np.isin(log.item, codes))
    item = log.item[twin].astype(np.int64)
    key = log.user[twin].astype(np.int64) * len(product) + product[item]
    hidden = part[twin] == held
    # Of the items held out for each user and product, the first and the last: a row reveals them
    # unless it is of the only one (then it is a repeat, not a twin).
    keys, at = np.unique(key[hidden], return_inverse=True)
    first = np.full(len(keys), np.iinfo(np.int64).max)
    last = np.full(len(keys), -1)
    np.minimum.at(first, at, item[hidden])
    np.maximum.at(last, at, item[hidden])
    where = np.searchsorted(keys, key).clip(max=max(len(keys) - 1, 0))
    if len(keys):
        same = (first[where] == item) & (last[where] == item)
        reveals = (keys[where] == key) & ~same & (part[twin] < held)
        part[twin[reveals]] = TWIN


def _drop_nested(
    part: np.ndarray, log: InteractionLog, product: np.ndarray, pair: tuple[int, int], held: int
) -> None:
    """Rows of the second scenario that reveal held-out rows of the first."""
    hidden = np.flatnonzero((log.scenario == pair[0]) & (part == held))
    other = np.flatnonzero((log.scenario == pair[1]) & (part < held))
    width = len(product)
    told = log.user[hidden].astype(np.int64) * width + product[log.item[hidden]]
    mine = log.user[other].astype(np.int64) * width + product[log.item[other]]
    part[other[np.isin(mine, told)]] = NESTED
