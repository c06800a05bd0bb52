"""A user's own coefficients among those of all users."""

from collections.abc import Sequence

import pandas as pd
import plotly.graph_objects as go

from crossrec.plots.theme import NEUTRAL, PALETTES, Theme, blank, escape, marks, plain, short
from crossrec.plots.words import Words, english


def own_figure(
    rows: pd.DataFrame,
    scenarios: Sequence[str],
    *,
    theme: Theme = "light",
    words: Words = english,
) -> go.Figure:
    """A bar from the 5th to the 95th percentile of all users, their median, and the user's mark.

    Args:
        rows: ``source, coefficient, low, median, high, share_below, n``.
        scenarios: all scenario names in the run's order (they fix the colours).
        theme: light or dark.
        words: the sentences.
    """
    palette, look = PALETTES[theme], marks(scenarios)
    figure = blank(theme, height=84 + 36 * len(rows))
    places = list(range(len(rows)))
    told = [_hover(row, words) for row in rows.to_dict("records")]
    figure.add_trace(
        go.Bar(
            orientation="h",
            y=places,
            x=(rows["high"] - rows["low"]).tolist(),
            base=rows["low"].tolist(),
            width=0.4,
            marker={"color": palette.empty, "line": {"width": 0}},
            name=words("own_all"),
            hovertext=told,
            hoverinfo="text",
        )
    )
    line = {"width": 2, "color": palette.muted}
    marker = {"symbol": "line-ns", "size": 14, "line": line, "color": palette.muted}
    figure.add_trace(
        go.Scatter(
            x=rows["median"].tolist(),
            y=places,
            mode="markers",
            marker=marker,
            name=words("own_median"),
            hovertext=told,
            hoverinfo="text",
        )
    )
    colours = [look[name].colour if name in look else NEUTRAL for name in rows["source"]]
    figure.add_trace(
        go.Scatter(
            x=rows["coefficient"].tolist(),
            y=places,
            mode="markers+text",
            marker={"symbol": "diamond", "size": 12, "color": colours},
            text=[plain(value, 2) for value in rows["coefficient"]],
            textposition="top center",
            textfont={"size": 12, "color": palette.text},
            name=words("own_user"),
            hovertext=told,
            hoverinfo="text",
        )
    )
    figure.update_xaxes(title_text=words("coefficient"), range=[-0.04, 1.04])
    figure.update_yaxes(
        tickvals=places,
        ticktext=[short(name) for name in rows["source"]],
        range=[len(rows) - 0.4, -0.7],
        showgrid=False,
    )
    return figure


def own_alt(rows: pd.DataFrame, *, words: Words = english) -> str:
    """The user's coefficients as a sentence."""
    parts = [
        words("own_part", source=row["source"], value=plain(row["coefficient"], 2),
              median=plain(row["median"], 2))
        for row in rows.to_dict("records")
    ]  # fmt: skip
    return words("own_alt", parts="; ".join(parts))


def _hover(row: dict, words: Words) -> str:
    return words(
        "own_hover",
        source=escape(row["source"]),
        value=plain(row["coefficient"], 3),
        share=f"{row['share_below']:.0%}" if row["n"] else "–",
        n=f"{int(row['n']):,}",
    )
