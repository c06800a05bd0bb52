"""Four slides about a run, for those who present what was found.

Tables and text are PowerPoint's own, so everything on a slide can be edited there.
"""

import io
import sys
from importlib.util import find_spec
from typing import Any, Final

import pandas as pd

from crossrec import plots
from crossrec.errors import PackageMissing
from crossrec.evaluation import (
    Board,
    BoardRow,
    Words,
    board,
    board_rule,
    board_title,
    headline,
    method,
    row_text,
    summary,
    tell,
    verdicts,
)
from crossrec.evaluation.board import SWITCH_ON
from crossrec.report.words import words_of
from crossrec.workspace import Run

_WIDTH, _HEIGHT, _SIDE = 13.333, 7.5, 0.6  # inches: 16 by 9
_INK, _MUTED, _LINE = "1D2733", "5B6775", "EEF1F5"
_TONES: Final = {"switch_on": "1F5FA8", "leave_off": "B4540A", "more_data": "5B6775"}
_FONTS: Final = {"en": "Calibri", "zh": "Microsoft YaHei"}
_MOST_ROWS: Final = 8
"""Scenarios that one slide has room for."""
_ROOMY: Final = 4
"""Scenarios that it has room for with notes, in a larger type."""


def slides_possible() -> bool:
    """Whether python-pptx is installed."""
    return find_spec("pptx") is not None


def build_slides(run: Run, *, lang: str = "en") -> bytes:
    """Decision, evidence, one person, method and limits: one slide each.

    Args:
        run: with an evaluation.
        lang: language of the slides, of :data:`~crossrec.report.words.LANGUAGES`.

    Returns:
        A ``.pptx`` file; no user id stands in it.

    Raises:
        PackageMissing: python-pptx is not installed.
        RunUnreadable: the run has no evaluation, or it is damaged.
    """
    if not slides_possible():
        raise PackageMissing(
            "expected the package python-pptx for slides",
            "it is not installed",
            f"Install it with: {sys.executable} -m pip install python-pptx",
        )
    deck = _Deck(lang)
    report, least = run.report(), run.least_shown
    found = board(report, least=least)
    words, figures = words_of(lang), words_of(lang, "plot")
    answer, notes = headline(summary(report), figures)
    _decision(deck, found, answer, figures)
    pairs = verdicts(report)
    _evidence(deck, pairs.loc[pairs["n"] >= least], run, words, figures)
    _person(deck, found, words, figures)
    _method(deck, found, [*notes], words, figures)
    return deck.content()


def _decision(deck: "_Deck", found: Board, answer: str, figures: Words) -> None:
    slide = deck.slide(board_title(found, figures) if found.rows else answer)
    if not found.rows:
        return
    columns = ("scenario", "decision", "gain", "users", "settle")
    rows = [[figures(f"board_column_{name}") for name in columns]]
    shown = found.rows[:_MOST_ROWS]
    roomy = len(shown) <= _ROOMY
    for row in shown:
        told = row_text(row, found.k, figures)
        gain = f"{told.gain}\n{told.base}"
        notes = told.notes if roomy else ()
        settle = "\n".join(filter(None, [told.settle, *notes]))
        rows.append([told.scenario, told.decision, gain, f"{told.because}\n{told.ratio}", settle])
    fills = {(at, 1): _TONES[row.decision] for at, row in enumerate(shown, start=1)}
    deck.table(slide, rows, widths=(1.7, 1.5, 2.6, 3.2, 3.1), fills=fills,
               size=12 if roomy else 9)  # fmt: skip
    if len(found.rows) > len(shown):
        deck.text(slide, f"… {len(shown)} / {len(found.rows)}", top=7.0, size=11)


def _evidence(deck: "_Deck", pairs: pd.DataFrame, run: Run, words: Words, figures: Words) -> None:
    """The heat map as a table: a row per source, a column per target."""
    slide = deck.slide(words("slide_evidence"))
    names = [str(one) for one in run.info.get("scenarios", ())]
    shown = [one for one in names if one in {*pairs["source"], *pairs["target"]}][:_MOST_ROWS]
    cells = {(one["source"], one["target"]): one for one in pairs.to_dict("records")}
    head = f"{words('slide_source')} → {figures('target')}"
    rows, fills = [[head, *shown]], {}
    reach = max((abs(one["lift"]) for one in cells.values()), default=1.0)
    for down, source in enumerate(shown, start=1):
        line = [source]
        for right, target in enumerate(shown, start=1):
            cell = cells.get((source, target))
            line.append(_cell(cell, figures) if cell else "–")
            if cell and cell["verdict"] in ("helps", "hurts"):
                fills[down, right] = _shade(cell["lift"] / (reach or 1.0))
        rows.append(line)
    if len(shown) > 1:
        deck.table(slide, rows, widths=(2.0, *[10.1 / len(shown)] * len(shown)), fills=fills)
        deck.text(slide, plots.transfer_alt(pairs, words=figures), top=6.3, size=11)


