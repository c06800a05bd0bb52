"""A file as text cells with true line numbers, whatever its format.

Two ways lead there. DuckDB reads well-formed CSV fast. Whatever it refuses, or counts otherwise
than the file's physical lines (quoted line breaks, blank lines), goes to the careful reader, which
accounts for every line: DuckDB's own line numbers drift after a quoted line break, and a quotation
mark that is never closed would swallow the rest of the file.
"""

import codecs
import csv
import gzip
import io
import zlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import IO

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from crossrec.data.log import Reject
from crossrec.errors import FileUnreadable

LINE = "line"
"""Name of the line-number column of :attr:`RawTable.cells`."""
_GZIP, _PARQUET = b"\x1f\x8b", b"PAR1"
_MAGIC = {
    b"PK\x03\x04": "an Excel or zip file",
    b"\xd0\xcf\x11\xe0": "an old Excel file",
    b"%PDF": "a PDF file",
    b"\x89PNG": "a picture",
    b"\xff\xd8\xff": "a picture",
    b"SQLite format 3": "an SQLite database",
    b"7z\xbc\xaf": "a 7z archive",
    b"\x28\xb5\x2f\xfd": "a Zstandard archive",
    b"BZh": "a bzip2 archive",
    b"\xfd7zXZ": "an xz archive",
}
_UTF16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
_DELIMITERS = ",\t;|"
_BLOCK = 1 << 20
_ROWS = 50_000
_SHOWN = 200
_SAVE_AS = "Save it as CSV (UTF-8), TSV, either of them gzipped, or Parquet"


@dataclass(frozen=True)
class RawTable:
    """The cells of a file as text.

    Attributes:
        file: the file's name, for messages.
        columns: the headers, stripped, in file order.
        cells: the column :data:`LINE` (int64; the row number for Parquet), then one string
            column ``c0, c1, ...`` per header.
        encoding: of the text: "utf-8-sig", "utf-16" or "gb18030"; "parquet" for Parquet.
        rejects: lines that are not rows of this table.
    """

    file: str
    columns: tuple[str, ...]
    cells: pa.Table
    encoding: str
    rejects: tuple[Reject, ...] = ()

    def cell(self, column: str) -> str:
        """The name in :attr:`cells` of the column with this header."""
        return f"c{self.columns.index(column)}"

    def sample(self, n: int = 200) -> Mapping[str, Sequence[object]]:
        """The first values of every column."""
        head = self.cells.slice(0, n)
        return {name: head[f"c{i}"].to_pylist() for i, name in enumerate(self.columns)}


@dataclass(frozen=True)
class _Survey:
    """What one pass over the bytes tells: see :func:`_survey`."""

    gzipped: bool
    encoding: str
    lines: int
    plain: bool


def read_table(path: Path | str, *, limit: int | None = None) -> RawTable:
    """Read CSV, TSV (UTF-8, UTF-16 with BOM, or GB18030; plain or gzipped) or Parquet.

    The content decides, not the file name.

    Args:
        path: the file.
        limit: read about this many rows only, for a preview.

    Raises:
        FileUnreadable: missing, a directory, empty, only a header, or not such a file.
    """
    path = Path(path)
    try:
        head = _head(path)
        if head.startswith(_PARQUET):
            table = _read_parquet(path, limit)
        else:
            table = _read_text(path, _survey(path, gzipped=head.startswith(_GZIP)), limit)
    except (EOFError, gzip.BadGzipFile, zlib.error) as error:
        raise FileUnreadable(
            f"expected a complete gzip file in {path.name}", str(error), "Copy the file again"
        ) from error
    except OSError as error:
        raise FileUnreadable(
            f"expected a readable file {path.name}", error.strerror or str(error)
        ) from error
    if not table.cells.num_rows and not table.rejects:
        raise FileUnreadable(
            f"expected rows in {path.name}", "only a header", "Choose a file that holds data"
        )
    return table


