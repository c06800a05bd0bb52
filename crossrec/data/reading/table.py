"""A file as text cells with true line numbers, whatever its format."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa

from crossrec.data.reading.rejects import LINE, RejectTable
from crossrec.data.reading.roles import with_role
from crossrec.data.sources.opening import open_parts
from crossrec.data.sources.part import Part, collect, no_rows
from crossrec.data.sources.staging import Staging, stage

_SAMPLED = 200


@dataclass(frozen=True)
class RawTable:
    """The cells of a file as text.

    Attributes:
        file: the file's name, for messages.
        columns: the headers, stripped, in file order.
        cells: the column :data:`~crossrec.data.rejects.LINE` (int64; the row number for Parquet),
            then one string column ``c0, c1, ...`` per header.
        encoding: of the text, such as "utf-8-sig" or "gb18030"; the format where it is not text.
        rejects: lines that are not rows of this table.
        part: what else is known about it.
    """

    file: str
    columns: tuple[str, ...]
    cells: pa.Table
    encoding: str
    rejects: RejectTable
    part: Part

    def cell(self, column: str) -> str:
        """The name in :attr:`cells` of the column with this header."""
        return f"c{self.columns.index(column)}"

    def sample(self, n: int = _SAMPLED) -> Mapping[str, Sequence[object]]:
        """The first values of every column."""
        head = self.cells.slice(0, n)
        return {name: head[f"c{i}"].to_pylist() for i, name in enumerate(self.columns)}


def read_table(path: Path | str, *, limit: int | None = None, role: str = "") -> RawTable:
    """Read CSV, TSV, JSONL, Parquet or a workbook, plain or packed.

    The content decides, not the file name. Of an archive with several files, or a workbook with
    several sheets, the first is read.

    Args:
        path: the file.
        limit: read about this many rows only, for a preview; a large file is then looked at in
            its beginning only.
        role: "interactions", "items" or "users": of several tables the first of this role is read.

    Raises:
        FileUnreadable: missing, a directory, empty, only a header, or not such a file.
    """
    with stage() as place:
        parts = open_parts(Path(path), place, preview=limit is not None)
        part = (with_role(parts, role, None, []) if role else parts)[0]
        return whole_table(part, place, limit=limit)


def whole_table(part: Part, place: Staging, *, limit: int | None = None) -> RawTable:
    """All cells of a part, or about the first ``limit`` rows of them.

    Raises:
        FileUnreadable: there is no row, or the file went away.
    """
    cells = _Cells(len(part.columns))
    rejects = collect(part, place, ", ".join(f"c{i}" for i in range(len(part.columns))), cells)
    table = cells.table()
    if limit is not None:
        table = table.slice(0, limit)
    if not table.num_rows and not len(rejects):
        raise no_rows(part.name)
    return RawTable(part.name, part.columns, table, part.encoding, rejects, part)


class _Cells:
    """Keeps whole rows."""

    def __init__(self, width: int) -> None:
        self._names = [LINE, *(f"c{i}" for i in range(width))]
        self.begin(None)

    def begin(self, first_line: int | None) -> None:
        self._line = first_line
        self._blocks: list[pa.Table] = []

    def add(self, rows: pa.Table) -> None:
        if self._line is not None:
            numbers = pa.array(range(self._line, self._line + rows.num_rows), pa.int64())
            rows = rows.add_column(0, LINE, numbers)
            self._line += rows.num_rows
        self._blocks.append(rows)

    def table(self) -> pa.Table:
        types = [pa.int64(), *[pa.string()] * (len(self._names) - 1)]
        schema = pa.schema(list(zip(self._names, types, strict=True)))
        return pa.concat_tables([schema.empty_table(), *(b.cast(schema) for b in self._blocks)])
