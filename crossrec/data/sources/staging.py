"""A private database and folder for the time a file is read."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path, PurePosixPath
from typing import IO

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from crossrec.data.log import FileFacts
from crossrec.errors import FileUnreadable

_MEMORY = "1GB"
BUFFER = "32MB"
"""So much is read ahead."""


@dataclass(frozen=True)
class Staging:
    """Where a file is unpacked and its rows are queried; gone afterwards.

    Attributes:
        connection: DuckDB in UTC, with a memory limit; it spills into ``folder``.
        folder: for unpacked and repaired copies; their names are numbers, never those of members.
        skipped: files of archives that are no tables, with the reason as their note.
    """

    connection: duckdb.DuckDBPyConnection
    folder: Path
    skipped: list[FileFacts] = field(default_factory=list)
    _numbers: Iterator[int] = field(default_factory=count)

    def new(self, ending: str = "") -> Path:
        """A path in the folder that is not used yet."""
        return self.folder / f"{next(self._numbers)}{ending}"

    def write(self, blocks: Iterator[pa.Table], schema: pa.Schema) -> tuple[str, int]:
        """Keep blocks of rows as Parquet; the SQL that reads them in order, and their number."""
        path, rows = self.new(".parquet"), 0
        # Read once and soon: what makes a file small or quick to search is not worth its time.
        with pq.ParquetWriter(
            path, schema, compression="lz4", use_dictionary=False, write_statistics=False
        ) as writer:
            for block in blocks:
                writer.write_table(block)
                rows += block.num_rows
        return f"read_parquet({quoted(path)})", rows


@contextmanager
def stage() -> Iterator[Staging]:
    """A fresh :class:`Staging`."""
    with (
        tempfile.TemporaryDirectory(prefix="crossrec-") as folder,
        duckdb.connect() as connection,
    ):
        connection.execute("SET TimeZone='UTC'")
        connection.execute(f"SET memory_limit='{_MEMORY}'")
        connection.execute(f"SET streaming_buffer_size='{BUFFER}'")
        connection.execute(f"SET temp_directory={quoted(Path(folder) / 'spill', pattern=False)}")
        yield Staging(connection, Path(folder))


def quoted(path: Path, *, pattern: bool = True) -> str:
    """A path as an SQL literal; DuckDB would take ``*``, ``?`` and ``[`` in it as patterns."""
    text = str(path.resolve())
    if pattern:
        text = "".join(f"[{mark}]" if mark in "*?[" else mark for mark in text)
    return "'" + text.replace("'", "''") + "'"


@contextmanager
def unchanged(path: Path, name: str) -> Iterator[None]:
    """Refuse what was read from a file that another program changed or removed meanwhile.

    Raises:
        FileUnreadable: the file is another one, or gone, at the end.
    """
    before = _state(path)
    try:
        yield
    except (FileUnreadable, OSError, duckdb.IOException) as error:
        if _state(path) != before:
            raise _changed(name, gone=not path.exists()) from error
        if isinstance(error, FileUnreadable):
            raise
        raise FileUnreadable(f"expected a readable file {name}", str(error)[:200]) from error
    if _state(path) != before:
        raise _changed(name, gone=not path.exists())


def _state(path: Path) -> tuple[int, int, int] | None:
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_ino, found.st_size, found.st_mtime_ns


def _changed(name: str, *, gone: bool) -> FileUnreadable:
    return FileUnreadable(
        f"expected {name} to stay as it is while it is read",
        "it is gone" if gone else "it was changed by another program",
        "Wait until the export is finished, then read it again",
    )


def open_text(path: Path, encoding: str, errors: str = "") -> IO[str]:
    """A text file with its line ends as they are; what cannot be decoded is a lone surrogate."""
    # UTF-16 cannot escape half a character: there it becomes a replacement mark.
    usual = "replace" if encoding.startswith("utf-16") else "surrogateescape"
    return path.open(encoding=encoding, errors=errors or usual, newline="")


@contextmanager
def registered(connection: duckdb.DuckDBPyConnection, name: str, table: pa.Table) -> Iterator[None]:
    """A table of this program as one of the database."""
    connection.register(name, table)
    try:
        yield
    finally:
        connection.unregister(name)


def own_name(name: str) -> str:
    """A file's name without folders and without the ending of its packing."""
    return PurePosixPath(name).name.removesuffix(".gz")
