"""What a time column means: clock times in many spellings, or positions in a user's history."""

import time
from dataclasses import dataclass

import duckdb
import pyarrow as pa

from crossrec.data.log import TimeKind
from crossrec.data.meaning.clock_forms import CELL
from crossrec.data.meaning.time_numbers import number_forms
from crossrec.data.meaning.time_reasons import why_not
from crossrec.data.meaning.time_texts import text_forms
from crossrec.data.phrases import phrase
from crossrec.data.reading.cells import literal
from crossrec.data.reading.coding import filled
from crossrec.data.sources.staging import registered
from crossrec.errors import DataError

_USABLE_SHARE = 0.5
_REGIONS = frozenset(
    ["Africa", "America", "Antarctica", "Asia", "Atlantic", "Australia", "Europe", "Indian",
     "Pacific"]
)  # fmt: skip


@dataclass(frozen=True)
class TimeReading:
    """How to read a time column.

    Attributes:
        kind: what the numbers mean.
        form: SQL over the cell :data:`~crossrec.data.meaning.clock_forms.CELL` that gives int64
            (seconds or positions), NULL where a value cannot be read.
        words: the phrases of its forms, the most important first.
    """

    kind: TimeKind
    form: str = "CAST(NULL AS BIGINT)"
    words: tuple[str, ...] = ()

    @property
    def said(self) -> str:
        """The reading in words, such as "milliseconds since 1970"."""
        if len(self.words) < 2:
            return "".join(map(phrase, self.words))
        if set(self.words) == {"epoch_seconds", "epoch_milliseconds"}:
            return phrase("epoch_mixed")
        return phrase("several", forms=" / ".join(map(phrase, self.words)))

    def sql(self, cell: str) -> str:
        """The expression over one cell without outer space."""
        return self.form.replace(CELL, cell)

    def why_not(self, value: str) -> str:
        """Why a value cannot be read."""
        return why_not(value, self.kind, self.words)


def recognise(
    connection: duckdb.DuckDBPyConnection,
    sample: pa.Array | pa.ChunkedArray,
    *,
    column: str,
    file: str,
    zone: str = "UTC",
    now: float | None = None,
) -> TimeReading:
    """Find how the values of a text column tell time.

    Numbers are read by their size, value by value: seconds, milli-, micro- and nanoseconds since
    1970, .NET and Windows ticks, dates like 20240131. Small numbers are minutes, hours or days
    since 1970, or day numbers of Excel, where the whole column lies in plausible years and repeats
    itself as times do; else they are positions (``TimeKind.ORDER``): the order inside a user's
    history. Text is ISO 8601 or a common written form, and several forms may stand in one column.
    What names no time zone is taken in ``zone``. A column without any value is no time
    (``TimeKind.NONE``).

    Args:
        connection: its time zone is set to ``zone``.
        sample: text values from all over the file.
        column: the column's name in the file, for messages.
        file: the file's name, for messages.
        zone: name of a time zone, such as "Asia/Shanghai".
        now: seconds since 1970; small numbers that mean a time long after it are no times.

    Raises:
        DataError: fewer than half of the values can be read, or day and month cannot be told, or
            there is no such time zone.
    """
    _set_zone(connection, zone)
    texts = pa.chunked_array([sample]) if isinstance(sample, pa.Array) else sample
    values = filled(texts.cast(pa.string()).combine_chunks()).drop_null()
    if not len(values):
        return TimeReading(TimeKind.NONE)
    with registered(connection, "given", pa.table({CELL: values})):
        connection.execute("CREATE OR REPLACE TEMP TABLE sampled AS SELECT * FROM given")
    written = text_forms(connection, zone, column=column, file=file)
    numbers = number_forms(connection, zone, time.time() if now is None else now, written.count)
    if numbers.positions:
        reading = TimeReading(TimeKind.ORDER, numbers.sql, numbers.words)
    else:
        parts = [part for part in (numbers, written) if part.count]
        parts.sort(key=lambda part: -part.count)
        sql = "CAST(NULL AS BIGINT)"
        if parts:
            sql = parts[0].sql if len(parts) == 1 else f"COALESCE({parts[0].sql}, {parts[1].sql})"
        words = dict.fromkeys(word for part in parts for word in part.words)
        reading = TimeReading(TimeKind.CLOCK, sql, tuple(words))
    _refuse_unread(connection, reading, len(values), column=column, file=file)
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


def _refuse_unread(
    connection: duckdb.DuckDBPyConnection,
    reading: TimeReading,
    seen: int,
    *,
    column: str,
    file: str,
) -> None:
    """Refuse a column most of whose values are no times."""
    good = connection.sql(f"SELECT count({reading.form}) FROM sampled").fetchall()[0][0]
    if good >= _USABLE_SHARE * seen:
        return
    rows = connection.sql(
        f"SELECT DISTINCT {CELL} FROM sampled WHERE ({reading.form}) IS NULL ORDER BY 1 LIMIT 3"
    ).fetchall()
    raise DataError(
        f"expected times in column {column!r} of {file} (such as 2024-01-31 18:30, or seconds"
        " since 1970)",
        f"{1 - good / seen:.0%} of values that are no times, such as "
        + ", ".join(repr(value[:40]) for (value,) in rows),
        "Choose another column, or none: --map timestamp=",
    )
