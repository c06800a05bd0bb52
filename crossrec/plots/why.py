"""F9, why: the sum that makes a score, as a waterfall."""

from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Final

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from crossrec.plots.theme import (
    NEUTRAL,
    PALETTES,
    Mark,
    Palette,
    Theme,
    blank,
    escape,
    marks,
    short,
    signed,
)
from crossrec.plots.words import Words, english
from crossrec.schema import ITEM, SCORE, SOURCE_SCENARIO

MOST_BARS: Final = 9
"""Contributions drawn one by one; the others are added up in one bar."""


def why_rows(
    contributions: pd.DataFrame, base: float, titles: Mapping[str, str], *, most: int = MOST_BARS
) -> pd.DataFrame:
    """The steps from the base to the score, largest contribution first.

    Args:
        contributions: of an ``Explanation``: ``source_scenario, item_id, amount, learnt, text``.
        base: the score without any history item.
        titles: item id -> title; the id is shown where there is none.
        most: contributions that get a row of their own.

    Returns:
        ``kind`` ("base", "item", "other", "score"), ``source_scenario, item_id, title, items,
        amount, learnt, text, start, end``. Rows "base" to "other" add up to the row "score".
    """
    order = np.argsort(-contributions["amount"].abs().to_numpy(), kind="stable")
    ranked = contributions.iloc[order]
    # One item left over is told by its name rather than as "1 other item".
    shown = ranked.head(most if len(ranked) > most + 1 else most + 1)
    rest = ranked.iloc[len(shown) :]
    rows = [_row("base", amount=base)]
    rows += [
        _row(
            "item",
            scenario=item[SOURCE_SCENARIO],
            item=item[ITEM],
            title=titles.get(item[ITEM]) or item[ITEM],
            items=1,
            amount=float(item["amount"]),
            learnt=float(item["learnt"]),
            text=float(item["text"]),
        )
        for item in shown.to_dict("records")
    ]
    if len(rest):
        amount, learnt, text = rest[["amount", "learnt", "text"]].to_numpy(dtype=float).sum(axis=0)
        rows.append(_row("other", items=len(rest), amount=amount, learnt=learnt, text=text))
    end = 0.0
    for row in rows:
        row["start"], row["end"] = end, end + row["amount"]
        end = row["end"]
    total = base + float(contributions["amount"].to_numpy().sum())
    rows.append(_row("score", amount=total) | {"start": 0.0, "end": total})
    return pd.DataFrame(rows)


def _row(
    kind: str,
    *,
    scenario: str = "",
    item: str = "",
    title: str = "",
    items: int = 0,
    amount: float = 0.0,
    learnt: float = 0.0,
    text: float = 0.0,
) -> dict:
    return {
        "kind": kind,
        SOURCE_SCENARIO: scenario,
        ITEM: item,
        "title": title,
        "items": items,
        "amount": amount,
        "learnt": learnt,
        "text": text,
    }


def why_figure(
    rows: pd.DataFrame,
    scenarios: Sequence[str],
    *,
    theme: Theme = "light",
    words: Words = english,
) -> go.Figure:
    """Bars that go on where the last one ended: base, history items by scenario, other, score.

    Args:
        rows: of :func:`why_rows`.
        scenarios: all scenario names in the run's order (they fix the colours).
        theme: light or dark.
        words: the sentences.
    """
    palette, look = PALETTES[theme], marks(scenarios)
    told = rows.to_dict("records")
    ends = [*rows["start"], *rows["end"], 0.0]
    span = (max(ends) - min(ends)) or 1.0
    figure = blank(theme, height=96 + 32 * len(rows))
    # Each kind at once: one after the other, Plotly copies all there are for each one.
    figure.add_traces(_bars(told, look, words))
    figure.layout.annotations = [_told(at, row, palette) for at, row in enumerate(told)]
    figure.layout.shapes = _lines(told, palette)
    figure.update_layout(
        barmode="overlay",
        xaxis={
            "title": {"text": words("why_axis")},
            "range": [min(ends) - 0.02 * span, max(ends) + 0.14 * span],
        },
        yaxis={
            "tickvals": list(range(len(rows))),
            "ticktext": [_label(row, words) for row in told],
            "range": [len(rows) - 0.4, -0.6],
            "showgrid": False,
        },
    )
    return figure


