"""What validation rows chose for a run's model: how events count, and every pair of scenarios."""

from collections.abc import Mapping
from typing import Any

import pandas as pd
import streamlit as st

from crossrec.evaluation import RunReport
from crossrec.ui.format import number
from crossrec.ui.i18n import t
from crossrec.ui.widgets import table_with_download


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


def _events(power: float) -> str:
    """How much a weak event counts beside a strong one."""
    if power == 1:
        return t("transfer.chosen.events_as_given")
    return t("transfer.chosen.events", power=number(power, 1), quarter=number(0.25**power, 2))


def _row(pair: Mapping[str, Any], unit: str) -> dict[str, str]:
    half_life = pair["half_life"]
    age = "–"
    if half_life is not None:
        age = t(f"transfer.chosen.half_life_{unit}", n=number(half_life, 0))
    return {
        t("transfer.column.source"): pair["source"],
        t("transfer.column.target"): pair["target"],
        t("transfer.chosen.penalty"): number(pair["penalty"], 0),
        t("transfer.chosen.text"): number(pair["text"], 2),
        t("transfer.chosen.factors"): number(pair["factors"], 2),
        t("transfer.chosen.half_life"): age,
        t("transfer.chosen.ndcg"): number(pair["ndcg"], 4) if pair["users"] else "–",
        t("transfer.column.n"): number(pair["users"]),
    }
