"""F6, the transfer heat map: what each source does to each target."""

import math
from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from typing import Any, Final

import pandas as pd
import plotly.graph_objects as go

from crossrec.evaluation import INCONCLUSIVE, UNCHANGED, rule, tell
from crossrec.evaluation.verdict import INTERVAL, tell_why
from crossrec.plots.theme import (
    PALETTES,
    Theme,
    blank,
    diverging,
    escape,
    limit,
    plain,
    sequential,
    short,
    signed,
    wrapped,
)
from crossrec.plots.words import Words, english

MOST_SCENARIOS: Final = 30
"""A larger matrix cannot be read: the scenarios with the largest values are shown."""

WITH_INTERVALS: Final = 8
"""Up to so many scenarios a cell has room for its interval."""
WIDE_CELLS: Final = 5
"""Up to so many scenarios an interval fits on one line."""
COEFFICIENT_COLUMNS: Final = ("source", "target", "coefficient", "low", "high", "n")


def coefficient_pairs(coefficients: pd.DataFrame) -> pd.DataFrame:
    """The learnt coefficients by pair out of :meth:`RunReport.coefficients_of`.

    Returns:
        One row per (source, target): the median ``coefficient`` of these users, ``low`` to ``high``
        its 95 % interval, ``n`` validation users it rests on. A coefficient is a weight, not a
        benefit, so it has no verdict.
    """
    pairs = coefficients.loc[coefficients["source"] != coefficients["target"]]
    values = ["coefficient", "low", "high", "judged"]
    pairs = pairs.astype(dict.fromkeys(values, float))  # a table without rows may hold objects
    found = pairs.groupby(["source", "target"], sort=False)[values].median().reset_index()
    found = found.rename(columns={"judged": "n"}).astype({"n": int})
    return found.loc[:, list(COEFFICIENT_COLUMNS)]


@dataclass(frozen=True)
class _Cell:
    """Where a pair stands and what it says; a coefficient has neither p nor verdict."""

    x: int
    y: int
    source: str
    target: str
    value: float
    low: float
    high: float
    n: int
    p: float
    verdict: str
    why: str

    @property
    def colourless(self) -> bool:
        return self.verdict in (INCONCLUSIVE, UNCHANGED)


def transfer_figure(
    pairs: pd.DataFrame,
    scenarios: Sequence[str],
    *,
    coefficient: bool = False,
    metric: str = "NDCG",
    theme: Theme = "light",
    words: Words = english,
) -> go.Figure:
    """F6: source (rows) by target (columns), coloured by value, with value and interval as text.

    Cells without a clear effect are grey and say so, the inconclusive ones hatched; the diagonal is
    blank. Every cell is a point of the last trace, so that it can be chosen; its ``customdata`` is
    ``[source, target]``.

    Args:
        pairs: of :func:`crossrec.evaluation.verdicts`, or :func:`coefficient_pairs`.
        scenarios: all scenario names in the run's order.
        coefficient: ``pairs`` are coefficients (0 to 1), not lifts.
        metric: name of the lifted metric as shown.
        theme: light or dark.
        words: the sentences.
    """
    value = "coefficient" if coefficient else "lift"
    names = _shown(pairs, scenarios, value)
    cells = _cells(pairs, names, value)
    size = len(names)
    grid: list[list[float | None]] = [[None] * size for _ in names]
    for cell in cells:
        if not cell.colourless:
            grid[cell.y][cell.x] = cell.value
    figure = blank(theme, height=max(260, 110 + 74 * size), legend=False)
    reach = 1.0 if coefficient else limit(pairs[value])
    figure.add_trace(
        go.Heatmap(
            z=grid,
            x=list(range(size)),
            y=list(range(size)),
            zmin=0.0 if coefficient else -reach,
            zmax=reach,
            colorscale=sequential(theme) if coefficient else diverging(theme),
            hoverinfo="skip",
            xgap=3,
            ygap=3,
            colorbar={
                "title": {
                    # the empty line keeps the rotated title off the numbers
                    "text": (words("coefficient") if coefficient else words("lift", metric=metric))
                    + "<br> ",
                    "side": "right",
                },
                "thickness": 10,
                "outlinewidth": 0,
                "tickformat": ".2f" if coefficient else "+.3~f",
                "len": 0.9,
            },
        )
    )
    _mark_colourless(figure, [cell for cell in cells if cell.colourless], theme)
    figure.add_trace(_points(cells, size, coefficient=coefficient, theme=theme, words=words))
    ticks = {
        "tickvals": list(range(size)),
        "ticktext": [short(name, 22) for name in names],
        "showgrid": False,
        "range": [-0.5, size - 0.5],
        "fixedrange": True,
        "showline": False,
        "ticks": "",
    }
    figure.update_xaxes(**ticks, title_text=words("target"), side="top")
    figure.update_yaxes(**{**ticks, "range": [size - 0.5, -0.5]}, title_text=words("source"))
    figure.update_layout(clickmode="event+select", margin={"t": 40})
    return figure


def transfer_alt(pairs: pd.DataFrame, *, coefficient: bool = False, words: Words = english) -> str:
    """The heat map as a sentence of numbers."""

    def said(row: dict[Hashable, Any]) -> str:
        if coefficient:
            return plain(row["coefficient"], 2)
        return f"{signed(row['lift'])} ({tell(row['verdict'], row['why'], words)})"

    parts = [
        words("transfer_part", source=row["source"], target=row["target"], value=said(row))
        for row in pairs.to_dict("records")
    ]
    key = "transfer_coefficient_alt" if coefficient else "transfer_alt"
    return words(key, parts="; ".join(parts) or "–")