def _bars(rows: Sequence[dict], look: Mapping[str, Mark], words: Words) -> list[dict]:
    """A bar a row; the first of each scenario stands in the legend."""
    bars, named = [], {""}
    for at, row in enumerate(rows):
        scenario = row[SOURCE_SCENARIO]
        lost = row["kind"] in ("item", "other") and row["amount"] < 0
        bars.append(
            {
                "type": "bar",
                "orientation": "h",
                "y": [at],
                "x": [row["end"] - row["start"]],
                "base": [row["start"]],
                "width": 0.64,
                "name": short(scenario),
                "legendgroup": scenario,
                "showlegend": scenario not in named,
                "marker": {
                    "color": look[scenario].colour if scenario in look else NEUTRAL,
                    "opacity": 1.0 if row["kind"] in ("item", "score") else 0.65,
                    "pattern": {"shape": "/" if lost else "", "fillmode": "overlay"},
                    "line": {"width": 0},
                },
                "hovertext": [_hover(row, words)],
                "hoverinfo": "text",
            }
        )
        named.add(scenario)
    return bars


def _told(at: int, row: dict, palette: Palette) -> dict:
    """The number beside a bar."""
    colour = palette.text if row["kind"] != "other" else palette.muted
    return {
        "x": max(row["start"], row["end"]),
        "y": at,
        "xanchor": "left",
        "xshift": 4,
        "showarrow": False,
        "text": _amount(row),
        "font": {"size": 12, "color": colour},
    }


def _lines(rows: Sequence[dict], palette: Palette) -> list[dict]:
    """From the end of a bar to the start of the next; and the zero line."""
    line = {"color": palette.muted, "width": 1}
    found = [
        {"type": "line", "x0": row["end"], "x1": row["end"], "y0": at + 0.32, "y1": at + 0.68,
         "line": line}
        for at, (row, later) in enumerate(pairwise(rows))
        if later["kind"] != "score"
    ]  # fmt: skip
    zero = {"type": "line", "x0": 0, "x1": 0, "y0": 0, "y1": 1, "yref": "y domain", "line": line}
    return [*found, zero]


def why_alt(rows: pd.DataFrame, *, words: Words = english) -> str:
    """The waterfall as a sentence of numbers."""
    items = rows.loc[rows["kind"] == "item"]
    said = [
        words("why_part", item=row["title"], amount=signed(row["amount"]))
        for row in items.head(3).to_dict("records")
    ]
    return words(
        "why_alt",
        base=signed(float(rows["amount"].iloc[0])),
        n=sum(rows["items"]),
        score=signed(float(rows["amount"].iloc[-1])),
        parts="; ".join(said) or "–",
    )


def _label(row: dict, words: Words) -> str:
    if row["kind"] == "base":
        return words("base")
    if row["kind"] == "score":
        return f"<b>{words(SCORE)}</b>"
    if row["kind"] == "other":
        return words("other_items", n=row["items"])
    return short(row["title"], 34)


def _amount(row: dict) -> str:
    shown = signed(row["amount"])
    return f"<b>{shown.lstrip('+')}</b>" if row["kind"] == "score" else shown


def _hover(row: dict, words: Words) -> str:
    if row["kind"] != "item":
        return f"{_label(row, words)}: {signed(row['amount'])}"
    return words(
        "why_hover",
        item=escape(row["title"]),
        scenario=escape(row[SOURCE_SCENARIO]),
        amount=signed(row["amount"]),
        learnt=signed(row["learnt"]),
        text=signed(row["text"]),
    )
