"""Packed files: gzip, zip and tar are unpacked beside, with a limit on what they may grow to."""

import gzip
import tarfile
import zipfile
import zlib
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path, PurePosixPath
from typing import IO, cast

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
_CLUTTER = ("__MACOSX/", ".DS_Store", "Thumbs.db", "/._")


@dataclass(frozen=True)
class Plain:
    """A file that is not packed: its name for messages (``a.zip/b.csv``), and where it is."""

    name: str
    path: Path


@dataclass(frozen=True)
class Member:
    """A file inside an archive: its name as written there, its size, and how to open it."""

    name: str
    size: int
    open: Callable[[], IO[bytes]]


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
        start = stream.read(tarfile.BLOCKSIZE)
    gzipped, tape = start.startswith(GZIP), _is_tape(start)
    zipped = start.startswith((ZIP, EMPTY_ZIP)) and not is_workbook(plain)
    if (gzipped or tape or zipped) and not depth:
        raise FileUnreadable(
            f"expected at most {_DEPTH} layers of packing in {plain.name}", "more", "Unpack it"
        )
    if zipped:
        with _complete(plain.name, "zip"), zipfile.ZipFile(plain.path) as archive:
            yield from _members(plain, _zipped(plain, archive), staging, head, depth)
    elif tape:
        with plain.path.open("rb") as stream:
            yield from _members(plain, _taped(plain, stream), staging, head, depth)
    elif gzipped:
        yield from _gunzipped(plain, staging, head, depth)
    elif head is not None and plain.path.stat().st_size > head and not start.startswith(b"PAR1"):
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


def _is_tape(start: bytes) -> bool:
    """Whether a file begins with the header of a tar archive, whose checksum is right."""
    try:
        tarfile.TarInfo.frombuf(start, "utf-8", "surrogateescape")
    except tarfile.HeaderError:
        return False
    return True


def _gunzipped(plain: Plain, staging: Staging, head: int | None, depth: int) -> Iterator[Plain]:
    with _complete(plain.name, "gzip"), gzip.open(plain.path, "rb") as opened:
        stream = cast("IO[bytes]", opened)
        if _is_tape(stream.read(tarfile.BLOCKSIZE)):
            # Its members are taken one by one: what a preview skips never lies on the disk.
            stream.seek(0)
            yield from _members(plain, _taped(plain, stream), staging, head, depth)
            return
        stream.seek(0)
        out = staging.new()
        _copy(stream, out, plain, head, allowed=_allowed(plain.path))
    yield from _unpack(Plain(plain.name, out), staging, head, depth - 1)


def _members(
    plain: Plain,
    members: Iterable[Member],
    staging: Staging,
    head: int | None,
    depth: int,
) -> Iterator[Plain]:
    """The files of an archive, all of them together within its bounds."""
    left, total, count = _allowed(plain.path), 0, 0
    for member in members:
        if any(word in f"/{member.name}" for word in _CLUTTER):
            continue
        count, total = count + 1, total + member.size
        if count > MAX_MEMBERS:
            raise FileUnreadable(
                f"expected at most {MAX_MEMBERS:,} files in {plain.name}",
                "more",
                "Unpack it and name the files you mean",
            )
        if head is None and total > _allowed(plain.path):
            raise _bomb(plain, left)
        name = _safe(plain, member)
        out = staging.new()
        with member.open() as stream:
            left -= _copy(stream, out, plain, head, allowed=left)
        yield from _unpack(Plain(name, out), staging, head, depth - 1)
    if not count:
        raise FileUnreadable(
            f"expected files in {plain.name}", "an empty archive", "Pack the files again"
        )


def _zipped(plain: Plain, archive: zipfile.ZipFile) -> Iterator[Member]:
    for member in archive.infolist():
        if member.flag_bits & 1:
            raise FileUnreadable(
                f"expected an open archive {plain.name}", "a password on it", "Unpack it first"
            )
        if not member.is_dir():
            yield Member(member.orig_filename, member.file_size, partial(archive.open, member))


def _taped(plain: Plain, stream: IO[bytes]) -> Iterator[Member]:
    """The files of a tar archive in their order; each has to be copied before the next."""
    with _complete(plain.name, "tar"), tarfile.open(fileobj=stream, mode="r|") as archive:
        for member in archive:
            if not (member.isfile() or member.isdir()):
                raise FileUnreadable(
                    f"expected files in {plain.name}",
                    f"{member.name[:80]!r}, a link or a device",
                    "Do not trust this archive; pack the files again",
                )
            if member.isfile():
                yield Member(member.name, member.size, partial(_extracted, archive, member))


def _extracted(archive: tarfile.TarFile, member: tarfile.TarInfo) -> IO[bytes]:
    stream = archive.extractfile(member)
    assert stream is not None, "only files are opened"
    return stream


def _safe(plain: Plain, member: Member) -> str:
    """Where a member lies, for messages; nothing is ever written under its name."""
    written = member.name.replace("\\", "/")
    place = PurePosixPath(written)
    if place.is_absolute() or ".." in place.parts or ":" in written or "\0" in written:
        raise FileUnreadable(
            f"expected plain names inside {plain.name}",
            f"{member.name[:80]!r}, which points outside the archive",
            "Do not trust this archive; pack the files again",
        )
    return f"{plain.name}/{place}"


def _allowed(path: Path) -> int:
    return max(ALWAYS_ALLOWED, MAX_GROWTH * path.stat().st_size)


def _copy(stream: IO[bytes], out: Path, plain: Plain, head: int | None, allowed: int) -> int:
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
        EOFError, gzip.BadGzipFile, zipfile.BadZipFile, zlib.error, NotImplementedError,
        tarfile.TarError,
    ) as error:  # fmt: skip
        article = "an" if kind[0] == "E" else "a"
        raise FileUnreadable(
            f"expected a complete {kind} file in {name}"
            if article == "a"
            else f"expected a whole file {name}",
            str(error) if article == "a" else f"a damaged {kind} file ({error})",
            "Copy the file again",
        ) from error
