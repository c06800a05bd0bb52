"""What validation users chose for a run's model: every decision, by target scenario."""

from collections.abc import Mapping
from typing import Any

import pandas as pd
import streamlit as st

from crossrec.evaluation import RunReport
from crossrec.ui.format import number, signed
from crossrec.ui.i18n import t
from crossrec.ui.widgets import table_with_download

NOT_HERE = "–"


def chosen(report: RunReport) -> None:
    """A closed expander; nothing for a run without."""
    found = report.config.get("chosen")
    if not isinstance(found, list) or not found:
        return
    with st.expander(t("transfer.chosen.title")):
        st.caption(t("transfer.chosen.note"))
        table_with_download(pd.DataFrame([_row(one) for one in found]), key="chosen")


def _row(one: Mapping[str, Any]) -> dict[str, str]:
    gain = NOT_HERE
    if one["gain"]:
        gain = f"{signed(one['gain'], 4)} ± {number(one['error'], 4)}"
    return {
        t("transfer.chosen.decision"): t(f"decision.{one['decision']}"),
        t("transfer.column.target"): one["target"] or t("transfer.chosen.everywhere"),
        t("transfer.chosen.value"): _value(one["value"]),
        t("transfer.chosen.gain"): gain,
        t("transfer.column.n"): number(one["users"]) if one["users"] else NOT_HERE,
    }


def _value(value: Any) -> str:
    """A number, several of them, or a word for none."""
    if value is None:
        return NOT_HERE
    if isinstance(value, bool):
        return t("common.yes") if value else t("common.no")
    if isinstance(value, (list, tuple)):
        return " / ".join(f"{one:g}" for one in value)
    return f"{value:g}"
