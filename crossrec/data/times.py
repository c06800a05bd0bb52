"""What a time column means: clock times in many spellings, or positions in a user's history."""

from dataclasses import dataclass

import duckdb

from crossrec.data.log import TimeKind
from crossrec.errors import DataError

POSITION_LIMIT = 1_000_000
"""Whole numbers below this are positions, not seconds (they would all fall in January 1970)."""
_EARLIEST, _LATEST = 0, 4_102_444_800
"""Accepted clock times: 1970-01-01 up to 2100-01-01, seconds UTC."""
_UNITS = ((1e11, 1), (1e14, 1_000), (1e17, 1_000_000), (1e20, 1_000_000_000))
"""Typical size below -> parts of a second: seconds, milli-, micro-, nanoseconds."""
_SAMPLE = 20_000
"""The reading is chosen on about this many values, spread over the file."""
_USABLE_SHARE = 0.5
_CLOCKS = ("", " %H:%M", " %H:%M:%S", " %H:%M:%S.%f", " %I:%M %p", " %I:%M:%S %p")


def _with_clock(*dates: str) -> tuple[str, ...]:
    return tuple(date + clock for date in dates for clock in _CLOCKS)


_MONTH_FIRST = _with_clock("%m/%d/%Y", "%m-%d-%Y")
_DAY_FIRST = _with_clock("%d/%m/%Y", "%d-%m-%Y")
_TEXT_FORMS = (
    _with_clock("%Y年%m月%d日", "%d.%m.%Y", "%Y.%m.%d"),
    _with_clock("%m %d, %Y", "%B %d, %Y", "%b %d, %Y", "%d %b %Y", "%d %B %Y"),
    ("%a %b %d %H:%M:%S %z %Y", "%a, %d %b %Y %H:%M:%S %z"),
)
_COMPACT = ("%Y%m%d", "%Y%m%d%H%M%S", "%Y%m%d%H%M")
_COMPACT_RANGES = ((1.9e7, 2.2e7), (1.9e13, 2.2e13), (1.9e11, 2.2e11))


@dataclass(frozen=True)
class TimeReading:
    """How to read a time column.

    Attributes:
        kind: what the numbers mean.
        sql: an expression over the column that gives int64 (seconds or positions), NULL where
            a value cannot be read.
        reason: why a value that cannot be read is rejected.
    """

    kind: TimeKind
    sql: str
    reason: str


def recognise(
    connection: duckdb.DuckDBPyConnection, table: str, cell: str, *, column: str, file: str
) -> TimeReading:
    """Find the one reading of a text column that most of its values follow.

    Whole numbers below :data:`POSITION_LIMIT` are positions (``TimeKind.ORDER``): the order inside
    a user's history. Larger numbers are epoch seconds, milli-, micro- or nanoseconds by their
    median, or dates like 20240131. Text is ISO 8601 or a common written form; without a time
    zone it is taken as UTC. A column without any value is no time (``TimeKind.NONE``).

    Args:
        connection: where ``table`` is.
        table: its name.
        cell: the column's name there; text, NULL where empty.
        column: the column's name in the file, for messages.
        file: the file's name, for messages.

    Raises:
        DataError: fewer than half of the values can be read, or day and month cannot be told.
    """
    filled = _count(connection, table, cell)
    if not filled:
        return TimeReading(TimeKind.NONE, "NULL", "")
    connection.execute(
        f"""CREATE TEMP TABLE sampled AS SELECT {cell} FROM (
            SELECT {cell}, row_number() OVER () AS n FROM {table} WHERE {cell} IS NOT NULL)
            WHERE n % {1 + filled // _SAMPLE} = 0"""
    )
    number = f"TRY_CAST({cell} AS DOUBLE)"
    seen, numeric, middle = connection.sql(
        f"""SELECT count(*), count({number}) FILTER (isfinite({number})),
            median({number}) FILTER (isfinite({number})) FROM sampled"""
    ).fetchall()[0]
    if numeric >= _USABLE_SHARE * seen:
        reading = _numeric(connection, cell, middle)
    else:
        reading = _written(connection, cell)
    good = _count(connection, "sampled", reading.sql)
    if good < _USABLE_SHARE * seen:
        rows = connection.sql(
            f"SELECT DISTINCT {cell} FROM sampled WHERE ({reading.sql}) IS NULL ORDER BY 1 LIMIT 3"
        ).fetchall()
        raise DataError(
            f"expected times in column {column!r} of {file} (such as 2024-01-31 18:30, or seconds"
            " since 1970)",
            f"{1 - good / seen:.0%} of values that are none, such as "
            + ", ".join(repr(value[:40]) for (value,) in rows),
            "Choose another column, or none: --map timestamp=",
        )
    _refuse_ambiguous(connection, table, cell, reading, column=column, file=file)
    return reading


