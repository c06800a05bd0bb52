"""Why one item has its score: the exact sum, as waterfall and as table, and its check."""

from typing import Final

import numpy as np
import pandas as pd
import streamlit as st

from crossrec import plots
from crossrec.explanation import Explanation
from crossrec.schema import ITEM, SOURCE_SCENARIO
from crossrec.ui import state
from crossrec.ui.format import number, signed
from crossrec.ui.i18n import t
from crossrec.ui.trial import Trial
from crossrec.ui.widgets import figure_with_table, plot_words

SUM_TOLERANCE: Final = 1e-4
VIEWS: Final = ("items", "scenarios")


def panel(tried: Trial, told: Explanation) -> None:
    """The sum behind one score, by history item or by scenario."""
    view = st.segmented_control(
        t("user.why_view"),
        VIEWS,
        format_func=lambda name: t(f"user.why_view_{name}"),
        default=VIEWS[0],
        required=True,
        key="why_view",
        label_visibility="collapsed",
    )
    parts = told.contributions if view == "items" else by_scenario(told)
    rows = plots.why_rows(parts, told.base, titles_of(tried, parts) if view == "items" else {})
    figure_with_table(
        plots.why_figure(rows, tried.scenarios, theme=state.theme(), words=plot_words),
        folded_table(tried, told),
        t("user.why_caption"),
        key="why",
        alt=plots.why_alt(rows, words=plot_words),
    )
    check(tried, told)


def titles_of(tried: Trial, parts: pd.DataFrame) -> dict[str, str]:
    """Item id -> title of the history items of a table."""
    ids = parts[ITEM].to_numpy(dtype=object)
    return dict(zip(ids, tried.titles(ids), strict=True))


def by_scenario(told: Explanation) -> pd.DataFrame:
    """The contributions with all items of a scenario added up; the scenario stands as the item."""
    names = ["amount", "learnt", "text"]
    sums = told.contributions.groupby(SOURCE_SCENARIO, sort=False)[names].agg("sum")
    return pd.DataFrame(sums).reset_index().assign(**{ITEM: lambda table: table[SOURCE_SCENARIO]})


def folded_table(tried: Trial, told: Explanation) -> pd.DataFrame:
    """Scenario -> item -> part, as a person reads it: the rows of a sum with their subtotals."""
    folded = told.folded(most=50)
    titles = tried.titles(folded[ITEM].to_numpy(dtype=object))
    names = {
        "base": lambda row, _: t("user.fold.base"),
        "scenario": lambda row, _: t("user.fold.scenario", n=number(row["items"])),
        "item": lambda _, title: f"· {title}",
        "other": lambda row, _: "· " + t("user.fold.other", n=number(row["items"])),
        "score": lambda row, _: t("user.score"),
    }
    return pd.DataFrame(
        {
            t("user.part.source_scenario"): folded[SOURCE_SCENARIO],
            t("user.part.title"): [
                names[row["kind"]](row, title)
                for row, title in zip(folded.to_dict("records"), titles, strict=True)
            ],
            t("user.part.learnt"): folded["learnt"],
            t("user.part.text"): folded["text"],
            t("user.part.amount"): folded["amount"],
        }
    )


def check(tried: Trial, told: Explanation) -> None:
    """Whether the parts add up to the score the list was ranked by, computed another way."""
    ranking = tried.answer.ranking
    place = np.flatnonzero(ranking.item_ids == told.item_id)
    score = float(ranking.scores[place[0]])
    total = float(told.contributions["amount"].to_numpy().sum())
    right = abs(told.base + total - score) <= SUM_TOLERANCE * max(1.0, abs(score))
    st.caption(
        t(
            "user.check" if right else "user.check_failed",
            base=number(told.base, 4),
            total=signed(total, 4),
            score=number(score, 4),
        )
    )