def _head(path: Path) -> bytes:
    if path.is_dir():
        raise FileUnreadable(f"expected a file, not {path.name!r}", "a folder", "Choose one file")
    if not path.exists():
        raise FileUnreadable(f"expected the file {path}", "nothing there", "Check the path")
    with path.open("rb") as stream:
        head = stream.read(16)
    if not head:
        raise FileUnreadable(
            f"expected data in {path.name}", "an empty file (0 bytes)", "Export the file again"
        )
    return head


def _open(path: Path, *, gzipped: bool) -> IO[bytes]:
    return gzip.open(path, "rb") if gzipped else path.open("rb")  # type: ignore[return-value]


def _survey(path: Path, *, gzipped: bool) -> _Survey:
    """One pass over the bytes: encoding, number of lines, and whether line ends are uniform."""
    utf8 = codecs.getincrementaldecoder("utf-8")()
    encoding, lines, returns, pairs, last = "utf-8-sig", 0, 0, 0, b""
    with _open(path, gzipped=gzipped) as stream:
        block = stream.read(_BLOCK)
        _refuse_binary(path, block)
        if block.startswith(_UTF16):
            return _Survey(gzipped, "utf-16", 0, plain=False)
        while block:
            if b"\0" in block:
                raise FileUnreadable(
                    f"expected a table of text in {path.name}", "binary data", _SAVE_AS
                )
            lines += block.count(b"\n")
            returns += block.count(b"\r")
            pairs += block.count(b"\r\n") + (last == b"\r" and block.startswith(b"\n"))
            last = block[-1:]
            if encoding == "utf-8-sig":
                try:
                    utf8.decode(block)
                except UnicodeDecodeError:
                    encoding = "gb18030"
            block = stream.read(_BLOCK)
    if encoding == "utf-8-sig":
        try:
            utf8.decode(b"", final=True)
        except UnicodeDecodeError:
            encoding = "gb18030"
    lines += last not in (b"\n", b"")
    return _Survey(gzipped, encoding, lines, plain=encoding == "utf-8-sig" and returns == pairs)


def _refuse_binary(path: Path, head: bytes) -> None:
    kind = next((what for magic, what in _MAGIC.items() if head.startswith(magic)), None)
    if kind is None and head.startswith(_PARQUET):
        kind = "Parquet inside gzip"
    if kind is None and head.lstrip()[:1] in (b"{", b"<"):
        kind = "JSON or a web page"
    if kind is not None:
        raise FileUnreadable(f"expected a table of text in {path.name}", kind, _SAVE_AS)


def _read_text(path: Path, survey: _Survey, limit: int | None) -> RawTable:
    try:
        with _open(path, gzipped=survey.gzipped) as stream:
            text = io.TextIOWrapper(stream, encoding=survey.encoding, newline="")
            columns, delimiter, first = _header(path.name, text)
            if survey.plain and first == 1 and limit is None:
                cells = _read_fast(path, survey, len(columns), delimiter)
                if cells is not None:
                    return RawTable(path.name, columns, cells, survey.encoding)
            rejects: list[Reject] = []
            records = _records(
                path.name, text, first, delimiter, width=len(columns), rejects=rejects
            )
            cells = _read_careful(islice(records, limit), len(columns))
    except UnicodeError as error:
        raise FileUnreadable(
            f"expected text in UTF-8 or GB18030 in {path.name}", "another encoding", _SAVE_AS
        ) from error
    return RawTable(path.name, columns, cells, survey.encoding, tuple(rejects))


def _header(file: str, text: IO[str]) -> tuple[tuple[str, ...], str, int]:
    """The column names, the delimiter, and the number of lines used; ``text`` moves past them."""
    line, count = text.readline(), 1
    while line and not line.strip():
        line, count = text.readline(), count + 1
    if not line:
        raise FileUnreadable(
            f"expected a header line in {file}", "only blank lines", "Choose a file with data"
        )
    delimiter = max(_DELIMITERS, key=lambda mark: _unquoted(line).count(mark))
    try:
        row = next(csv.reader([line], delimiter=delimiter, strict=True))
    except csv.Error as error:
        raise FileUnreadable(
            f"expected column names in the first line of {file}",
            f"{line[:60]!r} ({error})",
            "Write the names in one line, separated by commas",
        ) from error
    names = [name.strip() for name in row]
    return tuple(name or f"column {i}" for i, name in enumerate(names, 1)), delimiter, count


