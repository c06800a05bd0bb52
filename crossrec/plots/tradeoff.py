"""F10, the trade-off: what a better metric costs, run by run."""

import math
from typing import Final

import pandas as pd
import plotly.graph_objects as go

from crossrec.plots.theme import COLOURS, NEUTRAL, PALETTES, Theme, blank, escape, plain, short
from crossrec.plots.words import Words, english

MOST_RUNS: Final = 500
LABELLED: Final = 12
TICKS: Final = {
    1: "1 s",
    5: "5 s",
    10: "10 s",
    30: "30 s",
    60: "1 min",
    120: "2 min",
    300: "5 min",
    600: "10 min",
    1_800: "30 min",
    3_600: "1 h",
    7_200: "2 h",
    18_000: "5 h",
    36_000: "10 h",
    86_400: "24 h",
}
"""Seconds that get a mark on the axis."""
COLUMNS: Final = ("run", "cost", "value", "low", "high", "baseline")


def tradeoff_figure(
    runs: pd.DataFrame, *, metric: str = "NDCG", theme: Theme = "light", words: Words = english
) -> go.Figure:
    """Cost against metric with its 95 % interval, a point per run.

    Args:
        runs: ``run`` (name), ``cost`` (seconds, > 0), ``value, low, high`` of the metric, and
            ``baseline``, the target-only value of the same run (a short line; NaN for none). At
            most :data:`MOST_RUNS` rows are drawn.
        metric: name of the metric as shown.
        theme: light or dark.
        words: the sentences.
    """
    palette = PALETTES[theme]
    figure = blank(theme, height=340, legend=False)
    shown = runs.head(MOST_RUNS)
    baselines = shown["baseline"].dropna().unique()
    for value in baselines[:LABELLED]:
        figure.add_hline(
            y=value,
            line={"color": NEUTRAL, "width": 1.5, "dash": "dash"},
            annotation={
                "text": words("tradeoff_baseline", value=plain(value)),
                "font": {"size": 11, "color": palette.muted},
                "xanchor": "left",
                "x": 0,
            },
        )
    costs = shown["cost"].tolist()
    labelled = len(shown) <= LABELLED
    figure.add_trace(
        go.Scatter(
            x=costs,
            y=shown["value"].tolist(),
            error_y={
                "type": "data",
                "symmetric": False,
                "array": (shown["high"] - shown["value"]).tolist(),
                "arrayminus": (shown["value"] - shown["low"]).tolist(),
                "thickness": 1.5,
                "color": COLOURS[0],
            },
            mode="markers+text" if labelled else "markers",
            text=[short(name, 24) for name in shown["run"]] if labelled else None,
            textposition="middle right",
            textfont={"size": 12, "color": palette.text},
            marker={
                "size": 11,
                "color": COLOURS[0],
                "line": {"color": palette.surface, "width": 1},
            },
            hovertext=[
                words(
                    "tradeoff_hover",
                    run=escape(row["run"]),
                    value=plain(row["value"]),
                    low=plain(row["low"]),
                    high=plain(row["high"]),
                    cost=f"{row['cost']:,.0f}",
                )
                for row in shown.to_dict("records")
            ],
            hoverinfo="text",
            cliponaxis=False,
        )
    )
    figure.update_xaxes(
        title_text=words("tradeoff_axis_cost"),
        type="log",
        # room at the right for the last name
        range=[math.log10(0.7 * min(costs)), math.log10(2.5 * max(costs))] if costs else None,
        tickvals=list(TICKS),
        ticktext=list(TICKS.values()),
    )
    figure.update_yaxes(title_text=metric, tickformat=".3~f")
    return figure


def tradeoff_alt(runs: pd.DataFrame, *, metric: str = "NDCG", words: Words = english) -> str:
    """The trade-off as a sentence of numbers."""
    judged = runs.dropna(subset=["value"])
    if judged.empty:
        return words("tradeoff_alt", n=len(runs), metric=metric, value="–", cost="–", run="–")
    best = judged.loc[judged["value"].idxmax()]
    return words(
        "tradeoff_alt",
        n=len(runs),
        metric=metric,
        value=plain(float(best["value"])),
        cost=f"{best['cost']:,.0f}",
        run=best["run"],
    )
