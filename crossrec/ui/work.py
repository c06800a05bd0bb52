"""Long work on a page: start it, watch it, stop it, go on with it.

A job lives in its own process. The page finds it by ``?job=`` or as the one that is active, so a
refresh, a second tab or a restart of the server loses nothing.
"""

from collections.abc import Mapping
from typing import Any

import streamlit as st

from crossrec import jobs
from crossrec.errors import JobError
from crossrec.jobs import Job, State
from crossrec.ui import state
from crossrec.ui.format import duration, plain
from crossrec.ui.i18n import has, t
from crossrec.ui.spoken import spoken

_REFRESH = 1.0  # seconds between two looks at a job that is active
_RECENT = 20
_LOG_LINES = 12


def start(verb: str, arguments: Mapping[str, Any], *, dedupe: str | None = None) -> str:
    """Queue a job and put it into the link; of two with one ``dedupe`` key only one runs."""
    return _known(jobs.submit(_db(), verb, arguments, dedupe=dedupe))


def resume(job_id: str) -> str:
    """Go on with a failed or cancelled job where it stopped, and put the new one into the link."""
    return _known(jobs.resume(_db(), job_id))


def cancel(job_id: str) -> None:
    """Ask a job to stop."""
    jobs.cancel(_db(), job_id)


def move_to_front(job_id: str) -> None:
    """Let a waiting job be the next."""
    jobs.move_to_front(_db(), job_id)


def latest(verb: str, dedupe: str | None = None) -> Job | None:
    """The newest job of this verb (and key), whatever became of it."""
    return next(
        (job for job in recent() if job.verb == verb and dedupe in (None, job.dedupe)), None
    )


def recent(limit: int = _RECENT) -> list[Job]:
    """The newest jobs first."""
    return jobs.list_jobs(_db(), limit=limit)


def panel(job: Job, *, key: str = "page") -> None:
    """Progress, time left, log and Cancel while a job is active; how it ended afterwards.

    Args:
        job: the job.
        key: of two panels on one page, each needs its own.
    """
    if job.active:
        st.fragment(_live, run_every=_REFRESH)(job.id, key)
    else:
        _ended(job, key)


def sidebar_panel() -> None:
    """The job that is active, or how the one this session started ended."""
    active = next((job for job in recent() if job.active), None)
    if active is not None:
        st.fragment(_live, run_every=_REFRESH)(active.id, "sidebar")
        return
    known = state.param("job") or st.session_state.get("_job")
    if not known:
        return
    try:
        job = jobs.get(_db(), known)
    except JobError:
        _forget()
        return
    if job.state is State.DONE and job.verb != "run":
        return
    with st.container(border=True, key="job_ended", gap="small"):
        _ended_short(job)
        st.button(t("job.dismiss"), key="job_dismiss", type="tertiary", on_click=_forget)


def title(job: Job) -> str:
    """What the job does, for people."""
    return t(f"job.verb.{job.verb}") if has(f"job.verb.{job.verb}") else plain(job.verb)


def log(job: Job, limit: int = _LOG_LINES) -> None:
    """The end of a job's log, folded away."""
    with st.expander(t("job.log"), icon=":material/subject:"):
        lines = jobs.log_tail(_db(), job.id, limit)
        st.code("\n".join(lines) or t("job.log_empty"), language=None, wrap_lines=True)


def result_link(job: Job) -> None:
    """The way to the run that a finished job made."""
    path = job.run_path.rstrip("/").split("/")
    st.page_link(
        "pages/transfer.py",
        label=t("job.result"),
        icon=":material/arrow_forward:",
        query_params={"project": path[-3], "run": path[-1]},
    )


def resume_button(job: Job, key: str) -> None:
    """Go on where the job stopped."""
    st.button(
        t("job.resume"),
        key=f"job_resume_{key}",
        icon=":material/resume:",
        on_click=_resume,
        args=(job.id,),
        help=t("job.resume_help"),
    )


def timing(job: Job) -> str:
    """How long it took so far, and how long it may still take."""
    parts = [t("job.elapsed", time=duration(job.elapsed))]
    if job.eta is not None:
        low, high = (duration(max(1.0, seconds)) for seconds in job.eta)
        told = t("job.eta", time=high) if low == high else t("job.eta_range", low=low, high=high)
        parts.append(told)
    return " · ".join(parts)


def _live(job_id: str, place: str) -> None:
    job = jobs.get(_db(), job_id)
    if not job.active:
        st.rerun(scope="app")
    with st.container(border=True, key=f"job_{place}", gap="small"):
        st.markdown(f"**{title(job)}**")
        st.progress(job.fraction, text=_step(job))
        if job.started is not None:
            st.caption(timing(job))
        st.button(
            t("job.cancelling") if job.cancelling else t("job.cancel"),
            key=f"job_cancel_{place}",
            disabled=job.cancelling,
            on_click=cancel,
            args=(job.id,),
        )
        if place != "sidebar":
            log(job)
            st.caption(t("job.leave"))


def _step(job: Job) -> str:
    if job.state is State.QUEUED:
        ahead = sum(other.active and other.created < job.created for other in recent())
        return t("job.queued", n=ahead) if ahead else t("job.queued_first")
    if not has(f"job.phase.{job.phase}"):
        return t("job.queued_first")
    count = f" · {job.done:,.0f} / {job.total:,.0f}" if job.total > 1 else ""
    return t(f"job.phase.{job.phase}") + count


def _ended(job: Job, key: str) -> None:
    if job.state is State.DONE:
        st.markdown(t("job.done", title=title(job), time=duration(job.elapsed)))
        if job.verb == "run" and job.run_path:
            result_link(job)
        return
    if job.state is State.CANCELLED:
        st.markdown(t("job.cancelled"))
    else:
        st.error(t("job.failed", title=title(job)) + "\n\n" + plain(spoken(job.error)))
    resume_button(job, key)
    log(job)


def _ended_short(job: Job) -> None:
    """How a job ended, in the sidebar: its log is one click away."""
    if job.state is State.DONE:
        _ended(job, "sidebar")
        return
    cancelled = job.state is State.CANCELLED
    st.markdown(t("job.cancelled") if cancelled else t("job.failed", title=title(job)))
    query = {**state.here(), "part": "jobs", "job": job.id}
    st.page_link("pages/settings.py", label=t("job.see"), query_params=query)


def _resume(job_id: str) -> None:
    resume(job_id)


def _known(job_id: str) -> str:
    st.session_state["_job"] = job_id
    state.set_param("job", job_id)
    return job_id


def _forget() -> None:
    st.session_state.pop("_job", None)
    state.set_param("job", None)


def _db() -> Any:
    return state.workspace().jobs_db
