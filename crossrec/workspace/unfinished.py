"""What a training that is not finished keeps to go on from, beside the folder it will be."""

import shutil
import time
from pathlib import Path

RESUME_DAYS = 30
"""A stopped run that nobody took up again for so long is forgotten."""

_ENDING = ".resume"


def resume_folder(out: Path) -> Path:
    """Where an unfinished run into ``out`` keeps what it has finished of the training."""
    out = Path(out).resolve()
    return out.with_name(f".{out.name}{_ENDING}")


def forget_unfinished(out: Path) -> None:
    """Remove what runs beside ``out`` keep to go on from and nobody took up for a month."""
    oldest = time.time() - RESUME_DAYS * 24 * 3600
    for folder in Path(out).resolve().parent.glob(f".*{_ENDING}"):
        if folder != resume_folder(out) and folder.stat().st_mtime < oldest:
            shutil.rmtree(folder, ignore_errors=True)