def _shown(pairs: pd.DataFrame, scenarios: Sequence[str], value: str) -> list[str]:
    """All scenarios, or those with the largest values where there are too many to read."""
    if len(scenarios) <= MOST_SCENARIOS:
        return list(scenarios)
    size = dict.fromkeys(scenarios, 0.0)
    for source, target, one in zip(pairs["source"], pairs["target"], pairs[value], strict=True):
        for name in (source, target):
            size[name] = max(size.get(name, 0.0), 0.0 if math.isnan(one) else abs(one))
    best = set(sorted(scenarios, key=lambda name: -size[name])[:MOST_SCENARIOS])
    return [name for name in scenarios if name in best]


def _cells(pairs: pd.DataFrame, names: Sequence[str], value: str) -> list[_Cell]:
    place = {name: at for at, name in enumerate(names)}
    return [
        _Cell(
            x=place[row["target"]],
            y=place[row["source"]],
            source=str(row["source"]),
            target=str(row["target"]),
            value=float(row[value]),
            low=float(row["low"]),
            high=float(row["high"]),
            n=int(row["n"]),
            p=float(row.get("p_holm", math.nan)),
            verdict=row.get("verdict", ""),
            why=row.get("why", ""),
        )
        for row in pairs.to_dict("records")
        if row["source"] in place and row["target"] in place and row["source"] != row["target"]
    ]


def _mark_colourless(figure: go.Figure, cells: Sequence[_Cell], theme: Theme) -> None:
    """Grey cells, inconclusive ones with diagonal lines; heat maps have no pattern of their own."""
    palette = PALETTES[theme]
    if not cells:
        return
    # Half a cell is 0.5; the drawn cell is a little smaller because of the gaps.
    half, lines = 0.48, 9
    boxes, hatch = [], []
    for cell in cells:
        left, right = cell.x - half, cell.x + half
        top, bottom = cell.y - half, cell.y + half
        boxes.append(f"M{left},{top} L{right},{top} L{right},{bottom} L{left},{bottom} Z")
        if cell.verdict != INCONCLUSIVE:
            continue
        for at in range(1, 2 * lines):
            shift = 2 * half * at / lines
            hatch.append(
                f"M{left + max(0.0, shift - 2 * half)},{top + min(shift, 2 * half)} "
                f"L{left + min(shift, 2 * half)},{top + max(0.0, shift - 2 * half)}"
            )
    figure.add_shape(
        type="path", path=" ".join(boxes), fillcolor=palette.empty, line_width=0, layer="below"
    )
    if hatch:
        figure.add_shape(
            type="path",
            path=" ".join(hatch),
            line={"color": palette.muted, "width": 1},
            opacity=0.35,
            layer="below",
        )


def _points(
    cells: Sequence[_Cell],
    size: int,
    *,
    coefficient: bool,
    theme: Theme,
    words: Words,
) -> go.Scatter:
    """One invisible point per cell that carries text, hover and the choice."""
    palette = PALETTES[theme]
    show, digits = (plain, 2) if coefficient else (signed, 3)
    texts, hovers = [], []
    for cell in cells:
        shown = [show(number, digits) for number in (cell.value, cell.low, cell.high)]
        lines = [f"<b>{shown[0]}</b>"]
        if size <= WITH_INTERVALS and cell.verdict != UNCHANGED:
            # in a narrow cell the ends stand below each other, or neighbours would overlap
            lines.append(f"{shown[1]} {'…' if size <= WIDE_CELLS else '…<br>'} {shown[2]}")
        if size <= WITH_INTERVALS and cell.colourless:
            lines.append(words(f"verdict_{cell.verdict}"))
            # an interval that holds 0 stands above already
            lines += [tell_why(cell.why, words)] if cell.why != INTERVAL else []
        texts.append("<br>".join(lines))
        said = words(
            "coefficient_hover" if coefficient else "transfer_hover",
            source=escape(cell.source),
            target=escape(cell.target),
            value=shown[0],
            low=shown[1],
            high=shown[2],
            n=f"{cell.n:,}",
            **({} if coefficient else _judged(cell, words)),
        )
        hovers.append(said if coefficient else f"{said}<br>{wrapped(rule(words))}")
    return go.Scatter(
        x=[cell.x for cell in cells],
        y=[cell.y for cell in cells],
        mode="markers+text",
        text=texts,
        textfont={
            "color": palette.text,
            "size": 12 if size <= WIDE_CELLS else 11 if size <= WITH_INTERVALS else 10,
        },
        hovertext=hovers,
        hoverinfo="text",
        customdata=[[cell.source, cell.target] for cell in cells],
        marker={"symbol": "square", "size": 46, "color": palette.text, "opacity": 0},
        selected={"marker": {"opacity": 0.12}},
        unselected={"marker": {"opacity": 0}, "textfont": {"color": palette.text}},
        showlegend=False,
    )


def _judged(cell: _Cell, words: Words) -> dict[str, str]:
    said = tell(cell.verdict, cell.why, words)
    return {"verdict": said, "p": "–" if math.isnan(cell.p) else f"{cell.p:.3f}"}
