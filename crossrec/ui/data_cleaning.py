"""The cleaning plan: chosen with a preview of what it takes away, applied by a new check."""

import json
from dataclasses import replace
from typing import Any, Final

import pandas as pd
import streamlit as st

from crossrec.data.cleaning import MISSING, NORMALISE, REPEATS, CleaningPlan, clean
from crossrec.data.core import preview_cores
from crossrec.data.log import InteractionLog
from crossrec.data.outliers import find_outliers
from crossrec.data.privacy import hide_small
from crossrec.data.read import ReadOptions
from crossrec.data.repeats import repeat_profile
from crossrec.errors import DataError
from crossrec.intake import RunInputs
from crossrec.schema import SCENARIO
from crossrec.ui import checks, inputs, state
from crossrec.ui.format import number, percent, plain
from crossrec.ui.i18n import t
from crossrec.ui.tiles import tiles
from crossrec.ui.widgets import error_box, section
from crossrec.workspace import Run

DUPLICATES: Final = ("first", "last", "sum")
_MOST_WEIGHTS: Final = 8
_SHOWN_OUTLIERS: Final = 20


def show(asked: RunInputs, checked: Run) -> None:
    """What was done, the choices, and what they would take away."""
    raw = checks.find_raw(asked) or checked
    section(t("data.clean.title"), t("data.clean.note"))
    if asked.cleaning is not None:
        _done(checked)
    left, right = tiles("cleaning", 2, least=380)
    with left:
        plan, reading = _choices(asked, raw)
    with right:
        if asked.cleaning is None or plan != asked.cleaning:
            _preview(raw, plan)
        _evidence(raw, least=checks.least_shown(checked))
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
        if asked.cleaning is not None:
            st.button(t("data.clean.undo"), key="clean_undo", on_click=_undo)


def _apply(wanted: RunInputs) -> None:
    plan = wanted.cleaning.to_json() if wanted.cleaning else {}
    usual = CleaningPlan().to_json()
    inputs.write_param("clean", {name: plan[name] for name in plan if plan[name] != usual[name]})
    standard, reading = vars(ReadOptions()), vars(wanted.reading)
    inputs.write_param(
        "reading", {name: reading[name] for name in reading if reading[name] != standard[name]}
    )
    if checks.find(wanted) is None:
        checks.start(wanted)


def _undo() -> None:
    state.set_param("clean", None)
    for key in [str(key) for key in st.session_state if str(key).startswith("clean_")]:
        del st.session_state[key]


def _choices(asked: RunInputs, raw: Run) -> tuple[CleaningPlan, ReadOptions]:
    """The widgets, standing as the link says."""
    now = asked.cleaning or CleaningPlan()
    duplicates = st.selectbox(
        t("data.clean.duplicates"),
        DUPLICATES,
        index=DUPLICATES.index(asked.reading.repeats),
        format_func=lambda one: t(f"data.clean.duplicates_{one}"),
        key="clean_duplicates",
        help=t("data.clean.duplicates_help"),
    )
    repeats = st.selectbox(
        t("data.clean.repeats"),
        REPEATS,
        index=REPEATS.index(now.repeats),
        format_func=lambda one: t(f"data.clean.repeats_{one}"),
        key="clean_repeats",
        help=t("data.clean.repeats_help"),
    )
    users, items = st.columns(2)
    user_core = users.number_input(
        t("data.clean.user_core"), 1, 100, now.user_core, key="clean_user_core",
        help=t("data.clean.core_help"),
    )  # fmt: skip
    item_core = items.number_input(
        t("data.clean.item_core"), 1, 100, now.item_core, key="clean_item_core",
        help=t("data.clean.core_help"),
    )  # fmt: skip
    normalise = st.selectbox(
        t("data.clean.normalise"),
        NORMALISE,
        index=NORMALISE.index(now.normalise),
        format_func=lambda one: t(f"data.clean.normalise_{one}"),
        key="clean_normalise",
        help=t("data.clean.normalise_help"),
    )
    missing = st.selectbox(
        t("data.clean.missing"),
        MISSING,
        index=MISSING.index(now.missing),
        format_func=lambda one: t(f"data.clean.missing_{one}"),
        key="clean_missing",
    )
    outliers = st.toggle(
        t("data.clean.outliers"), value=now.drop_outliers, key="clean_outliers",
        help=t("data.clean.outliers_help"),
    )  # fmt: skip
    plan = CleaningPlan(
        drop_outliers=outliers,
        repeats=repeats,
        scenario_weights=_weights(now, list(state.read(raw, "log").scenarios.ids)),
        normalise=normalise,
        user_core=int(user_core),
        item_core=int(item_core),
        missing=missing,
    )
    return plan, replace(asked.reading, repeats=duplicates)


def _weights(now: CleaningPlan, names: list[str]) -> dict[str, float]:
    """A factor per scenario: where behaviours are the scenarios, these are the event weights."""
    weights = {name: factor for name, factor in now.scenario_weights.items() if name in names}
    if len(names) > _MOST_WEIGHTS:
        return weights
    with st.expander(t("data.clean.weights")):
        st.caption(t("data.clean.weights_help"))
        given = {
            name: st.number_input(
                plain(name), 0.01, 100.0, float(weights.get(name, 1.0)), 0.1, key=f"clean_w_{at}"
            )
            for at, name in enumerate(names)
        }
    return {name: float(factor) for name, factor in given.items() if factor != 1}


def _done(checked: Run) -> None:
    """What the applied plan took away, as the run records it."""
    record = checked.info.get("cleaning", {})
    with st.container(border=True, key="clean_done"):
        st.markdown(f"**{t('data.clean.done')}**")
        _steps(pd.DataFrame(record.get("steps", ())), checks.least_shown(checked))
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
    _steps(steps, checks.least_shown(raw))


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


def _evidence(raw: Run, *, least: int) -> None:
    """What to know before choosing: k-cores, whether repeats are a habit, who is no person."""
    cores, repeats, outliers = _looked(*_key(raw))
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
            shown = outliers.head(_SHOWN_OUTLIERS).rename(
                columns={name: t(f"data.clean.bots_{name}") for name in outliers}
            )
            st.dataframe(shown, hide_index=True, key="outliers")


def _cores(cores: pd.DataFrame, least: int) -> None:
    shown = hide_small(cores, "users", ("rows", "items", "kept"), least=least)
    rows = [
        {
            t("data.clean.k"): number(int(row["k"])),
            t("column.scenario"): plain(row[SCENARIO]),
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


def _key(raw: Run) -> tuple[str, str]:
    return str(raw.path), str(raw.info.get("created"))


@st.cache_data(max_entries=30, show_spinner=False)
def _cleaned(path: str, created: str, plan: str) -> pd.DataFrame:
    del created  # part of the cache key: a check that was made anew is read anew
    held: dict[str, Any] = json.loads(plan)
    return clean(state.read(Run(path), "log"), CleaningPlan.from_json(held)).steps


@st.cache_data(max_entries=20, show_spinner=False)
def _looked(path: str, created: str) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    del created
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
