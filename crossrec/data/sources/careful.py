"""The reader that accounts for every line of a delimited file.

DuckDB reads well-formed files faster, but counts lines wrongly after a quoted line break and takes
a quotation mark that is never closed as the beginning of a very long value. Here a bad record costs
its first line only: reading goes on with the next one, so that no good row is lost behind it.
"""

import csv
import io
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import IO

import numpy as np
import pyarrow as pa
import pyarrow.csv as pc

from crossrec.data.phrases import phrase
from crossrec.data.reading.rejects import LINE, RejectList

_BLOCK = 1 << 22
_LONE_RETURN = re.compile("\r(?!\n)")
_BLANK_LINE = re.compile("(?:^|\n)[ \t]*\r?\n")
_BEFORE_BLANK = ("\n", "\r", " ", "\t")
"""A blank line begins with one of these."""
_SWALLOWED = 3
"""So many whole rows inside one value are rows, behind a quotation mark that was never closed."""
_UNCLOSED, _TOO_LONG = phrase("unclosed"), phrase("too_long")
UNDECODED = phrase("undecoded")
ESCAPED = re.compile("[\0\ud800-\udfff]")


@dataclass(frozen=True)
class Dialect:
    """How the lines of a file are cut into values.

    Attributes:
        delimiter: between values, one or more characters.
        quoting: whether values may stand in quotation marks.
        width: number of values of a row.
    """

    delimiter: str
    quoting: bool
    width: int


def schema(width: int) -> pa.Schema:
    """The columns ``line, c0, c1, ...``."""
    return pa.schema([(LINE, pa.int64()), *((f"c{i}", pa.string()) for i in range(width))])


def as_table(rows: list[list[int | str | None]], width: int) -> pa.Table:
    """Rows of (line, values...) as a table of :func:`schema`."""
    if not rows:
        return schema(width).empty_table()
    return pa.table(list(map(list, zip(*rows, strict=True))), schema=schema(width))


def fitted(row: list[str], width: int) -> list[str] | None:
    """The values of a row; None where it is of another width.

    Delimiters at the end of a line are no values: empty cells behind the last column are dropped.
    """
    if len(row) > width and not any(map(str.strip, row[width:])):
        return row[:width]
    return row if len(row) == width else None


def read_careful(
    text: IO[str], dialect: Dialect, *, skip: int, rejects: RejectList
) -> Iterator[pa.Table]:
    """Yield the good rows of a text file in blocks; append the others to ``rejects``.

    Args:
        text: opened with ``newline=""``; bytes that cannot be decoded are lone surrogates.
        dialect: how it is cut.
        skip: number of lines before the first row.
        rejects: of this file.
    """
    for _ in range(skip):
        text.readline()
    line, left = skip + 1, ""
    while block := _whole_lines(text, left):
        left = ""
        clean = _clean(block, dialect)
        if clean is not None:
            table, lines = _at_once(clean, line, dialect, rejects)
        else:
            pieces = io.StringIO(block, newline="").readlines()
            table, lines = _one_by_one(pieces, text, line, dialect, rejects)
            left = "".join(pieces[lines:])
        line += lines
        yield table


def _whole_lines(text: IO[str], begun: str) -> str:
    block = begun + text.read(_BLOCK)
    if block.endswith("\r"):
        block += text.read(1)
    return block if block.endswith(("\n", "\r")) else block + text.readline()


def _clean(block: str, dialect: Dialect) -> bytes | None:
    """The block as bytes if it can be cut at every line end, with nothing to look at."""
    if (dialect.quoting and '"' in block) or len(dialect.delimiter) > 1 or "\0" in block:
        return None
    if ("\r" in block and _LONE_RETURN.search(block)) or _has_blank_line(block):
        return None
    try:
        return block.encode()
    except UnicodeEncodeError:
        return None


def _has_blank_line(block: str) -> bool:
    # The plain searches are several times faster than the pattern, and mostly find nothing.
    if not block.startswith(_BEFORE_BLANK) and not any("\n" + m in block for m in _BEFORE_BLANK):
        return False
    return _BLANK_LINE.search(block) is not None


