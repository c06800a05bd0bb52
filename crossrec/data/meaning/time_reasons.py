"""Why a value of a time column was not read: what it looks like instead."""

import re
from collections.abc import Sequence

from crossrec.data.log import TimeKind
from crossrec.data.meaning.clock_forms import BY_SIZE, EXCEL_DAYS, LATEST
from crossrec.data.phrases import phrase

_NOTHING = r"\s*(0+([.]0*)?|(19)?70([-/.]0?1){2}([ T].*)?|0?1[/.-]0?1[/.-](19)?70([ T].*)?)\s*"
_SINCE_1990 = 631_152_000
_TO_12, _TO_31, _YEAR = r"(0?[1-9]|1[0-2])", r"(0?[1-9]|[12]\d|3[01])", r"(\d{4}|\d\d)\b.*"
_LOOKS = (
    (rf"{_TO_12}[/-]{_TO_12}[/-]{_YEAR}", "a_either"),
    (rf"{_TO_31}[/-]{_TO_12}[/-]{_YEAR}", "a_day_first"),
    (rf"{_TO_12}[/-]{_TO_31}[/-]{_YEAR}", "a_month_first"),
    (r"\d{4}[-/.年]\d{1,2}([-/.月]\d{1,2}.*)?", "a_date"),
    (r"(19|20)\d\d(\.0)?", "a_year"),
    (r"(19|20)\d\d(0[1-9]|1[0-2])(0[1-9]|[12]\d|3[01])(\d\d){0,3}", "compact"),
)
"""Pattern of a whole value -> what it looks like; the first that fits."""
_SAME = {"day_first": "a_day_first", "month_first": "a_month_first", "iso": "a_date",
         "written": "a_date", "excel_days": "an_excel_day", "years": "a_year"}  # fmt: skip
"""The phrase of a column -> that of one of its values."""


def why_not(value: str, kind: TimeKind, words: Sequence[str]) -> str:
    """Why a value cannot be read.

    Args:
        value: without outer space.
        kind: what the other values are.
        words: the phrases of their forms.
    """
    if not value:
        return phrase("no_time")
    if kind is TimeKind.CLOCK and re.fullmatch(_NOTHING, value):
        return phrase("no_clock")
    like = _like(value)
    if like == "a_either" and kind is TimeKind.CLOCK:
        return phrase("either_order")
    if like is not None and like not in {_SAME.get(word, word) for word in words}:
        return phrase("looks", form=phrase(like))
    return phrase("no_position" if kind is TimeKind.ORDER else "unreadable")


def _like(value: str) -> str | None:
    """The phrase of the form a value seems to follow."""
    for pattern, word in _LOOKS:
        if re.fullmatch(pattern, value):
            return word
    try:
        number = float(value)
    except ValueError:
        return None
    for unit in (*BY_SIZE, EXCEL_DAYS):
        if unit.raw(_SINCE_1990) <= number < unit.raw(LATEST):
            return "an_excel_day" if unit is EXCEL_DAYS else unit.word
    return None
