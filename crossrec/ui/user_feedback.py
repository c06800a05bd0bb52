"""What a person says of a recommended item: its effect, to keep it, and to take it away again."""

from dataclasses import replace
from typing import Any, Final

import numpy as np
import pandas as pd
import streamlit as st

from crossrec.schema import SCENARIO
from crossrec.ui import feedback_effect, state
from crossrec.ui.format import moment, number, plain
from crossrec.ui.i18n import t
from crossrec.ui.trial import Trial, Who
from crossrec.ui.widgets import download_csv, section
from crossrec.workspace import Run
from crossrec.workspace.agreement import agreement
from crossrec.workspace.feedback import (
    Feedback,
    FeedbackStore,
    Verdict,
    data_set_of,
    to_frame,
)

ICONS: Final = {
    Verdict.LIKE: ":material/thumb_up:",
    Verdict.NOT_INTERESTED: ":material/visibility_off:",
    Verdict.DISLIKE: ":material/thumb_down:",
}
LAST: Final = "last_feedback"
"""The session's last entry that was kept."""
WEIGHED: Final = "weighed_feedback"
"""Whose list, item and verdict: shown with its effect, not kept yet."""
MOST_LISTED: Final = 20
"""Entries of a user with buttons; all others stand in the table of the project."""


def store() -> FeedbackStore:
    """The feedback of this workspace."""
    return FeedbackStore(state.workspace())


def heard(run: Run, who: Who) -> Who:
    """The user with what was said on his behalf in his history."""
    if who.row is None:
        return who
    asked = {"project": project_of(run), "data": data_of(run), "user": who.name}
    rows = [row for row in store().rows(**asked) if _known(who, row[1], row[2])]
    return replace(who, one=who.one.with_rows(rows, who.model.space_)) if rows else who


def project_of(run: Run) -> str:
    """Slug of the project a run belongs to."""
    return run.path.parent.parent.name


def data_of(run: Run) -> str:
    """The data set of a run."""
    return data_set_of(run.info.get("inputs", {}))


def buttons(tried: Trial, item: str) -> None:
    """Like, not interested, dislike: the effect first, then to keep it; and what is kept."""
    if tried.who.row is None:
        st.caption(t("user.feedback.made_up"))
        return
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        for verdict, icon in ICONS.items():
            st.button(
                t(f"user.feedback.{verdict}"),
                key=f"say_{verdict}",
                icon=icon,
                on_click=_weigh,
                args=(tried, item, verdict),
            )
    _weighed(tried)
    _undo_line()
    _kept(tried)


def _weigh(tried: Trial, item: str, verdict: Verdict) -> None:
    st.session_state[WEIGHED] = (_shown(tried), item, verdict)
    st.session_state.pop(LAST, None)


def _shown(tried: Trial) -> tuple[str, str, str]:
    """Whose list is looked at."""
    return tried.run.id, tried.who.name, tried.target


def _weighed(tried: Trial) -> None:
    """The effect of a verdict that is not kept yet, and to keep or drop it."""
    shown, item, verdict = st.session_state.get(WEIGHED, (None, "", Verdict.LIKE))
    places = np.flatnonzero(tried.answer.ranking.item_ids == item)
    if shown != _shown(tried) or not len(places):
        return
    with st.container(border=True, gap="small"):
        feedback_effect.show(tried, item, verdict)
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            st.text_input(
                t("user.feedback.reason"),
                key="say_reason",
                max_chars=500,
                placeholder=t("user.feedback.reason"),
                label_visibility="collapsed",
                width=240,
            )
            st.button(
                t("user.feedback.keep"),
                key="say_keep",
                icon=":material/check:",
                type="primary",
                on_click=_keep,
                args=(tried, item, verdict, int(places[0]) + 1),
            )
            st.button(
                t("user.feedback.drop"),
                key="say_drop",
                type="tertiary",
                on_click=st.session_state.pop,
                args=(WEIGHED, None),
            )


def _keep(tried: Trial, item: str, verdict: Verdict, rank: int) -> None:
    said = Feedback(
        0,
        0,
        project_of(tried.run),
        tried.run.id,
        tried.who.name,
        tried.target,
        item,
        verdict,
        st.session_state.get("say_reason", ""),
        rank,
        len(tried.answer.ranking),
        data_of(tried.run),
    )
    st.session_state[LAST] = (store().add(said).id, tried.title(item), str(verdict))
    st.session_state["say_reason"] = ""
    st.session_state.pop(WEIGHED, None)
    state.set_param("item", None)


def _undo_line() -> None:
    if LAST not in st.session_state:
        return
    entry, title, verdict = st.session_state[LAST]
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.caption(
            t("user.feedback.said", verdict=t(f"user.feedback.{verdict}"), item=plain(title))
        )
        st.button(
            t("user.feedback.undo"),
            key="say_undo",
            icon=":material/undo:",
            type="tertiary",
            on_click=_undo,
            args=(entry,),
        )


def _undo(entry: int) -> None:
    store().undo(entry)
    st.session_state.pop(LAST, None)


