"""What the check found: findings with what to do, rejected rows, and how each file was read."""

from collections.abc import Collection, Mapping, Sequence
from typing import Final, Literal

import pandas as pd
import streamlit as st

from crossrec.data.audit.rules import AuditReport, Finding, Severity
from crossrec.data.log import FileFacts, RejectSummary
from crossrec.data.reading.rejects import RejectTable
from crossrec.errors import RunUnreadable
from crossrec.ui import state
from crossrec.ui.data_verdicts import rule_name
from crossrec.ui.data_words import delimiter, encoding, said, sentence, term
from crossrec.ui.format import number, percent, plain
from crossrec.ui.i18n import has, t
from crossrec.ui.widgets import download_csv, section
from crossrec.workspace import Run

SHOWN_REJECTS: Final = 5
_SHOWN_ALIKE: Final = 6
_WHERE: Final[Mapping[str, str]] = {
    "unknown_signals": "signals",
    "binary_columns": "signals",
    "exposures": "signals",
    "dislikes": "signals",
    "mixed_scales": "signals",
    "merged_names": "clean",
    "renamed_scenarios": "clean",
    "personal_data": "privacy",
}
"""Rule of a finding -> the part of the page where one does what it asks for."""
_ICON: Final = {
    Severity.BLOCKER: ":material/block:",
    Severity.WARNING: ":material/warning:",
    Severity.INFO: ":material/info:",
}
_COLOR: Final[Mapping[Severity, Literal["red", "orange", "gray"]]] = {
    Severity.BLOCKER: "red",
    Severity.WARNING: "orange",
    Severity.INFO: "gray",
}


def show(checked: Run, parts: Collection[str] = ()) -> None:
    """All findings, the gravest first.

    Args:
        checked: a check or a run.
        parts: those of the page where something can be changed.
    """
    found: AuditReport = state.read(checked, "audit")
    groups: dict[tuple[str, Severity], list[Finding]] = {}
    for finding in found.findings:
        groups.setdefault((finding_name(finding), finding.severity), []).append(finding)
    n = len(groups)
    section(
        t("data.findings.title"), t("data.findings.note", n=n) if n else t("data.findings.none")
    )
    for at, alike in enumerate(groups.values()):
        part = _part(alike[0], found.verdicts)
        _finding(alike, f"finding_{at}", part if part in parts else "")


def _finding(alike: list[Finding], key: str, part: str) -> None:
    """One card for all findings of a name and severity: what, where, what to do, examples.

    Args:
        alike: the findings.
        key: of the widgets.
        part: of the page where one does what they ask for, or "".
    """
    first = alike[0]
    with st.container(border=True, key=key, gap="xsmall"):
        with st.container(horizontal=True, vertical_alignment="center"):
            st.markdown(f"**{finding_name(first)}**", width="content")
            severity = t(f"severity.{first.severity}")
            st.badge(severity, icon=_ICON[first.severity], color=_COLOR[first.severity])
        said = [finding_words(finding) for finding in alike]
        for what, _ in said[:_SHOWN_ALIKE]:
            st.markdown(what)
        if len(alike) > _SHOWN_ALIKE:
            st.caption(t("data.findings.more", n=len(alike) - _SHOWN_ALIKE))
        for action in dict.fromkeys(action for _, action in said):
            st.markdown(t("common.todo", action=action))
        if part:
            st.button(
                t("data.findings.go", part=t(f"data.part.{part}")),
                key=f"{key}_go",
                type="tertiary",
                icon=":material/arrow_forward:",
                on_click=state.set_param,
                args=("part", part),
            )
        examples = [example for finding in alike for example in finding.examples]
        if examples:
            with st.expander(t("data.findings.examples", n=len(examples))):
                table = pd.DataFrame(
                    [{name: term(name, value) for name, value in each.items()} for each in examples]
                )
                table = table.rename(columns=_column)
                st.dataframe(table, hide_index=True, key=f"{key}_examples")


def _part(finding: Finding, scenarios: Collection[str]) -> str:
    """Where one does what a finding asks for; "" where that is not on this page."""
    names = {example["as"] for example in finding.examples if "as" in example}
    # Spellings of events are put together as well, and only scenarios can be renamed.
    return _WHERE.get(finding.rule, "") if names <= set(scenarios) else ""


def _column(name: str) -> str:
    return t(f"column.{name}") if has(f"column.{name}") else name


def finding_name(finding: Finding) -> str:
    """What a finding is called: by its key, or by its rule."""
    return rule_name(finding.key if has(f"finding.{finding.key}") else finding.rule)


