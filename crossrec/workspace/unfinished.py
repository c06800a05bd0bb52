"""What a training that is not finished has reached: read from its checkpoint while it goes on.

Only the heads of its files are read and nothing heavy is imported: a page may ask every second.
"""

import json
import shutil
import sqlite3
import time
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from safetensors import SafetensorError, safe_open

STAGES = ("training.alone", "training.transfer")
"""Stages of :mod:`crossrec.transfer.training` that keep their curves, in order."""

SEARCH = "search.db"
"""Where :mod:`crossrec.transfer.search` keeps its trials."""

RESUME_DAYS = 30
"""A stopped run that nobody took up again for so long is forgotten."""

_ENDING = ".resume"

_TRIALS = """
SELECT t.number, v.value,
  (julianday(t.datetime_complete) - julianday(t.datetime_start)) * 86400 AS seconds
FROM trials t JOIN trial_values v ON v.trial_id = t.trial_id
WHERE t.state = 'COMPLETE' AND t.study_id = (SELECT max(study_id) FROM studies)
ORDER BY t.number
"""


@dataclass(frozen=True)
class Reached:
    """How far a training is.

    Attributes:
        history: training curves so far, as :meth:`crossrec.workspace.Run.training`.
        trials: finished trials of the search for settings: ``trial``, ``ndcg`` (validation).
    """

    history: list[dict[str, Any]]
    trials: list[dict[str, Any]]


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


def reached(out: Path) -> Reached:
    """What the training of the run into ``out`` has reached; empty before it kept anything."""
    folder = resume_folder(out)
    history = [entry for stage in STAGES for entry in _history(folder / f"{stage}.safetensors")]
    return Reached(history, _trials(folder / SEARCH))


def _history(file: Path) -> list[dict[str, Any]]:
    try:
        with safe_open(file, framework="np") as opened:
            return json.loads((opened.metadata() or {})["values"])["history"]
    except (OSError, SafetensorError, KeyError, ValueError):
        return []  # not there yet, or of another version: there is no curve to show


def _trials(file: Path) -> list[dict[str, Any]]:
    if not file.is_file():
        return []
    try:
        with closing(sqlite3.connect(f"{file.as_uri()}?mode=ro", uri=True, timeout=1)) as opened:
            rows = opened.execute(_TRIALS).fetchall()
    except sqlite3.Error:  # just being made
        return []
    return [
        {"trial": at, "ndcg": value, "seconds": took} for at, (_, value, took) in enumerate(rows)
    ]
