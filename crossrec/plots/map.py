"""F4, the map: all points as a density image, at most 20,000 of them as points to touch.

A plain scatter of more points is slow to draw and does not answer a lasso; titles would make the
figure several times as large. So the figure holds places and row numbers only, and whoever shows
it looks up the rest.
"""

import base64
import struct
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import plotly.graph_objects as go

from crossrec.plots.theme import NEUTRAL, PALETTES, Theme, blank, marks, short
from crossrec.plots.words import Words, english

MOST_DRAWN: Final = 20_000
MOST_LABELS: Final = 8
GRID: Final = 256
"""Cells of the density image along each side."""


@dataclass(frozen=True)
class Labels:
    """What points are coloured by.

    Attributes:
        names: the labels in fixed order, which fixes their colours; at most :data:`MOST_LABELS`
            where they come from :func:`labels_of`.
        code: number of the label of every point, shape (n,); -1 for none of them.
    """

    names: tuple[str, ...]
    code: np.ndarray


def labels_of(values: np.ndarray, order: Sequence[str] | None = None) -> Labels:
    """Labels of points: those in ``order``, or else the most frequent values.

    Args:
        values: shape (n,); "" and None are no label.
        order: labels in a fixed order, e.g. the scenarios of the run.
    """
    text = np.array(["" if value is None else str(value) for value in values], dtype=object)
    names = order
    if names is None:
        found, count = np.unique(text[text != ""].astype(str), return_counts=True)
        names = [str(name) for name in found[np.argsort(-count, kind="stable")][:MOST_LABELS]]
    place = {name: at for at, name in enumerate(names)}
    return Labels(tuple(names), np.array([place.get(value, -1) for value in text], dtype=np.int32))


def drawn_rows(
    labels: Labels,
    *,
    always: Sequence[int] | np.ndarray = (),
    most: int = MOST_DRAWN,
    seed: int = 0,
) -> np.ndarray:
    """Which points are drawn: all where they are few, else a sample by label and those named.

    Every label gets a share of the sample by the square root of its size, so a small scenario is
    not lost beside a large one.

    Args:
        labels: of all points.
        always: row numbers that must be among them (search hits, the chosen user).
        most: how many are drawn at most.
        seed: of the sample.

    Returns:
        Row numbers, ascending.
    """
    n = len(labels.code)
    if n <= most:
        return np.arange(n)
    rng = np.random.default_rng(seed)
    kept = np.unique(np.asarray(always, dtype=np.int64))[:most]
    groups = [np.flatnonzero(labels.code == code) for code in np.unique(labels.code)]
    roots = np.sqrt([len(group) for group in groups])
    wanted = np.floor((most - len(kept)) * roots / roots.sum()).astype(int)
    sample = [
        rng.choice(group, min(size, len(group)), replace=False)
        for group, size in zip(groups, wanted, strict=True)
    ]
    return np.union1d(kept, np.concatenate(sample))


