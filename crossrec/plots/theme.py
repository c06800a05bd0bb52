"""What all figures share: colours fixed by scenario, the look of both themes, safe text.

Colours are those of Okabe and Ito (2008), readable with any colour vision; shape or dash says the
same a second time. A scale around zero runs from orange (worse) over the background to blue
(better), never red and green.
"""

import html
import math
import textwrap
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final, Literal

import plotly.graph_objects as go

Theme = Literal["light", "dark"]

COLOURS: Final = (
    "#0072B2", "#E69F00", "#009E73", "#CC79A7", "#56B4E9", "#D55E00", "#B8A800", "#7F7F7F",
)  # fmt: skip
SYMBOLS: Final = (
    "circle", "square", "diamond", "triangle-up", "cross", "x", "star", "pentagon", "hexagon",
)  # fmt: skip
DASHES: Final = ("solid", "dash", "dot", "dashdot", "longdash", "longdashdot")
NEUTRAL: Final = "#7F7F7F"


@dataclass(frozen=True)
class Palette:
    """The colours of one theme; ``text`` can be read on every other one, ``ramp`` aside.

    ``ramp`` goes from little to much, away from the background.
    """

    text: str
    muted: str
    grid: str
    surface: str
    empty: str
    worse: str
    middle: str
    better: str
    ramp: tuple[str, ...]


PALETTES: Final = {
    "light": Palette(
        text="#1D2733",
        muted="#5B6775",
        grid="#E3E8EE",
        surface="#FFFFFF",
        empty="#ECEFF3",
        worse="#F0994A",
        middle="#FFFFFF",
        better="#5AA5DA",
        ramp=("#A9CCE8", "#6FA8D6", "#3D7FBF", "#1F5A9A", "#0B3566"),
    ),
    "dark": Palette(
        text="#E4E9F0",
        muted="#9AA7B6",
        grid="#2B333E",
        surface="#12161C",
        empty="#2B333E",
        worse="#A85A14",
        middle="#171C24",
        better="#2E77B5",
        ramp=("#2F5F94", "#4A86C0", "#6DA9DC", "#9CCBEF", "#D6ECFB"),
    ),
}


@dataclass(frozen=True)
class Mark:
    """How one scenario is drawn, everywhere."""

    colour: str
    symbol: str
    dash: str


def marks(names: Sequence[str]) -> dict[str, Mark]:
    """The mark of every scenario, by its place in the run's scenario order.

    After eight scenarios the colours come again with other shapes and dashes.
    """
    return {
        name: Mark(
            COLOURS[at % len(COLOURS)],
            SYMBOLS[at % len(SYMBOLS)],
            DASHES[(at // len(COLOURS) + at) % len(DASHES)],
        )
        for at, name in enumerate(names)
    }


def escape(text: object) -> str:
    """User text for any part of a figure: Plotly renders links and bold from data otherwise."""
    return html.escape(" ".join(str(text).split()), quote=False)


def short(text: object, length: int = 28) -> str:
    """User text cut to ``length`` characters for an axis, then escaped."""
    line = " ".join(str(text).split())
    return escape(line if len(line) <= length else f"{line[: length - 1].rstrip()}…")


def signed(value: float, digits: int = 3) -> str:
    """A difference: ``+0.011`` or ``−0.004``, no sign where it rounds to 0; NaN is a dash."""
    if math.isnan(value):
        return "–"
    rounded = round(value, digits)
    return f"{rounded:+.{digits}f}".replace("-", "−") if rounded else f"{0:.{digits}f}"


def plain(value: float, digits: int = 3) -> str:
    """A number without needless sign; NaN is a dash."""
    return signed(value, digits).removeprefix("+")


def diverging(theme: Theme) -> list[list[float | str]]:
    """The colour scale around zero: worse, background, better."""
    palette = PALETTES[theme]
    return [[0.0, palette.worse], [0.5, palette.middle], [1.0, palette.better]]


def sequential(theme: Theme) -> list[list[float | str]]:
    """The colour scale from nothing to much."""
    palette = PALETTES[theme]
    return [[0.0, palette.middle], [1.0, palette.better]]


def limit(values: Iterable[float], least: float = 1e-3) -> float:
    """The symmetric limit of a scale around zero that shows all values."""
    return max([abs(value) for value in values if not math.isnan(value)] + [least])


def blank(theme: Theme, *, height: int, left: int = 8, legend: bool = True) -> go.Figure:
    """An empty figure with the look of the theme and a transparent background."""
    palette = PALETTES[theme]
    axis = {
        "gridcolor": palette.grid,
        "zerolinecolor": palette.muted,
        "linecolor": palette.grid,
        "automargin": True,
        "title": {"font": {"size": 13, "color": palette.muted}, "standoff": 8},
        "tickfont": {"size": 12, "color": palette.text},
        "zeroline": False,
    }
    layout = {
        "height": height,
        "margin": {"l": left, "r": 8, "t": 28 if legend else 8, "b": 8},
        "paper_bgcolor": "rgba(0,0,0,0)",
        "plot_bgcolor": "rgba(0,0,0,0)",
        "font": {"size": 12, "color": palette.text},
        "hoverlabel": {
            "bgcolor": palette.surface,
            "bordercolor": palette.muted,
            "font": {"color": palette.text, "size": 12},
            "align": "left",
        },
        "showlegend": legend,
        "legend": {
            "orientation": "h", "x": 0, "y": 1, "xanchor": "left", "yanchor": "bottom",
            "title": {"text": ""}, "font": {"size": 12, "color": palette.text},
        },
        "xaxis": axis,
        "yaxis": axis,
        "dragmode": False,
        "modebar": {
            "orientation": "v",  # beside the legend, not on it
            "bgcolor": "rgba(0,0,0,0)",
            "color": palette.muted,
            "activecolor": palette.text,
        },
    }  # fmt: skip
    # At once, on a small template: to change an empty figure takes Plotly ten times as long.
    figure = go.Figure(layout={"template": "none", **layout})
    figure.layout.template = None
    return figure


def wrapped(sentence: str) -> str:
    """A sentence in lines, for a hover, which does not break lines itself."""
    width = 64 if sentence.isascii() or sentence[:1].isascii() else 32
    return "<br>".join(textwrap.wrap(sentence, width))
