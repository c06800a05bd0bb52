"""What a user did, by scenario; each item can be switched off."""

from collections import Counter
from typing import Any

import pandas as pd
import streamlit as st

from crossrec.explanation.whatif import WhatIf
from crossrec.schema import ITEM, SCENARIO
from crossrec.ui import state, trial, user_whatif
from crossrec.ui.format import number, plain
from crossrec.ui.i18n import t
from crossrec.ui.trial import Trial
from crossrec.ui.widgets import download_csv

ON = "on"
SHORT = 8
"""A history of so few items is open at once."""


def panel(tried: Trial) -> None:
    """The history as a table with a switch per item, one scenario at a time or all."""
    done = trial.history(tried.who.model, tried.who.one)
    if done.empty:
        st.caption(t("user.history_empty"))
        return
    counts = Counter(done[SCENARIO])
    label = t(
        "user.history_count",
        n=number(len(done)),
        parts=t("common.comma").join(
            f"{plain(name)} {number(counts[name])}" for name in tried.scenarios if name in counts
        ),
    )
    key = f"past_{tried.who.row}"
    shown = st.expander(label, expanded=len(done) <= SHORT, key=key, on_change="rerun")
    if shown.open:
        with shown:
            _table(tried, done, list(counts))


def _table(tried: Trial, done: pd.DataFrame, names: list[str]) -> None:
    shown = st.segmented_control(
        t("column.scenario"),
        [name for name in tried.scenarios if name in names],
        format_func=plain,
        key=f"history_scenario_{tried.who.row}",
        label_visibility="collapsed",
    )
    if shown:
        done = done.loc[done[SCENARIO] == shown].reset_index(drop=True)
    key = f"history_{user_whatif.epoch()}_{tried.who.row}_{shown}_{len(done)}"
    # the table's own edits count on top of what was off when it was first drawn
    before = st.session_state.setdefault(f"{key}_off", tried.state.removed)
    table = pd.DataFrame(
        {
            ON: [(s, i) not in before for s, i in zip(done[SCENARIO], done[ITEM], strict=True)],
            t("column.scenario"): done[SCENARIO],
            t("column.title"): tried.titles(done[ITEM].to_numpy()),
            t("user.weight"): done["weight"],
        }
    )
    if tried.who.one.ages is not None:
        table[t(f"user.age_{tried.who.one.unit}")] = done["age"]
    if tried.who.one.times is not None:
        table[t("seen.times")] = done["times"]
    st.data_editor(
        table,
        hide_index=True,
        key=key,
        disabled=[name for name in table.columns if name != ON],
        height=280 if len(done) > 7 else "auto",
        column_config=_columns(tried),
        on_change=_switched,
        args=(key, done),
    )
    download_csv(table.drop(columns=ON), key="history_csv", file_name="history.csv")


def _columns(tried: Trial) -> dict[str, Any]:
    return {
        ON: st.column_config.CheckboxColumn(t("user.counts"), width=60, help=t("user.counts_help")),
        t("user.weight"): st.column_config.NumberColumn(format="%.2f", width=80),
        t(f"user.age_{tried.who.one.unit}"): st.column_config.NumberColumn(format="%.0f", width=80),
    }


def _switched(key: str, done: pd.DataFrame) -> None:
    """History items that were switched go into the link."""
    changes = WhatIf.from_text(state.param(user_whatif.PARAM))
    for row, edit in st.session_state[key]["edited_rows"].items():
        if ON in edit:
            scenario, item = done.loc[int(row), [SCENARIO, ITEM]]
            changes = changes.switched(str(scenario), str(item), on=bool(edit[ON]))
    user_whatif.write(changes)
