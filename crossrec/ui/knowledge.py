"""What the panels on knowledge share: reading it once per server, and the job that makes it."""

from collections.abc import Mapping
from typing import Any

import streamlit as st

from crossrec.errors import RunUnreadable
from crossrec.language.graph import AttributeGraph
from crossrec.language.profiles import Profile
from crossrec.ui import work
from crossrec.ui.i18n import t
from crossrec.workspace import Run
from crossrec.workspace import knowledge as disk


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
    from crossrec.pipeline.knowledge import graph_of  # the verbs load torch: not before they must

    return graph_of(run, known)


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
