"""All points of a map as one small image: how many stand in each cell of a grid."""

import base64
import struct
import zlib
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from crossrec.plots.theme import PALETTES, Theme

GRID: Final = 256
"""Cells along each side."""


@dataclass(frozen=True)
class Density:
    """Points counted in the cells of a grid.

    Attributes:
        count: shape (GRID, GRID), int; rows run from low y to high, columns from low x to high.
        left, bottom: where the grid begins.
        width, height: how far it reaches; never 0.
    """

    count: np.ndarray
    left: float
    bottom: float
    width: float
    height: float


def density(x: np.ndarray, y: np.ndarray) -> Density:
    """Count points, shape (n,) each, n >= 1, in one pass."""
    left, bottom = float(x.min()), float(y.min())
    width, height = (float(np.ptp(one)) or 1.0 for one in (x, y))
    column = ((x - np.float32(left)) * np.float32(GRID / width)).astype(np.int32)
    row = ((y - np.float32(bottom)) * np.float32(GRID / height)).astype(np.int32)
    np.clip(column, 0, GRID - 1, out=column)
    np.clip(row, 0, GRID - 1, out=row)
    count = np.bincount(row * GRID + column, minlength=GRID * GRID).reshape(GRID, GRID)
    return Density(count, left, bottom, width, height)


def layout_image(found: Density, theme: Theme) -> dict[str, Any]:
    """The grid (log) as an image that stands where the points are, for ``add_layout_image``."""
    level = np.log1p(found.count[::-1])  # rows of an image run down
    level /= level.max() or 1.0
    shade = [int(PALETTES[theme].muted[at : at + 2], 16) for at in (1, 3, 5)]
    pixels = np.empty((GRID, GRID, 4), dtype=np.uint8)
    pixels[..., :3] = shade
    pixels[..., 3] = (level * 200).astype(np.uint8)
    return {
        "source": f"data:image/png;base64,{base64.b64encode(_png(pixels)).decode()}",
        "xref": "x",
        "yref": "y",
        "x": found.left,
        "y": found.bottom + found.height,
        "sizex": found.width,
        "sizey": found.height,
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
        + chunk(b"IDAT", zlib.compress(lines, 6))
        + chunk(b"IEND", b"")
    )
