"""The lists of many users, explained: what ``crossrec explain --users`` writes."""

from collections.abc import Iterator

import numpy as np
import pandas as pd

from crossrec.data.history import Histories
from crossrec.data.seen import EXCLUDE, Seen
from crossrec.explanation.terms import Terms, batch_rows, terms, weights_of
from crossrec.schema import ITEM, RANK, SCENARIO, SCORE, SOURCE_SCENARIO, USER
from crossrec.transfer.model import TransferModel
from crossrec.transfer.recommender import top_k

BATCH_COLUMNS = (
    USER, SCENARIO, RANK, ITEM, SCORE, "kind", SOURCE_SCENARIO, "history_item_id", "items",
    "amount", "learnt", "text", "coefficient",
)  # fmt: skip
"""Columns of :func:`explain_many`."""

_TOGETHER = 128
"""Users whose rows make one frame."""


def listed_terms(
    model: TransferModel, histories: Histories, target: int, k: int, seen: Seen = EXCLUDE
) -> Iterator[tuple[int, np.ndarray, Terms]]:
    """The k best items of every user with the terms of their scores.

    Args:
        model: a fitted model.
        histories: m users.
        target: code of the target scenario.
        k: list length.
        seen: whether seen items are left out of the lists.

    Yields:
        Row of the user, M_st(u) of shape (S,), and the terms; users in their order.
    """
    step = batch_rows(model, target)
    for start in range(0, len(histories), step):
        batch = histories.take(slice(start, start + step))
        parts = model.fitted_.parts(batch, target)
        weights = weights_of(model, batch, target)
        items, _ = top_k(parts.scores(), batch, target, k, seen)
        for row, best in enumerate(items):
            m = parts.coefficients[row]
            base = parts.base[row]
            found = terms(model, weights, row, target, best[best >= 0], base=base, coefficients=m)
            yield start + row, m, found


def explain_many(
    model: TransferModel,
    histories: Histories,
    scenario: str,
    *,
    k: int = 10,
    most: int = 5,
    seen: Seen = EXCLUDE,
) -> Iterator[pd.DataFrame]:
    """Explain the lists of many users.

    Args:
        model: a fitted model.
        histories: m users.
        scenario: the target's name.
        k: list length.
        most: history items told per recommended item, those with the largest contributions.
        seen: whether seen items are left out of the lists.

    Yields:
        :data:`BATCH_COLUMNS`, one frame for some users together. Kinds of rows: "base", "item", and
        "other" for the ``items`` history items left over; the amounts of a recommended item add up
        to its score (1e-5).

    Raises:
        UnknownId: the scenario is not known.
    """
    target = model.space_.scenarios.code(scenario, "scenario")
    ids = [model.space_.ids(source) for source in range(len(model.space_))]
    names = model.space_.scenarios.ids
    told: list[dict[str, np.ndarray]] = []
    for row, m, found in listed_terms(model, histories, target, k, seen):
        if len(found.items):
            user = str(histories.users.ids[row])
            told.append(_told(user, found, most, ids, names, m, ids[target][found.items]))
        if len(told) == _TOGETHER:
            yield _frame(told, scenario)
            told = []
    if told:
        yield _frame(told, scenario)


def _frame(told: list[dict[str, np.ndarray]], scenario: str) -> pd.DataFrame:
    columns = {name: np.concatenate([one[name] for one in told]) for name in told[0]}
    frame = pd.DataFrame({**columns, SCENARIO: scenario})
    return frame.loc[:, list(BATCH_COLUMNS)]


def _told(
    user: str,
    found: Terms,
    most: int,
    ids: list[np.ndarray],
    names: np.ndarray,
    coefficients: np.ndarray,
    item_ids: np.ndarray,
) -> dict[str, np.ndarray]:
    """The rows of one user: per item the base, ``most`` history items, and the others."""
    amount = found.amount
    entries, k = amount.shape
    shown = min(most, entries)
    order = np.argsort(-np.abs(amount), axis=0, kind="stable")
    best, rest = order[:shown], order[shown:]  # (shown, k), (entries - shown, k)
    others = 1 if entries > shown else 0
    rows = 1 + shown + others
    source = np.full((rows, k), "", dtype=object)
    history = source.copy()
    kind = np.full((rows, k), "item", dtype=object)
    kind[0] = "base"
    items = np.ones((rows, k), dtype=np.int64)
    items[0] = 0
    values = np.zeros((3, rows, k))
    values[0, 0], values[1:, 0] = found.base, np.nan
    m = np.full((rows, k), np.nan)
    parts = (amount, found.learnt, found.text)
    codes = found.source[best]
    source[1 : 1 + shown] = names[codes]
    m[1 : 1 + shown] = coefficients[codes]
    for code in np.unique(codes):
        here = codes == code
        history[1 : 1 + shown][here] = ids[code][found.history[best][here]]
    for at, part in enumerate(parts):
        values[at, 1 : 1 + shown] = np.take_along_axis(part, best, axis=0)
        if others:
            values[at, -1] = np.take_along_axis(part, rest, axis=0).sum(axis=0)
    if others:
        kind[-1], items[-1] = "other", entries - shown
    return {
        USER: np.full(rows * k, user, dtype=object),
        RANK: np.repeat(np.arange(1, k + 1), rows),
        ITEM: np.repeat(item_ids, rows),
        SCORE: np.repeat(found.scores, rows),
        "kind": kind.T.ravel(),
        SOURCE_SCENARIO: source.T.ravel(),
        "history_item_id": history.T.ravel(),
        "items": items.T.ravel(),
        "amount": values[0].T.ravel(),
        "learnt": values[1].T.ravel(),
        "text": values[2].T.ravel(),
        "coefficient": m.T.ravel(),
    }
