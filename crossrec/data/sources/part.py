"""One table of one file, ready to be read from DuckDB in its own order."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Protocol

import duckdb
import pyarrow as pa

from crossrec.data.formats.shape import Shape
from crossrec.data.reading.rejects import LINE, RejectList, RejectTable
from crossrec.data.sources.staging import Staging, registered, unchanged
from crossrec.errors import FileUnreadable

BATCH = 2_000_000
"""Rows are handed on in blocks of about this many."""
_LOST = ("IO Error", "Out of Memory Error")


@dataclass(frozen=True)
class Repaired:
    """What the careful way gives: SQL over ``line, c0, c1, ...``, and its number of rows."""

    relation: str
    rows: int


@dataclass(frozen=True)
class Part:
    """A table of text cells.

    Attributes:
        name: of the file, for messages.
        path: the plain file it is read from.
        columns: the headers, stripped, in file order.
        kind: "csv", "jsonl", "parquet" or "xlsx".
        encoding: of the text; the kind where it is not text.
        delimiter: between values of a CSV file, else "".
        sample: some rows from all over the file, columns ``c0, c1, ...``.
        fast: SQL over ``c0, c1, ...`` in file order, one line per row; "" where there is none.
        rows: what ``fast`` must give; anything else means it has misread the file.
        first_line: of the first row of ``fast``.
        repair: the careful way; it appends to the list what is no row.
        shape: the well-known layout it follows, if any.
        sheet: name of the sheet of a workbook.
        member: path inside an archive, "" where it lies in none.
        note: what a person should know of how it was found.
    """

    name: str
    path: Path
    columns: tuple[str, ...]
    kind: str
    encoding: str
    delimiter: str
    sample: pa.Table
    fast: str
    rows: int
    first_line: int
    repair: Callable[[RejectList], Repaired]
    shape: Shape | None = None
    sheet: str = ""
    member: str = ""
    note: str = ""

    def cell(self, column: str) -> str:
        """The name of the cell of the column with this header."""
        return f"c{self.columns.index(column)}"

    def examples(self) -> Mapping[str, pa.ChunkedArray]:
        """The values of every column in the sample."""
        return {name: self.sample[f"c{i}"] for i, name in enumerate(self.columns)}


def shaped(part: Part, shape: Shape | None, staging: Staging) -> Part:
    """A table as its layout has it: with the rows the layout derives, where it derives any."""
    if shape is None or not shape.select:
        return replace(part, shape=shape)
    numbers = pa.array(range(part.sample.num_rows), pa.int64())
    with registered(staging.connection, "cells", part.sample.add_column(0, LINE, numbers)):
        query = f"SELECT * EXCLUDE ({LINE}) FROM ({shape.select})"
        sample = staging.connection.sql(query).to_arrow_table()

    def repair(rejects: RejectList) -> Repaired:
        repaired = part.repair(rejects)
        made = f"(WITH cells AS (FROM {repaired.relation}) {shape.select})"
        return Repaired(made, repaired.rows)

    # Derived rows are made from the careful copy, which knows their lines.
    return replace(part, columns=shape.derived, sample=sample, fast="", repair=repair, shape=shape)


class Collector(Protocol):
    """Takes the rows of a part block by block."""

    def begin(self, first_line: int | None) -> None:
        """Rows follow; where None, their column ``line`` tells their lines.

        Called again to start over: what came since the last call was misread.
        """
        ...

    def add(self, rows: pa.Table) -> None:
        """The next rows."""
        ...


def collect(part: Part, staging: Staging, select: str, collector: Collector) -> RejectTable:
    """Read all rows of a part, the fast way if that accounts for every line.

    Args:
        part: the table.
        staging: where it is read.
        select: SQL for the wanted columns over the cells, such as ``"c0, upper(c1) AS name"``.
        collector: takes them.

    Returns:
        The lines that are no rows.

    Raises:
        FileUnreadable: the file is gone, or was changed while it was read.
    """
    rejects = RejectList(part.name)
    with unchanged(part.path, part.name):
        if part.fast and _fast(part, staging, select, collector):
            return rejects.table()
        repaired = part.repair(rejects)
        collector.begin(None)
        query = f"SELECT {LINE}, {select} FROM {repaired.relation}"
        for block in _blocks(staging.connection, query):
            collector.add(block)
    return rejects.table()


def _fast(part: Part, staging: Staging, select: str, collector: Collector) -> bool:
    collector.begin(part.first_line)
    rows = 0
    try:
        for block in _blocks(staging.connection, f"SELECT {select} FROM {part.fast}"):
            rows += block.num_rows
            collector.add(block)
    except (duckdb.IOException, duckdb.OutOfMemoryException):
        raise
    except duckdb.Error:
        # Not an error yet: the careful way says which lines are wrong.
        return False
    except (pa.ArrowException, OSError) as error:
        # The same errors, met while rows are flowing already, come through Arrow.
        if str(error).startswith(_LOST):
            raise
        return False
    return rows == part.rows


def _blocks(connection: duckdb.DuckDBPyConnection, query: str) -> Iterator[pa.Table]:
    """The rows of a query in their order, about :data:`BATCH` at a time."""
    held: list[pa.RecordBatch] = []
    rows = 0
    for batch in connection.sql(query).to_arrow_reader(BATCH):
        held.append(batch)
        rows += batch.num_rows
        if rows >= BATCH:
            yield pa.Table.from_batches(held)
            held, rows = [], 0
    if held:
        yield pa.Table.from_batches(held)


def no_rows(name: str) -> FileUnreadable:
    """The error for a file that holds only its column names."""
    return FileUnreadable(
        f"expected rows in {name}", "only a header", "Choose a file that holds data"
    )
