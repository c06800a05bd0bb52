"""All that a written reason may speak of, taken from an exact explanation."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import pandas as pd

from crossrec.explanation.attributes import CATALOGUE
from crossrec.explanation.contributions import Explanation
from crossrec.language.text import clean
from crossrec.schema import ITEM, SOURCE_SCENARIO

MOST_ITEMS, MOST_ATTRIBUTES = 2, 2
MOST_TRIED = 5
"""History items, those that add most, of which some may be named."""
WORTH = 0.4
"""A second history item is named if it adds at least this share of what the first one adds."""
LONGEST_TITLE = 80


@dataclass(frozen=True)
class ReasonFacts:
    """All that a reason may speak of.

    Attributes:
        item: title of the recommended item.
        scenario: the target's name.
        because: (title, scenario) of the history items that speak for it most; only those without
            which it would rank lower, where some are.
        attributes: (attribute, value) that one of them and the recommended item share.
        popular: popularity adds more to the score than any scenario's history does.
        machine_read: a language model, not the catalogue, knows one of the attributes.
        cause: whether it would rank lower without one of ``because``: else they agree, no more.
    """

    item: str
    scenario: str
    because: tuple[tuple[str, str], ...] = ()
    attributes: tuple[tuple[str, str], ...] = ()
    popular: bool = False
    machine_read: bool = False
    cause: bool = True

    @property
    def words(self) -> tuple[str, ...]:
        """Every string among the facts."""
        pairs = (*self.because, *self.attributes)
        return (self.item, self.scenario, *(part for pair in pairs for part in pair))

    def to_dict(self) -> dict[str, Any]:
        """As JSON-able values."""
        return asdict(self)


def reason_facts(
    explanation: Explanation,
    titles: Mapping[str, str],
    paths: pd.DataFrame | None = None,
    removals: pd.DataFrame | None = None,
) -> ReasonFacts:
    """The facts of an explanation.

    Args:
        explanation: of the item.
        titles: item id -> title, of the item and of its history items; the id where missing.
        paths: of :func:`crossrec.explanation.paths.attribute_paths`.
        removals: :attr:`crossrec.explanation.removal.RemovalEffects.table` of the item: what it
            would rank without each history item. Without it nothing is called a cause.
    """

    def title(item: str) -> str:
        return shortened(titles.get(item) or item)

    table = explanation.contributions
    table = table.loc[table["amount"].to_numpy(dtype=np.float64) > 0].head(MOST_TRIED)
    places = list(zip(table[SOURCE_SCENARIO], table[ITEM], strict=True))
    causes = _needed(removals)
    amounts = table["amount"].to_numpy(dtype=np.float64)
    worth = amounts >= WORTH * amounts[0] if len(amounts) else np.zeros(0, dtype=bool)
    cause = any(place in causes for place in places)
    named = table.loc[[place in causes for place in places] if cause else worth]
    because = _different(
        (title(item), str(scenario))
        for item, scenario in zip(named[ITEM], named[SOURCE_SCENARIO], strict=True)
    )[:MOST_ITEMS]
    attributes: dict[tuple[str, str], bool] = {}
    if paths is not None and len(paths):
        for path in paths.loc[paths[ITEM].isin(named[ITEM])].to_dict("records"):
            pair = (shortened(str(path["attribute"])), shortened(str(path["value"])))
            attributes.setdefault(pair, _read(path))
    shared = list(attributes)[:MOST_ATTRIBUTES]
    return ReasonFacts(
        title(explanation.item_id),
        explanation.scenario,
        because,
        tuple(shared),
        explanation.base >= max(explanation.by_source().values(), default=0.0),
        any(attributes[pair] for pair in shared),
        cause,
    )


def _needed(removals: pd.DataFrame | None) -> set[tuple[str, str]]:
    """(scenario, item) of the history items without which the item ranks lower."""
    if removals is None:
        return set()
    single = removals.loc[(removals["kind"] == "item") & (removals["moved"] < 0)]
    return set(zip(single[SOURCE_SCENARIO], single[ITEM], strict=True))


def _different(pairs: Iterable[tuple[str, str]]) -> tuple[tuple[str, str], ...]:
    """Titles that say something new: one of near-duplicates, which differ in codes or sizes."""
    by_words: dict[tuple[frozenset[str], str], tuple[str, str]] = {}
    for title, scenario in pairs:
        words = frozenset(re.findall(r"[^\W\d_]+", title.casefold())) or frozenset([title])
        by_words.setdefault((words, scenario), (title, scenario))
    return tuple(by_words.values())


def _read(path: Mapping[Any, Any]) -> bool:
    return any(path[end] != CATALOGUE for end in ("evidence", "target_evidence"))


def shortened(title: str) -> str:
    """A title fit for a sentence: no control characters, no quotation marks, one line, not long."""
    plain = clean(title).translate(_QUOTES).strip()
    plain = _CODE.sub("", plain).strip(" ,-") or plain
    return plain if len(plain) <= LONGEST_TITLE else f"{plain[: LONGEST_TITLE - 1].rstrip()}…"


_CODE = re.compile(
    r"\s*[(\[#]?\b(?=[A-Z0-9-]*\d)(?=[A-Z0-9-]*[A-Z])[A-Z0-9-]{6,}\b[)\]]?"  # B07X-1234
    r"|\s*[(\[#]?\b\d{7,}\b[)\]]?"
)
"""A product code: nobody is told a reason by one."""
_QUOTES = str.maketrans(dict.fromkeys('“”"«»「」『』《》', "'"))
