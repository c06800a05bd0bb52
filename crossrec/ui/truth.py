"""The planted truth of the sample data beside what a run on it found."""

import hashlib
from typing import Any, Final

import pandas as pd
import streamlit as st

from crossrec import evaluation
from crossrec.data.sample.truth import SCENARIOS, truth
from crossrec.evaluation import HELPS, HURTS
from crossrec.ui import inputs, state, verdicts
from crossrec.ui.format import interval
from crossrec.ui.i18n import t
from crossrec.ui.widgets import section, table_with_download
from crossrec.workspace import Run

EXPECTED: Final = {"helps strongly": HELPS, "helps weakly": HELPS, "harmful": HURTS}
"""What a planted verdict must show up as."""

COHORT: Final = "cold"
"""Users with no history in the target: what is planted is clearest there."""


def is_sample(run: Run) -> bool:
    """Whether a run was made from the sample data that comes with CrossRec."""
    if set(run.info.get("scenarios", ())) != set(SCENARIOS):
        return False
    made_from = run.info.get("inputs", {}).get("interactions", {})
    return isinstance(made_from, dict) and made_from.get("sha256") == _sample_hash()


def compared(run: Run) -> pd.DataFrame:
    """Every ordered pair: what is planted, what was measured, and whether they agree.

    Measured is the lift of the source switched on for all cold-start users of the target.

    Returns:
        ``source, target, planted, segment, lift, low, high, verdict, why`` and ``agrees``
        (None where nothing clear is planted or nothing was measured). ``segment`` is None for
        everybody, else the profile column and the values of the users it is planted for.
    """
    report = state.read(run, "report")
    found = evaluation.verdicts(report, cohort=COHORT, forced=True)
    planted = pd.DataFrame(truth(0, "", "")["pairs"])
    table = planted.merge(found, on=["source", "target"], how="left", suffixes=("_planted", ""))
    table["agrees"] = [_agrees(row) for row in table.to_dict("records")]
    kept = [
        "source", "target", "verdict_planted", "segment",
        "lift", "low", "high", "verdict", "why", "agrees",
    ]  # fmt: skip
    return table.loc[:, kept].rename(columns={"verdict_planted": "planted"})


def show(run: Run) -> None:
    """The table, and how many of the clearly planted pairs were found."""
    table = compared(run)
    judged = table.loc[table["agrees"].notna(), "agrees"]
    section(t("truth.title"), t("truth.note", found=int(judged.sum()), total=len(judged)))
    shown = [
        {
            t("truth.source"): row["source"],
            t("truth.target"): row["target"],
            t("truth.planted"): t(f"truth.planted.{row['planted'].replace(' ', '_')}"),
            t("truth.segment"): _segment(row["segment"]),
            t("truth.lift"): interval(row["lift"], row["low"], row["high"], sign=True),
            t("truth.found"): _found(row),
            t("truth.agrees"): "–" if row["agrees"] is None else t(_YES_NO[row["agrees"]]),
        }
        for row in table.to_dict("records")
    ]
    with st.expander(t("truth.open"), icon=":material/fact_check:"):
        table_with_download(
            pd.DataFrame(shown),
            key="truth",
            file_name="truth.csv",
            columns={t("truth.found"): verdicts.column()},
        )


def _found(row: dict[str, Any]) -> str:
    return "–" if pd.isna(row["verdict"]) else verdicts.said(row["verdict"], row["why"])


_YES_NO: Final = {True: "common.yes", False: "common.no"}


def _segment(segment: dict[str, Any] | None) -> str:
    """The users a pair is planted for."""
    if segment is None:
        return t("truth.everybody")
    return f"{segment['column']}: {', '.join(segment['values'])}"


def _agrees(row: dict[str, Any]) -> bool | None:
    if not row["clear"] or pd.isna(row["verdict"]):
        return None
    return row["verdict"] == EXPECTED[row["verdict_planted"]]


@st.cache_resource(show_spinner=False)
def _sample_hash() -> str:
    [log] = inputs.sample_files()["log"]
    return hashlib.sha256(log.read_bytes()).hexdigest()
