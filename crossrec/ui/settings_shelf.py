"""Projects and runs: renamed, put aside, deleted, and brought back."""

from collections.abc import Callable
from functools import partial

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from crossrec.errors import CrossRecError
from crossrec.ui import state
from crossrec.ui.format import moment, plain, run_label
from crossrec.ui.i18n import t
from crossrec.ui.widgets import empty_state, error_box, section
from crossrec.workspace import (
    Project,
    Run,
    Trashed,
    archive_project,
    archive_run,
    delete_project,
    rename_project,
    rename_run,
    restore_project,
    trash,
)

_UNDO, _FAILED = "_undo", "_shelf_error"


def show() -> None:
    """Projects, the runs of the chosen one, what was put aside, and the trash."""
    _said()
    current = state.project()
    in_use = state.workspace().projects()
    section(t("shelf.projects"), t("shelf.projects_note"))
    for project in in_use:
        _project(project, current=current is not None and project.slug == current.slug)
    if not in_use:
        empty_state(t("shelf.none.title"), t("shelf.none.body"))
    if current is not None:
        section(t("shelf.runs", project=plain(current.name)))
        for run in state.workspace().runs(current):
            _run(run)
        for name, error in state.workspace().unreadable_runs(current).items():
            st.caption(t("shelf.unreadable", run=plain(name), why=plain(error)))
    _aside(current)
    _trash()


def _project(project: Project, *, current: bool) -> None:
    count = len(state.workspace().runs(project))
    since = moment(project.created, st.context.timezone)
    facts = t("shelf.project_facts", n=count, since=since)
    key, name = f"project_{project.slug}", project.name
    with _row(key, f"**{plain(name)}**", facts, current=current):
        if not current:
            _button(t("shelf.open"), f"open_{key}", partial(state.set_project, project.slug))
        _rename(key, name, lambda new: rename_project(state.workspace(), project.slug, new))
        _button(t("shelf.archive"), f"archive_{key}", partial(_set_aside, project))
        _button(t("shelf.delete"), f"delete_{key}", partial(_delete, "project", project.slug, name))


def _run(run: Run) -> None:
    key = f"run_{run.id}"
    shown = state.run()
    current = shown is not None and shown.id == run.id
    with _row(key, plain(run_label(run, st.context.timezone)), run.id, current=current):
        if not current:
            _button(t("shelf.open"), f"open_{key}", partial(state.set_run, run.id))
        _rename(key, run.name, lambda new: rename_run(state.workspace(), run.id, new))
        _button(t("shelf.archive"), f"archive_{key}", partial(_set_run_aside, run))
        name = run_label(run, st.context.timezone)
        _button(t("shelf.delete"), f"delete_{key}", partial(_delete, "run", run.id, name))


def _aside(current: Project | None) -> None:
    projects = state.workspace().projects(archived=True)
    runs = state.workspace().runs(current, archived=True) if current else []
    if not projects and not runs:
        return
    with st.expander(t("shelf.aside", n=len(projects) + len(runs))):
        for project in projects:
            with _row(f"aside_{project.slug}", plain(project.name), t("shelf.kind.project")):
                back = partial(_use_project, project)
                _button(t("shelf.use_again"), f"use_{project.slug}", back)
        for run in runs:
            label = plain(run_label(run, st.context.timezone))
            with _row(f"aside_{run.id}", label, t("shelf.kind.run")):
                _button(t("shelf.use_again"), f"use_{run.id}", partial(_use_run, run))


def _trash() -> None:
    gone = trash(state.workspace())
    if not gone:
        return
    with st.expander(t("shelf.trash", n=len(gone))):
        for one in gone:
            with _row(f"trash_{one.kind}_{one.id}", plain(one.name), t(f"shelf.kind.{one.kind}")):
                _button(t("shelf.restore"), f"restore_{one.kind}_{one.id}", partial(_restore, one))
        with st.popover(t("shelf.empty"), icon=":material/delete_forever:", key="empty_trash"):
            st.markdown(t("shelf.empty_sure"))
            st.button(
                t("shelf.empty_yes"),
                key="empty_trash_yes",
                type="primary",
                on_click=partial(_try, state.workspace().empty_trash),
            )


def _row(key: str, name: str, facts: str, *, current: bool = False) -> DeltaGenerator:
    """One line with a name, facts below, and room for buttons at its end."""
    box = st.container(
        horizontal=True, vertical_alignment="center", border=True, key=f"row_{key}", gap="small"
    )
    with box.container(gap="xsmall"):
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            st.markdown(name, width="content")
            if current:
                st.badge(t("home.card.current"), color="blue")
        st.caption(facts)
    return box.container(horizontal=True, width="content", gap="xsmall")


def _button(label: str, key: str, action: Callable[[], object]) -> None:
    st.button(label, key=key, type="tertiary", on_click=partial(_try, action))


def _rename(key: str, name: str, action: Callable[[str], object]) -> None:
    with st.popover(t("shelf.rename"), type="tertiary", key=f"rename_{key}"):
        st.text_input(t("shelf.name"), value=name, key=f"name_{key}", max_chars=80)

        def save() -> None:
            action(st.session_state[f"name_{key}"])

        st.button(t("shelf.save"), key=f"save_{key}", on_click=partial(_try, save))


def _set_aside(project: Project) -> None:
    archive_project(state.workspace(), project.slug)
    _left("project", project.slug)
    _offer_undo(t("shelf.archived", name=plain(project.name)), partial(_use_project, project))


def _set_run_aside(run: Run) -> None:
    archive_run(state.workspace(), run.id)
    _left("run", run.id)
    name = plain(run_label(run, st.context.timezone))
    _offer_undo(t("shelf.archived", name=name), partial(_use_run, run))


def _use_project(project: Project) -> None:
    archive_project(state.workspace(), project.slug, archived=False)


def _use_run(run: Run) -> None:
    archive_run(state.workspace(), run.id, archived=False)


def _offer_undo(sentence: str, undo: Callable[[], object]) -> None:
    st.session_state[_UNDO] = (sentence, undo)


def _delete(kind: str, name: str, label: str) -> None:
    workspace = state.workspace()
    if kind == "project":
        delete_project(workspace, name)
        undo: Callable[[], object] = partial(restore_project, workspace, name)
    else:
        workspace.delete_run(name)
        undo = partial(workspace.restore_run, name)
    _left(kind, name)
    _offer_undo(t("shelf.deleted", name=plain(label)), undo)


def _restore(one: Trashed) -> None:
    workspace = state.workspace()
    if one.kind == "project":
        restore_project(workspace, one.id)
    else:
        workspace.restore_run(one.id)


def _left(kind: str, name: str) -> None:
    """Look elsewhere if what is shown is no longer there."""
    if st.session_state.get(f"_{kind}") == name:
        state.forget(kind)


def _try(action: Callable[[], object]) -> None:
    """Do it; what did not work is said at the top of the page."""
    st.session_state.pop(_UNDO, None)
    try:
        action()
    except CrossRecError as error:
        st.session_state[_FAILED] = error


def _said() -> None:
    """What was just done, with the way back; or why it did not work."""
    failed = st.session_state.pop(_FAILED, None)
    if failed is not None:
        error_box(failed)
    if (kept := st.session_state.get(_UNDO)) is None:
        return
    sentence, undo = kept
    with st.container(horizontal=True, vertical_alignment="center", border=True, key="undo_box"):
        st.markdown(sentence, width="stretch")
        st.button(t("shelf.undo"), key="undo", icon=":material/undo:", on_click=partial(_try, undo))
