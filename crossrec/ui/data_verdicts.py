"""What each scenario is good for, and whether knowledge can move from one to another at all."""

from collections.abc import Sequence
from typing import Final

import pandas as pd
import streamlit as st

from crossrec import plots
from crossrec.data.audit.rules import AuditReport, PairVerdict, State
from crossrec.schema import SCENARIO
from crossrec.ui import data_attributes, state
from crossrec.ui.data_words import sentence
from crossrec.ui.format import number, percent, plain
from crossrec.ui.i18n import has, t
from crossrec.ui.tiles import tiles
from crossrec.ui.widgets import figure_with_table, plot_words, section, table_with_download
from crossrec.workspace import Run

BADGE: Final = {
    State.READY: ":blue-badge[{}]",
    State.LIMITS: ":orange-badge[{}]",
    State.BLOCKED: ":red-badge[{}]",
}
_SHOWN_PAIRS: Final = 12
_RANK: Final = {State.READY: 0, State.LIMITS: 1, State.BLOCKED: 2}


def show(checked: Run) -> None:
    """The verdicts of a check."""
    found: AuditReport = state.read(checked, "audit")
    section(t("data.verdict.title"))
    st.table(_verdicts(found), border="horizontal", hide_index=True)
    if found.pairs:
        left, right = tiles("bridges", 2, least=380)
        with left:
            _pairs(found)
        with right:
            _overlap(found)
        data_attributes.show(checked)


def rule_name(rule: str) -> str:
    """A rule of the audit in words."""
    return t(f"finding.{rule}") if has(f"finding.{rule}") else plain(rule.replace("_", " "))


def badge(verdict: State) -> str:
    """A verdict as a coloured word."""
    return BADGE[verdict].format(t(f"verdict.{verdict.name.lower()}"))


def _verdicts(found: AuditReport) -> pd.DataFrame:
    rows = []
    for row in found.counts.to_dict("records"):
        verdict = found.verdicts[row[SCENARIO]]
        rows.append(
            {
                t("column.scenario"): plain(row[SCENARIO]),
                t("data.verdict.state"): f"{badge(verdict.state)} "
                + t("common.comma").join(map(rule_name, verdict.reasons)),
                t("data.verdict.rows"): number(row["rows"]),
                t("data.verdict.users"): number(row["users"]),
                t("data.verdict.items"): number(row["items"]),
                t("data.verdict.history"): number(row["history"], 1),
                t("data.verdict.density"): percent(row["density"], 2),
            }
        )
    return pd.DataFrame(rows)


def _pairs(found: AuditReport) -> None:
    """A verdict per ordered pair: the best first, all of them as a table."""
    section(t("data.pairs.title"), t("data.pairs.note"))
    ordered = sorted(found.pairs, key=lambda pair: (_RANK[pair.state], -(pair.shared_users or 0)))
    rows = [
        {
            t("data.pairs.pair"): f"{plain(pair.source)} → {plain(pair.target)}",
            t("data.verdict.state"): badge(pair.state),
            t("data.pairs.by"): _by(pair),
        }
        for pair in ordered[:_SHOWN_PAIRS]
    ]
    st.table(pd.DataFrame(rows), border="horizontal", hide_index=True)
    with st.expander(t("data.pairs.all", n=len(ordered))):
        table_with_download(_pair_table(ordered), key="pairs_table", file_name="pairs.csv")


def _by(pair: PairVerdict) -> str:
    """Over what knowledge can move, and what limits it."""
    parts = [sentence(f"data.pairs.{key}", {"n": n}) for key, n in pair.parts]
    reach = t(f"data.pairs.{pair.reach}", why=t("common.comma").join(parts))
    limits = [rule_name(rule) for rule in pair.reasons if rule not in ("overlap", "blocked")]
    return reach + (t("common.aside", text=t("common.comma").join(limits)) if limits else "")


def _pair_table(pairs: Sequence[PairVerdict]) -> pd.DataFrame:
    comma = t("common.comma")
    names = ("source", "target", "state", "bridges", "users", "items", "cold", "reasons")
    rows = [
        (
            pair.source,
            pair.target,
            t(f"verdict.{pair.state.name.lower()}"),
            comma.join(t(f"data.bridge.{bridge}") for bridge in pair.bridges),
            pair.shared_users,
            pair.shared_items,
            pair.cold_users,
            comma.join(t("verdict.blocked") if one == "blocked" else rule_name(one)
                       for one in pair.reasons),
        )
        for pair in pairs
    ]  # fmt: skip
    return pd.DataFrame(rows, columns=[t(f"data.pairs.column_{name}") for name in names])


def _overlap(found: AuditReport) -> None:
    """F1: common users, or common item ids."""
    section(t("data.overlap.title"), t("data.overlap.note"))
    of = "items" if state.param("overlap") == "items" else "users"
    if len(found.item_overlap):
        st.session_state["overlap_of"] = of
        st.segmented_control(
            t("data.overlap.of"),
            ["users", "items"],
            format_func=lambda one: t(f"data.overlap.of_{one}"),
            key="overlap_of",
            label_visibility="collapsed",
            required=True,
            on_change=lambda: state.set_param(
                "overlap", "items" if st.session_state["overlap_of"] == "items" else None
            ),
        )
    common = found.item_overlap if of == "items" else found.overlap
    names = list(common.index)
    rows = plots.overlap_rows(common)
    shown = rows.set_axis(
        [
            t("data.overlap.scenario"),
            t("data.overlap.other"),
            t(f"data.overlap.shared_{of}"),
            t(f"data.overlap.own_{of}"),
            t("data.overlap.share"),
        ],
        axis="columns",
    )
    figure_with_table(
        plots.overlap_figure(rows, names, of=of, theme=state.theme(), words=plot_words),
        shown,
        t(f"data.overlap.caption_{of}"),
        key="overlap",
        alt=plots.overlap_alt(rows, words=plot_words),
    )
