"""What a fit has decided so far, on disk: after a kill the next fit goes on from there.

One JSON file of decisions. It names the fit it belongs to (split, settings, features), so that the
checkpoint of another fit, or half a file, is the same as none.
"""

import hashlib
import json
import os
from pathlib import Path
from secrets import token_hex
from typing import Any

from crossrec.data.split.cutting import ScenarioSplit
from crossrec.language.table import FeatureTable
from crossrec.transfer.config import TransferConfig

VERSION = 9
FILE = "decisions.json"


class Checkpoint:
    """The decisions of one fit.

    Args:
        folder: where they are kept, made at the first of them; None keeps nothing.
        key: of the fit, see :func:`fit_key`.
    """

    def __init__(self, folder: Path | None, key: str = "") -> None:
        self.folder, self.key = folder, key
        self._made: dict[str, Any] = {} if folder is None else _read(folder / FILE, key)

    def read(self, name: str) -> Any:
        """What was kept under a name; None if nothing was."""
        return self._made.get(name)

    def write(self, name: str, value: Any) -> None:
        """Keep a JSON-able value, in one step: the file is there whole or as it was."""
        if self.folder is None or self._made.get(name) == value:
            return
        self._made[name] = value
        self.folder.mkdir(parents=True, exist_ok=True)
        beside = self.folder / f".{token_hex(4)}.part"
        try:
            with beside.open("x", encoding="utf-8") as file:
                json.dump({"key": self.key, "made": self._made}, file)
                file.flush()
                os.fsync(file.fileno())
            beside.replace(self.folder / FILE)
        finally:
            beside.unlink(missing_ok=True)


def _read(path: Path, key: str) -> dict[str, Any]:
    try:
        record = json.loads(path.read_text(encoding="utf-8"))
        made = record["made"] if record["key"] == key else {}
        return made if isinstance(made, dict) else {}
    except (OSError, ValueError, KeyError, TypeError):
        return {}  # not there, or damaged: everything is decided again


def fit_key(split: ScenarioSplit, features: FeatureTable | None, config: TransferConfig) -> str:
    """Hex sha256 over all that a fit depends on: the split, the text vectors, the settings."""
    found = hashlib.sha256()
    told = {"version": VERSION, "split": split.hash, "config": config.to_dict()}
    found.update(json.dumps(told, sort_keys=True).encode())
    found.update(json.dumps([[list(pair) for pair in split.twins], list(split.nested)]).encode())
    for log in (split.train, split.valid):  # the hash of a split does not know the order of rows
        for column in (log.user, log.item, log.scenario, log.weight):
            found.update(column.tobytes())
    if features is not None:
        found.update("\0".join(features.items.ids).encode("utf-8", "backslashreplace"))
        for name, vectors in sorted({"": features.vectors, **features.views}.items()):
            found.update(f"\0{name}\0{vectors.shape}".encode("utf-8", "backslashreplace"))
            found.update(vectors.tobytes())
    return found.hexdigest()
