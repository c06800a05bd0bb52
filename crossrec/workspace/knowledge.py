"""What was read of a run's items and users after it was made: attributes and profiles on the disk.

It lies in the run's folder beside everything else, is written whole or not at all, and can be made
again at any time; a run without it is complete.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any

import pandas as pd

from crossrec.errors import ColumnMissing, DataError, FileUnreadable
from crossrec.language.attributes import CONFIDENCE, FACET, LONG_COLUMNS, VALUE, AttributeTable
from crossrec.language.profiles import Profile
from crossrec.language.vocabulary import Vocabulary
from crossrec.schema import ITEM
from crossrec.workspace.files import damaged, read_json, write_file, write_json
from crossrec.workspace.run import Run
from crossrec.workspace.tables import read_frame

FOLDER = "knowledge"
ATTRIBUTES, ABOUT, PROFILES = "attributes.parquet", "attributes.json", "profiles.parquet"
SCENARIOS = "scenarios.json"
CANDIDATES = "candidates.json"
_NESTED = ("categories", "attributes", "day_parts", "titles")


@dataclass(frozen=True)
class Knowledge:
    """The attributes of a run's items.

    Attributes:
        attributes: long, columns ``item_id, facet, value, confidence``; what was read, then what
            the catalogue states.
        vocabulary: what could be said.
        reader: what read them.
        calibration: by facet, how far the reader can be trusted: examples, accuracy, error.
        refused: items without a valid answer of a model.
    """

    attributes: pd.DataFrame
    vocabulary: Vocabulary
    reader: str
    calibration: Mapping[str, Mapping[str, Any]]
    refused: int = 0


def write_attributes(run: Run, table: AttributeTable, stated: pd.DataFrame) -> None:
    """Write what was read of a run's items, and what its catalogue states, in place of before."""
    folder = run.path / FOLDER
    both = pd.concat([table.to_frame(), stated], ignore_index=True)
    write_file(folder / ATTRIBUTES, both.to_parquet(None, index=False))
    about = {
        "reader": table.reader,
        "refused": table.refused,
        "vocabulary": table.vocabulary.to_json(),
        "calibration": {name: asdict(curve) for name, curve in table.calibration.items()},
    }
    write_json(folder / ABOUT, about)


def was_read(run: Run) -> bool:
    """Whether the items of a run were read."""
    return (run.path / FOLDER / ABOUT).is_file()


def read_attributes(run: Run) -> Knowledge | None:
    """What was read of a run's items; None if nothing was yet.

    Raises:
        RunUnreadable: it is damaged.
    """
    if not was_read(run):
        return None
    path = run.path / FOLDER / ABOUT
    about = read_json(path, "what was read of this run's items")
    frame = read_frame(run.path / FOLDER / ATTRIBUTES)
    if missing := set(LONG_COLUMNS) - set(frame.columns):
        raise damaged(run.path / FOLDER / ATTRIBUTES, f"no column {sorted(missing)[0]}")
    try:
        vocabulary = Vocabulary.from_json(about["vocabulary"])
        return Knowledge(
            frame, vocabulary, about["reader"], about["calibration"], int(about["refused"])
        )
    except (KeyError, TypeError, ValueError, DataError) as error:
        raise damaged(path, f"{type(error).__name__}: {error}") from error


def read_long(path: Path) -> pd.DataFrame:
    """A table of attributes that a person names: columns ``item_id, facet, value, confidence``.

    Raises:
        FileUnreadable: it is not there, or no Parquet file.
        ColumnMissing: a column is not there.
        DataError: a confidence is no number.
    """
    try:
        frame = pd.read_parquet(path)
    except (OSError, ValueError) as error:  # arrow's errors are one or the other
        raise FileUnreadable(
            f"expected a table of attributes in {path.name}",
            getattr(error, "strerror", None) or str(error),
            "Write one with: crossrec attributes --run DIR --out FILE.parquet",
        ) from error
    if missing := [name for name in LONG_COLUMNS if name not in frame]:
        raise ColumnMissing(
            f"expected the column {missing[0]!r} in {path.name}",
            ", ".join(map(str, frame.columns)),
            "Write one with: crossrec attributes --run DIR --out FILE.parquet",
        )
    if not pd.api.types.is_numeric_dtype(frame[CONFIDENCE]):
        raise DataError(
            f"expected numbers in the column {CONFIDENCE!r} of {path.name}",
            str(frame[CONFIDENCE].dtype),
        )
    texts = {name: frame[name].astype(str).astype(object) for name in (ITEM, FACET, VALUE)}
    return pd.DataFrame({**texts, CONFIDENCE: frame[CONFIDENCE]}, columns=list(LONG_COLUMNS))


def write_profiles(run: Run, profiles: Iterable[Profile]) -> None:
    """Write users' profiles, in place of those before."""
    rows = [each.to_dict() for each in profiles]
    frame = pd.DataFrame(rows, columns=[field.name for field in fields(Profile)])
    for name in _NESTED:
        frame[name] = [json.dumps(value, ensure_ascii=False) for value in frame[name]]
    write_file(run.path / FOLDER / PROFILES, frame.to_parquet(None, index=False))


def read_profiles(run: Run) -> Sequence[Profile]:
    """The profiles of a run; () if none were made.

    Raises:
        RunUnreadable: they are damaged.
    """
    path = run.path / FOLDER / PROFILES
    if not path.is_file():
        return ()
    frame = read_frame(path)
    try:
        for name in _NESTED:
            frame[name] = [json.loads(value) for value in frame[name]]
        return tuple(
            Profile(**{**row, "titles": tuple(row["titles"])})
            for row in frame.to_dict(orient="records")
        )
    except (KeyError, TypeError, ValueError) as error:
        raise damaged(path, f"{type(error).__name__}: {error}") from error


def write_descriptions(run: Run, descriptions: Mapping[str, str]) -> None:
    """Keep what a person typed about the scenarios of a run."""
    write_json(run.path / FOLDER / SCENARIOS, dict(descriptions))


def read_descriptions(run: Run) -> dict[str, str]:
    """What a person typed about the scenarios of a run; {} if nothing.

    Raises:
        RunUnreadable: it is damaged.
    """
    path = run.path / FOLDER / SCENARIOS
    if not path.is_file():
        return {}
    found = read_json(path, "the descriptions of this run's scenarios")
    if not isinstance(found, dict):
        raise damaged(path, "no table of descriptions")
    return {str(name): str(said) for name, said in found.items()}


def write_candidates(run: Run, told: Mapping[str, Any]) -> None:
    """Keep what candidates by description were found to add."""
    write_json(run.path / FOLDER / CANDIDATES, dict(told))


def read_candidates(run: Run) -> dict[str, Any] | None:
    """What candidates by description add: ``generator`` and ``gains``; None if not measured.

    Raises:
        RunUnreadable: it is damaged.
    """
    path = run.path / FOLDER / CANDIDATES
    if not path.is_file():
        return None
    found = read_json(path, "what candidates by description add")
    if not isinstance(found, dict) or not isinstance(found.get("gains"), list):
        raise damaged(path, "no gains by scenario")
    if any("p_holm" not in gain for gain in found["gains"]):
        return None  # of a version that kept too little for a verdict
    return found


def stamp(run: Run) -> str:
    """Changes whenever what is in the folder does; a key for caches."""
    folder: Path = run.path / FOLDER
    found = sorted(folder.glob("*")) if folder.is_dir() else []
    return "|".join(f"{path.name}:{path.stat().st_mtime_ns}" for path in found)
