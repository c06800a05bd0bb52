"""Attribute paths: user, history items, what they share with the recommended item, the item."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

import pandas as pd
import plotly.graph_objects as go

from crossrec.plots.theme import (
    NEUTRAL,
    PALETTES,
    Theme,
    blank,
    escape,
    marks,
    plain,
    short,
    signed,
)
from crossrec.plots.words import Words, english
from crossrec.schema import ITEM, SOURCE_SCENARIO

MOST_PATHS: Final = 8
"""Paths drawn; the table holds all."""
_COLUMNS: Final = (0.0, 1.0, 2.0, 3.0)
_WIDEST: Final = 10.0
_LABEL: Final = 22


def paths_figure(
    paths: pd.DataFrame,
    titles: Mapping[str, str],
    scenarios: Sequence[str],
    *,
    target: str,
    theme: Theme = "light",
    words: Words = english,
) -> go.Figure:
    """The strongest paths as a small graph, left to right; wide lines carry more.

    Args:
        paths: of :func:`crossrec.explanation.paths.attribute_paths`, strongest first.
        titles: item id -> title; the id is shown where there is none.
        scenarios: all scenario names in the run's order (they fix the colours).
        target: the target scenario, which colours the recommended item.
        theme: light or dark.
        words: the sentences.
    """
    drawn = paths.head(MOST_PATHS)
    items = _places(drawn, SOURCE_SCENARIO, ITEM)
    values = _places(drawn, "attribute", "value")
    rows = max(len(items), len(values), 1)
    figure = blank(theme, height=72 + 46 * rows, legend=True)
    _edges(figure, drawn, items, values, titles, words)
    look = marks(scenarios)
    named: set[str] = set()
    _node(figure, _COLUMNS[0], 0.5, words("paths_user"), NEUTRAL, theme)
    for (scenario, item), y in items.items():
        colour = look[scenario].colour if scenario in look else NEUTRAL
        _node(figure, _COLUMNS[1], y, short(titles.get(item) or item, _LABEL), colour, theme)
        _legend(figure, scenario, colour, named)
    for (_, value), y in values.items():
        _node(figure, _COLUMNS[2], y, short(value, _LABEL), NEUTRAL, theme)
    colour = look[target].colour if target in look else NEUTRAL
    ends = drawn["target_item_id"].iloc[0] if len(drawn) else ""
    _node(figure, _COLUMNS[3], 0.5, short(titles.get(ends) or ends, _LABEL), colour, theme)
    _legend(figure, target, colour, named)
    figure.update_xaxes(visible=False, range=[-0.35, 3.45])
    figure.update_yaxes(visible=False, range=[-0.05, 1.05])
    return figure


def paths_alt(paths: pd.DataFrame, titles: Mapping[str, str], *, words: Words = english) -> str:
    """The strongest paths as a sentence."""
    parts = [
        words(
            "paths_part",
            item=titles.get(row[ITEM]) or row[ITEM],
            value=row["value"],
            amount=signed(row["amount"]),
        )
        for row in paths.head(3).to_dict("records")
    ]
    return words("paths_alt", n=len(paths), parts="; ".join(parts) or "–")


def _places(drawn: pd.DataFrame, first: str, second: str) -> dict[tuple[str, str], float]:
    """Height of every different node of a column, the first on top."""
    nodes = list(dict.fromkeys(zip(drawn[first], drawn[second], strict=True)))
    return {node: 1 - (at + 0.5) / len(nodes) for at, node in enumerate(nodes)}


def _edges(
    figure: go.Figure,
    drawn: pd.DataFrame,
    items: Mapping[tuple[str, str], float],
    values: Mapping[tuple[str, str], float],
    titles: Mapping[str, str],
    words: Words,
) -> None:
    most = max(drawn["strength"], default=0.0)
    most_amount = max(drawn["amount"], default=0.0)
    done: set[tuple] = set()
    for row in drawn.to_dict("records"):
        item, value = (row[SOURCE_SCENARIO], row[ITEM]), (row["attribute"], row["value"])
        named = escape(titles.get(row[ITEM]) or row[ITEM])
        weight = row["amount"] / most_amount if most_amount else 0.0
        said = words(
            "paths_hover_item",
            item=named,
            amount=signed(row["amount"]),
            share=f"{row['share']:.0%}",
        )
        share = row["strength"] / most if most else 0.0
        shared = words(
            "paths_hover_value",
            attribute=escape(row["attribute"]),
            value=escape(row["value"]),
            holders=f"{int(row['holders']):,}",
            strength=plain(row["strength"]),
        )
        for start, end, width, hover in (
            (("user",), item, weight, said),
            (item, value, share, f"{shared}<br>{_evidence(row['evidence'], words)}"),
            (value, ("target",), share, f"{shared}<br>{_evidence(row['target_evidence'], words)}"),
        ):
            if (start, end) in done:
                continue
            done.add((start, end))
            x0, y0 = _at(start, items, values)
            x1, y1 = _at(end, items, values)
            figure.add_trace(_line((x0, y0), (x1, y1), 1 + (_WIDEST - 1) * width, hover))


def _at(
    node: tuple,
    items: Mapping[tuple[str, str], float],
    values: Mapping[tuple[str, str], float],
) -> tuple[float, float]:
    if node == ("user",):
        return _COLUMNS[0], 0.5
    if node == ("target",):
        return _COLUMNS[3], 0.5
    return (_COLUMNS[1], items[node]) if node in items else (_COLUMNS[2], values[node])


def _line(
    start: tuple[float, float], end: tuple[float, float], width: float, hover: str
) -> go.Scatter:
    """A straight edge; points in between give the mouse something to meet."""
    steps = [step / 8 for step in range(9)]
    return go.Scatter(
        x=[start[0] + (end[0] - start[0]) * step for step in steps],
        y=[start[1] + (end[1] - start[1]) * step for step in steps],
        mode="lines",
        line={"width": width, "color": "rgba(127,127,127,0.35)"},
        hovertext=hover,
        hoverinfo="text",
        showlegend=False,
    )


def _evidence(text: object, words: Words) -> str:
    return words("paths_evidence", evidence=escape(text))


def _legend(figure: go.Figure, scenario: str, colour: str, named: set[str]) -> None:
    if scenario in named:
        return
    named.add(scenario)
    marker: dict[str, Any] = {"color": colour, "size": 10, "symbol": "square"}
    figure.add_trace(
        go.Scatter(x=[None], y=[None], mode="markers", marker=marker, name=short(scenario))
    )


def _node(figure: go.Figure, x: float, y: float, text: str, colour: str, theme: Theme) -> None:
    palette = PALETTES[theme]
    figure.add_annotation(
        x=x,
        y=y,
        text=text,
        showarrow=False,
        bgcolor=palette.surface,
        bordercolor=colour,
        borderwidth=2,
        borderpad=5,
        font={"size": 12, "color": palette.text},
    )
