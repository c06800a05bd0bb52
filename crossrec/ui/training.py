"""The form that starts a training run, and the run while it is made."""

import hashlib
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import streamlit as st

from crossrec.data.audit.rules import AuditReport
from crossrec.data.privacy.naming import named
from crossrec.data.seen import SeenItems
from crossrec.errors import SettingsError
from crossrec.intake import RunInputs, pseudonym_key
from crossrec.schema import USER
from crossrec.settings import read_settings
from crossrec.ui import checks, inputs, lengths, reading, seen, state, work
from crossrec.ui.data_findings import finding_name, finding_words
from crossrec.ui.i18n import t
from crossrec.ui.widgets import section
from crossrec.workspace import Project, Run, write_file
from crossrec.workspace.feedback import FeedbackStore, data_set_of

VERB: Final = "run"
_SHOWN_STOPS: Final = 6


def offer(asked: RunInputs, checked: Run) -> None:
    """Show the run that was started for these files, and the form for the next.

    Args:
        asked: the files and how they are read.
        checked: their finished check; what it found may forbid a training.
    """
    section(t("train.title"), t("train.note"))
    key = inputs.fingerprint(asked)
    job = work.latest(VERB, key)
    if job is not None:
        work.panel(job)
        if job.active:
            return
    found = state.read(checked, "audit")
    _form(asked, checked, key, found.seen, may_start=_may_start(found))


def _may_start(found: AuditReport) -> bool:
    """Whether the check lets a training begin; if not, which finding stops it and what to do."""
    stops = found.stops(least=2)
    if not stops:
        return True
    whole = any(not one.scenario for one in stops)
    usable, total = len(found.usable()), len(found.verdicts)
    lines = [t("train.blocked") if whole else t("train.blocked_few", n=usable, total=total)]
    for one in stops[:_SHOWN_STOPS]:
        what, action = finding_words(one)
        todo = t("common.todo", action=action)
        lines.append(t("train.blocked_by", name=finding_name(one), what=what, todo=todo))
    st.error("\n\n".join(lines), icon=":material/block:")
    return False


def _form(
    asked: RunInputs, checked: Run, key: str, found: Sequence[SeenItems], *, may_start: bool
) -> None:
    choice = reading.remembered()
    wanted = choice.encoder if choice else state.param("encoder") or _usual_encoder()
    # A name from a link is offered only where it is a known one: see ``reading``.
    offered = list(dict.fromkeys([*lengths.ENCODERS, *([choice.encoder] if choice else [])]))
    current = state.project()
    _text_note(choice)
    with st.form("train", border=True):
        name, encoder = st.columns(2, gap="large")
        name.text_input(
            t("train.project"),
            value=current.name if current else t("train.project_default"),
            key="train_project",
            max_chars=80,
            help=t("train.project_help"),
        )
        encoder.selectbox(
            t("features.other.encoder"),
            offered,
            index=offered.index(wanted) if wanted in offered else 0,
            format_func=reading.encoder_label,
            key="train_encoder",
        )
        seen.setting(found)
        said = _entries(current, checked)
        if said:
            st.toggle(t("train.feedback", n=said), value=True, key="train_feedback",
                      help=t("train.feedback_help"))  # fmt: skip
        if asked.users is not None:
            st.toggle(t("train.profiles"), key="train_profiles", help=t("train.profiles_help"))
        with st.expander(t("train.advanced")):
            seed, k, holdout = st.columns(3, gap="large", vertical_alignment="bottom")
            seed.number_input(
                t("train.seed"), 0, 2**31 - 1, 0, key="train_seed", help=t("train.seed_help")
            )
            k.number_input(t("train.k"), 1, 100, 10, key="train_k", help=t("train.k_help"))
            holdout.toggle(
                t("train.holdout"), value=True, key="train_holdout", help=t("train.holdout_help")
            )
            st.slider(
                t("train.new_items"), 0.0, 4.0, 1.0, 0.5, key="train_new_items",
                help=t("train.new_items_help"),
            )  # fmt: skip
        st.form_submit_button(
            t("train.button"),
            key="train_start",
            type="primary",
            disabled=not may_start,
            help=None if may_start else t("train.blocked_help"),
            icon=":material/play_arrow:",
            on_click=_start,
            args=(asked, key),
        )


def _entries(project: Project | None, checked: Run) -> int:
    """How many things were said in the project, of this data set."""
    if project is None:
        return 0
    store = FeedbackStore(state.workspace())
    return len(store.entries(project=project.slug, data=_data_set(checked)))


def _data_set(checked: Run) -> str:
    return data_set_of(checked.info.get("inputs", {}))


def _text_note(choice: reading.ReadingChoice | None) -> None:
    """How the Features page asked for texts to be made, where that is not as usual."""
    if choice is None or choice.usual:
        return
    with st.container(horizontal=True, vertical_alignment="center"):
        st.caption(reading.summary(choice), width="content")
        st.button(
            t("train.reading_forget"),
            key="train_forget",
            type="tertiary",
            on_click=reading.forget,
        )


def _usual_encoder() -> str:
    """The one of the settings; a file that cannot be read is said on the page of settings."""
    try:
        return read_settings().encoder
    except SettingsError:
        return ""


def _start(asked: RunInputs, key: str) -> None:
    """Queue the run; its project is made if there is none of this name."""
    chosen, choice = st.session_state, reading.remembered()
    workspace = state.workspace()
    projects = {project.name: project for project in workspace.projects()}
    name = " ".join(chosen["train_project"].split()) or t("train.project_default")
    project = projects.get(name) or workspace.create_project(name)
    arguments = {
        "inputs": asked,
        "out": workspace.new_run_path(project),
        "config": {
            "seed": int(chosen["train_seed"]),
            "encoder": chosen["train_encoder"],
            "holdout": bool(chosen["train_holdout"]),
            "k": int(chosen["train_k"]),
            "new_items": float(chosen["train_new_items"]),
            "seen": seen.asked(),
            "profiles": bool(chosen.get("train_profiles")),
            **(choice.settings if choice else {}),
        },
    }
    if chosen.get("train_feedback"):
        arguments["feedback"] = _said(project, asked)
    work.start(VERB, arguments, dedupe=key)


def _said(project: Project, asked: RunInputs) -> Path:
    """What was said of a data set in a project until now, as a file that the run's record names.

    Runs with and without pseudonyms may stand in one project: this one's file has its ids.
    """
    key, checked = pseudonym_key(asked), checks.find(asked)
    data = None if checked is None else _data_set(checked)
    events = FeedbackStore(state.workspace()).events(project=project.slug, data=data)
    if key is not None and checked is not None:
        users = named(events[USER].to_numpy(), state.read(checked, "log").users, key)
        events = events.assign(**{USER: users})
    content = events.to_csv(index=False).encode()
    path = project.path / "feedback" / f"{hashlib.sha256(content).hexdigest()[:16]}.csv"
    path.parent.mkdir(exist_ok=True)
    write_file(path, content)
    return path
