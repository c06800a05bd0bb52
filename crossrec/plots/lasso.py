"""Which points a lasso or a box holds, asked over all points and not only the drawn ones."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np


def selected_rows(x: np.ndarray, y: np.ndarray, selection: Mapping[str, Any]) -> np.ndarray:
    """Row numbers of all points inside any lasso or box of a chart's selection, ascending.

    Args:
        x: places of all points, shape (n,).
        y: places of all points, shape (n,).
        selection: has the lists ``lasso`` and ``box``; each entry holds corner lists ``x``, ``y``.
    """
    chosen = np.zeros(len(x), dtype=bool)
    for lasso in selection.get("lasso") or ():
        chosen |= inside(x, y, lasso["x"], lasso["y"])
    for box in selection.get("box") or ():
        chosen |= _between(x, box["x"]) & _between(y, box["y"])
    return np.flatnonzero(chosen)


def inside(
    x: np.ndarray, y: np.ndarray, corner_x: Sequence[float], corner_y: Sequence[float]
) -> np.ndarray:
    """Which points lie inside a polygon (even-odd rule), shape (n,), bool.

    Args:
        x: places, shape (n,).
        y: places, shape (n,).
        corner_x: the corners in order; the last is joined with the first.
        corner_y: the same corners.
    """
    px, py = np.asarray(corner_x, dtype=float), np.asarray(corner_y, dtype=float)
    held = np.zeros(len(x), dtype=bool)
    if len(px) < 3:
        return held
    near = np.flatnonzero(_between(x, px) & _between(y, py))
    # Sorted by height, the points an edge can pass stand together: every edge looks at its own
    # band only, so a lasso of hundreds of corners costs a few passes over the points.
    near = near[np.argsort(y[near], kind="stable")]
    xs, ys = np.asarray(x, dtype=float)[near], np.asarray(y, dtype=float)[near]
    odd = np.zeros(len(near), dtype=bool)
    for x0, y0, x1, y1 in zip(np.roll(px, 1), np.roll(py, 1), px, py, strict=True):
        if y0 == y1:
            continue
        # an edge holds its lower end and not its upper one, so that a corner counts once
        band = slice(*np.searchsorted(ys, sorted((y0, y1)), side="left"))
        odd[band] ^= xs[band] < (x0 - x1) * (ys[band] - y1) / (y0 - y1) + x1
    held[near] = odd
    return held


def _between(values: np.ndarray, corners: Iterable[float]) -> np.ndarray:
    bounds = list(corners)
    return (values >= min(bounds)) & (values <= max(bounds))
