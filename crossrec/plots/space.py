"""F4 in three dimensions: the same points in a space that can be turned, to look at only."""

from collections.abc import Sequence
from typing import Final

import numpy as np
import plotly.graph_objects as go

from crossrec.plots.labels import Labels, drawn_rows
from crossrec.plots.map import HEIGHT, broken, few, marked
from crossrec.plots.theme import PALETTES, Theme, blank
from crossrec.plots.words import Words, english

SHAPES: Final = {"circle": "circle", "square": "square", "diamond": "diamond", "cross": "cross",
                 "x": "x"}  # fmt: skip
"""The marks there are in space."""


def space_figure(
    xyz: np.ndarray,
    labels: Labels,
    *,
    drawn: np.ndarray | None = None,
    found: Sequence[int] | np.ndarray = (),
    joined: Sequence[np.ndarray] = (),
    theme: Theme = "light",
    height: int = HEIGHT,
    words: Words = english,
) -> go.Figure:
    """The drawn points by label, found ones ringed.

    A lasso has no meaning in space, and a cloud of all points would hide itself: selections are
    made on the plane.

    Args:
        xyz: places of all points, shape (n, 3), float32.
        labels: of all points.
        drawn: row numbers to draw; default :func:`~crossrec.plots.labels.drawn_rows`.
        found: row numbers to ring.
        joined: groups of row numbers joined by a line.
        theme: light or dark.
        height: pixels.
        words: the sentences.
    """
    palette = PALETTES[theme]
    found = np.asarray(found, dtype=np.int64)
    rows = drawn_rows(labels, always=found) if drawn is None else drawn
    figure = blank(theme, height=height)
    for mine, look in marked(labels, rows, theme=theme, symbols=True, words=words):
        look["marker"]["symbol"] = SHAPES.get(look["marker"]["symbol"], "circle")
        look["marker"]["size"] = 2 if len(rows) > 5_000 else 3
        figure.add_trace(_cloud(xyz, mine, customdata=mine.astype(np.int32), **look))
    groups = few(joined)
    if groups:
        x, y, z = (broken(xyz[:, at], groups) for at in range(3))
        line = {"color": palette.text, "width": 2}
        figure.add_trace(
            go.Scatter3d(
                x=x, y=y, z=z, mode="lines", line=line, name=words("map_joined"), hoverinfo="skip"
            )
        )
    if len(found):
        ring = {"size": 7, "color": palette.text, "symbol": "circle-open"}
        figure.add_trace(_cloud(xyz, found, marker=ring, name=words("map_found")))
    bare = {"visible": False, "showgrid": False, "zeroline": False, "showbackground": False}
    figure.update_layout(
        dragmode="turntable",
        uirevision="space",
        legend={"itemsizing": "constant"},
        scene={
            "xaxis": bare, "yaxis": bare, "zaxis": bare, "aspectmode": "data",
            "dragmode": "turntable",
        },
    )  # fmt: skip
    return figure


def _cloud(xyz: np.ndarray, rows: np.ndarray, **look: object) -> go.Scatter3d:
    x, y, z = (xyz[rows, at].astype(np.float32) for at in range(3))
    return go.Scatter3d(x=x, y=y, z=z, mode="markers", hoverinfo="none", **look)
