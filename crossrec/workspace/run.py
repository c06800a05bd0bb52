"""A run: the folder that holds everything one piece of work read, learnt and found."""

from collections.abc import Mapping
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from crossrec.data.audit.rules import AuditReport
from crossrec.data.catalog import Catalog
from crossrec.data.ids import IdMap
from crossrec.data.log import InteractionLog
from crossrec.data.seen import EXCLUDE, Seen
from crossrec.data.split.cutting import ScenarioSplit
from crossrec.data.users import UserTable
from crossrec.errors import RunUnreadable
from crossrec.evaluation.results import RunReport
from crossrec.language.table import FeatureTable
from crossrec.workspace import datasets, features
from crossrec.workspace.files import RUN_FILE, RUN_KIND, damaged, read_json, write_json
from crossrec.workspace.tables import read_frame, write_frame

FORMAT_VERSION = 2
"""Of the run folder. A reader takes its own version only."""

DATA, FEATURES, MODEL = "data", "features", "model"
AUDIT, REPORT = "audit.json", "report.json"
LABEL = "label.json"
_MAPS = {"map_items": "map/items.parquet", "map_users": "map/users.parquet"}
_PARTS = {
    "log": f"{DATA}/{datasets.LOG}",
    "catalog": f"{DATA}/{datasets.CATALOG}",
    "users": f"{DATA}/{datasets.USERS}",
    "split": f"{DATA}/{datasets.SPLIT}",
    "features": f"{FEATURES}/{features.ABOUT}",
    "model": f"{MODEL}/config.json",
    "audit": AUDIT,
    "report": REPORT,
    **_MAPS,
}
"""The parts of a run and the file that shows that a part is there."""


class RunWriter:
    """Writes the parts of a run into a folder, usually one of :func:`staged_folder`.

    Every part is written once; which parts a run has is free, but :meth:`info` makes the folder a
    run and :meth:`split` needs :meth:`log` before it.

    Args:
        folder: where to write; it must exist.
    """

    def __init__(self, folder: Path | str) -> None:
        self.folder = Path(folder)

    @property
    def model_folder(self) -> Path:
        """Where the model's own ``save`` shall write."""
        return self.folder / MODEL

    def info(self, info: Mapping[str, object]) -> None:
        """Write the run's record (JSON-able); format, kind and time of creation are added."""
        head = {
            "kind": RUN_KIND,
            "format_version": FORMAT_VERSION,
            "created": datetime.now(UTC).isoformat(timespec="seconds"),
        }
        fixed = {"kind": RUN_KIND, "format_version": FORMAT_VERSION}
        write_json(self.folder / RUN_FILE, {**head, **info, **fixed})

    def log(self, log: InteractionLog) -> None:
        """Write the interactions."""
        datasets.write_log(self.folder / DATA, log)

    def catalog(self, catalog: Catalog) -> None:
        """Write the items' titles, texts and attributes."""
        datasets.write_catalog(self.folder / DATA, catalog)

    def users(self, users: UserTable) -> None:
        """Write the user profiles."""
        datasets.write_users(self.folder / DATA, users)

    def split(self, split: ScenarioSplit) -> None:
        """Write the split of the log written before."""
        datasets.write_split(self.folder / DATA, split)

    def features(self, table: FeatureTable) -> None:
        """Write the text vectors."""
        features.write_features(self.folder / FEATURES, table)

    def report(self, report: RunReport) -> None:
        """Write what the evaluation found."""
        report.save(self.folder)

    def audit(self, audit: AuditReport) -> None:
        """Write what the audit found."""
        write_json(self.folder / AUDIT, audit.to_json())

    def map(self, *, items: pd.DataFrame | None = None, users: pd.DataFrame | None = None) -> None:
        """Write the coordinates of the map's points."""
        for name, frame in (("map_items", items), ("map_users", users)):
            if frame is not None:
                write_frame(self.folder / _MAPS[name], frame)


