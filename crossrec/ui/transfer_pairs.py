"""Which source helps which target: the matrix of pairs, and the users behind one of them."""

from typing import Final

import numpy as np
import pandas as pd
import streamlit as st

from crossrec import evaluation, plots
from crossrec.evaluation import RunReport
from crossrec.ui import kept, state, transfer_users, verdicts
from crossrec.ui.format import interval, number, plain
from crossrec.ui.i18n import t
from crossrec.ui.tiles import tiles
from crossrec.ui.widgets import figure_with_table, plot_words, section
from crossrec.workspace import Run

PAIR: Final = "pair"
"""The part of the link that names a pair, as two numbers."""


def heat_map(
    run: Run, report: RunReport, scenarios: list[str], view: str, cohort: str, metric: str
) -> tuple[str, str] | None:
    """The matrix, and the pair that was clicked or stands in the link."""
    section(t("transfer.map.title"), t(f"transfer.map.note_{view}"))
    coefficient = view == "coefficient"
    if coefficient:
        pairs = _weights(run, report, cohort)
    else:
        pairs = _verdicts(run, report, cohort, metric, forced=view == "forced")
    if pairs.empty:
        st.caption(t("transfer.map.empty"))
        return None
    event = figure_with_table(
        kept.figure(
            run,
            "pairs",
            view,
            cohort,
            metric,
            draw=lambda: plots.transfer_figure(
                pairs,
                scenarios,
                coefficient=coefficient,
                metric=t(f"metric.{metric}"),
                theme=state.theme(),
                words=plot_words,
            ),
        ),
        verdicts.told(pairs).rename(columns=lambda name: t(f"transfer.column.{name}")),
        t(f"transfer.map.caption_{view}") + ("" if coefficient else f" {verdicts.rule()}"),
        key="pairs",
        alt=plots.transfer_alt(pairs, coefficient=coefficient, words=plot_words),
        on_select="rerun",
        columns=None if coefficient else {t("transfer.column.verdict"): verdicts.column()},
    )
    size = pairs["coefficient" if coefficient else "lift"].to_numpy()
    pairs = pairs.iloc[np.argsort(-np.abs(size), kind="stable")]
    return _chosen(event, list(zip(pairs["source"], pairs["target"], strict=True)), scenarios)


def _verdicts(
    run: Run, report: RunReport, cohort: str, metric: str, *, forced: bool
) -> pd.DataFrame:
    return kept.value(
        run,
        "verdicts",
        cohort,
        metric,
        forced,
        make=lambda: evaluation.verdicts(report, cohort=cohort, metric=metric, forced=forced),
    )


def _weights(run: Run, report: RunReport, cohort: str) -> pd.DataFrame:
    return kept.value(
        run,
        "weights",
        cohort,
        make=lambda: plots.coefficient_pairs(report.coefficients_of(cohort)),
    )


def _chosen(
    event: dict | None, known: list[tuple[str, str]], scenarios: list[str]
) -> tuple[str, str]:
    """The clicked pair, else the linked one, else the strongest; written to the link as numbers."""
    points = (event or {}).get("selection", {}).get("points", [])
    clicked = tuple(points[0].get("customdata", ())) if points else ()
    numbers = {f"{scenarios.index(one)}-{scenarios.index(two)}": (one, two) for one, two in known}
    for short_id, pair in numbers.items():
        if pair == clicked:
            state.set_param(PAIR, short_id)
    return numbers.get(state.param(PAIR), known[0])


def details(run: Run, report: RunReport, pair: tuple[str, str], cohort: str, metric: str) -> None:
    """One pair: both lifts with interval, n and p, the coefficient, and the users behind them."""
    source, target = pair
    section(f"{plain(source)} → {plain(target)}", t("transfer.pair.note"))
    columns = tiles("pair_facts", 3, least=220)
    for column, forced in zip(columns, (False, True), strict=False):
        found = _verdicts(run, report, cohort, metric, forced=forced)
        mine = found.loc[(found["source"] == source) & (found["target"] == target)]
        with column:
            st.caption(t("transfer.view.forced" if forced else "transfer.view.lift"))
            _verdict(mine)
    weights = _weights(run, report, cohort)
    with columns[-1]:
        st.caption(t("transfer.view.coefficient"))
        _weight(weights.loc[(weights["source"] == source) & (weights["target"] == target)])
    transfer_users.of_pair(run, report, source, target, metric)


def _verdict(rows: pd.DataFrame) -> None:
    if rows.empty:
        st.markdown("–")
    for row in rows.to_dict("records"):
        shown = interval(row["lift"], row["low"], row["high"], sign=True)
        st.markdown(f"**{shown}**")
        st.caption(
            t(
                "transfer.pair.facts",
                verdict=verdicts.said(row["verdict"], row["why"]),
                n=number(row["n"]),
                p=number(row["p_holm"]),
            )
        )


def _weight(rows: pd.DataFrame) -> None:
    if rows.empty:
        st.markdown("–")
    for row in rows.to_dict("records"):
        st.markdown(f"**{number(row['coefficient'], 2)}**")
        low, high = number(row["low"], 2), number(row["high"], 2)
        st.caption(t("transfer.pair.weight", low=low, high=high, n=number(row["n"])))
