"""The decision board on Home: a card per scenario, and the ways on from it."""

from typing import Final

import streamlit as st

from crossrec import evaluation
from crossrec.evaluation import Board, BoardRow
from crossrec.report.board import STYLE, card, reach_of
from crossrec.ui import kept, state
from crossrec.ui.home import send
from crossrec.ui.i18n import t
from crossrec.ui.widgets import go_button, plot_words, section
from crossrec.workspace import Run

_COLOURS: Final = {
    "light": "--board-ink:#1D2733;--board-muted:#5B6775;--board-track:#EEF1F5;"
    "--board-on:#1F5FA8;--board-on-ink:#fff;--board-off:#B4540A;--board-off-ink:#fff",
    "dark": "--board-ink:#E4E9F0;--board-muted:#9AA7B6;--board-track:#222A34;"
    "--board-on:#6DA9DC;--board-on-ink:#0C131B;--board-off:#E8944A;--board-off-ink:#0C131B",
}
"""By theme; each pair of a colour and its ink has a contrast of at least 4.5."""


def board_of(run: Run) -> Board:
    """The board of a run, computed once per server."""
    return kept.value(
        run,
        "board",
        make=lambda: evaluation.board(state.read(run, "report"), least=state.least_shown(run)),
    )


def show(run: Run) -> None:
    """The cards, with what they rest on below them."""
    found = board_of(run)
    if not found.rows:
        return
    with st.container(horizontal=True, vertical_alignment="bottom"):
        with st.container():
            section(t("home.board.title"), evaluation.board_title(found, plot_words))
        send.offer(run)
    st.html(f"<style>.stApp{{{_COLOURS[state.theme()]}}}{STYLE}</style>")
    reach = reach_of(found)
    for at, row in enumerate(found.rows):
        with st.container(border=True, key=f"board_{at}"):
            st.html(card(row, found.k, plot_words, reach=reach))
            _ways_on(run, row, at)
    st.caption(f"{evaluation.board_rule(plot_words)} {plot_words('headline_method', k=found.k)}")


def _ways_on(run: Run, row: BoardRow, at: int) -> None:
    here = state.here(run)
    with st.container(horizontal=True, gap="small"):
        if row.person is not None:
            query = {**here, "user": row.person.user, "scenario": row.scenario}
            go_button(
                t("home.board.show"),
                "user",
                f"board_show_{at}",
                query=query,
                icon=":material/person_search:",
            )
        if row.people is not None and row.people.harmed:
            query = {**here, "target": _place(run, row.scenario)}
            query["winners_cohort"] = _cohort_on_transfer(row)
            go_button(
                t("home.board.losers"),
                "transfer",
                f"board_losers_{at}",
                query=query,
                icon=":material/trending_down:",
            )


def _cohort_on_transfer(row: BoardRow) -> str:
    cohort = row.answer.cohort
    return "warm" if cohort == "warm_few" else cohort


def _place(run: Run, scenario: str) -> str:
    """The scenario's place among those that the Transfer page offers."""
    judged = set(state.read(run, "report").per_user["scenario"].unique())
    offered = [one for one in map(str, run.info.get("scenarios", ())) if one in judged]
    return str(offered.index(scenario))
