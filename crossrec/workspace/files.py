"""Files and folders that are either whole or not there.

A file is written beside its place and renamed; a folder is filled under a hidden name and renamed
when everything in it is on the disk. Whatever stops the work in between (an error, a cancel, a
kill) leaves the place as it was; what a killed process left is swept away later.
"""

import errno
import json
import math
import os
import re
import shutil
import socket
import time
import zlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from secrets import token_hex
from typing import Any

import numpy as np

from crossrec.errors import RunUnreadable, WorkspaceError

RUN_FILE = "run.json"
RUN_KIND = "crossrec-run"

_HOST = f"{zlib.crc32(socket.gethostname().encode()):08x}"
_LEFTOVER = re.compile(r"\.crossrec-([0-9a-f]{8})-(\d+)-[0-9a-f]{8}\.(part|old)")
_WEEK = 7 * 24 * 3600.0
_FULL = {errno.ENOSPC, errno.EDQUOT}
_DENIED = {errno.EACCES, errno.EPERM, errno.EROFS, errno.ENOTDIR, errno.EEXIST}
_FULL_TEXT = re.compile(r"No space left on device|Disk quota exceeded")


# ------------------------------------------------------------------------------ whole files


@contextmanager
def writable(place: Path, *, within: Path | None = None) -> Iterator[None]:
    """Turn a full disk or a refused write into a sentence.

    Args:
        place: the file or folder the sentence names.
        within: the folder whose refusals are meant (default ``place``); others pass unchanged,
            because they are somebody else's files.

    Raises:
        WorkspaceError: the disk is full, or ``place`` cannot be written.
    """
    try:
        yield
    except Exception as error:
        # The safetensors library tells of a full disk in words only, without an errno.
        code = error.errno if isinstance(error, OSError) else None
        if code in _FULL or _FULL_TEXT.search(str(error)):
            raise WorkspaceError(
                f"expected room on the disk to write {str(place)!r}",
                f"{_free_space(place)} free",
                "Free some space or choose another workspace folder, then start again; "
                "nothing was left half-written",
            ) from error
        if (
            isinstance(error, OSError)
            and code in _DENIED
            and _touches(error.filename, within or place)
        ):
            raise WorkspaceError(
                f"expected to be allowed to write {str(place)!r}",
                f"{error.strerror} for {str(error.filename)!r}",
                "Choose another workspace folder or change the folder's permissions",
            ) from error
        raise


def write_file(path: Path, content: bytes | str) -> None:
    """Write a whole file or nothing; its folder is made if needed.

    Raises:
        WorkspaceError: the disk is full, or the folder cannot be written.
    """
    data = content.encode() if isinstance(content, str) else content
    with writable(path.parent):
        path.parent.mkdir(parents=True, exist_ok=True)
        beside = path.with_name(f".{token_hex(4)}.part")
        try:
            with beside.open("xb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            beside.replace(path)
        finally:
            beside.unlink(missing_ok=True)


def write_json(path: Path, value: object) -> None:
    """Write JSON as :func:`write_file` does; NaN and infinities become null."""
    text = json.dumps(_plain(value), ensure_ascii=False, indent=1, allow_nan=False)
    # A lone surrogate (half a character, from a hostile file) has no UTF-8: escape it instead.
    write_file(path, text.encode("utf-8", "backslashreplace") + b"\n")


def read_json(path: Path, what: str) -> Any:
    """Read a JSON file of a run.

    Args:
        path: the file.
        what: its name in a sentence, e.g. "the audit of this run".

    Raises:
        RunUnreadable: the file is missing or damaged.
    """
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise RunUnreadable(
            f"expected {what}", f"no {path.name} in {str(path.parent)!r}"
        ) from error
    except (OSError, ValueError, RecursionError) as error:
        raise damaged(path, error) from error


def damaged(path: Path, reason: object) -> RunUnreadable:
    """The error for a file of a run that cannot be read."""
    return RunUnreadable(
        f"expected a readable {path.name} in {str(path.parent)!r}",
        f"{reason}",
        "The run is damaged: delete it and run again, or copy it anew from where it was made",
    )


def _plain(value: Any) -> Any:
    """A copy of ``value`` that JSON can hold."""
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, np.ndarray):
        return _plain(value.tolist())
    if isinstance(value, (list, tuple, set, frozenset)):
        return [_plain(item) for item in value]
    if isinstance(value, np.generic):
        return _plain(value.item())
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return str(value) if isinstance(value, os.PathLike) else value


def _free_space(place: Path) -> str:
    there = place
    while not there.exists() and there != there.parent:
        there = there.parent
    return f"{shutil.disk_usage(there).free / 1e6:,.0f} MB"


