"""The check of the chosen files: started as a job, found again by what was asked."""

from dataclasses import replace
from pathlib import Path

import streamlit as st

from crossrec.data.audit.rules import AuditReport, State
from crossrec.intake import RunInputs
from crossrec.jobs import Job
from crossrec.ui import inputs, state, work
from crossrec.ui.format import number, plain
from crossrec.ui.i18n import t
from crossrec.ui.widgets import answer
from crossrec.workspace import Run, is_run

VERB = "import_data"


def find(asked: RunInputs) -> Run | None:
    """The finished check of these files read this way, if there is one."""
    path = place(asked)
    return Run(path) if is_run(path) else None


def find_raw(asked: RunInputs) -> Run | None:
    """The finished check of the same files before cleaning."""
    return find(replace(asked, cleaning=None))


def place(asked: RunInputs) -> Path:
    """Where the check is kept."""
    return state.workspace().root / "checks" / inputs.fingerprint(asked)


def running(asked: RunInputs) -> Job | None:
    """The check of these files that runs or failed."""
    job = work.latest(VERB, place(asked).name)
    return job if job is not None and job.state != "done" else None


def offer(asked: RunInputs) -> None:
    """Start the check, or watch the one that runs."""
    job = running(asked)
    if job is not None:
        work.panel(job)
        if job.active:
            return
    st.button(
        t("data.check.button"),
        key="check",
        type="primary",
        icon=":material/fact_check:",
        on_click=start,
        args=(asked,),
    )


def start(asked: RunInputs) -> None:
    """Queue the check."""
    path = place(asked)
    work.start(VERB, {"inputs": asked, "out": path}, dedupe=path.name)


def apply_reading(asked: RunInputs) -> None:
    """Read the files another way: written to the link, checked unless that was done before."""
    inputs.write_reading(asked.reading)
    if find(asked) is None:
        start(asked)


def headline(checked: Run, *, name: str = "") -> None:
    """The page's answer: how many scenarios can be used, and how many pairs knowledge can join.

    Args:
        checked: a check or a run.
        name: of the run.
    """
    found: AuditReport = state.read(checked, "audit")
    counts = checked.info["counts"]
    usable = sum(one.state is not State.BLOCKED for one in found.verdicts.values())
    note = t(
        "data.answer_note",
        rows=number(counts["interactions"]),
        users=number(counts["users"]),
        items=number(counts["items"]),
        rejected=number(counts["rejected"]),
    )
    if found.pairs:
        able = sum(pair.state is not State.BLOCKED for pair in found.pairs)
        note += " " + t("data.answer_pairs", able=able, total=len(found.pairs))
    ready = t("data.answer_ready", ready=usable, total=len(found.verdicts))
    if name:
        answer(t("data.question"), t("data.run.title", run=plain(name)), f"{ready} {note}")
    else:
        answer(t("data.question"), ready, note)
