"""Rows that cannot be used: kept with file, line, column, value and reason; limited in number.

They may be many: they are held as columns, not as objects.
"""

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import duckdb
import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.csv as pv

from crossrec.data.arrow import part, replaced
from crossrec.data.log import Reject
from crossrec.errors import TooManyRejects

LINE = "line"
"""Name of the column that holds the true line number of a row."""
VALUE_LENGTH = 200
"""Longer values are cut in the list of rejects."""
COLUMNS = ("file", "line", "column", "value", "reason")
_SCHEMA = pa.schema(
    [(name, pa.int64() if name == "line" else pa.large_string()) for name in COLUMNS]
)
_BLOCK = 50_000
_FORMULA = r"^([=+\-@\t\r])"


class RejectTable(Sequence[Reject]):
    """Rejected rows as columns; reads like a tuple of :class:`~crossrec.data.log.Reject`.

    Args:
        table: the columns ``file, line, column, value, reason``.
    """

    def __init__(self, table: pa.Table) -> None:
        self.table = table

    @classmethod
    def of(cls, rows: Iterable[Reject] = ()) -> "RejectTable":
        """From single rows; a table stays as it is."""
        if isinstance(rows, RejectTable):
            return rows
        columns = list(
            zip(*((r.file, r.line, r.column, r.value, r.reason) for r in rows), strict=True)
        )
        columns = columns or [()] * len(COLUMNS)
        return cls(pa.table([list(column) for column in columns], schema=_SCHEMA))

    def __len__(self) -> int:
        return self.table.num_rows

    # No typing.overload: its registry outlives duckdb, which then complains of leaks at exit.
    def __getitem__(self, index: Any) -> Any:
        if isinstance(index, slice):
            return RejectTable(
                self.table.take(pa.array(range(*index.indices(len(self))), pa.int64()))
            )
        if not -len(self) <= index < len(self):
            raise IndexError(index)
        row = self.table.slice(index % len(self), 1).to_pylist()[0]
        return Reject(**row)

    def __iter__(self) -> Iterator[Reject]:
        for batch in self.table.to_batches(_BLOCK):
            for row in batch.to_pylist():
                yield Reject(**row)

    def __eq__(self, other: object) -> bool:
        if isinstance(other, RejectTable):
            return self.table.equals(other.table)
        return isinstance(other, (tuple, list)) and list(self) == list(other)

    __hash__ = None  # type: ignore[assignment]

    def by_line(self) -> "RejectTable":
        """The same in the order of their lines."""
        order = np.argsort(self.table["line"].to_numpy(), kind="stable")
        return RejectTable(self.table.take(order).combine_chunks())

    def to_frame(self) -> pd.DataFrame:
        """One row per reject."""
        return self.table.to_pandas()

    def to_columns(self) -> list[tuple[str, np.ndarray]]:
        """Names and values, shape (n,): object strings, and int64 for the line."""
        return [
            (name, self.table[name].to_numpy().astype(np.int64 if name == "line" else object))
            for name in COLUMNS
        ]

    @classmethod
    def of_columns(cls, columns: Sequence[np.ndarray]) -> "RejectTable":
        """From the values of :meth:`to_columns`."""
        arrays = [
            pa.array(column, field.type) for column, field in zip(columns, _SCHEMA, strict=True)
        ]
        return cls(pa.table(arrays, schema=_SCHEMA))

    def write_csv(self, path: Path) -> None:
        """Write CSV for people: UTF-8 with a mark, so that table programs read it.

        A text that such a program would take as a formula gets an apostrophe before it.
        """
        safe = [
            column if name == "line" else replaced(column, _FORMULA, r"'\1")
            for name, column in zip(COLUMNS, self.table.columns, strict=True)
        ]
        with path.open("wb") as stream:
            stream.write(b"\xef\xbb\xbf")
            pv.write_csv(pa.table(safe, names=list(COLUMNS)), stream)


