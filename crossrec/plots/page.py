"""A figure as one HTML file that opens anywhere, without a network."""

import html
from collections.abc import Mapping
from typing import Any

import plotly.graph_objects as go

from crossrec.plots.theme import PALETTES, Theme


def standalone(
    figure: go.Figure | Mapping[str, Any],
    caption: str,
    *,
    theme: Theme = "light",
    lang: str = "en",
) -> str:
    """The figure with plotly.js inside (about 5 MB), its caption below.

    Its toolbar saves the figure as SVG, so both formats are at hand without any other program.

    Args:
        figure: any figure of this package, or its ``to_dict()``; it is not changed.
        caption: what it shows, plain text.
        theme: its colours: pages are transparent, a file needs its own background.
        lang: of the document.
    """
    palette = PALETTES[theme]
    own = go.Figure(figure)
    own.update_layout(paper_bgcolor=palette.surface, plot_bgcolor=palette.surface)
    drawn = own.to_html(
        full_html=False,
        include_plotlyjs=True,
        config={"displaylogo": False, "toImageButtonOptions": {"format": "svg"}},
    )
    said = html.escape(caption)
    return (
        f'<!doctype html><html lang="{html.escape(lang)}"><head><meta charset="utf-8">'
        f"<title>{said[:80]}</title></head>"
        f'<body style="margin:24px;background:{palette.surface};color:{palette.text};'
        f'font:14px sans-serif"><figure style="margin:0">{drawn}'
        f"<figcaption>{said}</figcaption></figure></body></html>"
    )
