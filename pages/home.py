"""Home: what did we find?"""

import streamlit as st

from crossrec.ui import demo, home_board, state, templates, tour, truth, verdicts
from crossrec.ui.command import as_command
from crossrec.ui.format import plain, run_label
from crossrec.ui.i18n import t
from crossrec.ui.widgets import answer, download_csv, errors_shown, go_button, own_data, section
from crossrec.workspace import Project, Run

OLDER = 4


def headline(run: Run | None) -> None:
    if run is None or "report" not in run.parts:
        answer(t("home.question"), t("home.answer_none"), t("home.answer_none_note"))
        return
    verdicts.headline(t("home.question"), state.summary(run))


def card(run: Run, *, current: bool) -> None:
    with st.container(border=True, key=f"card_{run.id}"):
        with st.container(horizontal=True, vertical_alignment="center"):
            st.markdown(f"**{plain(run_label(run, st.context.timezone))}**", width="content")
            if current:
                st.badge(t("home.card.current"), color="blue")
        st.caption(facts(run))
        with errors_shown():
            if "report" in run.parts:
                home_board.show(run)
            else:
                st.caption(t("home.card.no_lift"))
        with st.container(horizontal=True):
            for page, label, look in (
                ("transfer", t("home.card.open_transfer"), "primary" if current else "secondary"),
                ("user", t("home.card.open_user"), "secondary"),
                ("compare", t("home.board.send"), "secondary"),
            ):
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
    k = current.info.get("config", {}).get("k", 10)
    section(plain(where.name), verdicts.method(k))
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