def _at_once(
    clean: bytes, first: int, dialect: Dialect, rejects: RejectList
) -> tuple[pa.Table, int]:
    """A block without quotation marks: every line is a row or a reject."""
    bad: list[int] = []
    trailing: list[list[int | str | None]] = []

    def wrong(row: pc.InvalidRow) -> str:
        bad.append(row.number - 1)
        longer = row.actual_columns > dialect.width
        if longer and (cells := fitted(row.text.split(dialect.delimiter), dialect.width)):
            trailing.append([first + row.number - 1, *cells])
            return "skip"
        rejects.add(first + row.number - 1, "", row.text, _ragged(row.actual_columns, dialect))
        return "skip"

    names = [f"c{i}" for i in range(dialect.width)]
    table = pc.read_csv(
        pa.BufferReader(clean),
        read_options=pc.ReadOptions(
            column_names=names, use_threads=False, block_size=len(clean) + 1
        ),
        parse_options=pc.ParseOptions(
            delimiter=dialect.delimiter,
            quote_char=False,
            double_quote=False,
            ignore_empty_lines=False,
            invalid_row_handler=wrong,
        ),
        convert_options=pc.ConvertOptions(
            column_types=dict.fromkeys(names, pa.string()), strings_can_be_null=False
        ),
    )
    lines = clean.count(b"\n") + (not clean.endswith(b"\n"))
    good = np.ones(lines, dtype=bool)
    good[bad] = False
    table = table.add_column(0, LINE, pa.array(np.flatnonzero(good) + first))
    if trailing:
        table = pa.concat_tables([table, as_table(trailing, dialect.width)]).sort_by(LINE)
    return table, lines


def _one_by_one(
    pieces: list[str], text: IO[str], first: int, dialect: Dialect, rejects: RejectList
) -> tuple[pa.Table, int]:
    """The records that begin in a block, and the number of lines they take.

    A record may go on beyond the block: its lines are then taken from ``text`` and appended to
    ``pieces``, and so are lines that were looked at in vain.
    """
    rows: list[list[int | str | None]] = []
    at, end = 0, len(pieces)
    while at < end:
        start = at
        reader = _reader(pieces, start, text, dialect)
        while at < end:
            row, reason = _next(reader, dialect)
            after = start + reader.line_num
            if row is not None and not row:
                at = after
                continue
            if row is not None and ESCAPED.search("".join(row)):
                row, reason = None, UNDECODED
            if row is not None and after - at > 1 + _SWALLOWED and _holds_rows(
                pieces[at + 1 : after - 1], dialect
            ):  # fmt: skip
                row, reason = None, _UNCLOSED
            if row is not None:
                rows.append([first + at, *row])
                at = after
                continue
            if reason != UNDECODED and after - at > 1:
                reason = reason if reason == _TOO_LONG else _UNCLOSED
            rejects.add(first + at, "", pieces[at].rstrip("\r\n"), reason)
            at += 1
            if after != at:
                break  # the lines behind the first are read again, as rows of their own
    return as_table(rows, dialect.width), at


class _Plain:
    """Cuts lines at a delimiter as :func:`csv.reader` does, without quotation marks."""

    def __init__(self, lines: Iterator[str], delimiter: str) -> None:
        self._lines, self._delimiter = lines, delimiter
        self.line_num = 0

    def __next__(self) -> list[str]:
        line = next(self._lines).rstrip("\r\n")
        self.line_num += 1
        return line.split(self._delimiter) if line else []


def _reader(pieces: list[str], start: int, text: IO[str], dialect: Dialect) -> "_Plain":
    def lines() -> Iterator[str]:
        at = start
        while True:
            if at == len(pieces):
                line = text.readline()
                if not line:
                    return
                pieces.append(line)
            yield pieces[at]
            at += 1

    if not dialect.quoting:
        return _Plain(lines(), dialect.delimiter)
    return csv.reader(lines(), delimiter=dialect.delimiter, strict=True)  # type: ignore[return-value]


def _next(reader: "_Plain", dialect: Dialect) -> tuple[list[str] | None, str]:
    """The next record ([] for a blank line), or None and why it is none."""
    try:
        row = next(reader)
    except csv.Error as error:
        return None, _TOO_LONG if "field larger" in str(error) else _UNCLOSED
    cells = fitted(row, dialect.width) if row else []
    return cells, "" if cells is not None else _ragged(len(row), dialect)


def _ragged(found: int, dialect: Dialect) -> str:
    return phrase("width", found=found, width=dialect.width)


def _holds_rows(inside: list[str], dialect: Dialect) -> bool:
    """Whether all lines inside a value look like rows of this file."""
    return dialect.width > 1 and all(
        fitted(line.rstrip("\r\n").split(dialect.delimiter), dialect.width) for line in inside
    )