def _unquoted(line: str) -> str:
    return "".join(line.split('"')[::2])


def _read_fast(path: Path, survey: _Survey, width: int, delimiter: str) -> pa.Table | None:
    """All rows by DuckDB, or None where the file is not one well-formed row per line."""
    names = ", ".join(f"'c{i}': 'VARCHAR'" for i in range(width))
    query = f"""
        SELECT row_number() OVER () + 1 AS {LINE}, * FROM read_csv(
            $path, columns={{{names}}}, auto_detect=false, header=false, skip=1,
            delim='{delimiter}', quote='"', escape='"', all_varchar=true,
            compression='{"gzip" if survey.gzipped else "none"}')"""
    with duckdb.connect() as connection:
        try:
            cells = connection.sql(query, params={"path": _literal(path)}).to_arrow_table()
        except duckdb.Error:
            # Not an error yet: the careful reader says which lines are wrong.
            return None
    return cells if cells.num_rows == survey.lines - 1 else None


def _literal(path: Path) -> str:
    """The path for DuckDB, which would take ``*``, ``?`` and ``[`` as patterns."""
    return "".join(f"[{mark}]" if mark in "*?[" else mark for mark in str(path.resolve()))


def _read_careful(records: Iterator[list[int | str]], width: int) -> pa.Table:
    """All records (line, then cells) as one table."""
    schema = pa.schema([(LINE, pa.int64()), *((f"c{i}", pa.string()) for i in range(width))])
    blocks = [schema.empty_table()]
    while block := list(islice(records, _ROWS)):
        blocks.append(pa.table(list(zip(*block, strict=True)), schema=schema))
    return pa.concat_tables(blocks)


def _records(
    file: str, text: IO[str], line: int, delimiter: str, *, width: int, rejects: list[Reject]
) -> Iterator[list[int | str]]:
    """Yield the line and the cells of each good row; append the others to ``rejects``.

    A bad record over several lines gives one reject per line: what an open quotation mark has
    swallowed are rows too.
    """
    reader = csv.reader(text, delimiter=delimiter, strict=True)
    while True:
        first = line + reader.line_num + 1
        shown = ""
        try:
            row = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            reason = "a quotation mark is not closed or not doubled"
            if "field larger" in str(error):
                reason = "a value is too long; a quotation mark may not be closed"
        else:
            if len(row) == width:
                yield [first, *row]
                continue
            if not row:
                continue
            reason = f"{len(row)} values in a row of {width} columns"
            shown = delimiter.join(row)[:_SHOWN]
        last = max(first, line + reader.line_num)
        rejects += [Reject(file, at, "", shown, reason) for at in range(first, last + 1)]


def _read_parquet(path: Path, limit: int | None) -> RawTable:
    try:
        with pq.ParquetFile(path) as file:
            names = tuple(map(str, file.schema_arrow.names))
            batches = file.iter_batches(limit or _ROWS)
            blocks = list(islice(batches, None if limit is None else 1))
            table = pa.Table.from_batches(blocks, file.schema_arrow)
        renamed = table.rename_columns([f"c{i}" for i in range(len(names))])
        cells = ", ".join(f"CAST(c{i} AS VARCHAR) AS c{i}" for i in range(len(names)))
        with duckdb.connect() as connection:
            connection.execute("SET TimeZone='UTC'")
            connection.register("given", renamed)
            query = f"SELECT row_number() OVER () AS {LINE}, {cells} FROM given"
            text = connection.sql(query).to_arrow_table()
    except (pa.ArrowException, duckdb.Error) as error:
        raise FileUnreadable(
            f"expected a Parquet table in {path.name}", str(error)[:200], "Write the file again"
        ) from error
    return RawTable(path.name, names, text, "parquet")
