"""Pieces of HTML: everything that came from data is escaped here and nowhere else."""

import html
from collections.abc import Mapping, Sequence

import plotly.graph_objects as go
from plotly.offline import get_plotlyjs

_STYLE = """
:root{color-scheme:light}
body{margin:0 auto;max-width:1000px;padding:40px 24px 80px;background:#fff;color:#1D2733;
 font:15px/1.55 "Source Sans 3","Noto Sans CJK SC","PingFang SC","Microsoft YaHei",
 system-ui,sans-serif}
h1{font-size:1.05rem;font-weight:600;color:#5B6775;margin:0}
.answer{font-size:1.7rem;font-weight:600;line-height:1.25;margin:.3em 0 .5em}
h2{font-size:1.2rem;margin:2.2em 0 .4em}
p,figcaption,li{color:#3D4A59}
table{border-collapse:collapse;width:100%;font-size:.93rem}
th{text-align:left;font-weight:600;color:#5B6775}
th,td{padding:6px 10px 6px 0;border-bottom:1px solid #DDE3EA;vertical-align:top;
 overflow-wrap:anywhere}
figure{margin:0}
.wide{overflow-x:auto}
details{border-top:1px solid #DDE3EA}
summary{cursor:pointer;padding:.7em 0}
summary h2{display:inline;margin:0}
.boards{display:grid;gap:14px;margin:1.4em 0}
.boards>.board-card{border:1px solid #DDE3EA;border-radius:10px;padding:14px 18px;
 break-inside:avoid}
.small{font-size:.86rem}
:root{--board-ink:#1D2733;--board-muted:#5B6775;--board-track:#EEF1F5;--board-on:#1F5FA8;
 --board-on-ink:#fff;--board-off:#B4540A;--board-off-ink:#fff}
@page{size:A4;margin:11mm 12mm}
@media print{
 :root{font-size:9px}
 body{padding:0;max-width:none;font-size:9px;line-height:1.35;
  -webkit-print-color-adjust:exact;print-color-adjust:exact}
 .answer{margin:.1em 0 .2em}p{margin:.2em 0}
 h2{break-after:avoid}figure,table{break-inside:avoid}
 details:not([open]){display:none}
 .boards{gap:7px;margin:6px 0}.boards>.board-card{padding:7px 12px}
 .board-card{font-size:9px;line-height:1.3}.board-card p{margin:0 0 .2em}
 .board-card p.board-why{margin:.1em 0 .4em}.board-parts{gap:.3em 1.8em}
 .boards .board-parts{grid-template-columns:minmax(0,5fr) minmax(0,7fr) minmax(0,6fr)}
 .boards .board-parts>:last-child{grid-column:auto}
 .board-scale{margin:.3em 0;height:9px}.board-span{top:3px;height:3px}
 .board-point{top:1px;width:7px;height:7px}.board-shares{height:7px}
 .many{grid-template-columns:minmax(0,1fr) minmax(0,1fr)}
 .many .board-parts{grid-template-columns:minmax(0,2fr) minmax(0,3fr)}
 .many .board-parts>:last-child,.many .board-said,.many .board-scale{display:none}
 .many dl~p,.many .board-gain~p~p,.many .board-card p.board-why{display:none}
}
"""

_RESIZE = (
    "document.addEventListener('toggle',e=>{if(e.target.open)e.target.querySelectorAll("
    "'.plotly-graph-div').forEach(d=>Plotly.Plots.resize(d))},true)"
)
"""A figure drawn in a closed part has no width yet."""

_POLICY = (
    "default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; img-src data: blob:"
)
"""No address is asked for anything, whatever a name in the data may hold."""


def text(value: object) -> str:
    """Anything as text of a page."""
    return html.escape(" ".join(str(value).split()))


def paragraph(sentence: str, css: str = "") -> str:
    """A paragraph."""
    return f"<p{f' class={css!r}' if css else ''}>{text(sentence)}</p>"


def heading(title: str) -> str:
    """A heading."""
    return f"<h2>{text(title)}</h2>"


def table(rows: Sequence[Mapping[str, object]]) -> str:
    """A table whose columns are the keys of its first row; "" without rows."""
    if not rows:
        return ""
    head = "".join(f"<th scope='col'>{text(name)}</th>" for name in rows[0])
    body = "".join(
        f"<tr>{''.join(f'<td>{text(value)}</td>' for value in row.values())}</tr>" for row in rows
    )
    return (
        f"<div class='wide'><table><thead><tr>{head}</tr></thead>"
        f"<tbody>{body}</tbody></table></div>"
    )


def folded(parts: Sequence[str]) -> list[str]:
    """Parts that open on a click on the first, their heading; nothing without parts."""
    if not parts:
        return []
    return [f"<details><summary>{parts[0]}</summary>", *parts[1:], "</details>"]


def listed(sentences: Sequence[str]) -> str:
    """A list of sentences."""
    return f"<ul>{''.join(f'<li>{text(one)}</li>' for one in sentences)}</ul>"


def figure(drawn: go.Figure, alt: str) -> str:
    """A figure; plotly.js itself stands once in the head of :func:`document`."""
    inner = drawn.to_html(full_html=False, include_plotlyjs=False, config={"displaylogo": False})
    return f"<figure role='img' aria-label='{text(alt)}'>{inner}</figure>"


def document(title: str, parts: Sequence[str], *, lang: str, style: str = "") -> str:
    """A page that needs nothing but itself; plotly.js makes up nearly all of its 5 MB."""
    return (
        f"<!doctype html><html lang='{text(lang)}'><head><meta charset='utf-8'>"
        f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">'
        "<meta name='viewport' content='width=device-width'>"
        f"<title>{text(title)}</title><style>{style}{_STYLE}</style>"
        f"<script>{get_plotlyjs()};{_RESIZE}</script></head><body>{''.join(parts)}</body></html>"
    )
