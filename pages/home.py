"""Home: what did we find?"""

import pandas as pd
import streamlit as st

from crossrec.evaluation.summary import JUDGED_COHORTS
from crossrec.ui import demo, state, templates, tour, truth, verdicts
from crossrec.ui.command import as_command
from crossrec.ui.format import interval, plain, run_label
from crossrec.ui.home import board
from crossrec.ui.i18n import t
from crossrec.ui.widgets import answer, download_csv, errors_shown, go_button, own_data, section
from crossrec.workspace import Project, Run

OLDER = 4


def headline(run: Run | None) -> None:
    if run is None or "report" not in run.parts:
        answer(t("home.question"), t("home.answer_none"), t("home.answer_none_note"))
        return
    verdicts.headline(t("home.question"), state.summary(run))


def lifts(run: Run) -> pd.DataFrame:
    """A row per scenario: for every kind of user the lift with its interval and verdict."""
    rows: dict[str, dict[str, str]] = {}
    cohorts = [t(f"cohort.{cohort}") for cohort in JUDGED_COHORTS]
    for one in state.summary(run).answers:
        first = {t("home.card.scenario"): plain(one.scenario), **dict.fromkeys(cohorts, "–")}
        row = rows.setdefault(one.scenario, first)
        shown = interval(one.lift, one.low, one.high, sign=True)
        row[t(f"cohort.{one.cohort}")] = f"{shown} {verdicts.badge(one)}"
    return pd.DataFrame(list(rows.values()))


def card(run: Run, *, current: bool) -> None:
    with st.container(border=True, key=f"card_{run.id}"):
        with st.container(horizontal=True, vertical_alignment="center"):
            st.markdown(f"**{plain(run_label(run, st.context.timezone))}**", width="content")
            if current:
                st.badge(t("home.card.current"), color="blue")
        st.caption(facts(run))
        with errors_shown():
            if "report" in run.parts:
                st.table(lifts(run), border="horizontal", hide_index=True)
                st.caption(verdicts.rule())
            else:
                st.caption(t("home.card.no_lift"))
        with st.container(horizontal=True):
            for page, look in (
                ("transfer", "primary" if current else "secondary"),
                ("user", "secondary"),
            ):
                label = t(f"home.card.open_{page}")
                go_button(label, page, f"{page}_{run.id}", query=state.here(run), type=look)


def facts(run: Run) -> str:
    counts = run.info.get("counts", {})
    return t(
        "home.card.facts",
        rows=f"{counts.get('interactions', 0):,}",
        users=f"{counts.get('users', 0):,}",
        items=f"{counts.get('items', 0):,}",
        scenarios=len(run.info.get("scenarios", ())),
    )


def runs(where: Project, current: Run) -> None:
    if "report" in current.parts:
        board.show(current)
    with st.expander(t("home.figures"), icon=":material/table_view:"):
        st.markdown(f"**{plain(where.name)}**")
        card(current, current=True)
    others = [run for run in state.workspace().runs(where) if run.id != current.id]
    if others:
        with st.expander(t("home.older", n=len(others))):
            for run in others[:OLDER]:
                card(run, current=False)
    go_button(t("home.manage"), "settings", "manage", query=state.here(), type="tertiary")


def start() -> None:
    section(t("home.start.title"))
    demo_box, own_box, template_box = st.columns(3, gap="medium")
    with demo_box.container(border=True, height="stretch"):
        demo.invitation()
    with own_box.container(border=True, height="stretch"):
        own_data()
    with template_box.container(border=True, height="stretch"):
        st.subheader(t("home.templates.title"), anchor=False)
        st.markdown(t("home.templates.body"))
        with st.container(gap="xsmall"):
            for name in templates.TEMPLATES:
                download_csv(
                    templates.template(name),
                    key=f"template_{name}",
                    file_name=f"{name}.csv",
                    label=t(f"home.templates.{name}"),
                )


where, shown = state.project(), state.run()
with errors_shown():
    headline(shown)
    if where is not None and shown is not None:
        tour.offer()
        runs(where, shown)
        if truth.is_sample(shown) and "report" in shown.parts:
            truth.show(shown)
start()
if shown is not None:
    as_command(["crossrec", "runs", "show", shown.path])
else:
    as_command(["crossrec", "demo"], ["crossrec", "app"])
