"""The sidebar of every page: project, run, running work, link, language."""

import streamlit as st

from crossrec.ui import state, work
from crossrec.ui.format import plain, run_label
from crossrec.ui.i18n import LANGUAGES, choose, language, t


def draw() -> None:
    """Draw the sidebar; first thing after ``st.navigation``."""
    with st.sidebar:
        _project_and_run()
        work.sidebar_panel()
        with st.container(key="sidebar_foot", gap="small"):
            _link()
            _language()


def _project_and_run() -> None:
    projects = {project.slug: project for project in state.workspace().projects()}
    current = state.project()
    if current is not None:
        projects.setdefault(current.slug, current)  # one that was put aside, by its link
    if current is None:
        st.caption(t("sidebar.no_run"))
        return
    st.session_state["project_pick"] = current.slug
    st.selectbox(
        t("sidebar.project"),
        list(projects),
        format_func=lambda slug: projects[slug].name,
        key="project_pick",
        on_change=lambda: state.set_project(st.session_state["project_pick"]),
    )
    if (missing := state.missing_project()) is not None:
        st.caption(t("sidebar.project_missing", project=plain(missing)))
    runs = {run.id: run for run in state.workspace().runs(current)}
    shown = state.run()
    if shown is not None:
        runs.setdefault(shown.id, shown)  # one that was put aside, by its link
    if shown is None:
        st.caption(t("sidebar.no_run"))
        return
    st.session_state["run_pick"] = shown.id
    st.selectbox(
        t("sidebar.run"),
        list(runs),
        format_func=lambda run_id: run_label(runs[run_id], st.context.timezone),
        key="run_pick",
        on_change=lambda: state.set_run(st.session_state["run_pick"]),
    )
    if (missing := state.missing_run()) is not None:
        st.caption(t("sidebar.run_missing", run=plain(missing)))


def _link() -> None:
    with st.popover(t("sidebar.link"), icon=":material/link:", width="stretch", key="copy_link"):
        st.caption(t("sidebar.link_help"))
        st.code(state.link(), language=None, wrap_lines=True)


def _language() -> None:
    st.session_state["language_pick"] = language()
    st.segmented_control(
        t("sidebar.language"),
        list(LANGUAGES),
        format_func=LANGUAGES.__getitem__,
        key="language_pick",
        required=True,
        label_visibility="collapsed",
        width="stretch",
        on_change=lambda: choose(st.session_state["language_pick"]),
    )
