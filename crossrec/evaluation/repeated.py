"""Both ways a run is judged, side by side: new items alone, and with repeats."""

import pandas as pd

from crossrec.evaluation.results import LIFT, WITH_REPEATS, RunReport

REPEATED_COLUMNS = (
    "scenario", "lists", "new", "new_without", "repeats", "repeats_without", "lift", "low", "high",
    "n",
)  # fmt: skip
"""Columns of :func:`repeated`."""


def repeated(report: RunReport, *, metric: str = "ndcg") -> pd.DataFrame:
    """What the transfer model reaches with seen items left out and with repeats, per scenario.

    Args:
        report: of :func:`~crossrec.evaluation.compare.compare`.
        metric: which metric, at the main k.

    Returns:
        :data:`REPEATED_COLUMNS`, one row per scenario that was judged with repeats: ``lists`` is
        what its lists do with seen items; ``new`` and ``repeats`` the transfer model's metric by
        new items and with repeats, ``..._without`` the baseline's (NaN without one); ``lift`` with
        its 95 % interval the transfer model's gain with repeats, over ``n`` users.
    """
    transfer, baseline = (str(report.config.get(name) or "") for name in ("transfer", "baseline"))
    table = report.table
    table = table.loc[(table["k"] == report.config["k"]) & (table["source"] == "")]
    seen = report.config.get("seen")
    lists = seen if isinstance(seen, dict) else {}
    mine = _at(table, transfer, WITH_REPEATS, metric)
    gain = _at(table, transfer, WITH_REPEATS, LIFT + metric)
    columns = {
        "scenario": mine.index,
        "lists": [lists.get(scenario, "") for scenario in mine.index],
        "new": _at(table, transfer, "all", metric)["value"],
        "new_without": _at(table, baseline, "all", metric)["value"],
        "repeats": mine["value"],
        "repeats_without": _at(table, baseline, WITH_REPEATS, metric)["value"],
        "lift": gain["value"],
        "low": gain["low"],
        "high": gain["high"],
        "n": mine["n"],
    }
    found = pd.DataFrame(columns, index=mine.index, columns=pd.Index(REPEATED_COLUMNS))
    return found.reset_index(drop=True)


def _at(table: pd.DataFrame, model: str, cohort: str, metric: str) -> pd.DataFrame:
    """The rows of one model, cohort and metric, by scenario."""
    mine = (table["model"] == model) & (table["cohort"] == cohort) & (table["metric"] == metric)
    return table.loc[mine].set_index("scenario")
