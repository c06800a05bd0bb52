"""Packed files: gzip and zip are unpacked beside, with a limit on what they may grow to."""

import gzip
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Protocol

from crossrec.data.sources.staging import Staging
from crossrec.errors import FileUnreadable

GZIP, ZIP, EMPTY_ZIP = b"\x1f\x8b", b"PK\x03\x04", b"PK\x05\x06"
MAX_GROWTH = 200
"""A packed file may unpack to this many times its size; logs shrink 5 to 50 times."""
ALWAYS_ALLOWED = 256 << 20
"""This many bytes may come out whatever went in."""
MAX_MEMBERS = 1_000
_DEPTH = 3
_BLOCK = 1 << 20
_WORKBOOK = "[Content_Types].xml"
_CLUTTER = ("__MACOSX/", ".DS_Store", "Thumbs.db")


class Readable(Protocol):
    """Something that gives bytes."""

    def read(self, size: int, /) -> bytes:
        """The next bytes."""
        ...


@dataclass(frozen=True)
class Plain:
    """A file that is not packed: its name for messages (``a.zip/b.csv``), and where it is."""

    name: str
    path: Path


def unpack(path: Path, staging: Staging, *, head: int | None = None) -> list[Plain]:
    """The plain files a path holds: itself, or what is packed in it.

    Args:
        path: an existing file.
        staging: where to put what comes out.
        head: unpack about this many bytes of each file only, for a preview.

    Raises:
        FileUnreadable: damaged, encrypted, empty, or growing beyond all measure; a member's name
            points outside the archive.
    """
    return list(_unpack(Plain(path.name, path), staging, head, depth=_DEPTH))


def _unpack(plain: Plain, staging: Staging, head: int | None, depth: int) -> Iterator[Plain]:
    with plain.path.open("rb") as stream:
        magic = stream.read(4)
    packed = magic.startswith(GZIP) or (magic in (ZIP, EMPTY_ZIP) and not is_workbook(plain))
    if packed and not depth:
        raise FileUnreadable(
            f"expected at most {_DEPTH} layers of packing in {plain.name}", "more", "Unpack it"
        )
    if magic.startswith(GZIP):
        out = staging.new()
        with _complete(plain.name, "gzip"), gzip.open(plain.path, "rb") as stream:
            _copy(stream, out, plain, head, allowed=_allowed(plain.path))
        yield from _unpack(Plain(plain.name, out), staging, head, depth - 1)
    elif packed:
        yield from _members(plain, staging, head, depth)
    elif head is not None and plain.path.stat().st_size > head and magic != b"PAR1":
        out = staging.new()
        with plain.path.open("rb") as stream:
            _copy(stream, out, plain, head, allowed=head + _BLOCK)
        yield Plain(plain.name, out)
    else:
        yield plain


def is_workbook(plain: Plain) -> bool:
    """Whether a zip is an Excel workbook.

    Raises:
        FileUnreadable: the zip is damaged.
    """
    with _complete(plain.name, "Excel or zip"), zipfile.ZipFile(plain.path) as archive:
        return _WORKBOOK in archive.namelist()


def _members(plain: Plain, staging: Staging, head: int | None, depth: int) -> Iterator[Plain]:
    with _complete(plain.name, "zip"), zipfile.ZipFile(plain.path) as archive:
        members = [
            member
            for member in archive.infolist()
            if not member.is_dir() and not any(word in member.filename for word in _CLUTTER)
        ]
        if not members:
            raise FileUnreadable(
                f"expected files in {plain.name}", "an empty archive", "Pack the files again"
            )
        if len(members) > MAX_MEMBERS:
            raise FileUnreadable(
                f"expected at most {MAX_MEMBERS:,} files in {plain.name}",
                f"{len(members):,}",
                "Unpack it and name the files you mean",
            )
        left = _allowed(plain.path)
        if head is None and sum(member.file_size for member in members) > left:
            raise _bomb(plain, left)
        for member in members:
            name = _safe(plain, member)
            out = staging.new()
            with archive.open(member) as stream:
                left -= _copy(stream, out, plain, head, allowed=left)
            yield from _unpack(Plain(name, out), staging, head, depth - 1)


def _safe(plain: Plain, member: zipfile.ZipInfo) -> str:
    written = member.orig_filename.replace("\\", "/")
    place = PurePosixPath(written)
    if place.is_absolute() or ".." in place.parts or ":" in written or "\0" in written:
        raise FileUnreadable(
            f"expected plain names inside {plain.name}",
            f"{member.orig_filename[:80]!r}, which points outside the archive",
            "Do not trust this archive; pack the files again",
        )
    if member.flag_bits & 1:
        raise FileUnreadable(
            f"expected an open archive {plain.name}", "a password on it", "Unpack it first"
        )
    return f"{plain.name}/{place}"


def _allowed(path: Path) -> int:
    return max(ALWAYS_ALLOWED, MAX_GROWTH * path.stat().st_size)


def _copy(stream: Readable, out: Path, plain: Plain, head: int | None, allowed: int) -> int:
    """Copy at most ``allowed`` bytes, or the lines of the first ``head`` bytes."""
    done = 0
    with out.open("wb") as file:
        while block := stream.read(_BLOCK):
            done += len(block)
            if done > allowed:
                raise _bomb(plain, allowed)
            if head is not None and done >= head:
                # A preview ends with a whole line; the rest of the file is not looked at.
                cut = max(block.rfind(b"\n"), block.rfind(b"\r")) + 1
                file.write(block[:cut] if cut else block)
                break
            file.write(block)
    return done


def _bomb(plain: Plain, allowed: int) -> FileUnreadable:
    return FileUnreadable(
        f"expected {plain.name} to unpack to at most {allowed / 1e6:,.0f} MB",
        "more (a zip bomb?)",
        "If you trust the file, unpack it yourself and name the unpacked file",
    )


@contextmanager
def _complete(name: str, kind: str) -> Iterator[None]:
    try:
        yield
    except (
        EOFError, gzip.BadGzipFile, zipfile.BadZipFile, zlib.error, NotImplementedError
    ) as error:  # fmt: skip
        article = "an" if kind[0] == "E" else "a"
        raise FileUnreadable(
            f"expected a complete {kind} file in {name}"
            if article == "a"
            else f"expected a whole file {name}",
            str(error) if article == "a" else f"a damaged {kind} file ({error})",
            "Copy the file again",
        ) from error