class Run:
    """A finished run, read lazily: nothing but ``run.json`` is touched until a part is asked for.

    Readers return fresh values and keep nothing; a caller that needs a part often caches it by
    ``run.id``.

    Args:
        path: the run's folder.

    Raises:
        RunUnreadable: the folder is missing, was not made by CrossRec, is damaged, or was made by
            a newer version.
    """

    def __init__(self, path: Path | str) -> None:
        self.path = Path(path).resolve()
        self.info: dict[str, Any] = _read_info(self.path)

    def __repr__(self) -> str:
        return f"Run({str(self.path)!r})"

    @property
    def id(self) -> str:
        """The name of the folder."""
        return self.path.name

    @property
    def model_folder(self) -> Path:
        """Where the model's own ``load`` reads."""
        return self.path / MODEL

    @cached_property
    def label(self) -> dict[str, Any]:
        """What a person said of the run: "name" and "archived", where they did."""
        path = self.path / LABEL
        return read_json(path, "the name of this run") if path.is_file() else {}

    @property
    def least_shown(self) -> int:
        """Smallest group of users that tables and figures of the run may show; 1 shows all."""
        return int(self.info.get("privacy", {}).get("least", 1))

    @property
    def name(self) -> str:
        """The name a person gave it, "" for none; hostile text."""
        return str(self.label.get("name", ""))

    @property
    def archived(self) -> bool:
        """Whether it was put aside."""
        return bool(self.label.get("archived"))

    @cached_property
    def parts(self) -> frozenset[str]:
        """The parts this run has: "log", "catalog", "features", "map_items" ..."""
        return frozenset(name for name, file in _PARTS.items() if (self.path / file).is_file())

    def log(self) -> InteractionLog:
        """The interactions.

        Raises:
            RunUnreadable: the run has no such part, or it is damaged (so all readers).
        """
        self._need("log", "interactions")
        return datasets.read_log(self.path / DATA)

    def catalog(self) -> Catalog:
        """The items' titles, texts and attributes; empty if the run had none."""
        if "catalog" not in self.parts:
            none = np.array([], dtype=object)
            return Catalog(IdMap([]), title=none, text=none)
        return datasets.read_catalog(self.path / DATA)

    def users(self) -> UserTable:
        """The user profiles; empty if the run had none."""
        if "users" not in self.parts:
            return UserTable(IdMap([]))
        return datasets.read_users(self.path / DATA)

    def seen_in(self, scenario: str) -> Seen:
        """Whether lists of a scenario leave seen items out; runs that do not say so do."""
        return self.info.get("seen", {}).get("lists", {}).get(scenario, EXCLUDE)

    def split(self) -> ScenarioSplit:
        """What was trained on and what was held out."""
        self._need("split", "split")
        return datasets.read_split(self.path / DATA, self.log())

    def features(self) -> FeatureTable:
        """The text vectors, checked against the hash taken when they were written."""
        self._need("features", "text vectors")
        return features.read_features(self.path / FEATURES)

    def report(self) -> RunReport:
        """What the evaluation found."""
        self._need("report", "evaluation")
        return RunReport.load(self.path)

    def audit(self) -> AuditReport:
        """What the audit found."""
        self._need("audit", "audit")
        path = self.path / AUDIT
        found = read_json(path, "the audit of this run")
        try:
            return AuditReport.from_json(found)
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise damaged(path, f"{type(error).__name__}: {error}") from error

    def map_items(self) -> pd.DataFrame:
        """The map's coordinates of items."""
        self._need("map_items", "map of items")
        return read_frame(self.path / _MAPS["map_items"])

    def map_users(self) -> pd.DataFrame:
        """The map's coordinates of users."""
        self._need("map_users", "map of users")
        return read_frame(self.path / _MAPS["map_users"])

    def _need(self, part: str, name: str) -> None:
        if part not in self.parts:
            raise RunUnreadable(
                f"expected a run with its {name} in {str(self.path)!r}",
                "a run without",
                "Start the run again with the missing step",
            )


def _read_info(path: Path) -> dict[str, Any]:
    if not (path / RUN_FILE).is_file():
        found = "a folder without run.json" if path.is_dir() else "no such folder"
        raise RunUnreadable(
            f"expected a CrossRec run in {str(path)!r}", found, "Choose the folder of a run"
        )
    info = read_json(path / RUN_FILE, "a CrossRec run")
    if not isinstance(info, dict) or info.get("kind") != RUN_KIND:
        raise RunUnreadable(
            f"expected a CrossRec run in {str(path)!r}",
            "a run.json of another program",
            "Choose the folder of a run",
        )
    version = info.get("format_version")
    if version != FORMAT_VERSION:
        raise RunUnreadable(
            f"expected a run of format {FORMAT_VERSION} in {str(path)!r}",
            f"format {version!r}",
            "Another version of CrossRec made it: run again on the same files",
        )
    return info
