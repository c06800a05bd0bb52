"""What carries the transfer for a whole cohort: the contributions of many lists, averaged."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from crossrec.data.history import Histories, shape
from crossrec.data.seen import EXCLUDE, Seen
from crossrec.explanation.batch import listed_terms
from crossrec.progress import Progress, silent
from crossrec.schema import CATEGORY, ITEM, SOURCE_SCENARIO
from crossrec.transfer.model import TransferModel

FOLD_AT = 2_000_000
"""Sums that wait to be folded."""


@dataclass(frozen=True)
class CohortExplanation:
    """Where the lists of a cohort come from.

    All amounts are means over the users of the cohort and the places of their lists: the mean score
    of a listed item is the sum of ``sources["amount"]``.

    Attributes:
        scenario: the target's name.
        users, k: whose lists of which length.
        sources: ``source_scenario`` ("" is popularity), ``amount``, ``learnt``, ``text``,
            ``coefficient`` (mean M of the users with history there), ``users`` (how many they are).
        items: ``source_scenario, item_id, users`` (who have it), ``amount``, the largest first:
            which source items carry the transfer. Those of the target itself are among them.
        cells: ``source_scenario, item_id, category, amount`` of these items: into which target
            categories.
    """

    scenario: str
    users: int
    k: int
    sources: pd.DataFrame
    items: pd.DataFrame
    cells: pd.DataFrame


class _Cells:
    """Sums by key, folded now and then so that memory stays with the number of different keys."""

    def __init__(self) -> None:
        self.keys, self.sums = np.zeros(0, dtype=np.int64), np.zeros(0)
        self._new: list[tuple[np.ndarray, np.ndarray]] = []
        self._waiting = 0

    def add(self, keys: np.ndarray, amounts: np.ndarray) -> None:
        self._new.append((keys.ravel(), amounts.ravel()))
        self._waiting += keys.size
        if self._waiting > FOLD_AT:
            self.fold()

    def fold(self) -> None:
        keys = np.concatenate([self.keys, *(each for each, _ in self._new)])
        sums = np.concatenate([self.sums, *(each for _, each in self._new)])
        self.keys, at = np.unique(keys, return_inverse=True)
        self.sums = np.bincount(at, sums, minlength=len(self.keys))
        self._new, self._waiting = [], 0


class _Sums:
    """Running sums over users; items of all scenarios are numbered one after the other."""

    def __init__(self, histories: Histories) -> None:
        sizes = [shape(matrix)[1] for matrix in histories.by_scenario]
        self.base = 0.0
        self.learnt, self.text = np.zeros(len(sizes)), np.zeros(len(sizes))
        self.coefficients, self.users = np.zeros(len(sizes)), np.zeros(len(sizes), dtype=np.int64)
        self.first = np.cumsum([0, *sizes])
        here = [np.bincount(m.indices, minlength=shape(m)[1]) for m in histories.by_scenario]
        self.holders = np.concatenate(here)
        self.cells = _Cells()


def cohort_explanation(
    model: TransferModel,
    histories: Histories,
    scenario: str,
    *,
    k: int = 10,
    categories: Mapping[str, str] | None = None,
    most: int = 50,
    seen: Seen = EXCLUDE,
    progress: Progress = silent,
) -> CohortExplanation:
    """Explain the lists of all users of ``histories`` together.

    Args:
        model: a fitted model.
        histories: the cohort.
        scenario: the target's name.
        k: length of their lists.
        categories: item id -> category of the target's items; None: one category, "".
        most: source items told.
        seen: whether seen items are left out of the lists.
        progress: told as phase "evaluate", in users.

    Raises:
        UnknownId: the scenario is not known.
    """
    space = model.space_
    target = space.scenarios.code(scenario, "scenario")
    known = categories or {}
    labels = [known.get(item, "") or "" for item in space.ids(target)]
    names, code = np.unique(np.array(labels, dtype=object).astype(str), return_inverse=True)
    sums = _Sums(histories)
    counts = histories.counts()
    for row, m, found in listed_terms(model, histories, target, k, seen):
        here = counts[row] > 0
        sums.base += float(found.base.sum())
        sums.coefficients += np.where(here, m, 0)
        sums.users += here
        place = sums.first[found.source] + found.history
        sums.cells.add(place[:, None] * len(names) + code[found.items], found.amount)
        sums.learnt += np.bincount(found.source, found.learnt.sum(axis=1), minlength=len(space))
        sums.text += np.bincount(found.source, found.text.sum(axis=1), minlength=len(space))
        if row % 100 == 0:
            progress("evaluate", row, len(histories))
    sums.cells.fold()
    progress("evaluate", len(histories), len(histories))
    return _told(model, scenario, sums, names, len(histories), k, most)


def _told(
    model: TransferModel,
    scenario: str,
    sums: _Sums,
    categories: np.ndarray,
    users: int,
    k: int,
    most: int,
) -> CohortExplanation:
    scale = 1.0 / max(users * k, 1)
    names = [str(name) for name in model.space_.scenarios.ids]
    with np.errstate(invalid="ignore"):
        coefficients = sums.coefficients / np.where(sums.users > 0, sums.users, np.nan)
    sources = pd.DataFrame(
        {
            SOURCE_SCENARIO: ["", *names],
            "amount": scale * np.append(sums.base, sums.learnt + sums.text),
            "learnt": scale * np.append(0.0, sums.learnt),
            "text": scale * np.append(0.0, sums.text),
            "coefficient": np.append(np.nan, coefficients),
            "users": np.append(users, sums.users),
        }
    )
    place, kind = np.divmod(sums.cells.keys, max(len(categories), 1))
    totals = np.bincount(place, sums.cells.sums, minlength=sums.first[-1])
    best = np.argsort(-np.abs(totals), kind="stable")[:most]
    best = best[totals[best] != 0]
    items = _named(model, sums.first, best).assign(
        users=sums.holders[best], amount=scale * totals[best]
    )
    row = np.full(sums.first[-1], -1, dtype=np.int64)
    row[best] = np.arange(len(best))
    cell = np.flatnonzero(row[place] >= 0)
    cell = cell[np.lexsort((-np.abs(sums.cells.sums[cell]), row[place[cell]]))]
    cells = _named(model, sums.first, place[cell]).assign(
        **{CATEGORY: categories[kind[cell]], "amount": scale * sums.cells.sums[cell]}
    )
    return CohortExplanation(scenario, users, k, sources, items, cells)


def _named(model: TransferModel, first: np.ndarray, places: np.ndarray) -> pd.DataFrame:
    """Scenario names and item ids of numbers that count all scenarios' items."""
    space = model.space_
    source = np.searchsorted(first, places, side="right") - 1
    ids = np.empty(len(places), dtype=object)
    for code in np.unique(source):
        here = source == code
        ids[here] = space.ids(code)[places[here] - first[code]]
    names = np.array([str(name) for name in space.scenarios.ids], dtype=object)
    return pd.DataFrame({SOURCE_SCENARIO: names[source], ITEM: ids})
