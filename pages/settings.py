"""Projects, jobs and settings: what is kept here, and how."""

import streamlit as st

from crossrec.ui import settings_form, settings_jobs, settings_shelf, state
from crossrec.ui.command import as_command
from crossrec.ui.format import number
from crossrec.ui.i18n import t
from crossrec.ui.widgets import answer, errors_shown

PARTS = {"runs": settings_shelf.show, "jobs": settings_jobs.show, "settings": settings_form.show}


def headline() -> None:
    workspace = state.workspace()
    projects = workspace.projects()
    runs = sum(len(workspace.runs(project)) for project in projects)
    answer(
        t("settings.question"),
        t("settings.answer", projects=number(len(projects)), runs=number(runs)),
    )


def part_shown() -> str:
    linked = state.param("part")
    st.session_state["settings_part"] = linked if linked in PARTS else "runs"
    st.segmented_control(
        t("settings.part"),
        list(PARTS),
        format_func=lambda part: t(f"settings.part_{part}"),
        key="settings_part",
        label_visibility="collapsed",
        required=True,
        on_change=lambda: state.set_param("part", st.session_state["settings_part"]),
    )
    return st.session_state["settings_part"]


def commands(part: str) -> None:
    root = state.workspace().root
    if part == "jobs":
        as_command(["crossrec", "jobs", "list", "--workspace", root])
    elif part == "runs":
        as_command(["crossrec", "runs", "list", "--workspace", root])


with errors_shown():
    headline()
    shown = part_shown()
    PARTS[shown]()
    commands(shown)