def _delete(entry: int) -> None:
    store().delete(entry)
    st.session_state.pop(LAST, None)


def _kept(tried: Trial) -> None:
    """What was said on the user's behalf, in this visit or an earlier one, and to take it away."""
    asked = {"project": project_of(tried.run), "data": data_of(tried.run), "user": tried.who.name}
    entries = store().entries(**asked)[::-1]
    if not entries:
        return
    titles = tried.titles(np.array([one.item for one in entries], dtype=object))
    with st.expander(t("user.feedback.counts", n=number(len(entries)))):
        for one, title in list(zip(entries, titles, strict=True))[:MOST_LISTED]:
            with st.container(horizontal=True, vertical_alignment="center", gap="small"):
                verdict = t(f"user.feedback.{one.verdict}")
                words = {"verdict": verdict, "item": plain(title), "scenario": plain(one.scenario)}
                st.markdown(t("user.feedback.one", **words), width="stretch")
                _take_away(one, f"_{one.id}")
        if len(entries) > MOST_LISTED:
            st.caption(t("user.feedback.others", n=number(len(entries) - MOST_LISTED)))


def _take_away(one: Feedback, key: str) -> None:
    """To take an entry back, which its record stays of, or to delete it."""
    st.button(
        t("user.feedback.take_back"),
        key=f"feedback_undo{key}",
        icon=":material/undo:",
        type="tertiary",
        on_click=_undo,
        args=(one.id,),
        help=t("user.feedback.take_back_help"),
    )
    st.button(
        t("user.feedback.delete"),
        key=f"feedback_delete{key}",
        icon=":material/delete:",
        type="tertiary",
        on_click=_delete,
        args=(one.id,),
        help=t("user.feedback.delete_help"),
    )


def panel(tried: Trial) -> None:
    """The feedback of the project: counts, agreement with the model, the entries, and undo."""
    section(t("user.feedback.title"), t("user.feedback.note"))
    entries = store().entries(project=project_of(tried.run))
    if not entries:
        st.caption(t("user.feedback.none"))
        return
    counts = agreement(entries)
    overall = counts.iloc[-1]
    st.markdown(
        t(
            "user.feedback.answer",
            n=number(len(entries)),
            likes=number(int(overall["like"])),
            agreement=number(overall["agreement"], 2),
        )
    )
    st.dataframe(
        pd.DataFrame(
            {
                t("column.scenario"): counts[SCENARIO].replace("", t("user.feedback.all")),
                **{t(f"user.feedback.{verdict}"): counts[str(verdict)] for verdict in ICONS},
                t("user.feedback.liked_place"): counts["liked_place"],
                t("user.feedback.refused_place"): counts["refused_place"],
                t("user.feedback.agreement"): counts["agreement"],
            }
        ),
        hide_index=True,
        key="feedback_counts",
        column_config=_shares(),
    )
    st.caption(t("user.feedback.agreement_help"))
    _entries(tried, entries)
    with st.container(horizontal=True):
        download_csv(lambda: to_frame(entries), key="feedback_csv", file_name="feedback.csv")
        st.download_button(
            t("user.download_json"),
            data=lambda: str(
                to_frame(entries).to_json(orient="records", force_ascii=False, indent=2)
            ),
            file_name="feedback.json",
            mime="application/json",
            key="feedback_json",
            on_click="ignore",
            icon=":material/download:",
            type="tertiary",
        )


def _shares() -> dict[str, Any]:
    names = ("liked_place", "refused_place", "agreement")
    return {
        t(f"user.feedback.{name}"): st.column_config.NumberColumn(format="%.2f") for name in names
    }


def _entries(tried: Trial, entries: list[Feedback]) -> None:
    newest = entries[::-1]
    titles = tried.titles(np.array([one.item for one in newest], dtype=object))
    table = pd.DataFrame(
        {
            t("column.timestamp"): [
                moment(pd.Timestamp(one.time, unit="s", tz="UTC").isoformat(), st.context.timezone)
                for one in newest
            ],
            t("column.user_id"): [one.user for one in newest],
            t("column.title"): titles,
            t("column.scenario"): [one.scenario for one in newest],
            t("user.feedback.verdict"): [t(f"user.feedback.{one.verdict}") for one in newest],
            t("user.feedback.reason"): [one.reason for one in newest],
            t("user.rank"): pd.Series([one.rank for one in newest], dtype="Int64"),
        }
    )
    event = st.dataframe(
        table,
        hide_index=True,
        key=f"feedback_entries_{len(newest)}",
        on_select="rerun",
        selection_mode="single-row",
        height=260 if len(table) > 6 else "auto",
    )
    rows = event["selection"]["rows"]  # pyright: ignore[reportIndexIssue]
    if rows:
        with st.container(horizontal=True, gap="small"):
            _take_away(newest[rows[0]], "")


def _known(who: Who, scenario: str, item: str) -> bool:
    """Whether this run's model has the item; another run of the project may have more."""
    space = who.model.space_
    at = int(space.scenarios.codes([scenario])[0])
    code = space.items.codes([item])
    return at >= 0 and code[0] >= 0 and space.local(at, code)[0] >= 0
