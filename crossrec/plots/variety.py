"""What variety costs: NDCG against the diversity inside a list."""

import pandas as pd
import plotly.graph_objects as go

from crossrec.plots.theme import COLOURS, PALETTES, Theme, blank, plain
from crossrec.plots.words import Words, english


def variety_figure(
    rows: pd.DataFrame, chosen: float, *, k: int, theme: Theme = "light", words: Words = english
) -> go.Figure:
    """A line over the settings of variety; the chosen one is marked.

    Args:
        rows: ``variety, ndcg, diversity, users``, by growing variety.
        chosen: the setting in use; it is marked at the nearest row.
        k: list length of the metric.
        theme: light or dark.
        words: the sentences.
    """
    palette = PALETTES[theme]
    figure = blank(theme, height=300, legend=False)
    told = [
        words(
            "variety_hover",
            variety=plain(row["variety"], 2),
            ndcg=plain(row["ndcg"]),
            diversity=plain(row["diversity"]),
        )
        for row in rows.to_dict("records")
    ]
    figure.add_trace(
        go.Scatter(
            x=rows["diversity"].tolist(),
            y=rows["ndcg"].tolist(),
            mode="lines+markers+text",
            line={"color": COLOURS[0], "width": 2},
            marker={"size": 7, "color": COLOURS[0]},
            text=[plain(value, 1) for value in rows["variety"]],
            textposition="top center",
            textfont={"size": 11, "color": palette.muted},
            hovertext=told,
            hoverinfo="text",
        )
    )
    near = rows.iloc[[int((rows["variety"] - chosen).abs().to_numpy().argmin())]]
    figure.add_trace(
        go.Scatter(
            x=near["diversity"].tolist(),
            y=near["ndcg"].tolist(),
            mode="markers",
            marker={
                "symbol": "diamond-open",
                "size": 17,
                "line": {"width": 3, "color": COLOURS[1]},
                "color": COLOURS[1],
            },
            hoverinfo="skip",
        )
    )
    top = max(rows["ndcg"], default=0.0) or 1.0
    figure.update_xaxes(title_text=words("variety_axis_diversity"))
    figure.update_yaxes(title_text=words("variety_axis_ndcg", k=k), range=[0, 1.2 * top])
    return figure


def variety_alt(rows: pd.DataFrame, *, words: Words = english) -> str:
    """The two ends of the curve as a sentence."""
    first, last = rows.iloc[0], rows.iloc[-1]
    return words(
        "variety_alt",
        first=plain(first["ndcg"]),
        last=plain(last["ndcg"]),
        low=plain(first["diversity"]),
        high=plain(last["diversity"]),
        n=f"{int(first['users']):,}",
    )