def finding_words(finding: Finding) -> tuple[str, str]:
    """What was found and what to do, each a whole sentence."""
    key, told = f"finding.{finding.key}", finding.told
    what = "data.findings.withheld" if finding.withheld else f"{key}.what"
    what, action = sentence(what, told), sentence(f"{key}.action", told)
    if finding.withheld and finding.scenario:
        what = plain(finding.scenario) + t("common.colon") + what
    return t("common.sentence", text=what), t("common.sentence", text=action)


def rejected(checked: Run) -> None:
    """What became of the rows of every table: counts, the first bad ones, all as a download."""
    tables = {kind: summary for kind in ("log", "catalog", "users")
              if (summary := _summary(checked, kind)) is not None}  # fmt: skip
    section(t("data.rejects.title"), t("data.rejects.balance"))
    st.table(_balance(tables), border="horizontal", hide_index=True)
    for kind, summary in tables.items():
        if summary.rejected:
            _rejects(kind, summary)
    facts = [file for summary in tables.values() for file in summary.files]
    if facts:
        section(t("data.read.title"), t("data.read.note"))
        st.dataframe(_read(facts), hide_index=True, key="files_read")
        for file in facts:
            if file.note:
                st.caption(f"{plain(file.name)}: {plain(said(file.note))}")


def _summary(checked: Run, kind: str) -> RejectSummary | None:
    try:
        return state.read(checked, kind).rejects
    except RunUnreadable:
        if kind == "log":
            raise
        return None  # the table was not given


def _balance(tables: Mapping[str, RejectSummary]) -> pd.DataFrame:
    """Rows in = kept + rejected + duplicates."""
    return pd.DataFrame(
        [
            {
                t("column.table"): t(f"data.table.{'items' if kind == 'catalog' else kind}"),
                t("data.rejects.read"): number(one.read),
                t("data.rejects.kept"): number(one.read - one.rejected - one.duplicates),
                t("data.rejects.rejected"): number(one.rejected),
                t("data.rejects.share"): percent(one.rejected / max(one.read, 1), 2),
                t("data.rejects.duplicates"): number(one.duplicates) if kind == "log" else "–",
            }
            for kind, one in tables.items()
        ]
    )


def _rejects(kind: str, summary: RejectSummary) -> None:
    table = t(f"data.table.{'items' if kind == 'catalog' else kind}")
    st.markdown(f"**{t('data.rejects.of', table=table, n=number(summary.rejected))}**")
    st.dataframe(
        _named(RejectTable.of(summary.rows[:SHOWN_REJECTS])), hide_index=True, key=f"rejects_{kind}"
    )
    counts = _reasons(summary)
    if len(counts) > 1:
        st.caption(t("data.rejects.reasons", parts="; ".join(counts[:6])))
    download_csv(
        lambda: _named(_as_table(summary)),
        key="rejects_csv" if kind == "log" else f"rejects_{kind}_csv",
        file_name=f"rejected_rows_{kind}.csv",
        label=t("data.rejects.download", n=number(summary.rejected)),
    )


def _as_table(summary: RejectSummary) -> RejectTable:
    return summary.rows if isinstance(summary.rows, RejectTable) else RejectTable.of(summary.rows)


def _named(rows: RejectTable) -> pd.DataFrame:
    names = [t(f"data.rejects.{name}") for name in ("file", "line", "column", "value", "reason")]
    frame = rows.to_frame()
    reasons = {reason: said(reason) for reason in frame["reason"].unique()}
    frame["reason"] = [reasons[reason] for reason in frame["reason"]]
    return frame.set_axis(names, axis="columns")


def _reasons(summary: RejectSummary) -> list[str]:
    """How many rows were rejected for which reason, the most frequent first."""
    groups = _as_table(summary).table.group_by(["reason", "column"]).aggregate([("line", "count")])
    ordered = sorted(groups.to_pylist(), key=lambda group: -group["line_count"])
    return [
        f"{number(group['line_count'])} × {plain(said(group['reason']))}"
        + (f" ({plain(group['column'])})" if group["column"] else "")
        for group in ordered
    ]


def _read(facts: Sequence[FileFacts]) -> pd.DataFrame:
    return pd.DataFrame(
        [
            {
                t("data.rejects.file"): file.name,
                t("data.read.layout"): file.layout or "–",
                t("data.read.kind"): file.kind,
                t("data.read.encoding"): encoding(file.encoding)
                if file.encoding != file.kind
                else "–",
                t("data.read.delimiter"): delimiter(file.delimiter) or "–",
                t("column.rows"): file.rows,
                t("column.timestamp"): said(file.time) or "–",
            }
            for file in facts
        ]
    )
