"""What one item's score and rank would be without parts of the history."""

from typing import Any

import pandas as pd
import streamlit as st

from crossrec.explanation.minimal import MinimalSet, minimal_set
from crossrec.explanation.removal import RemovalEffects, removal_effects
from crossrec.schema import ITEM, RANK, SCORE, SOURCE_SCENARIO
from crossrec.ui.format import number, plain
from crossrec.ui.i18n import t
from crossrec.ui.trial import Trial
from crossrec.ui.user_attributes import attributes_of
from crossrec.ui.user_lists import arrow
from crossrec.ui.widgets import table_with_download

NAMED = 4
"""Items of a minimal set told by name."""


def panel(tried: Trial, item: str) -> None:
    """The smallest set in words, then every removal as a table."""
    asked = (tried.answer.model, tried.answer.history, tried.target, item)
    like = {
        "coefficients": dict(tried.state.coefficients),
        "candidates": tried.answer.ranking.local,
    }
    st.markdown(_sentence(tried, minimal_set(*asked, k=tried.k, **like)))
    found = removal_effects(*asked, attributes=attributes_of(tried.run), **like)
    if found.table.empty:
        st.caption(t("user.removal.none"))
        return
    st.caption(t("user.removal.note", rank=number(found.rank), score=number(found.score)))
    table_with_download(_table(tried, found), key="removal", columns=_columns(), height=320)
    if found.left_out:
        st.caption(t("user.removal.left_out", n=number(found.left_out)))
    if tried.state.coefficients:
        st.caption(t("user.removal.moved"))


def _sentence(tried: Trial, found: MinimalSet) -> str:
    """The minimal set in words."""
    if found.why_none:
        return t(f"user.minimal.{found.why_none}", k=found.k, rank=number(found.rank))
    titles = [plain(tried.title(item)) for _, item in found.removed[:NAMED]]
    named = t("common.comma").join(titles)
    more = len(found.removed) - len(titles)
    if more:
        named = t("user.minimal.more", items=named, n=number(more))
    key = "one" if len(found.removed) == 1 else "some"
    return t(
        f"user.minimal.{key}",
        n=number(len(found.removed)),
        items=named,
        k=found.k,
        rank=number(found.rank),
        without=number(found.rank_without or 0),
    )


def _table(tried: Trial, found: RemovalEffects) -> pd.DataFrame:
    titles = tried.titles(found.table[ITEM].to_numpy(dtype=object))
    rows = found.table.to_dict("records")
    return pd.DataFrame(
        {
            t("user.removal.what"): [
                _name(row, title) for row, title in zip(rows, titles, strict=True)
            ],
            t("user.part.source_scenario"): found.table[SOURCE_SCENARIO],
            t("user.removal.items"): found.table["items"],
            t("user.removal.change"): found.table["change"],
            t("user.score"): found.table[SCORE],
            t("user.rank"): found.table[RANK],
            t("user.moved"): [arrow(moved) for moved in found.table["moved"]],
        }
    )


def _name(row: dict, title: str) -> str:
    if row["kind"] == "item":
        return title
    if row["kind"] == "scenario":
        return t("user.removal.scenario", name=row[SOURCE_SCENARIO])
    return t("user.removal.attribute", attribute=row["attribute"], value=row["value"])


def _columns() -> dict[str, Any]:
    return {
        t("user.removal.change"): st.column_config.NumberColumn(format="%+.4f"),
        t("user.score"): st.column_config.NumberColumn(format="%.4f"),
    }
