"""The decision board as HTML: one card per scenario, for Home and for the top of the report."""

from math import isfinite
from typing import Final

from crossrec.evaluation import Board, BoardRow, RowText, Words, relative, row_text, rule
from crossrec.evaluation.board import LEAVE_OFF, SWITCH_ON
from crossrec.evaluation.board_text import GroupText
from crossrec.evaluation.verdict import HELPS, HURTS
from crossrec.report.page import text

# ``--board-*`` are the colours of a theme; where the card is shown says which.
STYLE: Final = """
.board-card{container-type:inline-size;color:var(--board-ink);font-size:.93rem;line-height:1.45}
.board-head{display:flex;flex-wrap:wrap;align-items:center;gap:.35em .8em}
.board-name{font-size:1.22rem;font-weight:600;overflow-wrap:anywhere}
.board-pill{border-radius:99px;padding:.12em .8em;font-weight:600;white-space:nowrap;
 border:1.5px solid var(--board-muted);color:var(--board-ink)}
.board-pill.switch_on{background:var(--board-on);border-color:var(--board-on);
 color:var(--board-on-ink)}
.board-pill.leave_off{background:var(--board-off);border-color:var(--board-off);
 color:var(--board-off-ink)}
.board-pill.more_data{border-style:dashed}
.board-from,.board-quiet{color:var(--board-muted)}
.board-parts{display:grid;grid-template-columns:minmax(0,5fr) minmax(0,7fr) minmax(0,6fr);
 gap:1em 2.2em}
.board-gain{font-size:1.75rem;font-weight:600;line-height:1.15;
 font-variant-numeric:tabular-nums}
.board-ends{color:var(--board-muted);font-variant-numeric:tabular-nums;white-space:nowrap}
.board-scale{position:relative;height:14px;margin:.55em 0;border-radius:3px;
 background:var(--board-track)}
.board-scale i{position:absolute;display:block}
.board-zero{left:50%;top:-3px;bottom:-3px;border-left:1.5px solid var(--board-muted)}
.board-span{top:5px;height:4px;border-radius:2px;background:var(--board-tone)}
.board-point{top:2px;width:10px;height:10px;margin-left:-5px;border-radius:50%;
 background:var(--board-tone)}
.board-card.switch_on{--board-tone:var(--board-on)}
.board-card.leave_off{--board-tone:var(--board-off)}
.board-card.more_data{--board-tone:var(--board-muted)}
.board-label{color:var(--board-muted);font-size:.82rem;letter-spacing:.02em;margin:0 0 .15em}
.board-card dl,.board-card dd,.board-card ul{margin:0;padding:0}
.board-card dl>div{display:flex;flex-wrap:wrap;gap:0 .8em;padding:.28em 0;
 border-top:1px solid var(--board-track)}
.board-card dl>div:first-child{border-top:0;padding-top:0}
.board-card dt{font-weight:600;flex:1 0 auto}
.board-card .warm_few dt{padding-left:1.1em;font-weight:400}
.board-card dt::before{content:"";display:inline-block;width:.62em;height:.62em;
 margin-right:.5em;border-radius:50%;border:1.5px solid var(--board-muted)}
.board-card .helps dt::before{background:var(--board-on);border-color:var(--board-on)}
.board-card .hurts dt::before{background:var(--board-off);border-color:var(--board-off);
 border-radius:1px}
.board-card dd{font-variant-numeric:tabular-nums;white-space:nowrap;margin-left:auto}
.board-gain~p span{display:block}
.board-card dd.board-said{flex:1 0 100%;padding-left:1.35em;white-space:normal;
 color:var(--board-muted)}
.board-card .warm_few .board-said{padding-left:2.45em}
.board-said span{cursor:help;border-bottom:1px dotted var(--board-muted)}
.board-shares{display:flex;height:10px;margin:.3em 0 .25em;border-radius:3px;overflow:hidden;
 background:var(--board-track)}
.board-shares i{display:block}
.board-shares i:first-child{background:var(--board-on)}
.board-shares i:last-child{background:var(--board-off);margin-left:auto}
.board-card p{margin:0 0 .55em;color:inherit}
.board-card p.board-quiet{color:var(--board-muted)}
.board-card p.board-why{margin:.4em 0 1em}
.board-card .board-notes{list-style:none;margin-top:.6em}
.board-card .board-notes li{padding:.35em .8em;margin:.35em 0 0;
 border-left:3px solid var(--board-off);background:var(--board-track);color:inherit}
@container (max-width:820px){.board-parts{grid-template-columns:minmax(0,1fr) minmax(0,1.3fr)}
 .board-parts>:last-child{grid-column:1/-1}}
@container (max-width:520px){.board-parts{grid-template-columns:minmax(0,1fr)}}
"""

