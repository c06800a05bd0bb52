"""What the session looks at: workspace, project, run, and what the link says.

The link is the memory: ``?project=&run=&lang=`` on every page, plus the page's own parameters
(:func:`param`, :func:`set_param`). The session only carries project, run and language from page to
page, because Streamlit drops the query when the page changes.
"""

from contextlib import suppress
from typing import Any, Literal
from urllib.parse import urlencode

import streamlit as st

from crossrec import evaluation
from crossrec.errors import SettingsError
from crossrec.settings import read_settings
from crossrec.ui.i18n import settle
from crossrec.workspace import Project, Run, Workspace

_CARRIED = {"project": "_project", "run": "_run", "lang": "_language"}
"""Parameter of the link -> where the session keeps it."""


def sync() -> None:
    """Carry project, run and language from the link into the session, and back. First in app.py."""
    with suppress(SettingsError):  # the page of settings says what is wrong with the file
        st.session_state["_language_set"] = read_settings().language
    for name, memory in _CARRIED.items():
        if name in st.query_params:
            st.session_state[memory] = st.query_params[name]
        elif memory in st.session_state:
            st.query_params[name] = st.session_state[memory]
    settle()


def workspace() -> Workspace:
    """The workspace of this installation: ``CROSSREC_WORKSPACE``, or ``workspace`` beside it."""
    return Workspace()


def project() -> Project | None:
    """The chosen project; the one with the newest run if none was chosen; None at first."""
    chosen = st.session_state.get("_project")
    projects = workspace().projects()
    named = [*projects, *(workspace().projects(archived=True) if chosen else ())]
    found = next((one for one in named if one.slug == chosen), None)
    return found or max(projects, key=_newest, default=None)


def run() -> Run | None:
    """The chosen run of the project; its newest if none was chosen; None where there is none."""
    where = project()
    if where is None:
        return None
    runs = workspace().runs(where)
    chosen = st.session_state.get("_run")
    if chosen and chosen not in {run.id for run in runs}:  # a link to a run that was put aside
        runs += [run for run in workspace().runs(where, archived=True) if run.id == chosen]
    return next((run for run in runs if run.id == chosen), runs[0] if runs else None)


def missing_run() -> str | None:
    """The run the link names, where it is not in the project (another one is shown then)."""
    chosen, shown = st.session_state.get("_run"), run()
    return chosen if chosen and (shown is None or shown.id != chosen) else None


def missing_project() -> str | None:
    """The project the link names, where there is none of this name."""
    chosen, shown = st.session_state.get("_project"), project()
    return chosen if chosen and (shown is None or shown.slug != chosen) else None


def set_project(slug: str) -> None:
    """Look at another project, and its newest run."""
    st.session_state["_project"] = slug
    st.query_params["project"] = slug
    st.session_state.pop("_run", None)
    st.query_params.pop("run", None)


def set_run(run_id: str, project: str | None = None) -> None:
    """Look at another run, of another project (its slug) if one is named."""
    if project is not None:
        set_project(project)
    st.session_state["_run"] = run_id
    st.query_params["run"] = run_id


def forget(name: str) -> None:
    """Forget the chosen "project", "run" or "lang": what is newest or usual is shown again."""
    st.session_state.pop(_CARRIED[name], None)
    st.query_params.pop(name, None)
    if name == "project":
        forget("run")


def here(shown: Run | None = None) -> dict[str, str]:
    """The part of the link that every page shares, for ``st.page_link(query_params=...)``.

    Args:
        shown: the run to link to; default the chosen one.
    """
    where, shown = project(), shown or run()
    found = {"project": where.slug if where else "", "run": shown.id if shown else ""}
    found["lang"] = st.query_params.get("lang", "")
    return {name: value for name, value in found.items() if value}


def read(run: Run, part: str) -> Any:
    """A part of a run, read once per server: ``read(run, "report")`` is ``run.report()``.

    Parts are shared between sessions: never change what comes back.

    Args:
        run: the run.
        part: name of one of its readers, e.g. "log", "catalog", "features", "report",
            "map_items".

    Raises:
        RunUnreadable: the run has no such part, or it is damaged.
    """
    return _read(str(run.path), str(run.info.get("created")), part)


@st.cache_resource(max_entries=24, show_spinner=False)  # some five runs
def _read(path: str, created: str, part: str) -> Any:
    # ``created`` is part of the cache key: a run that was replaced is read anew.
    del created
    return getattr(Run(path), part)()


def least_shown(run: Run) -> int:
    """Smallest group of users that tables and figures of a run or check show; 1 shows all."""
    return run.least_shown


def summary(run: Run) -> evaluation.Summary:
    """What the run's report says in the end, computed once per server.

    Raises:
        RunUnreadable: the run has no report, or it is damaged.
    """
    return _summary(str(run.path), str(run.info.get("created")))


@st.cache_resource(max_entries=100, show_spinner=False)
def _summary(path: str, created: str) -> evaluation.Summary:
    del created
    return evaluation.summary(Run(path).report())


def theme() -> Literal["light", "dark"]:
    """The theme the viewer sees, for figures that need to know it."""
    # Set where a person chose one for good; the browser then still tells what it would have liked.
    told = st.get_option("theme.base") or st.context.theme.type
    return "dark" if told == "dark" else "light"


def param(name: str, default: str = "") -> str:
    """A page's own part of the link, e.g. ``?user=``."""
    return st.query_params.get(name, default)


def set_param(name: str, value: str | None) -> None:
    """Write a page's own part of the link; None or "" removes it."""
    if value:
        st.query_params[name] = value
    else:
        st.query_params.pop(name, None)


def link() -> str:
    """The full address of what is on the screen, to send to somebody."""
    address = str(st.context.url or "").split("?")[0]
    values = {**here(), **st.query_params.to_dict()}
    return f"{address}?{urlencode(values)}" if values else address


def _newest(one: Project) -> str:
    runs = workspace().runs(one)
    return str(runs[0].info.get("created", "")) if runs else ""
