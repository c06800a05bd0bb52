"""The check of the chosen files: started as a job, shown as verdicts, findings and figures."""

from collections.abc import Mapping
from pathlib import Path
from typing import Literal

import pandas as pd
import streamlit as st

from crossrec import plots
from crossrec.data.activity import activity_curves
from crossrec.data.audit import AuditReport, Finding, Severity, State
from crossrec.data.mapping import ColumnMap
from crossrec.schema import SCENARIO
from crossrec.ui import inputs, state, work
from crossrec.ui.format import number, percent, plain
from crossrec.ui.i18n import FALLBACK, has, language, t
from crossrec.ui.widgets import (
    answer,
    download_csv,
    figure_with_table,
    plot_words,
    section,
)
from crossrec.workspace import Run, is_run

VERB = "import_data"
SHOWN_REJECTS = 5
_SHOWN_ALIKE = 6
_BADGE = {
    State.READY: ":blue-badge[{}]",
    State.LIMITS: ":orange-badge[{}]",
    State.BLOCKED: ":red-badge[{}]",
}
_ICON = {
    Severity.BLOCKER: ":material/block:",
    Severity.WARNING: ":material/warning:",
    Severity.INFO: ":material/info:",
}
_COLOR: Mapping[Severity, Literal["red", "orange", "gray"]] = {
    Severity.BLOCKER: "red",
    Severity.WARNING: "orange",
    Severity.INFO: "gray",
}


def find(files: dict[str, Path], columns: ColumnMap) -> Run | None:
    """The finished check of these files with this mapping, if there is one."""
    path = _place(files, columns)
    return Run(path) if is_run(path) else None


def offer(files: dict[str, Path], columns: ColumnMap) -> None:
    """Start the check, or watch the one that runs."""
    path = _place(files, columns)
    job = work.latest(VERB, path.name)
    if job is not None and job.state != "done":
        work.panel(job)
        if job.active:
            return
    st.button(
        t("data.check.button"),
        key="check",
        type="primary",
        icon=":material/fact_check:",
        on_click=_start,
        args=(files, columns, path),
    )


def _start(files: dict[str, Path], columns: ColumnMap, path: Path) -> None:
    arguments = {"inputs": inputs.as_inputs(files, columns), "out": path}
    work.start(VERB, arguments, dedupe=path.name)


def _place(files: dict[str, Path], columns: ColumnMap) -> Path:
    return state.workspace().root / "checks" / inputs.fingerprint(files, columns)


def headline(checked: Run) -> None:
    """The page's answer: how many scenarios can be used."""
    found: AuditReport = state.read(checked, "audit")
    counts = checked.info["counts"]
    states = [verdict.state for verdict in found.verdicts.values()]
    usable = sum(one is not State.BLOCKED for one in states)
    answer(
        t("data.question"),
        t("data.answer_ready", ready=usable, total=len(states)),
        t(
            "data.answer_note",
            rows=number(counts["interactions"]),
            users=number(counts["users"]),
            items=number(counts["items"]),
            rejected=number(counts["rejected"]),
        ),
    )


def findings(checked: Run) -> None:
    """Everything the check found: verdicts, findings, rejected rows, overlap, activity."""
    found: AuditReport = state.read(checked, "audit")
    section(t("data.verdict.title"))
    st.table(_verdicts(found), border="horizontal", hide_index=True)
    groups: dict[tuple[str, Severity], list[Finding]] = {}
    for finding in found.findings:
        groups.setdefault((finding.rule, finding.severity), []).append(finding)
    n = len(groups)
    section(
        t("data.findings.title"), t("data.findings.note", n=n) if n else t("data.findings.none")
    )
    for at, alike in enumerate(groups.values()):
        _finding(alike, key=f"finding_{at}")
    _rejects(checked)
    _figures(checked, found)


def _verdicts(found: AuditReport) -> pd.DataFrame:
    rows = []
    for row in found.counts.to_dict("records"):
        verdict = found.verdicts[row[SCENARIO]]
        reasons = [_rule(rule) for rule in verdict.reasons]
        rows.append(
            {
                t("column.scenario"): plain(row[SCENARIO]),
                t("data.verdict.rows"): number(row["rows"]),
                t("data.verdict.users"): number(row["users"]),
                t("data.verdict.items"): number(row["items"]),
                t("data.verdict.history"): number(row["history"], 1),
                t("data.verdict.state"): _BADGE[verdict.state].format(
                    t(f"verdict.{verdict.state.name.lower()}")
                ),
                t("data.verdict.reasons"): ", ".join(reasons) or "–",
            }
        )
    return pd.DataFrame(rows)


