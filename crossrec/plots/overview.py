"""F1 to F3, what the data looks like: overlap of users, activity, token lengths."""

from collections.abc import Sequence
from typing import Final, Literal

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from crossrec.data.audit.activity import activity_curves
from crossrec.data.log import InteractionLog
from crossrec.plots.theme import (
    PALETTES,
    Theme,
    blank,
    escape,
    marks,
    plain,
    sequential,
    short,
)
from crossrec.plots.words import Words, english
from crossrec.schema import SCENARIO

MOST_POINTS: Final = 200
"""Points of an activity curve; their ranks are evenly spaced on the logarithmic axis."""


def overlap_rows(common: pd.DataFrame) -> pd.DataFrame:
    """Pairs of scenarios out of :attr:`AuditReport.overlap` or ``item_overlap``.

    Args:
        common: common users (or items), shape (S, S); a scenario's own ones on the diagonal. Cells
            without a number are groups too small to be told.

    Returns:
        One row per ordered pair: ``scenario, other``, ``shared`` users, ``users`` of ``scenario``
        and ``share`` = shared / users; NaN where it is not told.
    """
    rows = [
        (name, other, shared, common.loc[name, name])
        for name in common.index
        for other, shared in common.loc[name].items()
        if name != other
    ]
    pairs = pd.DataFrame(rows, columns=[SCENARIO, "other", "shared", "users"])
    pairs = pairs.astype({"shared": float, "users": float})
    pairs = pairs.assign(share=pairs["shared"] / pairs["users"].clip(lower=1))
    told = not pairs[["shared", "users"]].isna().to_numpy().any()
    return pairs.astype({"shared": int, "users": int}) if told else pairs


def activity_rows(log: InteractionLog) -> pd.DataFrame:
    """Interactions per user, see :func:`crossrec.data.activity.activity_curves`."""
    return activity_curves(log, MOST_POINTS)


def overlap_figure(
    overlap: pd.DataFrame,
    scenarios: Sequence[str],
    *,
    of: Literal["users", "items"] = "users",
    theme: Theme = "light",
    words: Words = english,
) -> go.Figure:
    """F1: of the users (or items) of a row's scenario, the share also found in the column's.

    Args:
        overlap: of :func:`overlap_rows`.
        scenarios: scenario names in the run's order.
        of: what is common.
        theme: light or dark.
        words: the sentences.
    """
    palette = PALETTES[theme]
    hover, axis = ("overlap_hover", "overlap_axis_row") if of == "users" else (
        "overlap_items_hover", "overlap_items_axis_row"
    )  # fmt: skip
    place = {name: at for at, name in enumerate(scenarios)}
    grid: list[list[float | None]] = [[None] * len(scenarios) for _ in scenarios]
    texts = [[""] * len(scenarios) for _ in scenarios]
    hovers = [[""] * len(scenarios) for _ in scenarios]
    for row in overlap.to_dict("records"):
        y, x = place[row[SCENARIO]], place[row["other"]]
        if np.isnan(row["share"]):
            texts[y][x], hovers[y][x] = "–", words("withheld")
            continue
        grid[y][x] = row["share"]
        texts[y][x] = f"{plain(100 * row['share'], 0)} %"
        hovers[y][x] = words(
            hover,
            shared=f"{int(row['shared']):,}",
            users=f"{int(row['users']):,}",
            source=escape(row[SCENARIO]),
            target=escape(row["other"]),
            share=texts[y][x],
        )
    figure = blank(theme, height=max(220, 90 + 46 * len(scenarios)), legend=False)
    figure.add_trace(
        go.Heatmap(
            z=grid,
            text=texts,
            texttemplate="%{text}",
            textfont={"size": 12, "color": palette.text},
            hovertext=hovers,
            hoverinfo="text",
            zmin=0,
            zmax=1,
            colorscale=sequential(theme),
            showscale=False,
            xgap=3,
            ygap=3,
        )
    )
    ticks = {
        "tickvals": list(range(len(scenarios))),
        "ticktext": [short(name, 22) for name in scenarios],
        "showgrid": False,
        "showline": False,
        "ticks": "",
        "fixedrange": True,
    }
    figure.update_xaxes(**ticks, side="top", title_text=words("overlap_axis_column"))
    figure.update_yaxes(**ticks, range=[len(scenarios) - 0.5, -0.5], title_text=words(axis))
    return figure


def overlap_alt(overlap: pd.DataFrame, *, words: Words = english) -> str:
    """The overlap as a sentence of numbers."""
    parts = [
        f"{row[SCENARIO]} → {row['other']} {plain(100 * row['share'], 0)} %"
        for row in overlap.to_dict("records")
        if not np.isnan(row["share"])
    ]
    return words("overlap_alt", parts="; ".join(parts) or "–")


