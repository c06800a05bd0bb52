"""What a time column means: clock times in many spellings, or positions in a user's history."""

import re
from dataclasses import dataclass

import duckdb
import pyarrow as pa

from crossrec.data.log import TimeKind
from crossrec.data.phrases import phrase
from crossrec.data.reading.cells import literal
from crossrec.data.reading.coding import filled
from crossrec.data.sources.staging import registered
from crossrec.errors import DataError

POSITION_LIMIT = 1_000_000
"""Whole numbers below this are positions, not seconds (they would all fall in January 1970)."""
_EARLIEST, _LATEST = 86_400, 4_102_444_800
"""Accepted clock times: 1970-01-02 up to 2100-01-01, seconds UTC."""
_UNITS = (
    (1e11, 1, "seconds"),
    (1e14, 1_000, "milliseconds"),
    (1e17, 1_000_000, "microseconds"),
    (1e20, 1_000_000_000, "nanoseconds"),
)
"""Typical size below -> parts of a second, and their name."""
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
_REGIONS = frozenset(
    ["Africa", "America", "Antarctica", "Asia", "Atlantic", "Australia", "Europe", "Indian",
     "Pacific"]
)  # fmt: skip
_CELL = "time_cell"
"""Stands for the cell in the SQL of a reading."""
_NOTHING = r"\s*(0+([.]0*)?|(19)?70([-/.]0?1){2}([ T].*)?|0?1[/.-]0?1[/.-](19)?70([ T].*)?)\s*"
NO_CLOCK = phrase("no_clock")
"""Why such a time is rejected."""


@dataclass(frozen=True)
class TimeReading:
    """How to read a time column.

    Attributes:
        kind: what the numbers mean.
        form: SQL over ``{cell}`` that gives int64 (seconds or positions), NULL where a value
            cannot be read.
        reason: why a value that cannot be read is rejected.
        said: the reading in words, such as "milliseconds since 1970".
    """

    kind: TimeKind
    form: str = "CAST(NULL AS BIGINT)"
    reason: str = ""
    said: str = ""

    def sql(self, cell: str) -> str:
        """The expression over one cell without outer space."""
        return self.form.replace(_CELL, cell)

    def why_not(self, value: str) -> str:
        """Why a value cannot be read."""
        if not value:
            return phrase("no_time")
        if self.kind is TimeKind.CLOCK and re.fullmatch(_NOTHING, value):
            return NO_CLOCK
        return self.reason


def recognise(
    connection: duckdb.DuckDBPyConnection,
    sample: pa.Array | pa.ChunkedArray,
    *,
    column: str,
    file: str,
    zone: str = "UTC",
) -> TimeReading:
    """Find the one reading of a text column that most of its values follow.

    Whole numbers below :data:`POSITION_LIMIT` are positions (``TimeKind.ORDER``): the order inside
    a user's history. Larger numbers are epoch seconds, milli-, micro- or nanoseconds by their
    median, or dates like 20240131. Text is ISO 8601 or a common written form; without a time
    zone it is taken in ``zone``. A column without any value is no time (``TimeKind.NONE``).

    Args:
        connection: its time zone is set to ``zone``.
        sample: text values from all over the file.
        column: the column's name in the file, for messages.
        file: the file's name, for messages.
        zone: name of a time zone, such as "Asia/Shanghai".

    Raises:
        DataError: fewer than half of the values can be read, or day and month cannot be told, or
            there is no such time zone.
    """
    _set_zone(connection, zone)
    texts = pa.chunked_array([sample]) if isinstance(sample, pa.Array) else sample
    values = filled(texts.cast(pa.string()).combine_chunks()).drop_null()
    with registered(connection, "given", pa.table({_CELL: values})):
        connection.execute("CREATE OR REPLACE TEMP TABLE sampled AS SELECT * FROM given")
    number = f"TRY_CAST({_CELL} AS DOUBLE)"
    seen, numeric, middle = connection.sql(
        f"""SELECT count(*), count({number}) FILTER (isfinite({number})),
            median({number}) FILTER (isfinite({number})) FROM sampled"""
    ).fetchall()[0]
    if not seen:
        return TimeReading(TimeKind.NONE)
    if numeric >= _USABLE_SHARE * seen:
        reading = _numeric(connection, middle, zone)
    else:
        reading = _written(connection, zone)
    good = _count(connection, reading.form)
    if good < _USABLE_SHARE * seen:
        rows = connection.sql(
            f"SELECT DISTINCT {_CELL} FROM sampled WHERE ({reading.form}) IS NULL ORDER BY 1"
            " LIMIT 3"
        ).fetchall()
        raise DataError(
            f"expected times in column {column!r} of {file} (such as 2024-01-31 18:30, or seconds"
            " since 1970)",
            f"{1 - good / seen:.0%} of values that are no times, such as "
            + ", ".join(repr(value[:40]) for (value,) in rows),
            "Choose another column, or none: --map timestamp=",
        )
    _refuse_ambiguous(connection, reading, zone, column=column, file=file)
    return reading


