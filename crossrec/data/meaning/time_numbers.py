"""Which unit the numbers of a time column count in, told by their size and by the whole column."""

from dataclasses import dataclass
from datetime import UTC, datetime

import duckdb
import numpy as np

from crossrec.data.meaning.clock_forms import (
    BY_COLUMN,
    BY_SIZE,
    CELL,
    COMPACT,
    EARLIEST,
    EXCEL_DAYS,
    LATEST,
    NUMBER,
    NUMBERED_SINCE,
    SECONDS,
    Unit,
    compact,
)

POSITION_LIMIT = 1_000_000
"""Whole numbers below this are positions, not seconds (they would all fall in January 1970)."""
_SINCE_1990, _SINCE_1995 = 631_152_000, 788_918_400
_YEAR = 366 * 86_400
_SURE = 0.99
_SOME = 0.05


@dataclass(frozen=True)
class NumberForms:
    """How the numbers of a column are read.

    Attributes:
        count: values of the sample that are numbers and fit.
        sql: over the cell, int64.
        words: phrases of the units, the most frequent first.
        positions: they are positions, no clock times.
    """

    count: int = 0
    sql: str = ""
    words: tuple[str, ...] = ()
    positions: bool = False


def number_forms(
    connection: duckdb.DuckDBPyConnection, zone: str, now: float, dated: int
) -> NumberForms:
    """Find the units of the numbers in ``sampled``.

    Args:
        connection: with the table ``sampled``.
        zone: of day numbers and dates in digits.
        now: seconds since 1970.
        dated: how many values of the sample are written times.
    """
    raw = connection.sql(f"SELECT {NUMBER} AS number FROM sampled").to_arrow_table()["number"]
    numbers = raw.drop_null().to_numpy()
    numbers = numbers[np.isfinite(numbers)]
    if not len(numbers):
        return NumberForms()
    leading = len(numbers) >= dated
    spelt = _spelt(connection, numbers, now)
    rest = numbers[~_in_digits(numbers, spelt)]
    units = _unit_of_column(rest, now, leading=leading)
    small = len(rest) > len(numbers) / 2 and 0 <= float(np.median(rest)) < POSITION_LIMIT
    if leading and small and not units:
        return _positions(rest, now)
    units = units or _units_by_size(rest, leading=leading)
    branches, words = [], []
    for unit, start in units.items():
        branches.append(unit.case(zone, start))
        words.append(unit.word)
    sql = f"CASE {' '.join(branches)} END" if branches else ""
    if spelt:
        floats = connection.sql(
            f"SELECT count(*) FROM sampled WHERE {NUMBER} IS NOT NULL AND contains({CELL}, '.')"
        ).fetchall()[0][0]
        # Dates of other lengths may stand further down, where no unit takes their numbers.
        digits = spelt if units else tuple(sorted({*spelt, 8, 12, 14}))
        dates = compact(digits, zone, floats=floats > 0)
        sql = f"COALESCE({dates}, {sql})" if sql else dates
        words.insert(0 if len(rest) < len(numbers) / 2 else len(words), "compact")
    if not sql:
        return NumberForms()
    count = connection.sql(f"SELECT count({sql}) FROM sampled WHERE {NUMBER} IS NOT NULL")
    return NumberForms(count.fetchall()[0][0], sql, tuple(words))


def _spelt(
    connection: duckdb.DuckDBPyConnection, numbers: np.ndarray, now: float
) -> tuple[int, ...]:
    """The numbers of digits in which the sample spells dates."""
    spelt = []
    for digits in COMPACT:
        inside = _in_digits(numbers, (digits,))
        if inside.sum() < max(_SOME * len(numbers), 1):
            continue
        if digits == min(COMPACT) and not _months(numbers, now):
            continue
        form = compact((digits,), "UTC", floats=True)
        dates = connection.sql(f"SELECT count({form}) FROM sampled").fetchall()[0][0]
        if dates >= _SURE * inside.sum():
            spelt.append(digits)
    return tuple(spelt)


def _in_digits(numbers: np.ndarray, counts: tuple[int, ...]) -> np.ndarray:
    """Which numbers begin with a year of 1900 to 2099 and have so many digits; shape (n,)."""
    inside = np.zeros(len(numbers), dtype=bool)
    for digits in counts:
        inside |= (numbers >= 19 * 10.0 ** (digits - 2)) & (numbers < 21 * 10.0 ** (digits - 2))
    return inside


