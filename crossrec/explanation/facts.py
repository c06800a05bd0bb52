"""All that a written reason may speak of, taken from an exact explanation."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import pandas as pd

from crossrec.explanation.attributes import CATALOGUE
from crossrec.explanation.contributions import Explanation
from crossrec.language.text import clean
from crossrec.schema import ITEM, SOURCE_SCENARIO

MOST_ITEMS, MOST_ATTRIBUTES = 3, 2
WORTH = 0.4
"""A second history item is named if it adds at least this share of what the first one adds."""
LONGEST_TITLE = 80


@dataclass(frozen=True)
class ReasonFacts:
    """All that a reason may speak of.

    Attributes:
        item: title of the recommended item.
        scenario: the target's name.
        because: (title, scenario) of the history items that speak for it most.
        attributes: (attribute, value) that one of them and the recommended item share.
        popular: popularity adds more to the score than any scenario's history does.
        machine_read: a language model, not the catalogue, knows one of the attributes.
    """

    item: str
    scenario: str
    because: tuple[tuple[str, str], ...] = ()
    attributes: tuple[tuple[str, str], ...] = ()
    popular: bool = False
    machine_read: bool = False

    @property
    def words(self) -> tuple[str, ...]:
        """Every string among the facts."""
        pairs = (*self.because, *self.attributes)
        return (self.item, self.scenario, *(part for pair in pairs for part in pair))

    def to_dict(self) -> dict[str, Any]:
        """As JSON-able values."""
        return asdict(self)


def reason_facts(
    explanation: Explanation, titles: Mapping[str, str], paths: pd.DataFrame | None = None
) -> ReasonFacts:
    """The facts of an explanation.

    Args:
        explanation: of the item.
        titles: item id -> title, of the item and of its history items; the id where missing.
        paths: of :func:`crossrec.explanation.paths.attribute_paths`.
    """

    def title(item: str) -> str:
        return shortened(titles.get(item) or item)

    table = explanation.contributions
    table = table.loc[table["amount"].to_numpy(dtype=np.float64) > 0].head(MOST_ITEMS)
    amounts = table["amount"].to_numpy(dtype=np.float64)
    named = table.loc[amounts >= WORTH * amounts[0]] if len(amounts) else table
    because = tuple(
        (title(item), str(scenario))
        for item, scenario in zip(named[ITEM], named[SOURCE_SCENARIO], strict=True)
    )
    attributes: dict[tuple[str, str], bool] = {}
    if paths is not None and len(paths):
        for path in paths.loc[paths[ITEM].isin(named[ITEM])].to_dict("records"):
            pair = (shortened(str(path["attribute"])), shortened(str(path["value"])))
            attributes.setdefault(pair, _read(path))
    shared = list(attributes)[:MOST_ATTRIBUTES]
    return ReasonFacts(
        title(explanation.item_id),
        explanation.scenario,
        tuple(dict.fromkeys(because)),
        tuple(shared),
        explanation.base >= max(explanation.by_source().values(), default=0.0),
        any(attributes[pair] for pair in shared),
    )


def _read(path: Mapping[Any, Any]) -> bool:
    return any(path[end] != CATALOGUE for end in ("evidence", "target_evidence"))


def shortened(title: str) -> str:
    """A title fit for a sentence: no control characters, no quotation marks, one line, not long."""
    plain = clean(title).translate(_QUOTES).strip()
    return plain if len(plain) <= LONGEST_TITLE else f"{plain[: LONGEST_TITLE - 1].rstrip()}…"


_QUOTES = str.maketrans(dict.fromkeys('“”"«»「」『』《》', "'"))
