"""What validation rows chose for a run's model: how events count, and every pair of scenarios."""

from collections.abc import Mapping
from typing import Any

import pandas as pd
import streamlit as st

from crossrec.evaluation import RunReport
from crossrec.ui.format import number
from crossrec.ui.i18n import t
from crossrec.ui.widgets import table_with_download

NOT_HERE = "–"


def chosen(report: RunReport) -> None:
    """A closed expander; nothing for runs that were made before this was kept."""
    found = report.config.get("chosen")
    if not isinstance(found, Mapping) or not found.get("pairs"):
        return
    with st.expander(t("transfer.chosen.title")):
        st.caption(t("transfer.chosen.note"))
        st.caption(_events(float(found["strength_power"])))
        unit = str(found["half_life_unit"])
        table_with_download(pd.DataFrame([_row(p, unit) for p in found["pairs"]]), key="chosen")


def emphasis(report: RunReport, source: str, target: str) -> float:
    """How many times a source counts for users who have history in the target; usually once."""
    found = report.config.get("chosen")
    pairs = found.get("pairs", []) if isinstance(found, Mapping) else []
    mine = (p for p in pairs if (p["source"], p["target"]) == (source, target))
    return float(next(mine, {}).get("emphasis", 1))


def _events(power: float) -> str:
    """How much a weak event counts beside a strong one."""
    if power == 1:
        return t("transfer.chosen.events_as_given")
    return t("transfer.chosen.events", power=number(power, 1), quarter=number(0.25**power, 2))


def _row(pair: Mapping[str, Any], unit: str) -> dict[str, str]:
    between = pair["source"] != pair["target"]
    return {
        t("transfer.column.source"): pair["source"],
        t("transfer.column.target"): pair["target"],
        t("transfer.chosen.penalty"): number(pair["penalty"], 0),
        t("transfer.chosen.text"): number(pair["text"], 2),
        t("transfer.chosen.factors"): number(pair["factors"], 2),
        t("transfer.chosen.links"): number(pair.get("links", 0.0), 2) if between else NOT_HERE,
        t("transfer.chosen.half_life"): _half_life(pair["half_life"], unit),
        t("transfer.chosen.popularity"): _half_life(pair["popularity"], "days"),
        t("transfer.chosen.emphasis"): f"×{pair.get('emphasis', 1):g}" if between else NOT_HERE,
        t("transfer.chosen.ndcg"): number(pair["ndcg"], 4) if pair["users"] else NOT_HERE,
        t("transfer.column.n"): number(pair["users"]),
    }


def _half_life(value: float | None, unit: str) -> str:
    """In words; age does not matter without one."""
    if value is None:
        return NOT_HERE
    return t(f"transfer.chosen.half_life_{unit}", n=number(value, 0))