_MARKS: Final = {SWITCH_ON: "✓", LEAVE_OFF: "✕"}


def reach_of(found: Board) -> float:
    """The largest end of an interval, as a share: the scale that all cards of a board share."""
    shares = [relative(row.answer) for row in found.rows]
    ends = [abs(end) for one in shares if one is not None for end in one[1:] if isfinite(end)]
    return max(ends, default=1.0) or 1.0


def card(row: BoardRow, k: int, words: Words, *, reach: float) -> str:
    """One scenario's card; names are escaped here.

    Args:
        row: the scenario.
        k: list length.
        words: sentences of :data:`~crossrec.evaluation.WORDS`.
        reach: of :func:`reach_of`.
    """
    said = row_text(row, k, words)
    head = (
        f"<span class='board-pill {row.decision}'>"
        f"<span aria-hidden='true'>{_MARKS.get(row.decision, '?')}</span> {text(said.decision)}"
        f"</span><span class='board-name' role='heading' aria-level='3'>{text(said.scenario)}"
        f"</span><span class='board-from'>{text(said.sources)}</span>"
    )
    parts = (
        _label(words("board_column_gain")) + _gain(row, said, reach),
        _label(words("board_column_users")) + _groups(said, rule(words)),
        _people(row, said, words),
    )
    notes = "".join(f"<li>{text(one)}</li>" for one in said.notes)
    return (
        f"<div class='board-card {row.decision}'><div class='board-head'>{head}</div>"
        f"<p class='board-why'>{text(said.because)}</p>"
        f"<div class='board-parts'>{''.join(f'<div>{one}</div>' for one in parts)}</div>"
        + (f"<ul class='board-notes'>{notes}</ul>" if notes else "")
        + "</div>"
    )


def _label(name: str) -> str:
    return f"<div class='board-label'>{text(name)}</div>"


def _gain(row: BoardRow, said: RowText, reach: float) -> str:
    value, _, ends = said.gain.partition(" [")
    shown = f"<div class='board-gain'>{text(value)}</div>"
    if ends:
        shown += f"<div class='board-ends'>{text(f'[{ends}')}</div>"
    shown += _scale(row, reach, said.gain)
    shown += f"<p><b>{text(said.base)}</b> <span class='board-quiet'>{text(said.whom)}</span></p>"
    return shown + _paragraph(said.hits)


def _scale(row: BoardRow, reach: float, alt: str) -> str:
    """The interval as a bar around zero."""
    shares = relative(row.answer)
    if shares is None or not all(map(isfinite, shares)):
        return ""
    value, low, high = (50 + 48 * max(-1.0, min(1.0, share / reach)) for share in shares)
    return (
        f"<div class='board-scale' role='img' aria-label='{text(alt)}'>"
        "<i class='board-zero'></i>"
        f"<i class='board-span' style='left:{low:.1f}%;width:{max(high - low, 0.5):.1f}%'></i>"
        f"<i class='board-point' style='left:{value:.1f}%'></i></div>"
    )


def _groups(said: RowText, needs: str) -> str:
    rows = "".join(_group(one, needs) for one in said.groups)
    return f"<dl>{rows}</dl>{_paragraph(said.adds_up)}"


def _group(one: GroupText, needs: str) -> str:
    kind = one.verdict if one.verdict in (HELPS, HURTS) else "open"
    return (
        f"<div class='{one.cohort} {kind}'><dt>{text(one.label)}</dt><dd>{text(one.gain)}</dd>"
        f"<dd class='board-said'><span title='{text(needs)}'>{text(one.said)}</span></dd></div>"
    )


def _people(row: BoardRow, said: RowText, words: Words) -> str:
    """Helped to harmed as a bar, one of them, and what would settle what is open."""
    shown, people = "", row.people
    if people is not None and people.n:
        shares = (100 * some / people.n for some in (people.helped, people.harmed))
        bars = "".join(f"<i style='width:{share:.1f}%'></i>" for share in shares)
        ratio = text(said.ratio)
        shown += _label(words("board_column_ratio"))
        shown += f"<div class='board-shares' role='img' aria-label='{ratio}'>{bars}</div>"
        shown += f"<p>{ratio}</p>"
    for name, sentence in (("person", said.person), ("settle", said.settle)):
        if sentence:
            shown += _label(words(f"board_column_{name}")) + f"<p>{text(sentence)}</p>"
    return shown


def _paragraph(sentence: str) -> str:
    return f"<p class='board-quiet'>{text(sentence)}</p>" if sentence else ""
