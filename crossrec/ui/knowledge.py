"""What the panels on knowledge share: reading it once per server, and the job that makes it."""

from collections.abc import Mapping
from typing import Any

import pandas as pd
import streamlit as st

from crossrec.errors import RunUnreadable
from crossrec.language.graph import AttributeGraph
from crossrec.language.profiles import Profile
from crossrec.ui import state, work
from crossrec.ui.i18n import t
from crossrec.workspace import Run
from crossrec.workspace import knowledge as disk
from crossrec.workspace.bridges import graph_of, shown_bridges


def knowledge_of(run: Run) -> disk.Knowledge | None:
    """What was read of a run's items; None if nothing was yet."""
    return _knowledge(str(run.path), disk.stamp(run))


def graph(run: Run) -> AttributeGraph | None:
    """The user–item–attribute graph of a run; None before its items were read."""
    with st.spinner(t("attributes.linking")):
        return _graph(str(run.path), disk.stamp(run))


def profiles_of(run: Run) -> tuple[Profile, ...]:
    """The profiles made of a run's users."""
    return _profiles(str(run.path), disk.stamp(run))


def job_panel(verb: str, run: Run, key: str) -> bool:
    """The job of this verb and run, while it is active or if it failed; whether it is active."""
    job = work.latest(verb, dedupe(verb, run))
    if job is None or job.state == "done":
        return False
    work.panel(job, key=key)
    return job.active


def start(verb: str, run: Run, arguments: Mapping[str, Any]) -> None:
    """Queue a verb on a run; of two on the same run only one is active."""
    work.start(verb, {"run": run.path, **arguments}, dedupe=dedupe(verb, run))


def dedupe(verb: str, run: Run) -> str:
    """One active job per verb and run."""
    return f"{verb}:{run.path}"


@st.cache_resource(max_entries=8, show_spinner=False)
def _knowledge(path: str, stamp: str) -> disk.Knowledge | None:
    del stamp
    return disk.read_attributes(Run(path))


@st.cache_resource(max_entries=4, show_spinner=False)
def _graph(path: str, stamp: str) -> AttributeGraph | None:
    known = _knowledge(path, stamp)
    if known is None:
        return None
    run = Run(path)
    if "log" not in run.parts:
        raise RunUnreadable("expected a run with its interactions", "one without", "Run again")
    return graph_of(run, known)


def read_by(checked: Run) -> Run | None:
    """The newest run of the project on the same files whose items were read; None without."""
    where = state.project()
    runs = state.workspace().runs(where) if where is not None else []
    same = [run for run in runs if run.info.get("inputs") == checked.info.get("inputs")]
    return next((run for run in same if disk.was_read(run)), None)


def bridges_of(run: Run, least: int) -> tuple[pd.DataFrame | None, str]:
    """Which attributes connect its scenarios, groups below ``least`` withheld; what read them."""
    return _bridges(str(run.path), f"{run.info.get('created')}|{disk.stamp(run)}", least)


@st.cache_resource(max_entries=8, show_spinner=False)
def _bridges(path: str, stamp: str, least: int) -> tuple[pd.DataFrame | None, str]:
    del stamp
    return shown_bridges(Run(path), least=least)


def descriptions_of(run: Run) -> dict[str, str]:
    """What each scenario is, as typed or as the catalogue says."""
    return dict(_descriptions(str(run.path), disk.stamp(run)))


@st.cache_resource(max_entries=8, show_spinner=False)
def _descriptions(path: str, stamp: str) -> dict[str, str]:
    del stamp
    from crossrec.pipeline.knowledge import scenario_descriptions

    return scenario_descriptions(Run(path))


@st.cache_resource(max_entries=8, show_spinner=False)
def _profiles(path: str, stamp: str) -> tuple[Profile, ...]:
    del stamp
    return tuple(disk.read_profiles(Run(path)))
