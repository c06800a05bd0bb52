"""Is there enough to learn from, and of the same period: activity, popularity, time."""

import pandas as pd
import streamlit as st

from crossrec import plots
from crossrec.data.audit.activity import activity_curves, head_shares, popularity_curves
from crossrec.data.audit.rules import AuditReport
from crossrec.schema import SCENARIO
from crossrec.ui import state
from crossrec.ui.format import number, percent, plain
from crossrec.ui.i18n import t
from crossrec.ui.tiles import tiles
from crossrec.ui.widgets import figure_with_table, plot_words, section
from crossrec.workspace import Run


def show(checked: Run) -> None:
    """Both curves side by side, then when each scenario was used."""
    names = list(state.read(checked, "log").scenarios.ids)
    activity, popularity, heads = _curves(
        str(checked.path), str(checked.info.get("created")), state.least_shown(checked)
    )
    left, right = tiles("curves", 2, least=380)
    with left:
        section(t("data.activity.title"), t("data.activity.note"))
        figure_with_table(
            plots.activity_figure(activity, names, theme=state.theme(), words=plot_words),
            _titled(activity, "data.activity.rank"),
            t("data.activity.caption"),
            key="activity",
            alt=plots.activity_alt(activity, names, words=plot_words),
        )
    with right:
        section(t("data.popularity.title"), _heads(heads))
        figure_with_table(
            plots.activity_figure(
                popularity, names, of="items", theme=state.theme(), words=plot_words
            ),
            _titled(popularity, "data.popularity.rank"),
            t("data.popularity.caption"),
            key="popularity",
            alt=plots.activity_alt(popularity, names, of="items", words=plot_words),
        )
    _coverage(state.read(checked, "audit"))


def _titled(curves: pd.DataFrame, rank: str) -> pd.DataFrame:
    return curves.set_axis(
        [t("data.activity.scenario"), t(rank), t("data.activity.count")], axis="columns"
    )


def _heads(heads: pd.DataFrame) -> str:
    """What share of all interactions the most popular items take, in the steepest scenario."""
    if heads.empty:
        return ""
    top = heads.loc[heads["share"].idxmax()]
    return t(
        "data.popularity.note",
        scenario=plain(top[SCENARIO]),
        n=number(int(top["items"])),
        share=percent(float(top["share"])),
    )


def _coverage(found: AuditReport) -> None:
    section(t("data.coverage.title"), t("data.coverage.note"))
    if not len(found.coverage):
        st.caption(t("data.coverage.none"))
        return
    rows = [
        {
            t("column.scenario"): plain(row[SCENARIO]),
            t("data.coverage.first"): row["first"] or "–",
            t("data.coverage.last"): row["last"] or "–",
            t("data.coverage.days"): number(row["days"]),
            t("data.coverage.late"): percent(row["late"]),
        }
        for row in found.coverage.to_dict("records")
    ]
    st.table(pd.DataFrame(rows), border="horizontal", hide_index=True)


@st.cache_data(max_entries=20, show_spinner=False)
def _curves(path: str, created: str, least: int) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    # ``created`` is part of the cache key: a check that was made anew is read anew.
    del created
    log = state.read(Run(path), "log")
    return activity_curves(log, least=least), popularity_curves(log), head_shares(log)
