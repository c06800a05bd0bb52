"""Choosing files on the Data page: uploads, paths of this machine, the sample."""

from collections.abc import Mapping, Sequence
from typing import Final

import streamlit as st

from crossrec.ui import data_looks, inputs, state
from crossrec.ui.format import plain
from crossrec.ui.i18n import t
from crossrec.ui.tiles import tiles

ENDINGS: Final = [
    "csv", "tsv", "txt", "jsonl", "ndjson", "json", "parquet", "xlsx", "xls", "gz", "tgz", "tar",
    "zip", "data", "dat", "inter", "item", "user",
]  # fmt: skip
"""Endings of uploads; the content decides how a file is read."""


def choose_files(*, expanded: bool, title: str = "") -> None:
    """Upload, name paths, or take the sample: three ways to the same three tables."""
    title = title or t("data.files.title")
    with st.expander(title, expanded=expanded, icon=":material/folder_open:"):
        upload, path, sample = st.tabs(
            [t("data.files.upload"), t("data.files.path"), t("data.files.sample")]
        )
        with upload:
            st.caption(t("data.files.formats"))
            for column, kind in zip(tiles("uploads", 3, least=200), inputs.KINDS, strict=True):
                column.file_uploader(
                    t(f"data.files.{kind}"),
                    type=ENDINGS,
                    accept_multiple_files=True,
                    key=f"upload_{kind}",
                    help=t(f"data.files.{kind}_help"),
                    on_change=inputs.keep_upload,
                    args=(kind, f"upload_{kind}"),
                )
        with path, st.form("paths", border=False):
            st.caption(t("data.files.path_note"))
            for column, kind in zip(tiles("paths_row", 3, least=200), inputs.KINDS, strict=True):
                column.text_area(
                    t(f"data.files.{kind}"), key=f"path_{kind}", max_chars=4000, height=90
                )
            st.form_submit_button(
                t("data.files.use_paths"), key="use_paths", on_click=inputs.keep_paths
            )
        with sample:
            st.markdown(t("data.files.sample_note"))
            st.button(t("data.files.use_sample"), key="use_sample", on_click=inputs.use_sample)
        _in_use()


def _in_use() -> None:
    """Which files are chosen now, each with a way to take it away."""
    for kind in inputs.KINDS:
        if not state.param(kind):
            continue
        with st.container(horizontal=True, vertical_alignment="center"):
            name = plain(inputs.name_of(kind))
            st.markdown(f"{t(f'data.table.{kind}')}: **{name}**", width="content")
            st.button(
                t("data.files.remove"),
                key=f"remove_{kind}",
                type="tertiary",
                on_click=inputs.choose,
                args=(kind, ()),
            )


def offer_rest(files: inputs.Files) -> None:
    """An archive of the log may hold items and users too: offer to read them."""
    found = [
        role
        for role in data_looks.roles(files["log"])
        if role not in files and role in ("items", "users")
    ]
    for kind in found:
        with st.container(border=True, horizontal=True, vertical_alignment="center"):
            table = t(f"data.table.{kind}")
            st.markdown(t("data.files.also", table=table), width="content")
            st.button(
                t("data.files.also_use", table=table),
                key=f"also_{kind}",
                on_click=inputs.use_same,
                args=(kind,),
            )


def by_file(files: inputs.Files, maps: Mapping[str, Mapping[str, str]]) -> None:
    """Several log files without a scenario column may be one scenario each."""
    log: Sequence[object] = files["log"]
    chosen = bool(state.param(inputs.BY_FILE))
    if len(log) < 2 or (maps["log"].get("scenario") and not chosen):
        return
    st.session_state["by_file"] = chosen
    st.toggle(
        t("data.files.by_file", n=len(log)),
        key="by_file",
        help=t("data.files.by_file_help"),
        on_change=lambda: state.set_param(
            inputs.BY_FILE, "1" if st.session_state["by_file"] else None
        ),
    )