def _months(numbers: np.ndarray, now: float) -> bool:
    """Whether six digits are months, no row numbers or hours: all of them up to next year."""
    last = (datetime.fromtimestamp(now, UTC).year + 1) * 100 + 12
    return bool(np.mean((numbers >= 199001) & (numbers <= last)) >= _SURE) and not _row_numbers(
        numbers
    )


def _short_dates(numbers: np.ndarray, now: float) -> bool:
    """Whether all numbers are dates like 240131: not hours since 1970; they count as positions."""
    year, month, day = numbers // 10_000, numbers // 100 % 100, numbers % 100
    this_year = datetime.fromtimestamp(now, UTC).year - 2000
    good = (month >= 1) & (month <= 12) & (day >= 1) & (day <= 31) & (numbers % 1 == 0)
    return bool((good & (year >= 10) & (year <= this_year)).all())


def _unit_of_column(numbers: np.ndarray, now: float, *, leading: bool) -> dict[Unit, float]:
    """The unit of small numbers, with the earliest time it is read from; empty without one.

    Args:
        numbers: shape (n,).
        now: seconds since 1970.
        leading: most values of the column are numbers. Beside written times the few numbers can
            only be day numbers of a table program.
    """
    if not len(numbers) or _short_dates(numbers, now):
        return {}
    for unit in BY_COLUMN if leading else (EXCEL_DAYS,):
        inside = _share(numbers, unit, _SINCE_1995, now + _YEAR)
        if inside >= _SURE and not (leading and _row_numbers(numbers)):
            return {unit: _SINCE_1990}
    return {}


def _units_by_size(numbers: np.ndarray, *, leading: bool) -> dict[Unit, float]:
    """The units of large numbers, each with the earliest time it is read from.

    The most frequent one comes first; it reaches back before 1990 where most values of the column
    are numbers (``leading``). Numbers of no unit at all are taken for seconds, and rejected.
    """
    counts = {}
    left = np.ones(len(numbers), dtype=bool)
    for unit in BY_SIZE:
        wide = left & _between(numbers, unit, _first_time(unit), LATEST)
        sure = left & _between(numbers, unit, _SINCE_1990, LATEST)
        left &= ~wide
        counts[unit] = (int(wide.sum()), int(sure.sum()))
    main = max(counts, key=lambda unit: counts[unit][0])
    units = {}
    for unit, (wide, sure) in counts.items():
        if unit is main and leading and wide:
            units[unit] = _first_time(unit)
        elif sure:
            units[unit] = _SINCE_1990
    if not units and leading and len(numbers):
        return {SECONDS: EARLIEST}
    return dict(sorted(units.items(), key=lambda one: -counts[one[0]][0]))


def _first_time(unit: Unit) -> float:
    """The earliest time for which the size of a number speaks for its unit."""
    if unit.origin:  # only plausible years tell it from nanoseconds
        return _SINCE_1990
    return EARLIEST if unit is SECONDS else NUMBERED_SINCE


def _between(numbers: np.ndarray, unit: Unit, start: float, end: float) -> np.ndarray:
    return (numbers >= unit.raw(start)) & (numbers < unit.raw(end))


def _share(numbers: np.ndarray, unit: Unit, start: float, end: float) -> float:
    return float(_between(numbers, unit, start, end).mean())


def _row_numbers(numbers: np.ndarray) -> bool:
    """Whether whole numbers never repeat where as many times within their span would.

    Of n times within a span of s units about n² / 2s pairs are equal: that none is, is less
    likely than 2 % where n² > 8s.
    """
    if (numbers != np.floor(numbers)).any():
        return False
    span = numbers.max() - numbers.min() + 1
    return len(numbers) ** 2 > 8 * span and len(np.unique(numbers)) == len(numbers)


def _positions(numbers: np.ndarray, now: float) -> NumberForms:
    sql = (
        f"CASE WHEN {NUMBER} >= 0 AND {NUMBER} < {POSITION_LIMIT}"
        f" THEN CAST(floor({NUMBER}) AS BIGINT) END"
    )
    fits = (numbers >= 0) & (numbers < POSITION_LIMIT)
    small = numbers[fits]
    this_year = datetime.fromtimestamp(now, UTC).year
    word = "positions"
    if ((small >= 1970) & (small <= this_year + 1)).all():
        word = "years"
    elif any(_share(small, unit, _SINCE_1995, now + _YEAR) >= _SURE for unit in BY_COLUMN):
        word = "row_numbers"
    return NumberForms(len(small), sql, (word,), positions=True)
