"""Data: is my data usable?"""

import streamlit as st

from crossrec.errors import CrossRecError
from crossrec.intake import RunInputs
from crossrec.ui import (
    checks,
    command,
    data_cleaning,
    data_curves,
    data_files,
    data_findings,
    data_looks,
    data_mapping,
    data_privacy,
    data_scenarios,
    data_verdicts,
    inputs,
    state,
    training,
)
from crossrec.ui.data_looks import Table
from crossrec.ui.format import plain
from crossrec.ui.i18n import t
from crossrec.ui.widgets import answer, error_box, errors_shown
from crossrec.workspace import Run

PARTS = ("verdicts", "findings", "rows", "curves", "clean", "tell", "privacy", "files")


def source(files: inputs.Files, tables: dict[str, Table], *, expanded: bool) -> None:
    """The files and their columns, open to change."""
    data_files.choose_files(expanded=False)
    data_files.offer_rest(files)
    data_files.by_file(files, {kind: table.as_mapping() for kind, table in tables.items()})
    data_mapping.editor(tables, expanded=expanded)


def part_shown() -> str:
    """The part of a checked data set that is on the screen; it stands in the link."""
    linked = state.param("part")
    st.session_state["part"] = linked if linked in PARTS else PARTS[0]
    st.segmented_control(
        t("data.part.label"),
        PARTS,
        format_func=lambda part: t(f"data.part.{part}"),
        key="part",
        label_visibility="collapsed",
        required=True,
        on_change=lambda: state.set_param(
            "part", None if st.session_state["part"] == PARTS[0] else st.session_state["part"]
        ),
    )
    return st.session_state["part"]


def unchecked(asked: RunInputs, files: inputs.Files, tables: dict[str, Table]) -> None:
    """Before the check: what was recognised, and the way on."""
    job = checks.running(asked)
    words = "data.answer_checking" if job and job.active else "data.answer_unchecked"
    answer(
        t("data.question"),
        t(words, name=plain(inputs.name_of("log"))),
        t("data.answer_unchecked_note"),
    )
    if data_mapping.ready(tables):
        checks.offer(asked)
    source(files, tables, expanded=True)


def checked_data(
    asked: RunInputs, checked: Run, files: inputs.Files, tables: dict[str, Table]
) -> None:
    """After the check: one part of what it found."""
    checks.headline(checked)
    part = part_shown()
    if part == "verdicts":
        data_verdicts.show(checked)
        training.offer(asked, checked)
    elif part == "findings":
        data_findings.show(checked)
    elif part == "rows":
        data_findings.rejected(checked)
    elif part == "curves":
        data_curves.show(checked)
    elif part == "clean":
        data_cleaning.show(asked, checked)
    elif part == "tell":
        data_scenarios.show(asked)
    elif part == "privacy":
        data_privacy.show(asked, checked, data_mapping.user_columns(tables))
    else:
        st.caption(t("data.source.note"))
        source(files, tables, expanded=True)


Chosen = tuple[RunInputs, inputs.Files, dict[str, Table]]


def chosen() -> Chosen | None:
    """The files, their columns and how they are to be read; None without a log.

    A file that cannot be read is no dead end: the error, and another one to choose.
    """
    try:
        files = inputs.chosen()
        if "log" not in files:
            answer(t("data.question"), t("data.answer_none"), t("data.answer_none_note"))
            data_files.choose_files(expanded=True)
            return None
        tables = data_looks.tables(files)
        maps = {kind: table.as_mapping() for kind, table in tables.items()}
        return inputs.request(files, maps), files, tables
    except CrossRecError as error:
        answer(t("data.question"), t("data.answer_unreadable"))
        error_box(error)
        data_files.choose_files(expanded=True)
        return None


with errors_shown():
    if (wanted := chosen()) is not None:
        asked, files, tables = wanted
        checked = checks.find(asked)
        if checked is None:
            unchecked(asked, files, tables)
        else:
            checked_data(asked, checked, files, tables)
        words = command.reading(asked)
        command.as_command(
            ["crossrec", "audit", *words], ["crossrec", "run", *words, "--out", "run"]
        )
