"""What a score and a rank would be without parts of the history: recomputed exactly."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from crossrec.data.history import Histories
from crossrec.data.seen import EXCLUDE, Seen, left_out
from crossrec.explanation.attributes import ItemAttributes
from crossrec.explanation.contributions import local_items
from crossrec.explanation.terms import batch_rows, terms, weights_of
from crossrec.explanation.variants import Entry, entries, without_entries
from crossrec.schema import ITEM, RANK, SCORE, SOURCE_SCENARIO
from crossrec.transfer.fitted import Parts
from crossrec.transfer.model import TransferModel

REMOVAL_COLUMNS = (
    "kind", SOURCE_SCENARIO, ITEM, "attribute", "value", "items", SCORE, "change", RANK, "moved",
)  # fmt: skip
"""Columns of :attr:`RemovalEffects.table`."""


@dataclass(frozen=True)
class RemovalEffects:
    """What removing parts of a history does to one item.

    Attributes:
        user, scenario, item_id: whose score, in which target scenario, of what.
        score, rank: as they are, rank from 1 among the candidates.
        table: one row per removal, :data:`REMOVAL_COLUMNS`, the largest changes first. ``kind`` is
            "item", "scenario" or "attribute" (all history items that share ``attribute`` =
            ``value``); ``items`` how many history items went; ``score`` and ``rank`` are those
            afterwards, ``change = score - before``, ``moved`` places won (negative: lost).
        left_out: history items that were not tried, because their contributions are smaller.
    """

    user: str
    scenario: str
    item_id: str
    score: float
    rank: int
    table: pd.DataFrame
    left_out: int


@dataclass(frozen=True)
class Asked:
    """One item of one user, and what decides its rank.

    Attributes:
        one: the history of the user.
        target: code of the scenario.
        item: local number of the item there.
        rivals: mask of the candidates, shape (n_t,).
        moved: source code -> M that holds whatever is removed, in place of the learnt one.
    """

    one: Histories
    target: int
    item: int
    rivals: np.ndarray
    moved: Mapping[int, float] = field(default_factory=dict)

    @classmethod
    def of(
        cls,
        model: TransferModel,
        one: Histories,
        scenario: str,
        item: str,
        coefficients: Mapping[str, float] | None = None,
        candidates: np.ndarray | None = None,
        seen: Seen = EXCLUDE,
    ) -> "Asked":
        """Parse ids; arguments as of :func:`removal_effects`.

        Raises:
            UnknownId: a scenario, or the item in it, is not known.
        """
        scenarios = model.space_.scenarios
        target = scenarios.code(scenario, "scenario")
        local = int(local_items(model, target, [item])[0])
        if candidates is None:
            rivals = np.ones(model.space_.sizes[target], dtype=bool)
            rivals[left_out(one.by_scenario[target], seen).indices] = False
        else:
            rivals = np.zeros(model.space_.sizes[target], dtype=bool)
            rivals[candidates] = True
        moved = {scenarios.code(name, "scenario"): m for name, m in (coefficients or {}).items()}
        return cls(one, target, local, rivals, moved)

    def coefficients(self, parts: Parts) -> np.ndarray:
        """M of some users, shape (m, S): learnt, and where it was moved as it was moved."""
        if not self.moved:
            return parts.coefficients
        m = parts.coefficients.copy()
        m[:, list(self.moved)] = list(self.moved.values())
        return m

    def rescored(
        self, model: TransferModel, removals: list[list[Entry]]
    ) -> tuple[np.ndarray, np.ndarray]:
        """Score and rank of the item without each set of history items, shape (m,) each.

        Everything follows: history lengths, learnt coefficients, ages. The candidates stay those of
        the whole history, so that ranks compare. Equal scores rank in the order of the scenario's
        items.
        """
        scores, ranks = self.rescored_items(model, removals, np.array([self.item]))
        return scores[:, 0], ranks[:, 0]

    def rescored_items(
        self, model: TransferModel, removals: list[list[Entry]], items: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray]:
        """Scores and ranks of several items at once, shape (m, k) each, as :meth:`rescored`."""
        scores = np.zeros((len(removals), len(items)), dtype=np.float32)
        ranks = np.zeros((len(removals), len(items)), dtype=np.int64)
        order = np.arange(len(self.rivals))
        step = batch_rows(model, self.target)
        for start in range(0, len(removals), step):
            rows = slice(start, start + step)
            without = without_entries(self.one, removals[rows])
            parts = model.fitted_.parts(without, self.target)
            found = parts.scores(self.coefficients(parts))
            scores[rows] = found[:, items]
            for at, item in enumerate(items):
                mine = found[:, [item]]
                above = (found > mine) | ((found == mine) & (order < item))
                above[:, item] = False
                ranks[rows, at] = 1 + (above & self.rivals).sum(axis=1)
        return scores, ranks


def removal_effects(
    model: TransferModel,
    one: Histories,
    scenario: str,
    item: str,
    *,
    most: int = 20,
    attributes: ItemAttributes | None = None,
    coefficients: Mapping[str, float] | None = None,
    candidates: np.ndarray | None = None,
    seen: Seen = EXCLUDE,
) -> RemovalEffects:
    """Score and rank of an item without single history items, scenarios and attributes.

    Args:
        model: a fitted model.
        one: the history of a single user.
        scenario: the target's name.
        item: item id of that scenario.
        most: history items tried, those with the largest contributions, and at most as many
            attributes, those shared by the most of these.
        attributes: what items share; None tries no attributes.
        coefficients: source name -> M that holds whatever is removed; others follow as learnt.
        candidates: local items among which the item is ranked; default all that ``seen`` allows.
        seen: whether seen items are left out of the default candidates.

    Raises:
        UnknownId: a scenario, or the item in it, is not known.
    """
    asked = Asked.of(model, one, scenario, item, coefficients, candidates, seen)
    ranked = by_amount(model, asked, np.array([asked.item]))
    tried = [entry for entry, _ in ranked[:most]]
    rows = [_row(model, "item", [entry]) for entry in tried]
    everything = entries(one)
    rows += _scenario_rows(model, one)
    if attributes is not None:
        rows += _attribute_rows(model, everything, tried, attributes, most)
    scores, ranks = asked.rescored(model, [[], *(gone for _, gone in rows)])
    return RemovalEffects(
        str(one.users.ids[0]),
        scenario,
        item,
        float(scores[0]),
        int(ranks[0]),
        _table(rows, scores.astype(np.float64), ranks),
        len(everything) - len(tried),
    )


def list_removals(
    model: TransferModel,
    one: Histories,
    scenario: str,
    items: Sequence[str],
    *,
    most: int = 8,
    coefficients: Mapping[str, float] | None = None,
    candidates: np.ndarray | None = None,
    seen: Seen = EXCLUDE,
) -> list[pd.DataFrame]:
    """Removals for every item of a list; each history item is taken out once for all of them.

    Args:
        model: a fitted model.
        one: the history of a single user.
        scenario: the target's name.
        items: item ids of that scenario.
        most: history items tried for each, those with the largest contributions for it.
        coefficients: as of :func:`removal_effects`.
        candidates: as of :func:`removal_effects`.
        seen: as of :func:`removal_effects`.

    Returns:
        Per item a table as :attr:`RemovalEffects.table`, kinds "item" and "scenario".

    Raises:
        UnknownId: a scenario, or an item in it, is not known.
    """
    if not len(items):
        return []
    asked = Asked.of(model, one, scenario, items[0], coefficients, candidates, seen)
    local = local_items(model, asked.target, items)
    ranked = by_amount(model, asked, local)
    amounts = np.array([amount for _, amount in ranked]).reshape(len(ranked), len(local))
    best = np.argsort(-amounts, axis=0, kind="stable")[:most]
    tried = [ranked[at][0] for at in np.unique(best)]
    rows = [_row(model, "item", [entry]) for entry in tried] + _scenario_rows(model, one)
    scores, ranks = asked.rescored_items(model, [[], *(gone for _, gone in rows)], local)
    return [
        _table(rows, scores[:, at].astype(np.float64), ranks[:, at]) for at in range(len(local))
    ]


def by_amount(
    model: TransferModel, asked: Asked, items: np.ndarray
) -> list[tuple[Entry, np.ndarray]]:
    """History items with their contributions to ``items``, the largest to the first one first."""
    one, target = asked.one, asked.target
    found = terms(
        model,
        weights_of(model, one, target),
        0,
        target,
        items,
        base=np.zeros(model.space_.sizes[target]),
        coefficients=asked.coefficients(model.fitted_.parts(one, target))[0],
    )
    amount = found.amount
    order = np.argsort(-np.abs(amount[:, 0]), kind="stable")
    pairs = zip(found.source[order].tolist(), found.history[order].tolist(), strict=True)
    return list(zip(pairs, amount[order], strict=True))


def _table(
    rows: list[tuple[tuple, list[Entry]]], scores: np.ndarray, ranks: np.ndarray
) -> pd.DataFrame:
    """The table of removals of one item; scores and ranks begin with those as they are."""
    table = pd.DataFrame([row for row, _ in rows], columns=pd.Index(REMOVAL_COLUMNS[:6])).assign(
        score=scores[1:],
        change=scores[1:] - scores[0],
        rank=ranks[1:],
        moved=ranks[0] - ranks[1:],
    )
    order = np.argsort(-table["change"].abs().to_numpy(dtype=np.float64), kind="stable")
    return table.iloc[order].reset_index(drop=True)


def _scenario_rows(model: TransferModel, one: Histories) -> list[tuple[tuple, list[Entry]]]:
    """The removals of whole scenarios."""
    everything = entries(one)
    by_source = (
        [entry for entry in everything if entry[0] == source]
        for source in range(len(one.by_scenario))
    )
    return [_row(model, "scenario", here) for here in by_source if here]


def _row(
    model: TransferModel,
    kind: str,
    gone: list[Entry],
    attribute: str = "",
    value: str = "",
) -> tuple[tuple, list[Entry]]:
    """What a row of the table says of a removal, and the removal."""
    space = model.space_
    source, local = gone[0]
    name = "" if kind == "attribute" else str(space.scenarios.ids[source])
    item = str(space.ids(source)[local]) if kind == "item" else ""
    return (kind, name, item, attribute, value, len(gone)), gone


def _attribute_rows(
    model: TransferModel,
    everything: list[Entry],
    tried: Iterable[Entry],
    attributes: ItemAttributes,
    most: int,
) -> list[tuple[tuple, list[Entry]]]:
    """Removals of all history items with one attribute value, for values of the items tried."""
    ids = _ids(model, everything)
    holders: dict[tuple[str, str], list[Entry]] = {}
    table = attributes.of(ids.values())
    owners: dict[str, list[Entry]] = {}
    for entry, item in ids.items():
        owners.setdefault(item, []).append(entry)
    for item, attribute, value in zip(table[ITEM], table["attribute"], table["value"], strict=True):
        holders.setdefault((attribute, value), []).extend(owners[item])
    wanted = set(tried)
    weight = {
        pair: sum(entry in wanted for entry in found)
        for pair, found in holders.items()
        if len(found) > 1
    }
    best = sorted((pair for pair in weight if weight[pair]), key=lambda pair: -weight[pair])
    return [_row(model, "attribute", holders[pair], *pair) for pair in best[:most]]


def _ids(model: TransferModel, found: list[Entry]) -> dict[Entry, str]:
    names = [model.space_.ids(source) for source in range(len(model.space_))]
    return {entry: str(names[entry[0]][entry[1]]) for entry in found}
