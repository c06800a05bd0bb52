"""All work so far: what ran, how it ended, why, and how to go on."""

import json
from datetime import UTC, datetime

import pandas as pd
import streamlit as st

from crossrec.jobs import Job, State
from crossrec.ui import state, work
from crossrec.ui.format import duration, moment
from crossrec.ui.i18n import t
from crossrec.ui.widgets import empty_state, section

SHOWN = 50
LOG_LINES = 200


def show() -> None:
    """The history, and one job of it in full."""
    section(t("jobs.title"), t("jobs.note"))
    history = work.recent(SHOWN)
    if not history:
        empty_state(t("jobs.none.title"), t("jobs.none.body"))
        return
    st.dataframe(_table(history), hide_index=True, key="jobs")
    by_id = {job.id: job for job in history}
    linked = state.param("job")
    st.session_state["jobs_pick"] = linked if linked in by_id else history[0].id
    chosen = st.selectbox(
        t("jobs.choose"),
        list(by_id),
        format_func=lambda job_id: _label(by_id[job_id]),
        key="jobs_pick",
        on_change=lambda: state.set_param("job", st.session_state["jobs_pick"]),
    )
    _details(by_id[chosen])


def _table(history: list[Job]) -> pd.DataFrame:
    return pd.DataFrame(
        [
            {
                t("jobs.column.created"): _when(job),
                t("jobs.column.work"): work.title(job),
                t("jobs.column.result"): job.run_path.rstrip("/").rsplit("/", 1)[-1],
                t("jobs.column.state"): t(f"jobs.state.{job.state}"),
                t("jobs.column.time"): duration(job.elapsed) if job.started else "–",
            }
            for job in history
        ]
    )


def _details(job: Job) -> None:
    work.panel(job, key="history")
    with st.container(horizontal=True):
        if job.state is State.QUEUED:
            st.button(t("jobs.next"), key="job_next", on_click=work.move_to_front, args=(job.id,))
    if job.state is State.DONE:
        work.log(job, LOG_LINES)
    with st.expander(t("jobs.asked"), icon=":material/data_object:"):
        asked = json.dumps(job.arguments, indent=2, ensure_ascii=False)
        st.code(asked, language="json", wrap_lines=True)


def _label(job: Job) -> str:
    return f"{_when(job)} · {work.title(job)} · {t(f'jobs.state.{job.state}')} · {job.id[:4]}"


def _when(job: Job) -> str:
    return moment(datetime.fromtimestamp(job.created, UTC).isoformat(), st.context.timezone)