def _count(connection: duckdb.DuckDBPyConnection, table: str, sql: str) -> int:
    return int(connection.sql(f"SELECT count({sql}) FROM {table}").fetchall()[0][0])


def _bounded(seconds: str) -> str:
    return (
        f"CASE WHEN {seconds} >= {_EARLIEST} AND {seconds} < {_LATEST}"
        f" THEN CAST(floor({seconds}) AS BIGINT) END"
    )


def _strptime(cell: str, forms: tuple[str, ...]) -> str:
    listed = ", ".join(f"'{form}'" for form in forms)
    return _bounded(f"epoch(try_strptime({cell}, [{listed}]))")


def _numeric(connection: duckdb.DuckDBPyConnection, cell: str, middle: float) -> TimeReading:
    number = f"TRY_CAST({cell} AS DOUBLE)"
    if any(low <= middle < high for low, high in _COMPACT_RANGES):
        compact = _strptime(cell, _COMPACT)
        if _count(connection, "sampled", compact) >= 0.99 * _count(connection, "sampled", number):
            return TimeReading(TimeKind.CLOCK, compact, "is not a date like 20240131")
    if 0 <= middle < POSITION_LIMIT:
        sql = (
            f"CASE WHEN {number} >= 0 AND {number} < {POSITION_LIMIT}"
            f" THEN CAST(floor({number}) AS BIGINT) END"
        )
        return TimeReading(TimeKind.ORDER, sql, "is not a position like the others")
    parts = next((parts for limit, parts in _UNITS if middle < limit), 1)
    # Whole numbers are divided as such: a double tells nanoseconds only to some 200 of them.
    whole = f"CASE WHEN NOT contains({cell}, '.') THEN TRY_CAST({cell} AS BIGINT) END"
    seconds = f"COALESCE(({whole}) // {parts}, {number} / {parts})"
    return TimeReading(
        TimeKind.CLOCK, _bounded(seconds), "is not a time between 1970 and 2100 like the others"
    )


def _written(connection: duckdb.DuckDBPyConnection, cell: str) -> TimeReading:
    forms = [_strptime(cell, listed) for listed in (*_TEXT_FORMS, _MONTH_FIRST, _DAY_FIRST)]
    counts = {
        sql: _count(connection, "sampled", sql)
        for sql in (_bounded(f"epoch(TRY_CAST({cell} AS TIMESTAMPTZ))"), *forms)
    }
    best = max(counts, key=counts.__getitem__)
    return TimeReading(TimeKind.CLOCK, best, "is not a time between 1970 and 2100")


def _refuse_ambiguous(
    connection: duckdb.DuckDBPyConnection,
    table: str,
    cell: str,
    reading: TimeReading,
    *,
    column: str,
    file: str,
) -> None:
    """Refuse dates that could all be read month first or day first."""
    month, day = _strptime(cell, _MONTH_FIRST), _strptime(cell, _DAY_FIRST)
    if reading.sql not in (month, day):
        return
    by_month, by_day, different = connection.sql(
        f"SELECT count({month}), count({day}), count(*) FILTER ({month} <> {day}) FROM {table}"
    ).fetchall()[0]
    if different and by_month == by_day:
        raise DataError(
            f"expected dates in column {column!r} of {file} that tell day from month",
            "only dates such as 03/04/2024",
            "Write them as 2024-04-03",
        )
