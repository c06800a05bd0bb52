"""The cleaning plan: chosen with a preview of what it takes away, applied by a new check."""

import json
from dataclasses import replace
from typing import Any

import pandas as pd
import streamlit as st

from crossrec.data.cleaning.plan import CleaningPlan, clean
from crossrec.data.reading.readers import ReadOptions
from crossrec.errors import DataError
from crossrec.intake import RunInputs
from crossrec.schema import SCENARIO
from crossrec.ui import checks, data_evidence, inputs, state
from crossrec.ui.data_choices import choices
from crossrec.ui.format import number, plain
from crossrec.ui.i18n import t
from crossrec.ui.tiles import tiles
from crossrec.ui.widgets import error_box, section
from crossrec.workspace import Run


def show(asked: RunInputs, checked: Run) -> None:
    """What was done, the choices, and what they would take away."""
    raw = checks.find_raw(asked) or checked
    section(t("data.clean.title"), t("data.clean.note"))
    changed = asked.cleaning is not None or asked.reading != _usual(asked.reading)
    if changed:
        _done(asked, checked)
    left, right = tiles("cleaning", 2, least=380)
    with left:
        plan, reading = choices(asked, raw)
    with right:
        if asked.cleaning is None or plan != asked.cleaning:
            _preview(raw, plan)
        data_evidence.show(raw, least=state.least_shown(checked))
    wanted = replace(asked, cleaning=None if plan == CleaningPlan() else plan, reading=reading)
    with st.container(horizontal=True):
        st.button(
            t("data.clean.apply"),
            key="clean_apply",
            type="primary",
            disabled=wanted == asked,
            on_click=_apply,
            args=(wanted,),
        )
        if changed:
            st.button(t("data.clean.undo"), key="clean_undo", on_click=_undo)


def _apply(wanted: RunInputs) -> None:
    plan = wanted.cleaning.to_json() if wanted.cleaning else {}
    usual = CleaningPlan().to_json()
    inputs.write_param("clean", {name: plan[name] for name in plan if plan[name] != usual[name]})
    checks.apply_reading(wanted)


def _usual(reading: ReadOptions) -> ReadOptions:
    """The reading without what is chosen on this part of the page."""
    usual = ReadOptions()
    return replace(reading, repeats=usual.repeats, scenario_names=usual.scenario_names)


def _undo() -> None:
    state.set_param("clean", None)
    inputs.write_reading(_usual(inputs.reading()))
    for key in [str(key) for key in st.session_state if str(key).startswith("clean_")]:
        del st.session_state[key]


def _done(asked: RunInputs, checked: Run) -> None:
    """What the applied plan took away, as the run records it."""
    record = checked.info.get("cleaning", {})
    with st.container(border=True, key="clean_done"):
        st.markdown(f"**{t('data.clean.done')}**")
        if asked.cleaning is not None:
            _steps(pd.DataFrame(record.get("steps", ())), state.least_shown(checked))
        if names := asked.reading.scenario_names:
            told = [f"{plain(old)} → {plain(new)}" for old, new in names.items()]
            st.caption(t("data.clean.names_done", names=t("common.comma").join(told)))
        if asked.reading.repeats != ReadOptions().repeats:
            policy = t(f"data.clean.duplicates_{asked.reading.repeats}")
            st.caption(t("data.clean.duplicates_done", policy=policy))
        filled = [
            t("data.clean.filled", n=number(n), column=plain(column))
            for columns in record.get("filled", {}).values()
            for column, n in columns.items()
        ]
        if filled:
            st.caption("; ".join(filled[:8]))


def _preview(raw: Run, plan: CleaningPlan) -> None:
    st.markdown(f"**{t('data.clean.preview')}**")
    if plan in (CleaningPlan(), CleaningPlan(missing=plan.missing)):
        st.caption(t("data.clean.nothing"))
        return
    try:
        with st.spinner(t("data.clean.looking")):
            steps = _cleaned(*_key(raw), json.dumps(plan.to_json(), sort_keys=True))
    except DataError as error:  # nothing would be left
        error_box(error)
        return
    _steps(steps, state.least_shown(raw))


def _steps(steps: pd.DataFrame, least: int) -> None:
    """Rows, users and items after each step, with what it took away."""
    if steps.empty:
        st.caption(t("data.clean.no_step"))
        return
    shown = []
    for row in steps.to_dict("records"):
        line = {
            t("data.clean.step"): t(f"data.clean.step_{row['step']}"),
            t("column.scenario"): plain(row[SCENARIO]),
        }
        few = row["users"] < least or 0 < row["users_before"] - row["users"] < least
        for name in ("rows", "users", "items"):
            gone = row[f"{name}_before"] - row[name]
            told = f"{number(row[name])} (−{number(gone)})" if gone else number(row[name])
            line[t(f"data.verdict.{name}")] = "–" if few and least > 1 else told
        shown.append(line)
    st.table(pd.DataFrame(shown), border="horizontal", hide_index=True)


def _key(raw: Run) -> tuple[str, str]:
    return str(raw.path), str(raw.info.get("created"))


@st.cache_data(max_entries=30, show_spinner=False)
def _cleaned(path: str, created: str, plan: str) -> pd.DataFrame:
    del created  # part of the cache key: a check that was made anew is read anew
    held: dict[str, Any] = json.loads(plan)
    return clean(state.read(Run(path), "log"), CleaningPlan.from_json(held)).steps
