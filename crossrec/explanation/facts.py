"""All that a reason may speak of, taken from an exact explanation and from exact removals."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import pandas as pd

from crossrec.explanation.attributes import CATALOGUE
from crossrec.explanation.contributions import Explanation
from crossrec.explanation.names import alike, shortened, spoken
from crossrec.schema import ITEM, SOURCE_SCENARIO

MOST_CAUSES, MOST_ATTRIBUTES = 2, 2


@dataclass(frozen=True)
class ReasonFacts:
    """All that a reason may speak of.

    Attributes:
        item: title of the recommended item.
        scenario: the target's name.
        because: (title, scenario) of history items without any one of which the item would stand
            lower; a title of "" is the whole history of the scenario.
        attributes: (attribute, value) that one of them and the recommended item share.
        popular: popularity adds more to the score than any scenario's history does.
        machine_read: a language model, not the catalogue, knows one of the attributes.
        agree: scenarios whose history speaks for the item, where nothing is a cause.
    """

    item: str
    scenario: str
    because: tuple[tuple[str, str], ...] = ()
    attributes: tuple[tuple[str, str], ...] = ()
    popular: bool = False
    machine_read: bool = False
    agree: tuple[str, ...] = ()

    @property
    def words(self) -> tuple[str, ...]:
        """Every string among the facts."""
        pairs = (*self.because, *self.attributes)
        parts = (self.item, self.scenario, *(part for pair in pairs for part in pair), *self.agree)
        return tuple(part for part in parts if part)

    def to_dict(self) -> dict[str, Any]:
        """As JSON-able values."""
        return asdict(self)


def reason_facts(
    explanation: Explanation,
    removals: pd.DataFrame,
    titles: Mapping[str, str],
    paths: pd.DataFrame | None = None,
) -> ReasonFacts:
    """The facts of an explanation.

    Args:
        explanation: of the item.
        removals: of the same item among the candidates of the list that is shown, see
            :func:`crossrec.explanation.removal.list_removals`.
        titles: item id -> title, of the item and of its history items; the id where missing.
        paths: of :func:`crossrec.explanation.paths.attribute_paths`.
    """
    item = titles.get(explanation.item_id) or explanation.item_id
    causes, because = _causes(explanation, removals, titles)
    attributes: dict[tuple[str, str], bool] = {}
    if paths is not None and len(paths):
        for path in paths.loc[paths[ITEM].isin(causes)].to_dict("records"):
            pair = (shortened(str(path["attribute"])), shortened(str(path["value"])))
            attributes.setdefault(pair, _read(path))
    shared = list(attributes)[:MOST_ATTRIBUTES]
    by_source = explanation.by_source()
    forward = sorted((name for name in by_source if by_source[name] > 0), key=by_source.__getitem__)
    return ReasonFacts(
        spoken(item) or shortened(item),
        explanation.scenario,
        because,
        tuple(shared),
        explanation.base >= max(by_source.values(), default=0.0),
        any(attributes[pair] for pair in shared),
        () if because else tuple(map(str, forward[::-1][:MOST_CAUSES])),
    )


def _causes(
    explanation: Explanation, removals: pd.DataFrame, titles: Mapping[str, str]
) -> tuple[list[str], tuple[tuple[str, str], ...]]:
    """Ids of the history items that are causes, and what to call them with their scenarios.

    A cause speaks for the item, and without it the item would stand lower. Where no single item
    that has a name is one, a whole scenario may be.
    """
    lower = removals.loc[removals["moved"].to_numpy(dtype=np.int64) < 0]
    lower = lower.sort_values(["moved", "change"], kind="stable")
    told = explanation.contributions
    speaks = set(told.loc[told["amount"] > 0, [SOURCE_SCENARIO, ITEM]].itertuples(index=False))
    ids: list[str] = []
    named: list[tuple[str, str]] = []
    for row in lower.loc[lower["kind"] == "item"].to_dict("records"):
        title, place = spoken(titles.get(row[ITEM]) or row[ITEM]), str(row[SOURCE_SCENARIO])
        near_alike = any(alike(title, other) for other, _ in named)
        if title and not near_alike and (row[SOURCE_SCENARIO], row[ITEM]) in speaks:
            ids.append(row[ITEM])
            named.append((title, place))
    if not named:
        by_source = explanation.by_source()
        places = lower.loc[lower["kind"] == "scenario", SOURCE_SCENARIO]
        named = [("", str(place)) for place in places if by_source.get(place, 0) > 0]
    return ids[:MOST_CAUSES], tuple(named[:MOST_CAUSES])


def _read(path: Mapping[Any, Any]) -> bool:
    return any(path[end] != CATALOGUE for end in ("evidence", "target_evidence"))
