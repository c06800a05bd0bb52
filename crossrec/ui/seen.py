"""Seen items: the setting of a training, and what a run found with and without them."""

from collections.abc import Iterable
from typing import Final

import pandas as pd
import streamlit as st

from crossrec.data.seen import INCLUDED_FROM, SEEN, Seen, SeenItems
from crossrec.evaluation import RunReport, repeated
from crossrec.ui.format import interval, number, plain
from crossrec.ui.i18n import t
from crossrec.ui.widgets import section

AUTO: Final = "auto"
KEY: Final = "train_seen"
MARK: Final = "↻"
"""Stands before a seen item of a list."""


def setting(found: Iterable[SeenItems]) -> None:
    """What the lists of a run shall do with seen items; part of the form that starts it."""
    st.radio(
        t("seen.title"),
        (AUTO, *SEEN),
        format_func=lambda one: t(f"seen.{one}"),
        captions=[_usual(found), "", ""],
        horizontal=True,
        key=KEY,
        help=t("seen.auto_help", limit=f"{INCLUDED_FROM:.0%}"),
    )


def asked() -> Seen | None:
    """What was chosen in the form; None for what the audit says."""
    chosen = st.session_state.get(KEY, AUTO)
    return None if chosen == AUTO else chosen


def _usual(found: Iterable[SeenItems]) -> str:
    """What lists do where nobody chooses, with the share of later rows that repeat an item."""
    said = []
    for rule in SEEN:
        names = [f"{plain(one.scenario)} ({one.share:.0%})" for one in found if one.lists == rule]
        if names:
            said.append(t(f"seen.auto_{rule}", scenarios=t("common.comma").join(names)))
    return " ".join(said)


def both_ways(report: RunReport, metric: str = "ndcg") -> None:
    """New items alone beside all with repeats, per scenario; nothing where that was not judged."""
    found = repeated(report, metric=metric)
    if found.empty:
        return
    section(t("seen.both_title"), t("seen.both_note", k=report.config["k"]))
    rows = [
        {
            t("column.scenario"): row["scenario"],
            t("seen.lists"): t(f"seen.told_{row['lists']}") if row["lists"] else "–",
            t("seen.new"): number(row["new"], 3),
            t("seen.repeats"): number(row["repeats"], 3),
            t("seen.lift"): interval(row["lift"], row["low"], row["high"], sign=True),
            t("column.users"): number(row["n"]),
        }
        for row in found.to_dict("records")
    ]
    st.dataframe(pd.DataFrame(rows), hide_index=True, key="seen_both_ways")