def activity_figure(
    activity: pd.DataFrame,
    scenarios: Sequence[str],
    *,
    of: Literal["users", "items"] = "users",
    theme: Theme = "light",
    words: Words = english,
) -> go.Figure:
    """F2: interactions per user (or item) against its rank, both logarithmic, a line per scenario.

    Args:
        activity: of :func:`crossrec.data.activity.activity_curves` or ``popularity_curves``.
        scenarios: scenario names in the run's order.
        of: what is ranked.
        theme: light or dark.
        words: the sentences.
    """
    palette, look = PALETTES[theme], marks(scenarios)
    start = "activity" if of == "users" else "popularity"
    figure = blank(theme, height=320)
    for name in scenarios:
        mine = activity.loc[activity[SCENARIO] == name].sort_values("rank")
        if mine.empty:
            continue
        mark = look[name]
        figure.add_trace(
            go.Scatter(
                x=mine["rank"].tolist(),
                y=mine["count"].tolist(),
                mode="lines",
                name=short(name),
                line={"color": mark.colour, "dash": mark.dash, "width": 2},
                hovertext=[
                    words(
                        f"{start}_hover",
                        scenario=escape(name),
                        rank=f"{int(rank):,}",
                        count=f"{int(count):,}",
                    )
                    for rank, count in zip(mine["rank"], mine["count"], strict=True)
                ],
                hoverinfo="text",
            )
        )
        middle, median = _median(mine)
        figure.add_trace(
            go.Scatter(
                x=[middle],
                y=[median],
                mode="markers",
                showlegend=False,
                marker={
                    "symbol": mark.symbol,
                    "size": 10,
                    "color": mark.colour,
                    "line": {"color": palette.surface, "width": 1.5},
                },
                hovertext=[f"{escape(name)}: {words('activity_median', median=f'{median:,.0f}')}"],
                hoverinfo="text",
            )
        )
    log = {"type": "log", "dtick": 1, "minor": {"showgrid": False}}
    figure.update_xaxes(**log, title_text=words(f"{start}_axis_rank"))
    figure.update_yaxes(**log, title_text=words(f"{start}_axis_count"))
    return figure


def activity_alt(
    activity: pd.DataFrame,
    scenarios: Sequence[str],
    *,
    of: Literal["users", "items"] = "users",
    words: Words = english,
) -> str:
    """The activity (or popularity) curves as a sentence of numbers."""
    start = "activity" if of == "users" else "popularity"
    parts = []
    for name in scenarios:
        mine = activity.loc[activity[SCENARIO] == name].sort_values("rank")
        if len(mine):
            parts.append(
                words(
                    f"{start}_part",
                    scenario=name,
                    n=f"{int(mine['rank'].iloc[-1]):,}",
                    median=f"{_median(mine)[1]:,.0f}",
                    most=f"{int(mine['count'].iloc[0]):,}",
                )
            )
    return words(f"{start}_alt", parts="; ".join(parts) or "–")


def _median(curve: pd.DataFrame) -> tuple[float, float]:
    """Rank and count of the middle user, read off the curve."""
    middle = (curve["rank"].iloc[-1] + 1) / 2
    at = int(np.searchsorted(curve["rank"].to_numpy(), middle))
    return float(middle), float(curve["count"].iloc[min(at, len(curve) - 1)])


def token_figure(
    bins: pd.DataFrame,
    *,
    limit: int,
    truncated: int,
    theme: Theme = "light",
    words: Words = english,
) -> go.Figure:
    """F3: how long the items' texts are, and where the encoder stops reading.

    Args:
        bins: ``low`` (first token count of a bin), ``high`` (last) and ``items``.
        limit: tokens the encoder reads.
        truncated: items above it.
        theme: light or dark.
        words: the sentences.
    """
    palette = PALETTES[theme]
    figure = blank(theme, height=280, legend=False)
    middle = (bins["low"] + bins["high"]) / 2
    figure.add_trace(
        go.Bar(
            x=middle.tolist(),
            y=bins["items"].tolist(),
            width=((bins["high"] - bins["low"] + 1) * 0.92).tolist(),
            marker={
                "color": [palette.worse if low > limit else palette.better for low in bins["low"]],
                "pattern": {
                    "shape": ["/" if low > limit else "" for low in bins["low"]],
                    "fillmode": "overlay",
                },
            },
            hovertext=[
                words("tokens_hover", low=int(low), high=int(high), items=f"{int(items):,}")
                for low, high, items in zip(bins["low"], bins["high"], bins["items"], strict=True)
            ],
            hoverinfo="text",
        )
    )
    total = int(bins["items"].to_numpy().sum())
    figure.add_vline(
        x=limit + 0.5,
        line={"color": palette.text, "width": 1.5, "dash": "dash"},
        annotation={
            "text": words("tokens_limit", limit=limit, truncated=_share(truncated, total)),
            "font": {"size": 12, "color": palette.text},
            "xanchor": "right",
            "yanchor": "bottom",
            "xshift": -4,
            "y": 1,
        },
    )
    figure.update_xaxes(title_text=words("tokens_axis"), rangemode="tozero")
    figure.update_yaxes(title_text=words("tokens_items"))
    figure.update_layout(margin={"t": 30}, bargap=0)
    return figure


def token_alt(
    bins: pd.DataFrame, *, limit: int, truncated: int, median: float, words: Words = english
) -> str:
    """The token lengths as a sentence of numbers."""
    total = int(bins["items"].to_numpy().sum())
    return words(
        "tokens_alt",
        items=f"{total:,}",
        median=f"{median:,.0f}",
        truncated=_share(truncated, total),
        limit=limit,
    )


def _share(part: int, total: int) -> str:
    return f"{plain(100 * part / total, 1)} %" if total else "–"