def _rule(rule: str) -> str:
    return t(f"finding.{rule}") if has(f"finding.{rule}") else plain(rule.replace("_", " "))


def _finding(alike: list[Finding], key: str) -> None:
    """One card for all findings of a rule and severity: what, where, what to do, examples."""
    first = alike[0]
    with st.container(border=True, key=key, gap="xsmall"):
        with st.container(horizontal=True, vertical_alignment="center"):
            st.markdown(f"**{_rule(first.rule)}**", width="content")
            severity = t(f"severity.{first.severity}")
            st.badge(severity, icon=_ICON[first.severity], color=_COLOR[first.severity])
        said = [_said(finding) for finding in alike]
        for finding, (what, _) in zip(alike[:_SHOWN_ALIKE], said, strict=False):
            place = f"{plain(finding.scenario)}: " if finding.scenario else ""
            st.markdown(place + what)
        if len(alike) > _SHOWN_ALIKE:
            st.caption(t("data.findings.more", n=len(alike) - _SHOWN_ALIKE))
        for action in dict.fromkeys(action for _, action in said):
            st.markdown(t("common.todo", action=action))
        examples = [example for finding in alike for example in finding.examples]
        if examples:
            with st.expander(t("data.findings.examples", n=len(examples))):
                table = pd.DataFrame([dict(example) for example in examples])
                table = table.rename(columns=_column)
                st.dataframe(table, hide_index=True, key=f"{key}_examples")


def _column(name: str) -> str:
    return t(f"column.{name}") if has(f"column.{name}") else name


def _said(finding: Finding) -> tuple[str, str]:
    """What was found and what to do; in other languages than English by rule and count."""
    what, action = f"finding.{finding.rule}.what", f"finding.{finding.rule}.action"
    if language() == FALLBACK or not (has(what) and has(action)):
        return plain(finding.what) + ".", plain(finding.action) + "."
    return t(what, n=number(finding.count)), t(action)


def _rejects(checked: Run) -> None:
    rejects = state.read(checked, "log").rejects
    if not rejects.rejected:
        return
    section(
        t("data.rejects.title"),
        t(
            "data.rejects.note",
            n=number(rejects.rejected),
            read=number(rejects.read),
            share=percent(rejects.rejected / max(rejects.read, 1), 1),
        ),
    )
    names = [t(f"data.rejects.{name}") for name in ("line", "column", "value", "reason")]
    rows = [(row.line, row.column, row.value, row.reason) for row in rejects.rows]
    st.dataframe(pd.DataFrame(rows[:SHOWN_REJECTS], columns=names), hide_index=True, key="rejects")
    download_csv(
        lambda: pd.DataFrame(rows, columns=names),
        key="rejects_csv",
        file_name="rejected_rows.csv",
        label=t("data.rejects.download"),
    )


def _figures(checked: Run, found: AuditReport) -> None:
    names = list(found.overlap.index)
    left, right = st.columns(2, gap="large")
    with left:
        section(t("data.overlap.title"), t("data.overlap.note"))
        overlap = _overlap(found)
        figure_with_table(
            plots.overlap_figure(overlap, names, theme=state.theme(), words=plot_words),
            overlap.set_axis(
                [t(f"data.overlap.{name}") for name in overlap.columns], axis="columns"
            ),
            t("data.overlap.caption"),
            key="overlap",
            alt=plots.overlap_alt(overlap, words=plot_words),
        )
    with right:
        section(t("data.activity.title"), t("data.activity.note"))
        activity = _activity(str(checked.path))
        figure_with_table(
            plots.activity_figure(activity, names, theme=state.theme(), words=plot_words),
            activity.set_axis(
                [t(f"data.activity.{name}") for name in activity.columns], axis="columns"
            ),
            t("data.activity.caption"),
            key="activity",
            alt=plots.activity_alt(activity, names, words=plot_words),
        )


def _overlap(found: AuditReport) -> pd.DataFrame:
    """The matrix of common users as a row per ordered pair of scenarios, with the share."""
    names = found.overlap.index.to_list()
    users = dict(zip(found.counts[SCENARIO], found.counts["users"], strict=True))
    shared = found.overlap.to_numpy()
    rows = [
        (one, other, int(shared[y, x]), users[one], shared[y, x] / max(users[one], 1))
        for y, one in enumerate(names)
        for x, other in enumerate(names)
        if one != other
    ]
    return pd.DataFrame(rows, columns=[SCENARIO, "other", "shared", "users", "share"])


@st.cache_data(max_entries=20, show_spinner=False)
def _activity(path: str) -> pd.DataFrame:
    return activity_curves(state.read(Run(path), "log"))
