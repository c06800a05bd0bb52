"""Single users behind a row of the decision board."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import pandas as pd

from crossrec.evaluation.protocol import FEW
from crossrec.evaluation.results import RunReport
from crossrec.schema import SCENARIO, USER

TIE: Final = 1e-9
"""A change no larger than this is none."""


@dataclass(frozen=True, kw_only=True)
class People:
    """Single users behind a lift.

    Attributes:
        n: how many were judged.
        helped, harmed: those whose metric is higher, lower with transfer.
        more_hits, fewer_hits: those with at least one hit more, fewer in their list.
    """

    n: int
    helped: int
    harmed: int
    more_hits: int
    fewer_hits: int


@dataclass(frozen=True, kw_only=True)
class Person:
    """One real user.

    Attributes:
        user: the id.
        gained: the middle one of those who gained, by hits where any did; else of those who lost.
        hits, without: hits in the list with and without transfer.
        chosen: held-out items, the most hits there can be.
        here, elsewhere: history items in the scenario and outside it.
    """

    user: str
    gained: bool
    hits: int
    without: int
    chosen: int
    here: int
    elsewhere: int


def rows_of(report: RunReport, scenario: str, model: str = "transfer") -> pd.DataFrame:
    """The rows per user of a scenario, of the "transfer" model or of the "baseline"."""
    rows = report.per_user
    name = str(report.config.get(model) or "")
    return rows.loc[(rows["model"] == name) & (rows[SCENARIO] == scenario)]


def members(rows: pd.DataFrame, cohort: str) -> pd.DataFrame:
    """The rows of the users of a cohort."""
    if cohort == "all":
        return rows
    if cohort == "warm_few":
        return rows.loc[(rows["cohort"] == "warm") & (rows["target_items"] <= FEW)]
    return rows.loc[rows["cohort"] == cohort]


def changes_of(
    report: RunReport, scenario: str, cohort: str, metric: str, k: int
) -> pd.DataFrame | None:
    """Per user of the cohort the change of the metric and the hits; None without single users."""
    with_ = members(rows_of(report, scenario), cohort)
    columns = list(dict.fromkeys([USER, metric, "precision", "recall"]))
    without = rows_of(report, scenario, "baseline")[columns]
    both = with_.merge(without, on=USER, suffixes=("", "_without"))
    if both.empty:
        return None
    hits = [
        np.rint(both[name].to_numpy(dtype=float) * k).astype(int)
        for name in ("precision", "precision_without")
    ]
    change = (both[metric] - both[f"{metric}_without"]).to_numpy(dtype=float)
    return both.assign(change=change, hits=hits[0], hits_without=hits[1])


def people_of(changes: pd.DataFrame | None, least: int) -> People | None:
    """How many gained and lost; None where fewer than ``least`` did, or none is known."""
    if changes is None:
        return None
    change = changes["change"].to_numpy()
    more = (changes["hits"] - changes["hits_without"]).to_numpy()
    counts = [(change > TIE).sum(), (change < -TIE).sum(), (more > 0).sum(), (more < 0).sum()]
    n = len(changes)
    if any(0 < few < least for one in counts for few in (one, n - one)):
        return None  # so few that the figure would tell who they are
    helped, harmed, more_hits, fewer_hits = map(int, counts)
    return People(n=n, helped=helped, harmed=harmed, more_hits=more_hits, fewer_hits=fewer_hits)


def person_of(changes: pd.DataFrame | None, *, gained: bool) -> Person | None:
    """The middle one of those who gained (or lost) and have a hit in one of the lists.

    The one who gained most would promise what few users see.
    """
    if changes is None:
        return None
    # recall is hits / held-out items, so only a hit tells how many those are
    with_hit = (changes["hits"] + changes["hits_without"]) > 0
    changed = changes["change"] > TIE if gained else changes["change"] < -TIE
    mine = changes.loc[with_hit & changed].sort_values("change", kind="stable")
    # a hit more or fewer is seen at once; the same hits at other places are not
    more = mine["hits"] - mine["hits_without"]
    by_hits = mine.loc[more > 0 if gained else more < 0]
    mine = by_hits if len(by_hits) else mine
    if mine.empty:
        return None
    row = mine.iloc[[len(mine) // 2]].to_dict("records")[0]
    return Person(
        user=str(row[USER]),
        gained=gained,
        hits=int(row["hits"]),
        without=int(row["hits_without"]),
        chosen=_held_out(row),
        here=int(row["target_items"]),
        elsewhere=int(row["other_items"]),
    )


def _held_out(row: Mapping[str, Any]) -> int:
    for hits, recall in (("hits", "recall"), ("hits_without", "recall_without")):
        if row[hits]:
            return round(row[hits] / row[recall])
    return 0


def judged_users(report: RunReport, scenario: str, least: int) -> dict[str, int]:
    """Users by what they have; empty where a group is too small to be told."""
    found = rows_of(report, scenario)["cohort"].value_counts().to_dict()
    counts = {name: int(found.get(name) or 0) for name in ("warm", "cold", "empty")}
    small = any(0 < n < least for n in counts.values())
    return {} if small or not sum(counts.values()) else counts
