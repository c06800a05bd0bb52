"""The demo: a project of its own, trained once on the sample data that comes with CrossRec."""

from typing import Final

import streamlit as st

from crossrec.intake import RunInputs
from crossrec.ui import inputs, state, work
from crossrec.ui.i18n import t
from crossrec.workspace import Run

SLUG: Final = "demo"
"""Slug of the demo's project, and key of the job that makes it."""


def finished() -> Run | None:
    """The demo's newest run; None where it was not made yet."""
    workspace = state.workspace()
    if SLUG not in {project.slug for project in workspace.projects()}:
        return None
    return next(iter(workspace.runs(SLUG)), None)


def invitation() -> None:
    """What Home and empty pages offer: open the demo, or make it where it was not made yet."""
    st.subheader(t("home.demo.title"), anchor=False)
    run = finished()
    if run is not None:
        st.markdown(t("home.demo.body"))
        if st.button(t("home.demo.button"), key="open_demo", icon=":material/play_circle:"):
            state.set_run(run.id, SLUG)
            st.switch_page("pages/home.py", query_params={**state.here(run), "project": SLUG})
        return
    st.markdown(t("home.demo.train_body"))
    job = work.latest("run", SLUG)
    if job is not None and job.active:
        work.panel(job)
    else:
        st.button(
            t("home.demo.train"), key="make_demo", icon=":material/play_circle:", on_click=_make
        )


def _make() -> None:
    workspace = state.workspace()
    if SLUG not in {project.slug for project in workspace.projects()}:
        workspace.create_project("Demo")
    files = inputs.sample_files()
    arguments = {
        "inputs": RunInputs(files["log"][0], files["items"][0], files["users"][0]),
        "out": workspace.new_run_path(SLUG),
        "config": {},
    }
    work.start("run", arguments, dedupe=SLUG)