def _cell(cell: dict[str, Any], figures: Words) -> str:
    shown = f"{cell['lift']:+.3f}".replace("-", "−")
    ends = f"[{cell['low']:+.3f}, {cell['high']:+.3f}]".replace("-", "−")
    return f"{shown}\n{ends}\n{tell(cell['verdict'], cell['why'], figures)}"


def _shade(share: float) -> str:
    """Blue for a gain, orange for a loss, paler the smaller it is; black can be read on all."""
    end = (0x5A, 0xA5, 0xDA) if share > 0 else (0xF0, 0x99, 0x4A)
    depth = 0.3 + 0.7 * min(1.0, abs(share))
    return "".join(f"{round(255 + (one - 255) * depth):02X}" for one in end)


def _person(deck: "_Deck", found: Board, words: Words, figures: Words) -> None:
    told = [row for row in found.rows if row.person is not None]
    row: BoardRow | None = next((one for one in told if one.decision == SWITCH_ON), None)
    row = row or next(iter(told), None)
    if row is None or row.person is None:
        deck.slide(words("slide_person_none"))
        return
    slide, one = deck.slide(words("slide_person", scenario=row.scenario)), row.person
    deck.text(slide, row_text(row, found.k, figures).person, top=1.7, size=20)
    rows = [
        [words(f"slide_{name}") for name in ("chosen", "with", "without", "history")],
        [str(one.chosen), str(one.hits), str(one.without), f"{one.here} / {one.elsewhere}"],
    ]
    deck.table(slide, rows, widths=(3.0, 3.0, 3.0, 3.1), top=3.4, size=24)


def _method(deck: "_Deck", found: Board, notes: list[str], words: Words, figures: Words) -> None:
    slide = deck.slide(words("slide_method"))
    sentences = [method(found.k, figures), board_rule(figures), *notes, words("slide_offline")]
    deck.text(slide, "\n".join(sentences), top=1.6, size=15, gap=9)


class _Deck:
    """A presentation under way."""

    def __init__(self, lang: str) -> None:
        from pptx import Presentation
        from pptx.util import Inches

        self._file: Any = Presentation()
        self._file.slide_width, self._file.slide_height = Inches(_WIDTH), Inches(_HEIGHT)
        self._font = _FONTS[lang]

    def slide(self, title: str) -> Any:
        """A new slide with only a title."""
        from pptx.util import Inches

        slide = self._file.slides.add_slide(self._file.slide_layouts[5])
        shape = slide.shapes.title
        shape.left, shape.top = Inches(_SIDE), Inches(0.4)
        shape.width, shape.height = Inches(_WIDTH - 2 * _SIDE), Inches(1.0)
        self._write(shape.text_frame, title, size=26, bold=True)
        return slide

    def text(self, slide: Any, words: str, *, top: float, size: int, gap: int = 0) -> None:
        """A box of text over the whole width; a paragraph per line."""
        from pptx.util import Inches

        height = _HEIGHT - top - 0.3
        places = (_SIDE, top, _WIDTH - 2 * _SIDE, height)
        box = slide.shapes.add_textbox(*map(Inches, places))
        self._write(box.text_frame, words, size=size, gap=gap)

    def table(
        self,
        slide: Any,
        rows: list[list[str]],
        *,
        widths: tuple[float, ...],
        fills: dict[tuple[int, int], str] | None = None,
        top: float = 1.5,
        size: int = 12,
    ) -> None:
        """A native table whose first row is its head; ``fills`` colours cells by (row, column)."""
        from pptx.dml.color import RGBColor
        from pptx.util import Inches

        places = (_SIDE, top, sum(widths), 0.45 * len(rows))
        shape = slide.shapes.add_table(len(rows), len(rows[0]), *map(Inches, places))
        made = shape.table
        for at, width in enumerate(widths):
            made.columns[at].width = Inches(width)
        for down, row in enumerate(rows):
            for right, words in enumerate(row):
                cell, fill = made.cell(down, right), (fills or {}).get((down, right))
                cell.fill.solid()
                cell.fill.fore_color.rgb = RGBColor.from_string(
                    fill or (_LINE if not down else "FFFFFF")
                )
                ink = "FFFFFF" if fill in _TONES.values() else _INK
                bold = not down or not right or bool(fill)
                self._write(cell.text_frame, words, size=size, bold=bold, ink=ink)

    def content(self) -> bytes:
        """The file."""
        out = io.BytesIO()
        self._file.save(out)
        return out.getvalue()

    def _write(
        self, frame: Any, words: str, *, size: int, bold: bool = False, ink: str = _INK,
        gap: int = 0,
    ) -> None:  # fmt: skip
        from pptx.dml.color import RGBColor
        from pptx.enum.text import PP_ALIGN
        from pptx.util import Pt

        frame.word_wrap = True
        for at, line in enumerate(words.split("\n")):
            paragraph = frame.paragraphs[0] if not at else frame.add_paragraph()
            paragraph.alignment, paragraph.space_after = PP_ALIGN.LEFT, Pt(gap)
            run = paragraph.add_run()
            run.text = line
            run.font.size, run.font.bold, run.font.name = Pt(size), bold and not at, self._font
            run.font.color.rgb = RGBColor.from_string(ink)
