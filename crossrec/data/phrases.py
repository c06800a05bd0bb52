"""What the reader says about a file: every sentence once, under a word that stays.

Rejected rows and file facts hold the English sentence, as their files always have; a page finds
the word again with :func:`recognised` and says it in its own language.
"""

import re
from collections.abc import Callable, Mapping
from functools import cache

PHRASES: Mapping[str, str] = {
    # why a line is no row
    "width": "{found} values in a row of {width} columns",
    "unclosed": "a quotation mark is not closed or not doubled",
    "too_long": "a value is too long; a quotation mark may not be closed",
    "undecoded": "bytes that are no text in the encoding of the file",
    "no_json": "no JSON",
    "no_object": "no JSON object",
    # why a row is not used
    "header": "the header once more",
    "no_user": "no user",
    "no_item": "no item",
    "no_scenario": "no scenario",
    "off_scale": "is not on the scale {low} to {high} of the other ratings",
    "not_positive": "not above 0",
    "no_number": "not a number",
    "no_time": "no time",
    "no_clock": "is 1970-01-01, which programs write where there is no time",
    "no_position": "is not a position like the others",
    "unreadable": "is not a time between 1970 and 2100",
    # what a value looks like
    "looks": "is not like the other times; it looks like {form}",
    "either_order": "could be day first or month first",
    "a_day_first": "a date, day first",
    "a_month_first": "a date, month first",
    "a_date": "a written date",
    "a_year": "a year alone",
    "an_excel_day": "an Excel day number",
    # why a user stands out
    "many_rows": "many rows",
    "many_rows_day": "many rows in a day",
    # how the times are read
    "compact": "dates like 20240131",
    "positions": "positions, not clock times",
    "epoch_seconds": "seconds since 1970",
    "epoch_milliseconds": "milliseconds since 1970",
    "epoch_microseconds": "microseconds since 1970",
    "epoch_nanoseconds": "nanoseconds since 1970",
    "epoch_mixed": "seconds and milliseconds since 1970, told apart by their size",
    "epoch_minutes": "minutes since 1970",
    "epoch_hours": "hours since 1970",
    "epoch_days": "days since 1970",
    "excel_days": "Excel day numbers",
    "net_ticks": ".NET ticks (100 nanoseconds since year 1)",
    "file_time": "Windows file times (100 nanoseconds since 1601)",
    "webkit": "microseconds since 1601",
    "iso": "dates and times (ISO 8601)",
    "written": "written dates",
    "month_first": "dates, month first",
    "day_first": "dates, day first",
    "year_first": "dates, year first",
    "either_first": "day first and month first mixed; only dates that can be one of them are read",
    "turned_day_first": "dates, day first; those a table program turned round are put right",
    "turned_month_first": "dates, month first; those a table program turned round are put right",
    "several": "several forms, told apart value by value: {forms}",
    "years": "years alone, used as an order",
    "row_numbers": "positions, not clock times: the numbers never repeat",
    # what to know of a layout, or of a file that was left out
    "kuairand": "A video that was only shown is no interaction; columns of 0 and 1 say what was"
    " done",
    "mind": "One interaction per click; news that were only shown are exposures; the history"
    " column, whose clicks have no time, is left out",
    "retailrocket": "The last category and availability of each item; the other properties are"
    " hashed by the makers and left out",
    "shop": "购买 (buy) weighs more than 浏览 (view)",
    "own_items": "its item ids got the prefix {prefix}, because another file names its item column"
    " differently and has the same ids",
    "taobao": "No header; the behaviour is the event, the category is that of the item",
    "amazon_ratings": "No header; users and items are told apart by their ids",
    "not_read": "not read: {error}",
    "no_columns": "neither users nor items among its columns",
    "heading": "The column names stand in line {line}",
    "by_place": "Its name is the scenario of its rows",
    "beside": "not read: {error}, beside {other}",
    "words_only": "words about items that were rated",
    "ids_only": "nothing but ids of items",
    "other_table": "a further table of this layout",
}  # fmt: skip
"""Word -> English sentence."""


def phrase(word: str, **values: object) -> str:
    """The English sentence under a word, placeholders filled."""
    return PHRASES[word].format(**values)


def recognised(sentence: str) -> tuple[str, dict[str, str]] | None:
    """The word of a sentence and what stands in its placeholders; None for any other text."""
    if (word := _whole().get(sentence)) is not None:
        return word, {}
    for word, pattern in _patterns().items():
        if found := pattern.fullmatch(sentence):
            return word, found.groupdict()
    return None


def translated(sentence: str, words: Callable[..., str]) -> str:
    """A reason, a reading of times or a note in another language.

    What stands in its placeholders may be sentences of the reader again, with " / " between them.
    Other text stays as it is.

    Args:
        sentence: in English.
        words: gives the sentence of a word of :data:`PHRASES` with its placeholders filled.
    """
    found = recognised(sentence)
    if found is None:
        return sentence
    word, values = found
    own = {
        name: " / ".join(translated(one, words) for one in text.split(" / "))
        for name, text in values.items()
    }
    return words(word, **own)


@cache
def _whole() -> dict[str, str]:
    return {sentence: word for word, sentence in PHRASES.items() if "{" not in sentence}


@cache
def _patterns() -> dict[str, re.Pattern[str]]:
    return {
        word: re.compile(re.sub(r"\\\{(\w+)\\\}", r"(?P<\1>.+?)", re.escape(sentence)), re.DOTALL)
        for word, sentence in PHRASES.items()
        if "{" in sentence
    }
