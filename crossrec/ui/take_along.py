"""What leaves the app: one HTML report, and lists for all users as a file."""

from collections.abc import Sequence
from pathlib import Path
from typing import Final

import streamlit as st

from crossrec.ui import state, work
from crossrec.ui.format import plain, size
from crossrec.ui.home import send
from crossrec.ui.i18n import t
from crossrec.ui.widgets import section
from crossrec.workspace import Run

KINDS: Final = ("parquet", "csv")
MIME: Final = {"parquet": "application/vnd.apache.parquet", "csv": "text/csv"}
VERB: Final = "export_lists"


def offer_report(run: Run, others: Sequence[Run]) -> None:
    """The report about ``run``, compared with the others on its split, and its slides."""
    section(t("take.report"), t("take.report_note"))
    beside = [one for one in others if one.id != run.id and _split(one) == _split(run)]
    with st.container(horizontal=True):
        send.report_button([run, *beside], key="report_file", type="primary")
        send.slides_button(run, key="slides_file")


def offer_lists(run: Run) -> None:
    """Make, watch and download the lists of all users."""
    section(t("take.lists"), t("take.lists_note"))
    if "model" not in run.parts:
        st.caption(t("take.lists_none"))
        return
    with st.container(horizontal=True, vertical_alignment="bottom"):
        k = st.number_input(t("take.lists_k"), 1, 100, 10, key="lists_k", width=140)
        kind = st.segmented_control(
            t("take.lists_kind"),
            KINDS,
            format_func=lambda one: {"parquet": "Parquet", "csv": "CSV"}[one],
            default=KINDS[0],
            required=True,
            key="lists_kind",
        )
        file = _place(run, int(k), kind or KINDS[0])
        if file.is_file():
            _download(file, kind or KINDS[0])
        else:
            arguments = {"run": run.path, "out": file, "k": int(k), "kind": kind}
            st.button(
                t("take.lists_button"),
                key="lists_make",
                icon=":material/playlist_add:",
                on_click=lambda: _make(arguments, file.name),
            )
    job = work.latest(VERB, file.name)
    if job is not None and job.state != "done":
        work.panel(job, key="lists")
    if file.is_file():
        st.caption(t("take.lists_done", path=plain(file), size=size(file.stat().st_size)))


def _make(arguments: dict[str, object], key: str) -> None:
    work.start(VERB, arguments, dedupe=key)


def _download(file: Path, kind: str) -> None:
    st.download_button(
        t("take.lists_download"),
        data=file.read_bytes,
        file_name=file.name,
        mime=MIME[kind],
        key="lists_file",
        on_click="ignore",
        icon=":material/download:",
    )


def _place(run: Run, k: int, kind: str) -> Path:
    return state.workspace().root / "exports" / f"{run.id}-top{k}.{kind}"


def _split(run: Run) -> str:
    return state.read(run, "report").split_hash
