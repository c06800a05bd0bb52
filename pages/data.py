"""Data: is my data usable?"""

from pathlib import Path

import streamlit as st

from crossrec.data.mapping import EXACT, GIVEN, ColumnMap
from crossrec.schema import ITEM, LOG_COLUMNS, USER
from crossrec.ui import checks, inputs, training
from crossrec.ui.format import plain
from crossrec.ui.i18n import t
from crossrec.ui.widgets import answer, errors_shown, section

NEEDED = (USER, ITEM)
ENDINGS = ["csv", "tsv", "txt", "gz", "parquet"]


def choose_files(*, expanded: bool) -> None:
    """Upload, name a path, or take the sample: three ways to the same three files."""
    with st.expander(t("data.files.title"), expanded=expanded, icon=":material/folder_open:"):
        upload, path, sample = st.tabs(
            [t("data.files.upload"), t("data.files.path"), t("data.files.sample")]
        )
        with upload:
            for column, kind in zip(st.columns(3, gap="medium"), inputs.KINDS, strict=True):
                column.file_uploader(
                    t(f"data.files.{kind}"),
                    type=ENDINGS,
                    key=f"upload_{kind}",
                    help=t(f"data.files.{kind}_help"),
                    on_change=inputs.keep_upload,
                    args=(kind, f"upload_{kind}"),
                )
        with path, st.form("paths", border=False):
            st.caption(t("data.files.path_note"))
            for kind in inputs.KINDS:
                st.text_input(t(f"data.files.{kind}"), key=f"path_{kind}", max_chars=1000)
            st.form_submit_button(
                t("data.files.use_paths"), key="use_paths", on_click=inputs.keep_paths
            )
        with sample:
            st.markdown(t("data.files.sample_note"))
            st.button(t("data.files.use_sample"), key="use_sample", on_click=inputs.use_sample)


def column_mapping(peek: inputs.Peek, shown: ColumnMap) -> None:
    """The columns of the interactions file: what was recognised, open to correction."""
    st.caption(t("data.mapping.note"))
    guess = inputs.guess(peek)
    grid = st.columns(4, gap="medium")
    for at, name in enumerate(LOG_COLUMNS):
        widget = f"map_{name}"
        st.session_state[widget] = shown.get(name) or ""
        with grid[at % 4]:
            needed = t("data.mapping.needed") if name in NEEDED else ""
            st.selectbox(
                t(f"column.{name}") + needed,
                ["", *peek.columns],
                format_func=lambda header: header or t("data.mapping.unused"),
                key=widget,
                help=t(f"column.{name}_help"),
                on_change=inputs.keep_mapping,
                args=(guess, "map_"),
            )
            st.caption(certainty(shown, name))


def certainty(shown: ColumnMap, name: str) -> str:
    """How sure the mapping of one column is, in a word."""
    if not shown.get(name):
        return t("data.mapping.missing") if name in NEEDED else ""
    level = shown.confidence.get(name)
    return t(f"data.mapping.{level if level in (EXACT, GIVEN) else 'likely'}")


def preview(peek: inputs.Peek) -> None:
    st.caption(t("data.preview.note", n=len(peek.rows)))
    st.dataframe(peek.rows, hide_index=True, height=300, key="preview")


def chosen_data(files: dict[str, Path]) -> None:
    """Mapping and preview of the chosen files, their check, and training on them."""
    peek = inputs.peek(files["log"])
    shown = inputs.corrections().over(inputs.guess(peek))
    checked = checks.find(files, shown)
    if checked is None:
        answer(
            t("data.question"),
            t("data.answer_unchecked", name=plain(inputs.name_of("log"))),
            t("data.answer_unchecked_note"),
        )
    else:
        checks.headline(checked)
        checks.findings(checked)
        training.offer(files, shown)
        section(t("data.source.title"), t("data.source.note"))
    choose_files(expanded=False)
    with st.expander(
        t("data.mapping.title"), expanded=checked is None, icon=":material/view_column:"
    ):
        column_mapping(peek, shown)
    with st.expander(
        t("data.preview.title"), expanded=checked is None, icon=":material/table_rows:"
    ):
        preview(peek)
    if checked is None:
        checks.offer(files, shown)


with errors_shown():
    files = inputs.chosen()
    if "log" in files:
        chosen_data(files)
    else:
        answer(t("data.question"), t("data.answer_none"), t("data.answer_none_note"))
        choose_files(expanded=True)
