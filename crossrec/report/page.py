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
@media print{body{padding:0}h2{break-after:avoid}figure,table{break-inside:avoid}}
"""

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


def listed(sentences: Sequence[str]) -> str:
    """A list of sentences."""
    return f"<ul>{''.join(f'<li>{text(one)}</li>' for one in sentences)}</ul>"


def figure(drawn: go.Figure, alt: str) -> str:
    """A figure; plotly.js itself stands once in the head of :func:`document`."""
    inner = drawn.to_html(full_html=False, include_plotlyjs=False, config={"displaylogo": False})
    return f"<figure role='img' aria-label='{text(alt)}'>{inner}</figure>"


def document(title: str, parts: Sequence[str], *, lang: str) -> str:
    """A page that needs nothing but itself; plotly.js makes up nearly all of its 5 MB."""
    return (
        f"<!doctype html><html lang='{text(lang)}'><head><meta charset='utf-8'>"
        f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">'
        "<meta name='viewport' content='width=device-width'>"
        f"<title>{text(title)}</title><style>{_STYLE}</style>"
        f"<script>{get_plotlyjs()}</script></head><body>{''.join(parts)}</body></html>"
    )
