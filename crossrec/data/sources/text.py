"""What a text file is made of: its encoding, its lines, its column names."""

import codecs
import csv
import re
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from crossrec.data.sources.encoding import likeliest
from crossrec.data.sources.staging import open_text
from crossrec.errors import FileUnreadable

SAVE_AS = "Save it as CSV (UTF-8), TSV, JSONL, XLSX or Parquet, plain, .gz, .zip or .tar.gz"
DELIMITERS = ",\t;|"
MAGIC = {
    b"%PDF": "a PDF file",
    b"\x89PNG": "a picture",
    b"\xff\xd8\xff": "a picture",
    b"SQLite format 3": "an SQLite database",
    b"7z\xbc\xaf": "a 7z archive",
    b"\x28\xb5\x2f\xfd": "a Zstandard archive",
    b"BZh": "a bzip2 archive",
    b"\xfd7zXZ": "an xz archive",
    b"Rar!": "a RAR archive",
    b"ORC": "an ORC file",
    b"Obj\x01": "an Avro file",
    b"\x04\x22\x4d\x18": "an LZ4 archive",
    b"\x1f\x9d": "a compress (.Z) archive",
    b"ARROW1": "an Arrow (Feather) file",
    b"FEA1": "a Feather file",
    b"\x89HDF": "an HDF5 file",
    b"\x93NUMPY": "a NumPy array",
    b"\x80\x04\x95": "a Python pickle",
    b"\x80\x05\x95": "a Python pickle",
}
_UTF16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
_BLOCK = 1 << 20
_PER_BLOCK = 40
"""Sampled lines of each block of a large file; the first block gives many more."""
_FIRST = 5_000
_TRIED = 5_000
_SEPARATOR = re.compile("\ufeff?sep=.\r?\n?")
"""What table programs of some countries write before the heading."""
_HALF, _WIDE = 0.3, 16
"""Share of zero bytes that tells UTF-16, in so many characters at least."""
_ZEROS = 0.01
"""A smaller share of zero bytes is damage of single lines."""


@dataclass(frozen=True)
class Survey:
    """What one pass over the bytes tells.

    Attributes:
        encoding: "utf-8-sig" (with or without a mark at the beginning), "utf-16", "utf-16-le",
            "utf-16-be", or what :mod:`~crossrec.data.sources.encoding` makes of it.
        lines: number of physical lines.
        plain: whether it is well-formed UTF-8 with uniform line ends, so that DuckDB may read it.
        sample: whole lines from all over the file, without the first; encoded.
    """

    encoding: str
    lines: int
    plain: bool
    sample: tuple[bytes, ...] = ()


