"""The decision board: what to do in each scenario, for whom, and who can be looked at."""

from typing import Final, Literal

import pandas as pd
import streamlit as st

from crossrec.evaluation import board
from crossrec.evaluation.board import MORE, OFF, ON, Decision
from crossrec.evaluation.summary import JUDGED_COHORTS
from crossrec.ui import state, verdicts
from crossrec.ui.format import interval, plain
from crossrec.ui.i18n import t
from crossrec.ui.widgets import go_button, plot_words
from crossrec.workspace import Run

_LOOK: Final[dict[str, tuple[Literal["blue", "orange", "gray"], str]]] = {
    ON: ("blue", ":material/toggle_on:"),
    OFF: ("orange", ":material/toggle_off:"),
    MORE: ("gray", ":material/hourglass_empty:"),
}
_WIDTHS: Final = (1.7, 2.2, 2.6, 1.3)


def show(run: Run) -> None:
    """One row per scenario of a run, and the rule below.

    Raises:
        RunUnreadable: the run has no report, or it is damaged.
    """
    for at, one in enumerate(state.board(run)):
        with st.container(border=True, key=f"board_{run.id}_{at}"):
            what, whom, how, look = st.columns(_WIDTHS, gap="medium", vertical_alignment="center")
            with what:
                _decision(one)
            with whom:
                _for_whom(one)
            with how:
                _figures(one)
            with look:
                _people(run, one, at)
    st.caption(plot_words("board_rule"))
    with st.expander(t("home.board.every")):
        st.table(_lifts(run), border="horizontal", hide_index=True)


def _lifts(run: Run) -> pd.DataFrame:
    """A row per scenario: for every kind of user the lift with its interval and verdict."""
    rows: dict[str, dict[str, str]] = {}
    cohorts = [t(f"cohort.{cohort}") for cohort in JUDGED_COHORTS]
    for one in state.summary(run).answers:
        first = {t("home.board.scenario"): plain(one.scenario), **dict.fromkeys(cohorts, "–")}
        row = rows.setdefault(one.scenario, first)
        shown = interval(one.lift, one.low, one.high, sign=True)
        row[t(f"cohort.{one.cohort}")] = f"{shown} {verdicts.badge(one)}"
    return pd.DataFrame(list(rows.values()))


def _decision(one: Decision) -> None:
    colour, icon = _LOOK[one.decision]
    st.markdown(f"**{plain(one.scenario)}**")
    st.badge(board.tell(one, plot_words), color=colour, icon=icon)


def _for_whom(one: Decision) -> None:
    lines = []
    if one.decision == ON:
        comma = plot_words("board_comma")
        groups = [group for group in one.helped_cohorts if group != "all"] or ["all"]
        cohort = comma.join(plot_words(f"cohort_{group}") for group in groups)
        lines.append(plot_words("board_for", cohort=cohort))
        if one.sources:
            sources = comma.join(plain(pair.source) for pair in one.sources)
            lines.append(plot_words("board_from", sources=sources))
    st.markdown("  \n".join(lines))
    if sentences := board.told(one, plot_words, plain):
        st.caption(" ".join(sentences))


def _figures(one: Decision) -> None:
    open_still = "" if one.decision == ON else " " + verdicts.badge(one.main)
    st.markdown(f"**{board.gain(one)}**{open_still}")
    st.caption(f"{board.sides(one, plot_words)}  \n{board.hits(one, plot_words)}")


def _people(run: Run, one: Decision, at: int) -> None:
    query = {**state.here(run), "scenario": one.scenario}
    for user, word in ((one.person, "gains"), (one.loser, "loses")):
        if user:
            go_button(
                t(f"home.board.{word}"),
                "user",
                f"board_{word}_{run.id}_{at}",
                query={**query, "user": user},
                type="tertiary",
            )
