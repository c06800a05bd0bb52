"""What to know before cleaning: k-cores, whether repeats are a habit, who is no person."""

from typing import Final

import pandas as pd
import streamlit as st

from crossrec.data.audit.outliers import find_outliers
from crossrec.data.cleaning.core import preview_cores
from crossrec.data.cleaning.repeats import repeat_profile
from crossrec.data.log import InteractionLog
from crossrec.data.privacy.plan import hide_small
from crossrec.schema import SCENARIO
from crossrec.ui import state
from crossrec.ui.data_words import said
from crossrec.ui.format import number, percent, plain
from crossrec.ui.i18n import t
from crossrec.workspace import Run

_SHOWN_OUTLIERS: Final = 20


def show(raw: Run, *, least: int) -> None:
    """Three tables to open.

    Args:
        raw: the check before cleaning.
        least: smallest group of users that is shown.
    """
    cores, repeats, outliers = _looked(str(raw.path), str(raw.info.get("created")))
    with st.expander(t("data.clean.cores"), icon=":material/filter_alt:"):
        st.caption(t("data.clean.cores_note"))
        _cores(cores, least)
    with st.expander(t("data.clean.habits"), icon=":material/replay:"):
        st.caption(t("data.clean.habits_note"))
        st.table(_repeats(repeats), border="horizontal", hide_index=True)
    with st.expander(t("data.clean.bots", n=number(len(outliers))), icon=":material/smart_toy:"):
        if not len(outliers):
            st.caption(t("data.clean.no_bots"))
        elif least > 1:
            st.caption(t("data.privacy.withheld", n=least))
        else:
            st.caption(t("data.clean.bots_note"))
            shown = outliers.head(_SHOWN_OUTLIERS)
            shown = shown.assign(reason=shown["reason"].map(said)).rename(
                columns={name: t(f"data.clean.bots_{name}") for name in outliers}
            )
            st.dataframe(shown, hide_index=True, key="outliers")


def _cores(cores: pd.DataFrame, least: int) -> None:
    shown = hide_small(cores, "users", ("rows", "items", "kept"), least=least)
    rows = [
        {
            t("data.clean.k"): number(int(row["k"])),
            t("column.scenario"): row[SCENARIO],
            t("data.verdict.rows"): number(row["rows"]),
            t("data.verdict.users"): number(row["users"]),
            t("data.verdict.items"): number(row["items"]),
            t("data.clean.kept"): percent(row["kept"]),
        }
        for row in shown.to_dict("records")
        if row["k"] > 1
    ]
    st.dataframe(pd.DataFrame(rows), hide_index=True, key="cores")


def _repeats(found: pd.DataFrame) -> pd.DataFrame:
    return pd.DataFrame(
        [
            {
                t("column.scenario"): plain(row[SCENARIO]),
                t("data.clean.habit_share"): percent(row["share"], 1),
                t("data.clean.habit_gap"): number(row["gap_days"], 1),
                t("data.clean.habit_again"): percent(row["again"], 1),
                t("data.clean.habit_others"): percent(row["others"], 1),
                t("data.clean.habit_signal"): t(f"data.clean.signal_{row['signal']}"),
            }
            for row in found.to_dict("records")
        ]
    )


@st.cache_data(max_entries=20, show_spinner=False)
def _looked(path: str, created: str) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    del created  # part of the cache key: a check that was made anew is read anew
    log: InteractionLog = state.read(Run(path), "log")
    found = find_outliers(log)
    outliers = pd.DataFrame(
        {
            "user": log.users.ids[found.user],
            "rows": found.rows,
            "day": found.busiest_day,
            "reason": found.reason,
        }
    )
    return preview_cores(log), repeat_profile(log), outliers
