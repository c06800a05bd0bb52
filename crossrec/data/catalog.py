"""What is known about items: title, text, scenario and attributes."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import pandas as pd

from crossrec.data.ids import IdMap, merged_columns
from crossrec.data.log import RejectSummary
from crossrec.data.names import check_new_names, known_name, name_key
from crossrec.data.two_titles import titles_note
from crossrec.errors import DataError
from crossrec.schema import ITEM, SCENARIO, TEXT, TITLE


@dataclass(frozen=True)
class Catalog:
    """Items with their text.

    Attributes:
        items: unique item ids, n of them; the codes are this catalogue's own.
        title: shape (n,), object strings, "" where missing.
        text: shape (n,), object strings, "" where missing.
        listed: scenario name -> codes of the items the file lists there, int32; empty where the
            file has no scenario column. An item may be listed in several scenarios.
        attributes: further columns by name, each shape (n,): float or object strings.
        rejects: what the reader could not use.
    """

    items: IdMap
    title: np.ndarray
    text: np.ndarray
    listed: Mapping[str, np.ndarray] = field(default_factory=dict)
    attributes: Mapping[str, np.ndarray] = field(default_factory=dict)
    rejects: RejectSummary = field(default_factory=RejectSummary)

    def __post_init__(self) -> None:
        n = len(self.items)
        columns = {"title": self.title, "text": self.text, **self.attributes}
        for name, column in columns.items():
            if len(column) != n:
                raise DataError(f"expected {n} values of {name!r}", f"{len(column)}")

    def __len__(self) -> int:
        return len(self.items)

    def titles_of(self, ids: np.ndarray) -> np.ndarray:
        """Titles of item ids, shape (len(ids),); the id itself where there is no title."""
        ids = np.asarray(ids, dtype=object)
        if not len(self):
            return ids
        codes = self.items.codes(ids)
        titles = np.where(codes >= 0, self.title[codes], "")
        return np.where(titles == "", ids, titles).astype(object)

    def listed_ids(self) -> dict[str, np.ndarray]:
        """Scenario -> ids of the items listed there."""
        return {name: self.items.ids[codes] for name, codes in self.listed.items()}

    def to_frame(self) -> pd.DataFrame:
        """One row per item and scenario it is listed in (scenario "" where none is known)."""
        columns = {ITEM: self.items.ids, TITLE: self.title, TEXT: self.text, **self.attributes}
        row = [np.asarray(codes, dtype=np.int64) for codes in self.listed.values()]
        place = [np.full(len(codes), name, dtype=object) for name, codes in self.listed.items()]
        nowhere = np.setdiff1d(np.arange(len(self)), np.concatenate([*row, []]))
        rows = np.concatenate([*row, nowhere]).astype(np.int64)
        places = np.concatenate([*place, np.full(len(nowhere), "", dtype=object)])
        order = np.argsort(rows, kind="stable")
        frame = pd.DataFrame(columns).iloc[rows[order]].reset_index(drop=True)
        return frame.assign(**{SCENARIO: places[order]})


def listed_as(
    catalog: Catalog, scenarios: Iterable[str], new: Mapping[str, str] | None = None
) -> Catalog:
    """The catalogue with its scenarios spelled as those of a log.

    Args:
        catalog: the items.
        scenarios: names of the log.
        new: old name -> new name, as the log was read with.
    """
    known, given = list(scenarios), check_new_names(new or {})
    listed: dict[str, np.ndarray] = {}
    for name, codes in catalog.listed.items():
        own = known_name(given.get(name_key(name), name), known)
        both = [listed.get(own, np.zeros(0, dtype=np.int32)), codes]
        listed[own] = np.unique(np.concatenate(both)).astype(np.int32)
    return replace(catalog, listed=listed)


def merged_catalog(catalogs: Sequence[Catalog]) -> Catalog:
    """The catalogues of several files as one: the first value that is not empty wins."""
    first, *rest = catalogs
    for other in rest:
        first = _merged(first, other)
    return first


def _merged(one: Catalog, other: Catalog) -> Catalog:
    items = one.items.union(other.items.ids)
    codes = items.codes(other.items.ids)
    listed = {name: np.asarray(found) for name, found in one.listed.items()}
    for name, found in other.listed.items():
        both = [listed.get(name, np.zeros(0, dtype=np.int32)), codes[found]]
        listed[name] = np.unique(np.concatenate(both)).astype(np.int32)
    again = np.flatnonzero(codes < len(one))
    both = zip(other.items.ids[again], one.title[codes[again]], other.title[again], strict=True)
    notes = titles_note(((item, titles) for item, *titles in both), len(items))
    rejects = one.rejects.followed_by(other.rejects)
    columns = merged_columns(
        {"title": one.title, "text": one.text, **one.attributes},
        {"title": other.title, "text": other.text, **other.attributes},
        codes,
        len(items),
    )
    return Catalog(
        items,
        columns.pop("title"),
        columns.pop("text"),
        listed,
        columns,
        replace(rejects, notes=rejects.notes + notes),
    )