def survey(path: Path, name: str, usual: str = "") -> Survey:
    """Read the bytes of a text file once.

    Args:
        path: the file.
        name: what to call it.
        usual: the encoding its layout has where it is not UTF-8.

    Raises:
        FileUnreadable: it is no text, or in no encoding that is read here.
    """
    utf8 = codecs.getincrementaldecoder("utf-8")()
    valid, lines, returns, pairs, zeros, last = True, 0, 0, 0, 0, b""
    sample: list[bytes] = []
    with path.open("rb") as stream:
        block = stream.read(_BLOCK)
        refuse_binary(name, block)
        if wide := _utf16(block):
            return Survey(wide, 0, plain=False)
        while block:
            if b"\0" in block:
                zeros += block.count(b"\0")
                if zeros > _ZEROS * len(block):
                    raise FileUnreadable(
                        f"expected a table of text in {name}", "binary data", SAVE_AS
                    )
            lines += block.count(b"\n")
            if b"\r" in block or last == b"\r":
                returns += block.count(b"\r")
                pairs += block.count(b"\r\n") + (last == b"\r" and block.startswith(b"\n"))
            # From the middle of each block: its ends may cut a line in two.
            start = block.find(b"\n") + 1
            piece = block[start : start + (_BLOCK if not sample else _BLOCK // 32)]
            sample += piece.split(b"\n", _FIRST if not sample else _PER_BLOCK)[:-1]
            last = block[-1:]
            if valid and not (block.isascii() and not utf8.getstate()[0]):
                valid = _decodes(utf8, block)
            block = stream.read(_BLOCK)
    valid = valid and _decodes(utf8, b"", final=True)
    lines += last not in (b"\n", b"")
    encoding = "utf-8-sig" if valid else usual or _other(path, name)
    plain = valid and returns == pairs and not zeros
    return Survey(encoding, lines, plain, tuple(sample))


def refuse_binary(name: str, head: bytes) -> None:
    """Say what a file is that is no table.

    Raises:
        FileUnreadable: it is one of the well-known others.
    """
    kind = next((what for magic, what in MAGIC.items() if head.startswith(magic)), None)
    if kind is None and head.lstrip()[:1] == b"<":
        kind = "a web page or XML"
    if kind is not None:
        raise FileUnreadable(f"expected a table of text in {name}", kind, SAVE_AS)


def _decodes(decoder: codecs.IncrementalDecoder, block: bytes, *, final: bool = False) -> bool:
    try:
        decoder.decode(block, final)
    except UnicodeDecodeError:
        return False
    return True


def _utf16(head: bytes) -> str:
    """The name of a UTF-16 encoding, with its mark or by where its zero bytes stand; else ""."""
    if head.startswith(_UTF16):
        return "utf-16"
    half = len(head) // 2
    low, high = head[1 : 2 * half : 2].count(0), head[0 : 2 * half : 2].count(0)
    if half < _WIDE:
        return ""
    if low > _HALF * half and not high:
        return "utf-16-le"
    return "utf-16-be" if high > _HALF * half and not low else ""


def _other(path: Path, name: str) -> str:
    """The encoding of a file that is not valid UTF-8."""
    with path.open("rb") as stream:
        lines = list(islice((line for line in stream if not line.isascii()), _TRIED))
    encoding = likeliest(lines)
    if encoding is None:
        raise unknown_encoding(name)
    return encoding


def unknown_encoding(name: str) -> FileUnreadable:
    """The error for a file that reads like no language in any encoding."""
    return FileUnreadable(
        f"expected text in UTF-8, UTF-16, Windows-1252, GB18030 or the like in {name}",
        "another encoding",
        SAVE_AS,
    )


@dataclass(frozen=True)
class Heading:
    """The first line of a table: its column names, and how it is cut.

    Attributes:
        columns: the names, stripped; "column 3" for one without.
        delimiter: between the values.
        lines: number of lines up to and including the heading; 0 where there is none.
        named: number of columns up to the last one that has a name.
    """

    columns: tuple[str, ...]
    delimiter: str
    lines: int
    named: int


def heading(path: Path, name: str, encoding: str) -> Heading:
    """Read the column names.

    Raises:
        FileUnreadable: there is no line, or it is not one of a table.
    """
    with open_text(path, encoding, errors="replace") as text:
        line, count = text.readline(), 1
        while line and (not line.strip() or _SEPARATOR.fullmatch(line)):
            line, count = text.readline(), count + 1
    if not line:
        raise FileUnreadable(
            f"expected a header line in {name}", "only blank lines", "Choose a file with data"
        )
    delimiter = max(DELIMITERS, key=lambda mark: "".join(line.split('"')[::2]).count(mark))
    try:
        row = next(csv.reader([line], delimiter=delimiter, strict=True))
    except csv.Error as error:
        raise FileUnreadable(
            f"expected column names in the first line of {name}",
            f"{line[:60]!r} ({error})",
            "Write the names in one line, separated by commas",
        ) from error
    names = [name.strip() for name in row]
    columns = tuple(name or f"column {i}" for i, name in enumerate(names, 1))
    named = max((i for i, name in enumerate(names, 1) if name), default=0)
    return Heading(columns, delimiter, count, named)
