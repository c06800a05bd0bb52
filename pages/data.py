"""Data: is my data usable?"""

from collections.abc import Sequence

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
    data_how,
    data_looks,
    data_mapping,
    data_privacy,
    data_scenarios,
    data_signals,
    data_verdicts,
    inputs,
    state,
    training,
)
from crossrec.ui.data_looks import Table
from crossrec.ui.format import plain, run_label
from crossrec.ui.i18n import t
from crossrec.ui.widgets import answer, error_box, errors_shown
from crossrec.workspace import Run

# Parts that show what was found, of a check or of a run; and those where something is changed.
FOUND = ("verdicts", "findings", "rows", "curves")
CHANGED = ("clean", "tell", "privacy", "files")


def source(files: inputs.Files, tables: dict[str, Table], *, expanded: bool) -> None:
    """The files and their columns, open to change."""
    data_files.choose_files(expanded=False)
    data_files.offer_rest(files)
    data_files.by_file(files, {kind: table.as_mapping() for kind, table in tables.items()})
    data_mapping.editor(tables, expanded=expanded)


def part_shown(parts: Sequence[str]) -> str:
    """The part of a checked data set that is on the screen; it stands in the link."""
    linked = state.param("part")
    st.session_state["part"] = linked if linked in parts else parts[0]
    st.segmented_control(
        t("data.part.label"),
        parts,
        format_func=lambda part: t(f"data.part.{part}"),
        key="part",
        label_visibility="collapsed",
        required=True,
        on_change=lambda: state.set_param(
            "part", None if st.session_state["part"] == parts[0] else st.session_state["part"]
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
        # It may have failed because nobody has said what the values mean.
        failed = job is not None and not job.active
        if failed and (values := data_signals.of_files(asked, tables["log"])):
            data_signals.show(asked, values, tables["log"])
    source(files, tables, expanded=True)


def found(part: str, checked: Run, parts: Sequence[str]) -> None:
    """What a check, or the check before a run, found."""
    if part == "verdicts":
        data_verdicts.show(checked)
    elif part == "findings":
        data_findings.show(checked, parts)
    elif part == "rows":
        data_findings.rejected(checked)
    else:
        data_curves.show(checked)


def checked_data(
    asked: RunInputs, checked: Run, files: inputs.Files, tables: dict[str, Table]
) -> None:
    """After the check: one part of what it found."""
    checks.headline(checked)
    values = data_signals.of_check(checked)
    parts = (*FOUND, *((data_signals.PART,) if values else ()), *CHANGED)
    part = part_shown(parts)
    data_how.show(checked, expanded=part == parts[0])
    if part == "verdicts":
        data_signals.hint(values)
    if part in FOUND:
        found(part, checked, parts)
    elif part == data_signals.PART:
        data_signals.show(asked, values, tables["log"])
    elif part == "clean":
        data_cleaning.show(asked, checked)
    elif part == "tell":
        data_scenarios.show(asked)
    elif part == "privacy":
        data_privacy.show(asked, checked, data_mapping.user_columns(tables))
    else:
        st.caption(t("data.source.note"))
        source(files, tables, expanded=True)
    if part == "verdicts":
        training.offer(asked, checked)


def data_of_run(run: Run) -> None:
    """The data of the run that is shown, as it was read and checked then."""
    name = run_label(run, st.context.timezone)
    try:
        checks.headline(run, name=name)
    except CrossRecError as error:
        answer(t("data.question"), t("data.run.title", run=plain(name)))
        error_box(error)
        data_files.choose_files(expanded=True, title=t("data.run.new"))
        return
    data_files.choose_files(expanded=False, title=t("data.run.new"))
    with errors_shown():
        part = part_shown(FOUND)
        data_how.show(run, expanded=part == FOUND[0])
        found(part, run, FOUND)
    command.as_command(["crossrec", "runs", "show", run.path])


Chosen = tuple[RunInputs, inputs.Files, dict[str, Table]]


def chosen() -> Chosen | None:
    """The files, their columns and how they are to be read; without a log None, and another view.

    A file that cannot be read is no dead end: the error, and another one to choose.
    """
    try:
        files = inputs.chosen()
        if "log" not in files:
            run = None if state.param("new") else state.run()
            if run is not None:
                data_of_run(run)
                return None
            answer(t("data.question"), t("data.answer_none"), t("data.answer_none_note"))
            data_files.choose_files(expanded=True)
            return None
        tables = data_looks.tables(files)
        maps = {kind: table.as_mapping() for kind, table in tables.items()}
        return inputs.request(files, maps, tables["log"].guessed), files, tables
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
