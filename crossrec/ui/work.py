"""Long work on a page: start it, watch it, stop it.

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

_REFRESH = 1.0  # seconds between two looks at a job that is active
_RECENT = 20


def start(verb: str, arguments: Mapping[str, Any], *, dedupe: str | None = None) -> str:
    """Queue a job and put it into the link; of two with one ``dedupe`` key only one runs."""
    job_id = jobs.submit(_db(), verb, arguments, dedupe=dedupe)
    st.session_state["_job"] = job_id
    state.set_param("job", job_id)
    return job_id


def latest(verb: str, dedupe: str | None = None) -> Job | None:
    """The newest job of this verb (and key), whatever became of it."""
    return next(
        (job for job in _recent() if job.verb == verb and dedupe in (None, job.dedupe)), None
    )


def panel(job: Job) -> None:
    """Progress, time left and Cancel while a job is active; how it ended afterwards."""
    if job.active:
        st.fragment(_live, run_every=_REFRESH)(job.id, "page")
    else:
        _ended(job)


def sidebar_panel() -> None:
    """The job that is active, or how the one this session started ended."""
    active = next((job for job in _recent() if job.active), None)
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
        _ended(job, short=True)
        st.button(t("job.dismiss"), key="job_dismiss", type="tertiary", on_click=_forget)


def _live(job_id: str, place: str) -> None:
    job = jobs.get(_db(), job_id)
    if not job.active:
        st.rerun(scope="app")
    with st.container(border=True, key=f"job_{place}", gap="small"):
        st.markdown(f"**{_title(job)}**")
        st.progress(job.fraction, text=_step(job))
        if job.started is not None:
            st.caption(_timing(job))
        st.button(
            t("job.cancelling") if job.cancelling else t("job.cancel"),
            key=f"job_cancel_{place}",
            disabled=job.cancelling,
            on_click=jobs.cancel,
            args=(_db(), job.id),
        )
        if place == "page":
            st.caption(t("job.leave"))


def _title(job: Job) -> str:
    return t(f"job.verb.{job.verb}") if has(f"job.verb.{job.verb}") else plain(job.verb)


def _step(job: Job) -> str:
    if job.state is State.QUEUED:
        ahead = sum(other.active and other.created < job.created for other in _recent())
        return t("job.queued", n=ahead) if ahead else t("job.queued_first")
    if not has(f"job.phase.{job.phase}"):
        return t("job.queued_first")
    count = f" · {job.done:,.0f} / {job.total:,.0f}" if job.total > 1 else ""
    return t(f"job.phase.{job.phase}") + count


def _timing(job: Job) -> str:
    parts = [t("job.elapsed", time=duration(job.elapsed))]
    if job.eta is not None:
        parts.append(t("job.eta", time=duration(job.eta)))
    return " · ".join(parts)


def _ended(job: Job, *, short: bool = False) -> None:
    if job.state is State.DONE:
        st.markdown(t("job.done", title=_title(job), time=duration(job.elapsed)))
        if job.verb == "run" and job.run_path:
            _result_link(job)
    elif job.state is State.CANCELLED:
        st.markdown(t("job.cancelled"))
    elif short:
        st.markdown(t("job.failed", title=_title(job)))
        st.page_link("pages/data.py", label=t("job.see"), query_params=dict(st.query_params))
    else:
        st.error(t("job.failed", title=_title(job)) + "\n\n" + plain(job.error))
        with st.expander(t("job.details")):
            st.code("\n".join(jobs.log_tail(_db(), job.id)), language=None, wrap_lines=True)


def _result_link(job: Job) -> None:
    run_id = job.run_path.rstrip("/").rsplit("/", 1)[-1]
    project = job.run_path.rstrip("/").split("/")[-3]
    st.page_link(
        "pages/transfer.py",
        label=t("job.result"),
        icon=":material/arrow_forward:",
        query_params={"project": project, "run": run_id},
    )


def _forget() -> None:
    st.session_state.pop("_job", None)
    state.set_param("job", None)


def _recent() -> list[Job]:
    return jobs.list_jobs(_db(), limit=_RECENT)


def _db() -> Any:
    return state.workspace().jobs_db
