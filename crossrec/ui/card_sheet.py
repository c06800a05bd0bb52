"""Recommendation cards as one HTML file for a meeting: offline, and inert whatever titles hold."""

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from typing import Final

_STYLE: Final = """
body{font:15px/1.45 system-ui,"Noto Sans CJK SC","PingFang SC","Microsoft YaHei",sans-serif;
 margin:2rem;color:#1d2733;background:#fff}
h1{font-size:1.4rem;margin:0 0 .25rem} .note{color:#5b6775;margin:0 0 1.25rem}
.cards{display:grid;grid-template-columns:repeat(auto-fill,minmax(240px,1fr));gap:14px}
.card{border:1px solid #dde3ea;border-left:5px solid var(--c);border-radius:8px;padding:12px 14px;
 break-inside:avoid}
.rank{color:#5b6775;font-size:.85rem} .card h2{font-size:1.02rem;margin:.1rem 0 .35rem}
.facts{color:#5b6775;font-size:.88rem;margin:0 0 .4rem} .text{margin:0 0 .5rem;font-size:.92rem}
.why{display:inline-block;border-radius:999px;padding:2px 10px;background:#f0f3f7;font-size:.86rem}
.card h2,.text,.why{overflow-wrap:anywhere}
"""


@dataclass(frozen=True)
class Card:
    """One recommendation as a person reads it; all text may be hostile.

    Attributes:
        rank: place in the list, from 1.
        item: id.
        title, category, price, text: of the catalogue, "" where it has none.
        source: the scenario that brought it, as it is to be shown.
        why: the reason, one or two sentences.
        score: R(u, t, j).
        hit: whether it is a hidden test item.
        colour: of the source scenario, "#rrggbb".
    """

    rank: int
    item: str
    title: str
    category: str
    price: str
    text: str
    source: str
    why: str
    score: float
    hit: bool
    colour: str


def html_sheet(title: str, note: str, cards: Sequence[Card], language: str) -> str:
    """The cards as one HTML page without scripts, images or links.

    Args:
        title: heading.
        note: line below it.
        cards: in their order.
        language: of the page, e.g. "en".
    """
    body = "\n".join(map(_card, cards))
    return (
        f'<!doctype html>\n<html lang="{escape(language)}"><head><meta charset="utf-8">\n'
        '<meta http-equiv="Content-Security-Policy" '
        "content=\"default-src 'none'; style-src 'unsafe-inline'\">\n"
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{_line(title)}</title><style>{_STYLE}</style></head>\n"
        f'<body><h1>{_line(title)}</h1><p class="note">{_line(note)}</p>\n'
        f'<div class="cards">\n{body}\n</div></body></html>\n'
    )


def _card(card: Card) -> str:
    facts = " · ".join(_line(part) for part in (card.category, card.price) if part)
    parts = [
        f'<div class="rank">{card.rank}{" ●" if card.hit else ""}</div>',
        f"<h2>{_line(card.title)}</h2>",
        f'<p class="facts">{facts}</p>' if facts else "",
        f'<p class="text">{_line(card.text)}</p>' if card.text else "",
        f'<span class="why">{_line(card.source)}</span>',
        f'<p class="text">{_line(card.why)}</p>' if card.why else "",
    ]
    return f'<section class="card" style="--c:{card.colour}">{"".join(parts)}</section>'


def _line(text: str) -> str:
    return escape(" ".join(text.split()))