class RejectList:
    """Rejects of one file while it is read.

    Args:
        file: its name.
    """

    def __init__(self, file: str) -> None:
        self._file = file
        self._rows: list[tuple[str, int, str, str, str]] = []
        self._blocks: list[pa.Table] = []

    def add(self, line: int, column: str, value: str | None, reason: str) -> None:
        """Set one row aside."""
        shown = (value or "")[:VALUE_LENGTH].encode(errors="replace").decode()
        self._rows.append((self._file, line, column, shown, reason))
        if len(self._rows) == _BLOCK:
            self._flush()

    def extend(
        self, lines: np.ndarray, column: str, values: pa.Array | pa.ChunkedArray, reason: str
    ) -> None:
        """Set many rows aside for one reason; shapes (n,)."""
        n = len(lines)
        shown = part(values.cast(pa.large_string()), 0, VALUE_LENGTH)
        columns = [
            pa.repeat(pa.scalar(self._file, pa.large_string()), n),
            pa.array(lines, pa.int64()),
            pa.repeat(pa.scalar(column, pa.large_string()), n),
            shown.fill_null(""),
            pa.repeat(pa.scalar(reason, pa.large_string()), n),
        ]
        self._blocks.append(pa.table(columns, schema=_SCHEMA))

    def __len__(self) -> int:
        return len(self._rows) + sum(block.num_rows for block in self._blocks)

    def table(self) -> RejectTable:
        """All of them by line."""
        self._flush()
        return RejectTable(pa.concat_tables([_SCHEMA.empty_table(), *self._blocks])).by_line()

    def _flush(self) -> None:
        if self._rows:
            columns = [list(column) for column in zip(*self._rows, strict=True)]
            self._blocks.append(pa.table(columns, schema=_SCHEMA))
            self._rows = []


def joined(tables: Sequence[RejectTable]) -> RejectTable:
    """The rejects of several files, one file after the other."""
    return RejectTable(pa.concat_tables([_SCHEMA.empty_table(), *(each.table for each in tables)]))


class Fault(NamedTuple):
    """A kind of bad row: the header at fault, the SQL test, the cell to show, the reason."""

    column: str
    test: str
    value: str
    reason: str


def fault_columns(faults: Sequence[Fault]) -> str:
    """SQL columns ``fault`` (number of the first fault that applies, or NULL) and ``value``."""
    number = " ".join(f"WHEN {fault.test} THEN {i}" for i, fault in enumerate(faults))
    value = " ".join(f"WHEN {fault.test} THEN {fault.value}" for fault in faults)
    return f"CASE {number} END AS fault, CASE {value} END AS value"


def set_aside(
    connection: duckdb.DuckDBPyConnection, judged: str, faults: Sequence[Fault], rejects: RejectList
) -> None:
    """Add the faulty rows of the table ``judged`` to ``rejects``."""
    for at, fault in enumerate(faults):
        rows = connection.sql(
            f"SELECT {LINE}, CAST(value AS VARCHAR) AS value FROM {judged} WHERE fault = {at}"
        ).to_arrow_table()
        if rows.num_rows:
            rejects.extend(rows[LINE].to_numpy(), fault.column, rows["value"], fault.reason)


def check_share(rejects: RejectTable, read: int, limit: float, name: str) -> None:
    """Stop an import that would leave out too much.

    Args:
        rejects: of all its files.
        read: number of rows, the rejected ones included.
        limit: highest share of them, in [0, 1].
        name: what to call the files.

    Raises:
        TooManyRejects: more than ``limit`` of all rows, or all of them.
    """
    bad = len(rejects)
    if bad <= limit * read and bad < read:
        return
    groups = rejects.table.group_by(["reason", "column"], use_threads=False).aggregate(
        [("line", "count"), ("line", "min"), ("value", "first")]
    )
    worst = sorted(groups.to_pylist(), key=lambda group: -group["line_count"])[:3]
    reasons = [
        f"{group['line_count']:,} x {group['reason']}"
        + _where(group["column"], group["value_first"], group["line_min"])
        for group in worst
    ]
    raise TooManyRejects(
        f"expected at most {limit * 100:.6g}% bad rows in {name}",
        f"{bad:,} of {read:,}: {'; '.join(reasons)}",
        "Check which column is which (--map), or repair the file",
    )


def _where(column: str, value: str, line: int) -> str:
    """Where a reject stands, with its value if that is one cell."""
    if not column:
        return f" (line {line})"
    return f" (column {column!r}, such as {value[:40]!r})" if value else f" (column {column!r})"
