"""How the files were read: the lines the command line prints, of a check or of a run."""

from typing import Final

import streamlit as st

from crossrec.data.reading.lines import file_lines, meaning_lines
from crossrec.ui.data_words import delimiter, encoding, said
from crossrec.ui.format import plain
from crossrec.ui.i18n import has, t
from crossrec.workspace import Run

_SHOWN_FILES: Final = 4


def show(checked: Run, *, expanded: bool) -> None:
    """The lines; nothing where it is not known how the files were read.

    Args:
        checked: a check or a run.
        expanded: whether they are open.
    """
    report = checked.info.get("reading")
    if report is None:
        return
    named = [{**file, "encoding": encoding(file["encoding"])} for file in report["files"]]
    files = file_lines({**report, "files": named}, _say, said)
    meanings = meaning_lines(report, _say, said)
    shown = files[:_SHOWN_FILES]
    if more := len(files) - len(shown):
        shown.append(t("data.how.more", n=more))
    # The key keeps what is open here and closed there apart.
    key = "how_open" if expanded else "how_folded"
    with st.expander(t("report.reading"), expanded=expanded, icon=":material/menu_book:", key=key):
        st.markdown("\n".join(f"- {plain(line)}" for line in [*shown, *meanings]))


def _say(key: str, **values: object) -> str:
    """A sentence of the lines in the language of the page, with the page's names of columns."""
    if has(role := f"column.{values.get('role')}"):
        values["role"] = t(role)
    if "mark" in values:
        values["mark"] = delimiter(str(values["mark"]))
    return t(f"report.how_{key}", **values)
