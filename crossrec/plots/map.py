"""F4, the map: all points as a density image, at most 20,000 of them as points to touch.

A plain scatter of more points is slow to draw and does not answer a lasso; titles would make the
figure several times as large. So the figure holds places and row numbers only, and whoever shows
it looks up the rest.
"""

from collections.abc import Iterator, Sequence
from typing import Any, Final

import numpy as np
import plotly.graph_objects as go

from crossrec.plots.density import density, layout_image
from crossrec.plots.labels import Labels, drawn_rows
from crossrec.plots.theme import NEUTRAL, PALETTES, Theme, blank, short
from crossrec.plots.words import Words, english

HEIGHT: Final = 620
MOST_JOINED: Final = 2_000
"""Points that lines are drawn between, at most."""


def map_figure(
    x: np.ndarray,
    y: np.ndarray,
    labels: Labels,
    *,
    drawn: np.ndarray | None = None,
    found: Sequence[int] | np.ndarray = (),
    joined: Sequence[np.ndarray] = (),
    chosen: np.ndarray | None = None,
    symbols: bool = True,
    theme: Theme = "light",
    height: int = HEIGHT,
    words: Words = english,
) -> go.Figure:
    """All points as an image, the drawn ones as WebGL marks by label, found ones ringed.

    ``customdata`` of every mark is its row number. Axes have equal scale and no numbers, because
    places on the plane have no unit.

    Args:
        x: places of all points, shape (n,), float32.
        y: places of all points, shape (n,), float32.
        labels: of all points.
        drawn: row numbers to draw, ascending; default :func:`drawn_rows`.
        found: row numbers to ring, e.g. search hits; they are drawn in any case.
        joined: groups of row numbers that belong together (a user's points in several
            scenarios); each group is joined by a line.
        chosen: row numbers of a selection, ascending: drawn points outside it are faint.
        symbols: tell labels apart by shape too.
        theme: light or dark.
        height: pixels.
        words: the sentences.
    """
    palette = PALETTES[theme]
    found = np.asarray(found, dtype=np.int64)
    rows = drawn_rows(labels, always=found) if drawn is None else drawn
    figure = blank(theme, height=height)
    if len(rows) < len(x):
        figure.add_layout_image(**layout_image(density(x, y), theme))
    size = 4 if len(rows) > 5_000 else 6 if len(rows) > 1_000 else 8
    for mine, look in marked(labels, rows, theme=theme, symbols=symbols, words=words):
        look["marker"]["size"] = size
        trace = go.Scattergl(
            x=x[mine].astype(np.float32),
            y=y[mine].astype(np.float32),
            mode="markers",
            customdata=mine.astype(np.int32),
            hoverinfo="none",
            unselected={"marker": {"opacity": 0.15}},
            **look,
        )
        if chosen is not None:
            trace.selectedpoints = np.flatnonzero(np.isin(mine, chosen))
        figure.add_trace(trace)
    if len(joined):
        figure.add_trace(_lines(x, y, joined, palette.text, words))
    if len(found):
        figure.add_trace(_rings(x, y, found, size, palette.text, words))
    bare = {"visible": False, "showgrid": False, "zeroline": False}
    figure.update_xaxes(**bare)
    figure.update_yaxes(**bare, scaleanchor="x", scaleratio=1)
    figure.update_layout(
        dragmode="lasso",
        uirevision="map",
        legend={"itemsizing": "constant"},
        newselection={"line": {"color": palette.text, "width": 1.5}},
    )
    return figure


def marked(
    labels: Labels, rows: np.ndarray, *, theme: Theme, symbols: bool, words: Words
) -> Iterator[tuple[np.ndarray, dict[str, Any]]]:
    """The drawn rows of each label and how they look, the largest label first.

    So small ones lie on top; the legend keeps the fixed order.
    """
    look = labels.marks(theme)
    codes = labels.code[rows]
    for code in sorted(np.unique(codes), key=lambda code: -(codes == code).sum()):
        name = labels.names[code] if code >= 0 else ""
        yield (
            rows[codes == code],
            {
                "name": short(name) if name else words("other_label"),
                "legendrank": int(code) + 1 if code >= 0 else 999,
                "marker": {
                    "opacity": (0.7 if theme == "light" else 0.9) if code >= 0 else 0.4,
                    "color": look[name].colour if name else NEUTRAL,
                    "symbol": look[name].symbol if name and symbols else "circle",
                },
            },
        )


def map_alt(labels: Labels, drawn: int, *, by: str, words: Words = english) -> str:
    """The map as a sentence of numbers."""
    parts = [f"{name} {count:,}" for name, count in zip(labels.names, labels.counts(), strict=True)]
    return words(
        "map_alt",
        drawn=f"{drawn:,}",
        total=f"{len(labels):,}",
        label=by,
        parts="; ".join(parts) or "–",
    )


def broken(values: np.ndarray, groups: Sequence[np.ndarray]) -> np.ndarray:
    """The values of each group, a gap (NaN) after each: one line trace for all groups."""
    gap = np.array([np.nan], dtype=np.float32)
    return np.concatenate([part for group in groups for part in (values[group], gap)])


def few(groups: Sequence[np.ndarray]) -> list[np.ndarray]:
    """Groups of two points and more, as long as they hold at most :data:`MOST_JOINED` points."""
    kept, held = [], 0
    for group in groups:
        held += len(group)
        if len(group) > 1 and held <= MOST_JOINED:
            kept.append(group)
    return kept


def _lines(
    x: np.ndarray, y: np.ndarray, joined: Sequence[np.ndarray], colour: str, words: Words
) -> go.Scattergl:
    groups = few(joined)
    return go.Scattergl(
        x=broken(x, groups) if groups else [],
        y=broken(y, groups) if groups else [],
        mode="lines",
        line={"color": colour, "width": 1},
        opacity=0.6,
        name=words("map_joined"),
        legendrank=1001,
        hoverinfo="skip",
    )


def _rings(
    x: np.ndarray, y: np.ndarray, found: np.ndarray, size: int, colour: str, words: Words
) -> go.Scattergl:
    return go.Scattergl(
        x=x[found].astype(np.float32),
        y=y[found].astype(np.float32),
        mode="markers",
        customdata=found.astype(np.int32),
        name=words("map_found"),
        legendrank=1000,
        marker={
            "size": size + 8,
            "color": colour,
            "symbol": "circle-open",
            "line": {"width": 2},
        },
        hoverinfo="none",
    )
