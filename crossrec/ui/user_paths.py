"""Attribute paths: what history items and the recommended item have in common."""

import pandas as pd
import streamlit as st

from crossrec import plots
from crossrec.explanation import Explanation
from crossrec.explanation.paths import attribute_paths
from crossrec.schema import ITEM, SOURCE_SCENARIO
from crossrec.ui import state
from crossrec.ui.i18n import t
from crossrec.ui.trial import Trial
from crossrec.ui.user_attributes import attributes_of
from crossrec.ui.user_why import titles_of
from crossrec.ui.widgets import figure_with_table, plot_words


def panel(tried: Trial, told: Explanation) -> None:
    """The graph, and all paths as a table."""
    paths = attribute_paths(told, attributes_of(tried.run))
    if paths.empty:
        st.caption(t("user.paths.none"))
        return
    ends = ("evidence", "target_evidence")
    paths = paths.assign(**{end: [t(f"user.paths.by_{one}") for one in paths[end]] for end in ends})
    titles = {**titles_of(tried, paths), told.item_id: tried.title(told.item_id)}
    figure_with_table(
        plots.paths_figure(
            paths,
            titles,
            tried.scenarios,
            target=tried.target,
            theme=state.theme(),
            words=plot_words,
        ),
        _table(paths, titles),
        t("user.paths.caption"),
        key="paths",
        alt=plots.paths_alt(paths, titles, words=plot_words),
    )


def _table(paths: pd.DataFrame, titles: dict[str, str]) -> pd.DataFrame:
    return pd.DataFrame(
        {
            t("user.part.source_scenario"): paths[SOURCE_SCENARIO],
            t("user.part.title"): [titles[item] for item in paths[ITEM]],
            t("user.paths.attribute"): paths["attribute"],
            t("user.paths.value"): paths["value"],
            t("user.part.amount"): paths["amount"],
            t("user.paths.strength"): paths["strength"],
            t("user.paths.holders"): paths["holders"],
            t("user.paths.evidence"): paths["evidence"],
            t("user.paths.target_evidence"): paths["target_evidence"],
        }
    )
