"""Which written forms the texts of a time column follow, and which of day and month comes first."""

from dataclasses import dataclass

import duckdb
import numpy as np

from crossrec.data.meaning.clock_forms import (
    CELL,
    NUMBER,
    day_first,
    iso,
    month_first,
    short_year_first,
    turned_iso,
    written,
)
from crossrec.errors import DataError

_STRAY = 0.02
"""Fewer dates than this share in the other order of day and month are faults, no mixture."""
_TURNED = 10
"""So many dates of each kind show that a table program has turned some."""
_MISSING = np.iinfo(np.int64).min


@dataclass(frozen=True)
class TextForms:
    """How the texts of a column are read.

    Attributes:
        count: values of the sample that are such texts.
        sql: over the cell, int64.
        words: phrases of the forms, the most frequent first.
    """

    count: int = 0
    sql: str = ""
    words: tuple[str, ...] = ()


def text_forms(
    connection: duckdb.DuckDBPyConnection, zone: str, *, column: str, file: str
) -> TextForms:
    """Find the forms of the texts in ``sampled``; forms that read no value are left out.

    Raises:
        DataError: most texts could be read month first or day first.
    """
    connection.execute(
        f"CREATE OR REPLACE TEMP TABLE unread AS SELECT {CELL} FROM sampled WHERE {NUMBER} IS NULL"
    )
    total = left = _rows(connection)
    counts: dict[str, int] = {}
    forms: list[str] = []
    for word, listed in written(zone).items():
        for form in listed:
            if left and (read := _take(connection, form)):
                forms.append(form)
                counts[word] = counts.get(word, 0) + read
                left -= read
    if left:
        order = _order(connection, zone)
        if order is None and order_matters(connection, zone) > total / 2:
            raise DataError(
                f"expected dates in column {column!r} of {file} that tell day from month",
                "only dates such as 03/04/2024",
                "Write them as 2024-04-03",
            )
        if order is not None:
            word, form = order
            if word in ("day_first", "month_first") and _turned(connection, zone):
                forms = [turned_iso() if each == iso() else each for each in forms]
                word = f"turned_{word}"
                counts[word] = counts.pop("iso")
            forms.append(form)
            counts[word] = counts.get(word, 0) + _take(connection, form)
    if not counts:
        return TextForms()
    sql = forms[0] if len(forms) == 1 else f"COALESCE({', '.join(forms)})"
    words = sorted(counts, key=lambda word: -counts[word])
    return TextForms(sum(counts.values()), sql, tuple(words))


def order_matters(connection: duckdb.DuckDBPyConnection, zone: str) -> int:
    """How many unread values are dates in which day and month could change places."""
    by_month, by_day = _times(connection, month_first(zone)), _times(connection, day_first(zone))
    return int(((by_month != _MISSING) & (by_day != _MISSING) & (by_month != by_day)).sum())


def _order(connection: duckdb.DuckDBPyConnection, zone: str) -> tuple[str, str] | None:
    """Word and SQL of the dates with slashes; None where there are none or nothing tells."""
    month, day = month_first(zone), day_first(zone)
    by_month, by_day = _times(connection, month), _times(connection, day)
    has_month, has_day = by_month != _MISSING, by_day != _MISSING
    if not (has_month | has_day).any():
        return None
    if (year := _short_year(connection, zone, np.where(has_day, by_day, by_month))) is not None:
        return year
    only_month, only_day = int((has_month & ~has_day).sum()), int((has_day & ~has_month).sum())
    if only_month == only_day == 0:
        if (by_month == by_day).all():
            return "day_first", day
        return None
    if min(only_month, only_day) >= _STRAY * (only_month + only_day):
        sure = f"CASE WHEN {month} IS NULL OR {day} IS NULL OR {month} = {day}"
        return "either_first", f"{sure} THEN COALESCE({month}, {day}) END"
    return ("month_first", month) if only_month > only_day else ("day_first", day)


def _short_year(
    connection: duckdb.DuckDBPyConnection, zone: str, others: np.ndarray
) -> tuple[str, str] | None:
    """Dates such as 24/01/31, where that brings them nearer to each other than 24 January 2031."""
    form = short_year_first(zone)
    times = _times(connection, form)
    dates = (times != _MISSING) | (others != _MISSING)
    if (times[dates] == _MISSING).any():
        return None
    if (others[dates] == _MISSING).any() or np.ptp(times[dates]) < np.ptp(others[dates]):
        return "year_first", form
    dashes = connection.sql(f"SELECT bool_and({CELL} LIKE '%-%-%') FROM unread").fetchall()[0][0]
    if dashes and np.ptp(times[dates]) == np.ptp(others[dates]):
        return "either_first", "CAST(NULL AS BIGINT)"  # 24-01-31 alone: either end is the year
    return None


def _turned(connection: duckdb.DuckDBPyConnection, zone: str) -> bool:
    """Whether a table program has read the dates it could with day and month exchanged.

    It leaves as text what it cannot read: then no text could be read both ways, and no real date
    has a day above 12.
    """
    by_month, by_day = _times(connection, month_first(zone)), _times(connection, day_first(zone))
    texts = (by_month != _MISSING) ^ (by_day != _MISSING)
    both = (by_month != _MISSING) & (by_day != _MISSING)
    if both.any() or texts.sum() < _TURNED:
        return False
    dates, late = connection.sql(
        f"SELECT count(*), count(*) FILTER (day(TRY_CAST({CELL} AS TIMESTAMP)) > 12)"
        f" FROM sampled WHERE {NUMBER} IS NULL AND {iso()} IS NOT NULL"
    ).fetchall()[0]
    return dates >= _TURNED and not late


def _rows(connection: duckdb.DuckDBPyConnection) -> int:
    return connection.sql("SELECT count(*) FROM unread").fetchall()[0][0]


def _times(connection: duckdb.DuckDBPyConnection, form: str) -> np.ndarray:
    """The unread values by a form, shape (n,), int64; :data:`_MISSING` where it does not fit."""
    table = connection.sql(f"SELECT COALESCE({form}, {_MISSING}) AS time FROM unread")
    return table.to_arrow_table()["time"].to_numpy()


def _take(connection: duckdb.DuckDBPyConnection, form: str) -> int:
    """How many unread values a form reads; they are no longer unread."""
    before = _rows(connection)
    connection.execute(
        f"CREATE OR REPLACE TEMP TABLE unread AS SELECT * FROM unread WHERE ({form}) IS NULL"
    )
    return before - _rows(connection)