def map_figure(
    x: np.ndarray,
    y: np.ndarray,
    labels: Labels,
    *,
    drawn: np.ndarray | None = None,
    found: Sequence[int] | np.ndarray = (),
    symbols: bool = True,
    theme: Theme = "light",
    height: int = 620,
    words: Words = english,
) -> go.Figure:
    """All points as an image, the drawn ones as WebGL marks by label, found ones ringed.

    ``customdata`` of every mark is its row number. Axes have equal scale and no numbers, because
    places on the plane have no unit.

    Args:
        x: places of all points, shape (n,), float32.
        y: places of all points, shape (n,), float32.
        labels: of all points.
        drawn: row numbers to draw; default :func:`drawn_rows`.
        found: row numbers to ring, e.g. search hits; they are drawn in any case.
        symbols: tell labels apart by shape too.
        theme: light or dark.
        height: pixels.
        words: the sentences.
    """
    palette, look = PALETTES[theme], marks(labels.names)
    found = np.asarray(found, dtype=np.int64)
    rows = drawn_rows(labels, always=found) if drawn is None else drawn
    figure = blank(theme, height=height)
    if len(rows) < len(x):
        figure.add_layout_image(**_density(x, y, theme))
    size = 4 if len(rows) > 5_000 else 6 if len(rows) > 1_000 else 8
    codes = labels.code[rows]
    # The largest label first, so that small ones lie on top; the legend keeps the fixed order.
    for code in sorted(np.unique(codes), key=lambda code: -(codes == code).sum()):
        mine = rows[codes == code]
        name = labels.names[code] if code >= 0 else ""
        figure.add_trace(
            go.Scattergl(
                x=x[mine].astype(np.float32),
                y=y[mine].astype(np.float32),
                mode="markers",
                customdata=mine.astype(np.int32),
                name=short(name) if name else words("other_label"),
                legendrank=int(code) + 1 if code >= 0 else 999,
                marker={
                    "size": size,
                    "opacity": (0.7 if theme == "light" else 0.9) if code >= 0 else 0.4,
                    "color": look[name].colour if name else NEUTRAL,
                    "symbol": look[name].symbol if name and symbols else "circle",
                },
                hoverinfo="none",
                unselected={"marker": {"opacity": 0.15}},
            )
        )
    if len(found):
        figure.add_trace(
            go.Scattergl(
                x=x[found].astype(np.float32),
                y=y[found].astype(np.float32),
                mode="markers",
                customdata=found.astype(np.int32),
                name=words("map_found"),
                legendrank=1000,
                marker={
                    "size": size + 8,
                    "color": palette.text,
                    "symbol": "circle-open",
                    "line": {"width": 2},
                },
                hoverinfo="none",
            )
        )
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


def map_alt(labels: Labels, drawn: int, *, by: str, words: Words = english) -> str:
    """The map as a sentence of numbers."""
    counts = np.bincount(labels.code[labels.code >= 0], minlength=len(labels.names))
    parts = [f"{name} {count:,}" for name, count in zip(labels.names, counts, strict=True)]
    return words(
        "map_alt",
        drawn=f"{drawn:,}",
        total=f"{len(labels.code):,}",
        label=by,
        parts="; ".join(parts) or "–",
    )


def _density(x: np.ndarray, y: np.ndarray, theme: Theme) -> dict[str, object]:
    """A layout image: how many points (log) stand in each cell of a grid."""
    count, across, up = np.histogram2d(x, y, bins=GRID)
    level = np.log1p(count.T[::-1])  # rows of an image run down
    level /= level.max() or 1.0
    shade = [int(PALETTES[theme].muted[at : at + 2], 16) for at in (1, 3, 5)]
    pixels = np.empty((GRID, GRID, 4), dtype=np.uint8)
    pixels[..., :3] = shade
    pixels[..., 3] = (level * 200).astype(np.uint8)
    return {
        "source": f"data:image/png;base64,{base64.b64encode(_png(pixels)).decode()}",
        "xref": "x",
        "yref": "y",
        "x": float(across[0]),
        "y": float(up[-1]),
        "sizex": float(across[-1] - across[0]),
        "sizey": float(up[-1] - up[0]),
        "sizing": "stretch",
        "layer": "below",
    }


def _png(pixels: np.ndarray) -> bytes:
    """RGBA pixels, shape (h, w, 4), uint8, as a PNG file (PNG specification, §5 and §11)."""
    height, width, _ = pixels.shape
    lines = b"".join(b"\0" + row.tobytes() for row in pixels)

    def chunk(kind: bytes, data: bytes) -> bytes:
        check = zlib.crc32(kind + data) & 0xFFFFFFFF
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", check)

    head = struct.pack(">IIBBBBB", width, height, 8, 6, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", head)
        + chunk(b"IDAT", zlib.compress(lines))
        + chunk(b"IEND", b"")
    )
