"""Telling the scenario of rows that do not name it: judged first, applied only on request."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import pandas as pd
import streamlit as st

from crossrec.intake import RunInputs
from crossrec.schema import SCENARIO
from crossrec.ui import inputs, state, work
from crossrec.ui.format import number, percent, plain
from crossrec.ui.i18n import t
from crossrec.ui.tiles import tiles
from crossrec.ui.widgets import section

VERB: Final = "tell_scenarios"
_SAME_ITEM: Final = "same item"  # the model's name; importing it would load scikit-learn here
_MASKS: Final = ("10", "20", "30", "50")
"""Percent of the labels that may be hidden, as the link says them."""


def show(asked: RunInputs) -> None:
    """The form, the job, and what it found.

    Args:
        asked: the files and columns.
    """
    section(t("data.tell.title"), t("data.tell.note"))
    wanted = _form(asked)
    told = _result(wanted, _key(wanted), t("data.tell.button"), "tell_start")
    if told is None:
        return
    _answer(told)
    if told["kind"] == "tree":
        _scores(told)
        _confusion(told)
        _confidence(told)
    else:
        _groups(told)
    with st.expander(t("data.tell.tree"), icon=":material/account_tree:"):
        st.code("\n".join(told["tree"]), language=None)
    _apply(told, wanted)


def _form(asked: RunInputs) -> dict[str, Any]:
    """What is asked for; the parameters of the verb."""
    left, right = tiles("tell_row", 2, least=380)
    st.session_state["tell_labels"] = state.param("labels") != "0"
    named = left.toggle(
        t("data.tell.labels"),
        key="tell_labels",
        help=t("data.tell.labels_help"),
        on_change=lambda: state.set_param("labels", "" if _chosen("tell_labels") else "0"),
    )
    linked = state.param("mask")
    st.session_state["tell_mask"] = int(linked) if linked in _MASKS else 0
    mask = right.select_slider(
        t("data.tell.mask"),
        [0, *map(int, _MASKS)],
        format_func=lambda share: f"{share}%",
        key="tell_mask",
        help=t("data.tell.mask_help"),
        disabled=not named,
        on_change=lambda: state.set_param("mask", str(_chosen("tell_mask") or "")),
    )
    mapping = dict(asked.mapping) if named else {**asked.mapping, SCENARIO: ""}
    return {
        "interactions": asked.log_files[0],
        "items": asked.items,
        "mapping": mapping,
        "mask": mask / 100 if named else 0.0,
    }


def _chosen(widget: str) -> Any:
    return st.session_state[widget]


def _result(
    wanted: Mapping[str, Any], key: str, label: str, widget: str
) -> Mapping[str, Any] | None:
    """What the job for this gave; until then its progress, or the button that starts it."""
    job = work.latest(VERB, key)
    if job is not None and job.state == "done":
        return job.result
    if job is not None:
        work.panel(job)
    if job is None or not job.active:
        st.button(
            label,
            key=widget,
            icon=":material/psychology:",
            on_click=_start,
            args=(wanted, key),
        )
    return None


def _start(wanted: Mapping[str, Any], key: str) -> None:
    work.start(VERB, wanted, dedupe=key)


def _key(wanted: Mapping[str, Any]) -> str:
    stamp = Path(wanted["interactions"]).stat().st_mtime_ns
    text = json.dumps([stamp, {name: str(value) for name, value in wanted.items()}], sort_keys=True)
    return "tell-" + hashlib.sha256(text.encode()).hexdigest()[:16]


def _answer(told: Mapping[str, Any]) -> None:
    if told["kind"] == "groups":
        words = "data.tell.groups_useful" if told["useful"] else "data.tell.groups_useless"
        st.markdown(t(words, stability=number(told["stability"], 2)))
        return
    words = "data.tell.useful" if told["useful"] else "data.tell.useless"
    scores = {(row["model"], row["features"], row["folds"]): row for row in told["scores"]}
    forest = next(row for row in told["scores"] if row["model"] == "forest")
    most = next(row for key, row in scores.items() if key[0] == "majority")
    st.markdown(
        t(words, forest=percent(forest["accuracy"], 1), majority=percent(most["accuracy"], 1))
    )
    st.caption(
        t("data.tell.rows", labelled=number(told["labelled"]), open=number(told["unlabelled"]))
    )
    if told["giveaways"]:
        st.warning(t("data.tell.giveaways", columns=", ".join(map(plain, told["giveaways"]))))
    for row in told.get("masked", ()):
        shown = "–" if row["accuracy"] is None else percent(row["accuracy"], 1)
        how = t("data.tell.how_" + row["how"].replace(" ", "_"))
        st.caption(t("data.tell.masked", how=how, rows=number(row["rows"]), accuracy=shown))


def _scores(told: Mapping[str, Any]) -> None:
    section(t("data.tell.scores"), t("data.tell.scores_note"))
    rows = [
        {
            t("data.tell.model"): t("data.tell.model_" + row["model"].replace(" ", "_")),
            t("data.tell.features"): t("data.tell.features_" + row["features"].replace(" ", "_")),
            t("data.tell.judged"): _judged(row),
            t("data.tell.accuracy"): _interval(row),
        }
        for row in told["scores"]
    ]
    st.table(pd.DataFrame(rows), border="horizontal", hide_index=True)


def _judged(row: Mapping[str, Any]) -> str:
    """Which rows a way was judged on."""
    if row["model"] == _SAME_ITEM:
        return t("data.tell.known_items")
    return t("data.tell.leak") if row["leak"] else t("data.tell.fair")


def _confusion(told: Mapping[str, Any]) -> None:
    section(t("data.tell.confusion"), t("data.tell.confusion_note"))
    rows = [{t("data.tell.true"): true, **row} for true, row in told["confusion"].items()]
    st.dataframe(pd.DataFrame(rows), hide_index=True, key="tell_confusion")


def _confidence(told: Mapping[str, Any]) -> None:
    section(t("data.tell.confidence"), t("data.tell.confidence_note"))
    rows = [
        {
            t("data.tell.at_least"): percent(row["confidence"]),
            t("data.tell.share"): percent(row["share"]),
            t("data.tell.accuracy"): percent(_value(row["accuracy"]), 1),
        }
        for row in told["confidence"]
    ]
    st.table(pd.DataFrame(rows), border="horizontal", hide_index=True)


def _interval(row: Mapping[str, Any]) -> str:
    low, high = percent(row["low"], 1), percent(row["high"], 1)
    return f"{percent(row['accuracy'], 1)} [{low}, {high}]"


def _value(accuracy: float | None) -> float:
    return float("nan") if accuracy is None else accuracy


def _groups(told: Mapping[str, Any]) -> None:
    groups: Sequence[Mapping[str, Any]] = told["groups"]
    rows = [
        {
            t("column.scenario"): plain(row[SCENARIO]),
            t("column.rows"): number(row["rows"]),
            t("column.share"): percent(row["share"]),
            t("data.tell.what"): plain(row["what"]),
        }
        for row in groups
    ]
    st.table(pd.DataFrame(rows), border="horizontal", hide_index=True)


def _apply(told: Mapping[str, Any], wanted: Mapping[str, Any]) -> None:
    """Write a copy of the log with the told scenarios and their confidence, and use it."""
    section(t("data.tell.apply_title"), t("data.tell.apply_note"))
    least = st.slider(
        t("data.tell.least"), 0, 100, 80, 5, format="%d%%", key="tell_least",
        help=t("data.tell.least_help"),
    )  # fmt: skip
    asked = {**wanted, "mask": 0.0, "least": least / 100}
    key = _key(asked)
    asked["out"] = state.workspace().root / "told" / f"{key}.csv"
    done = _result(asked, key, t("data.tell.apply"), "tell_apply")
    if done is None:
        return
    st.markdown(t("data.tell.applied", rows=number(done["rows"]), open=number(done["open"])))
    st.button(
        t("data.tell.use"),
        key="tell_use",
        type="primary",
        on_click=inputs.choose,
        args=("log", [str(asked["out"])]),
    )
