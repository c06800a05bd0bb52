"""Models that are unpacked or fetched once per machine, into ordinary Hugging Face folders."""

import hashlib
import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path

from filelock import FileLock

from crossrec.errors import WorkspaceError
from crossrec.progress import Progress, silent


def unpacked(
    source: Path,
    root: Path,
    name: str,
    convert: Callable[[Path], None],
    *,
    megabytes: int = 300,
    progress: Progress = silent,
) -> Path:
    """The folder a packed model was unpacked into; made on first use, whole or not at all.

    Args:
        source: the packed file.
        root: where unpacked models live; the folder's name holds a hash of the source, so another
            version of the package gets another folder.
        name: the folder's name before the hash, with the layout's version at its end after "@".
        convert: writes the model into the folder it is given.
        megabytes: what it takes on the disk, for the message when there is no room.
        progress: phase "features"; told only when there is something to unpack.

    Raises:
        WorkspaceError: the folder cannot be written.
    """
    with source.open("rb") as file:
        mark = hashlib.file_digest(file, "sha256").hexdigest()[:12]
    stem, _, layout = name.partition("@")
    target = root / f"{stem}-{mark}-{layout or 1}"
    return made_once(target, convert, megabytes=megabytes, progress=progress)


def made_once(
    target: Path,
    make: Callable[[Path], None],
    *,
    megabytes: int = 300,
    progress: Progress = silent,
    doing: str = "unpacking",
) -> Path:
    """A model's folder, made if it is not there yet; whole or not at all, by one process.

    Args:
        target: the folder.
        make: writes the model into the empty folder it is given.
        megabytes: what it takes on the disk, for the message when there is no room.
        progress: phase "features"; told only when there is something to make.
        doing: what making is called.

    Raises:
        WorkspaceError: the folder cannot be written.
    """
    if target.is_dir():
        return target
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with FileLock(f"{target}.lock"):
            if not target.is_dir():
                progress("features", 0, 1, f"{doing} {target.name}, once")
                _make(target, make)
                progress("features", 1, 1, f"{doing} {target.name}: done")
    except OSError as error:
        raise WorkspaceError(
            f"expected to write the language model to {target}",
            str(error),
            f"Free about {megabytes} MB there, or set CROSSREC_CACHE to another folder",
        ) from error
    return target


def _make(target: Path, convert: Callable[[Path], None]) -> None:
    # Written next to its place and renamed, so that a killed process leaves no half model.
    for leftover in target.parent.glob(f".{target.name}-*"):
        shutil.rmtree(leftover, ignore_errors=True)
    work = Path(tempfile.mkdtemp(prefix=f".{target.name}-", dir=target.parent))
    try:
        convert(work)
        work.replace(target)
    finally:
        shutil.rmtree(work, ignore_errors=True)