def time_zones() -> list[str]:
    """Names of time zones, UTC first, then those of places by name."""
    with duckdb.connect() as connection:
        found = connection.sql("SELECT name FROM pg_timezone_names() ORDER BY name").fetchall()
    names = [name for (name,) in found]
    places = [name for name in names if name.partition("/")[0] in _REGIONS]
    return ["UTC", *places]


def _set_zone(connection: duckdb.DuckDBPyConnection, zone: str) -> None:
    try:
        connection.execute(f"SET TimeZone={literal(zone)}")
    except duckdb.Error as error:
        raise DataError(
            "expected the name of a time zone", repr(zone), "Write it like Asia/Shanghai or UTC"
        ) from error


def _count(connection: duckdb.DuckDBPyConnection, sql: str) -> int:
    return int(connection.sql(f"SELECT count({sql}) FROM sampled").fetchall()[0][0])


def _bounded(seconds: str) -> str:
    return (
        f"CASE WHEN {seconds} >= {_EARLIEST} AND {seconds} < {_LATEST}"
        f" THEN CAST(floor({seconds}) AS BIGINT) END"
    )


def _strptime(forms: tuple[str, ...], zone: str) -> str:
    listed = ", ".join(f"'{form}'" for form in forms)
    local = f"try_strptime({_CELL}, [{listed}])"
    # A form with an offset of its own gives an instant already.
    if zone != "UTC" and not any("%z" in form for form in forms):
        local = f"timezone({literal(zone)}, {local})"
    return _bounded(f"epoch({local})")


def _numeric(connection: duckdb.DuckDBPyConnection, middle: float, zone: str) -> TimeReading:
    number = f"TRY_CAST({_CELL} AS DOUBLE)"
    if any(low <= middle < high for low, high in _COMPACT_RANGES):
        compact = _strptime(_COMPACT, zone)
        if _count(connection, compact) >= 0.99 * _count(connection, number):
            return TimeReading(TimeKind.CLOCK, compact, phrase("no_date"), phrase("compact"))
    if 0 <= middle < POSITION_LIMIT:
        sql = (
            f"CASE WHEN {number} >= 0 AND {number} < {POSITION_LIMIT}"
            f" THEN CAST(floor({number}) AS BIGINT) END"
        )
        return TimeReading(TimeKind.ORDER, sql, phrase("no_position"), phrase("positions"))
    parts, said = next(
        ((parts, said) for limit, parts, said in _UNITS if middle < limit), (1, "seconds")
    )
    # Whole numbers are divided as such: a double tells nanoseconds only to some 200 of them.
    whole = f"CASE WHEN NOT contains({_CELL}, '.') THEN TRY_CAST({_CELL} AS BIGINT) END"
    seconds = f"COALESCE(({whole}) // {parts}, {number} / {parts})"
    return TimeReading(
        TimeKind.CLOCK,
        _bounded(seconds),
        phrase("outside"),
        phrase(f"epoch_{said}"),
    )


def _written(connection: duckdb.DuckDBPyConnection, zone: str) -> TimeReading:
    forms = {
        _bounded(f"epoch(TRY_CAST({_CELL} AS TIMESTAMPTZ))"): "iso",
        **{_strptime(listed, zone): "written" for listed in _TEXT_FORMS},
        _strptime(_MONTH_FIRST, zone): "month_first",
        _strptime(_DAY_FIRST, zone): "day_first",
    }
    best = max(forms, key=lambda sql: _count(connection, sql))
    return TimeReading(TimeKind.CLOCK, best, phrase("unreadable"), phrase(forms[best]))


def _refuse_ambiguous(
    connection: duckdb.DuckDBPyConnection,
    reading: TimeReading,
    zone: str,
    *,
    column: str,
    file: str,
) -> None:
    """Refuse dates that could all be read month first or day first."""
    month, day = _strptime(_MONTH_FIRST, zone), _strptime(_DAY_FIRST, zone)
    if reading.form not in (month, day):
        return
    by_month, by_day, different = connection.sql(
        f"SELECT count({month}), count({day}), count(*) FILTER ({month} <> {day}) FROM sampled"
    ).fetchall()[0]
    if different and by_month == by_day:
        raise DataError(
            f"expected dates in column {column!r} of {file} that tell day from month",
            "only dates such as 03/04/2024",
            "Write them as 2024-04-03",
        )
