"""A log-log chart as SVG, small enough to be kept beside the results it shows."""

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

import numpy as np

WIDTH, HEIGHT = 640, 400
LEFT, RIGHT, TOP, BOTTOM = 70, 190, 20, 50
COLOURS = ("#0072B2", "#E69F00", "#009E73", "#CC79A7", "#56B4E9", "#D55E00")
"""Okabe-Ito."""
DASHES = ("", "6 4", "2 3", "8 3 2 3")


@dataclass(frozen=True)
class Line:
    """A named line; x and y are positive and of one length."""

    name: str
    x: Sequence[float]
    y: Sequence[float]


def log_log(lines: Sequence[Line], x_title: str, y_title: str) -> str:
    """The chart, on a white ground so that it can be read in both themes."""
    drawn = [line for line in lines if len(line.x)]
    x_low, x_high = _decades([x for line in drawn for x in line.x])
    y_low, y_high = _decades([y for line in drawn for y in line.y])

    def across(x: float) -> float:
        return LEFT + (np.log10(x) - x_low) / (x_high - x_low) * (WIDTH - LEFT - RIGHT)

    def down(y: float) -> float:
        return HEIGHT - BOTTOM - (np.log10(y) - y_low) / (y_high - y_low) * (HEIGHT - TOP - BOTTOM)

    parts = [f'<rect width="{WIDTH}" height="{HEIGHT}" fill="white"/>']
    for power in range(x_low, x_high + 1):
        at = across(10.0**power)
        parts.append(_rule(at, TOP, at, HEIGHT - BOTTOM))
        parts.append(_text(at, HEIGHT - BOTTOM + 18, f"{10**power:,}" if power >= 0 else ""))
    for power in range(y_low, y_high + 1):
        at = down(10.0**power)
        parts.append(_rule(LEFT, at, WIDTH - RIGHT, at))
        parts.append(_text(LEFT - 8, at + 4, f"{10.0**power:g}", anchor="end"))
    for number, line in enumerate(drawn):
        colour, dash = COLOURS[number % len(COLOURS)], DASHES[number % len(DASHES)]
        points = [(across(x), down(y)) for x, y in zip(line.x, line.y, strict=True)]
        path = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
        parts.append(
            f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="2" '
            f'stroke-dasharray="{dash}"/>'
        )
        parts += [f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3.5" fill="{colour}"/>' for x, y in points]
        label = TOP + 14 + 20 * number
        start = WIDTH - RIGHT + 12
        parts.append(
            f'<line x1="{start}" y1="{label - 4}" x2="{start + 22}" y2="{label - 4}" '
            f'stroke="{colour}" stroke-width="2" stroke-dasharray="{dash}"/>'
        )
        parts.append(_text(start + 28, label, line.name, anchor="start"))
    middle = (LEFT + WIDTH - RIGHT) / 2
    parts.append(_text(middle, HEIGHT - 10, x_title))
    parts.append(_text(LEFT, TOP - 6, y_title, anchor="start"))
    body = "\n".join(parts)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" '
        f'font-family="sans-serif" font-size="12" fill="#222">\n{body}\n</svg>\n'
    )


def _decades(values: Sequence[float]) -> tuple[int, int]:
    """Whole powers of ten around the values, at least one apart."""
    low, high = np.floor(np.log10(min(values))), np.ceil(np.log10(max(values)))
    return int(low), int(max(high, low + 1))


def _rule(x1: float, y1: float, x2: float, y2: float) -> str:
    return f'<line x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}" stroke="#ddd"/>'


def _text(x: float, y: float, text: str, *, anchor: str = "middle") -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}">{escape(text)}</text>'