def _touches(name: object, place: Path) -> bool:
    """Whether a file name is ``place``, lies in it, or is one of the folders it lies in."""
    return isinstance(name, (str, os.PathLike)) and (
        Path(name) in place.parents or Path(name).is_relative_to(place)
    )


# ------------------------------------------------------------------------------ whole folders


def is_run(path: Path) -> bool:
    """Whether ``path`` is a folder that CrossRec wrote as a run."""
    try:
        info = json.loads((path / RUN_FILE).read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        return False
    return isinstance(info, dict) and info.get("kind") == RUN_KIND


@contextmanager
def staged_folder(target: Path | str, *, replace: bool = False) -> Iterator[Path]:
    """A new folder that appears at ``target`` whole, or not at all.

    Yields a hidden folder beside ``target``. When the block ends, its files are flushed to the
    disk and it is renamed; when the block raises anything (also a cancel), it is removed.

    Args:
        target: where the folder shall be; parents are made. An empty folder there is used.
        replace: put the new folder in the place of an older run. The old one stays until the new
            one is complete. Only a CrossRec run is ever replaced.

    Raises:
        WorkspaceError: ``target`` is taken, the disk is full, or the folder cannot be written.
    """
    target = Path(target).resolve()
    _check_free(target, replace=replace)
    with writable(target):
        target.parent.mkdir(parents=True, exist_ok=True)
        sweep(target.parent)
        stage = _hidden(target.parent, "part")
        stage.mkdir()
        try:
            with writable(target, within=stage):
                yield stage
                _flush(stage)
            _check_free(target, replace=replace)
            _put(stage, target)
        finally:
            shutil.rmtree(stage, ignore_errors=True)


def sweep(parent: Path) -> None:
    """Remove what killed processes left in ``parent``; bring back a run that lost its place."""
    for entry in parent.iterdir():
        match = _LEFTOVER.fullmatch(entry.name)
        if match and _abandoned(entry, match[1], int(match[2])):
            with suppress(FileNotFoundError):  # another process may be sweeping too
                if match[3] == "old":
                    _bring_back(entry)
            shutil.rmtree(entry, ignore_errors=True)


def _check_free(target: Path, *, replace: bool) -> None:
    if not os.path.lexists(target):
        return
    if not target.is_dir():
        raise WorkspaceError(
            f"expected a folder name for the run, {str(target)!r}", "a file", "Choose another name"
        )
    if is_run(target):
        if not replace:
            raise WorkspaceError(
                f"expected a new folder for the run, {str(target)!r}",
                "an older run there",
                "Choose another name or ask to replace it",
            )
    elif any(target.iterdir()):
        raise WorkspaceError(
            f"expected a new or empty folder, {str(target)!r}",
            "a folder with other files, not a CrossRec run",
            "Choose another name; CrossRec replaces only its own runs",
        )


def _put(stage: Path, target: Path) -> None:
    """Rename ``stage`` to ``target``; an older run there goes only when that worked."""
    if not target.exists():
        stage.rename(target)
    elif not any(target.iterdir()):
        target.rmdir()
        stage.rename(target)
    else:
        aside = _hidden(target.parent, "old")
        aside.mkdir()
        try:
            target.rename(aside / target.name)
            stage.rename(target)
        finally:
            _bring_back(aside)
            shutil.rmtree(aside, ignore_errors=True)
    _flush_entry(target.parent)


def _bring_back(aside: Path) -> None:
    """Put a run that was moved aside back, if its place is still empty."""
    for folder in aside.iterdir():
        place = aside.parent / folder.name
        if not place.exists():
            folder.rename(place)


def _hidden(parent: Path, kind: str) -> Path:
    return parent / f".crossrec-{_HOST}-{os.getpid()}-{token_hex(4)}.{kind}"


def _abandoned(entry: Path, host: str, pid: int) -> bool:
    """Whether the process that made ``entry`` is gone.

    A process number means something on its own machine only; what another machine (or a container
    of another name) made counts as abandoned after a week.
    """
    if host == _HOST and os.name == "posix":
        return not _alive(pid)
    with suppress(FileNotFoundError):
        return time.time() - entry.stat().st_mtime > _WEEK
    return False


def _alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except (ProcessLookupError, OverflowError):
        return False
    except PermissionError:
        return True
    return True


def _flush(folder: Path) -> None:
    for path in folder.rglob("*"):
        _flush_entry(path)
    _flush_entry(folder)


def _flush_entry(path: Path) -> None:
    """Ask the system to put a file, or a folder's list of names, on the disk."""
    if os.name != "posix" and path.is_dir():
        return  # elsewhere a folder cannot be opened
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
