"""The points of the map: what they are coloured by, which are meant, what they are called.

Everything here is asked at a million points: columns are read once per server, titles are looked
up for the few rows that are shown, and no list of all points is ever made.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd
import streamlit as st

from crossrec import plots
from crossrec.schema import CATEGORY, ITEM, SCENARIO, USER
from crossrec.ui import state
from crossrec.ui.format import plain
from crossrec.ui.i18n import language, t
from crossrec.ui.selection import load_selection
from crossrec.workspace import Run, lookup
from crossrec.workspace.lookup import Kind

COHORT, CLUSTER, ATTRIBUTE = "cohort", "cluster", "attribute:"
_JUDGED = ("warm", "cold")


@dataclass(frozen=True)
class Points:
    """The items or the users of a run's map.

    Attributes:
        run: the run.
        kind: "items" or "users".
        table: a row per point: id, scenario, x, y, count, and in newer runs x3, y3, z3, cluster.
    """

    run: Run
    kind: Kind
    table: pd.DataFrame

    def __len__(self) -> int:
        return len(self.table)

    @property
    def column(self) -> str:
        """Name of the id column."""
        return ITEM if self.kind == "items" else USER

    @cached_property
    def xy(self) -> tuple[np.ndarray, np.ndarray]:
        """Places on the plane, float32."""
        x, y = (self.table[name].to_numpy(dtype=np.float32) for name in "xy")
        return x, y

    @property
    def in_space(self) -> bool:
        """Whether the run was laid out in three dimensions too."""
        return "x3" in self.table and bool(self.table["x3"].notna().any())

    @property
    def ids(self) -> pd.Series:
        """The id of every point."""
        return pd.Series(self.table[self.column])

    def rows_of(self, ids: list[str]) -> np.ndarray:
        """Rows of these ids, ascending."""
        return np.flatnonzero(self.table[self.column].isin(ids).to_numpy())

    def most_active(self, rows: np.ndarray) -> np.ndarray:
        """These rows, the most used first."""
        return rows[np.argsort(-self.table["count"].to_numpy()[rows], kind="stable")]


def read(run: Run, kind: Kind) -> Points:
    """The points of a run.

    Raises:
        RunUnreadable: the run has no map, or it is damaged.
    """
    return Points(run, kind, state.read(run, f"map_{kind}"))


def lenses(run: Run) -> list[Run]:
    """This run, and others of the project that read the same files with another encoder.

    So the map can show the items before and after an encoder was adapted.
    """
    where = state.project()
    runs = state.workspace().runs(where) if where is not None else []
    seen = {_fingerprint(run)}
    found = [run]
    for other in runs:
        same = run.info.get("inputs") and other.info.get("inputs") == run.info.get("inputs")
        if same and "map_items" in other.parts and _fingerprint(other) not in seen:
            seen.add(_fingerprint(other))
            found.append(other)
    return found


def _fingerprint(run: Run) -> str:
    return str(run.info.get("features", {}).get("fingerprint", run.id))


def colours(points: Points) -> dict[str, str]:
    """What the points may be coloured by: option -> its name, as plain text."""
    found = {SCENARIO: t("map.colour.scenario")}
    if points.kind == "users" and "report" in points.run.parts:
        found[COHORT] = t("map.colour.cohort")
    if "cluster" in points.table:
        found[CLUSTER] = t("map.colour.cluster")
    for name in sorted(
        lookup.attributes(points.run, points.kind), key=lambda name: (name != CATEGORY, name)
    ):
        found[ATTRIBUTE + name] = t("map.colour.category") if name == CATEGORY else name
    return found


def labels(points: Points, colour: str) -> plots.Labels:
    """What the points are coloured by, computed once per server and language."""
    created = str(points.run.info.get("created"))
    return _labels(points, str(points.run.path), created, points.kind, colour, language())


@st.cache_resource(max_entries=12, show_spinner=False)
def _labels(
    _points: Points, path: str, created: str, kind: str, colour: str, lang: str
) -> plots.Labels:
    del path, created, kind, lang  # parts of the cache key
    table = _points.table
    if colour == CLUSTER:
        words = _points.run.info.get("map", {}).get("clusters") or []
        return plots.cluster_labels(table["cluster"].to_numpy(dtype=np.int32), words)
    if colour == COHORT:
        return _cohorts(_points)
    if colour.startswith(ATTRIBUTE):
        name = colour.removeprefix(ATTRIBUTE)
        values = lookup.attribute_of(_points.run, _points.kind, name, _points.ids)
        number = lookup.attributes(_points.run, _points.kind)[name]
        return plots.attribute_labels(values, number=number)
    return plots.labels_of(table[SCENARIO], _points.run.info.get("scenarios", ()))


def _cohorts(points: Points) -> plots.Labels:
    """Warm and cold-start users of each scenario, as the evaluation judged them."""
    cohorts = lookup.cohorts_of(points.table, state.read(points.run, "report").per_user)
    names = {name: t(f"cohort.{name}") for name in _JUDGED}
    return plots.labels_of(cohorts.map(names.get), list(names.values()))


def search(points: Points, words: str) -> np.ndarray:
    """Rows whose id, or for items whose title, holds the words; ascending."""
    return lookup.find_rows(points.run, points.kind, points.table, words)


def joined(points: Points, rows: np.ndarray) -> list[np.ndarray]:
    """For users: the rows of each user among ``rows`` in all scenarios; nothing for items."""
    if points.kind == "items" or not len(rows):
        return []
    ids = list(dict.fromkeys(points.table[USER].iloc[rows].tolist()))[: lookup.HITS]
    every = points.rows_of(ids)
    mine = points.table[USER].iloc[every].to_numpy(dtype=object)
    return [every[mine == one] for one in ids]


def linked(points: Points, selection_id: str) -> np.ndarray | None:
    """Rows of a kept selection of these points, ascending; None where there is none of them.

    Raises:
        UnknownId: there is no such selection (any more).
    """
    if not selection_id:
        return None
    created = str(points.run.info.get("created"))
    return _linked(points, str(points.run.path), created, points.kind, selection_id)


@st.cache_resource(max_entries=8, show_spinner=False)
def _linked(
    _points: Points, path: str, created: str, kind: str, selection_id: str
) -> np.ndarray | None:
    del path, created
    kept = load_selection(selection_id)
    if kept.kind != kind or kept.run != _points.run.id:
        return None
    table = _points.table
    rows = _points.rows_of(kept.ids.tolist())
    # an id may stand in several scenarios: only the chosen ones are meant
    pairs = set(zip(kept.ids.tolist(), kept.scenarios.tolist(), strict=True))
    mine = zip(table[_points.column].iloc[rows], table[SCENARIO].iloc[rows], strict=True)
    return rows[np.fromiter((pair in pairs for pair in mine), dtype=bool, count=len(rows))]


def titles(points: Points, rows: np.ndarray) -> np.ndarray:
    """What the points of these rows are called, shape (len(rows),)."""
    ids = points.table[points.column].iloc[rows].to_numpy(dtype=object)
    return lookup.titles_of(points.run, ids) if points.kind == "items" else ids


def by_scenario(points: Points, rows: np.ndarray) -> str:
    """How many of the rows stand in each scenario, fit for markdown."""
    counted = labels(points, SCENARIO)
    codes = counted.code[rows]
    counts = np.bincount(codes[codes >= 0], minlength=len(counted.names))
    return " · ".join(
        f"{plain(name)} {count:,}"
        for name, count in zip(counted.names, counts, strict=True)
        if count
    )


def with_marked(points: Points, found: np.ndarray, marked: str) -> np.ndarray:
    """Rows to ring: what was found, and the item or user the link names."""
    return np.union1d(found, points.rows_of([marked])) if marked else found
