"""Points somebody chose (a lasso on the map), kept so that other pages and a link can name them.

::

    workspace/selections/<id>.parquet

The id is short and made of the content: the same choice is kept once, and its link stays the same.
Only the newest :data:`MOST_KEPT` are kept.
"""

import hashlib
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal

import numpy as np

from crossrec.errors import UnknownId
from crossrec.workspace.files import damaged, writable
from crossrec.workspace.tables import named, read_columns, write_columns
from crossrec.workspace.workspace import Workspace

Kind = Literal["items", "users"]

MOST_KEPT: Final = 200
_KINDS = ("items", "users")
_SAFE_ID = re.compile(r"[0-9a-f]{12}")


@dataclass(frozen=True)
class Selection:
    """Chosen items, or users, of one run.

    Attributes:
        id: short, fit for a link (``?sel=``).
        run: id of the run they were chosen in.
        kind: "items" or "users".
        ids: item or user ids, shape (n,), object strings, the most active first. An id is there
            once for every scenario it was chosen in.
        scenarios: the scenario each was chosen in, shape (n,), object strings.
    """

    id: str
    run: str
    kind: Kind
    ids: np.ndarray
    scenarios: np.ndarray

    def __len__(self) -> int:
        return len(self.ids)

    def distinct(self) -> np.ndarray:
        """Each id once, in the order of :attr:`ids`: a cohort of users, or a set of items."""
        return np.array(list(dict.fromkeys(self.ids.tolist())), dtype=object)


def save_selection(
    workspace: Workspace, *, run: str, kind: Kind, ids: np.ndarray, scenarios: np.ndarray
) -> Selection:
    """Keep a choice of points.

    Args:
        workspace: where.
        run: id of the run.
        kind: "items" or "users".
        ids: shape (n,), the most active first.
        scenarios: shape (n,), the scenario of each point.

    Raises:
        WorkspaceError: the disk is full, or the workspace cannot be written.
    """
    ids, scenarios = (np.asarray(one).astype(object) for one in (ids, scenarios))
    selection = Selection(_name(run, kind, ids, scenarios), run, kind, ids, scenarios)
    path = _path(workspace, selection.id)
    with writable(workspace.root):
        if not path.exists():
            beside = path.with_suffix(".part")
            write_columns(beside, [("id", ids), ("scenario", scenarios)], run=run, kind=kind)
            beside.replace(path)
        path.touch()
        _prune(path.parent)
    return selection


def load_selection(workspace: Workspace, selection_id: str) -> Selection:
    """A kept choice.

    Raises:
        UnknownId: there is none of this id (any more).
        RunUnreadable: its file is damaged.
    """
    path = _path(workspace, selection_id)
    if not _SAFE_ID.fullmatch(selection_id) or not path.is_file():
        raise UnknownId(
            "expected a selection of this workspace",
            f"{selection_id!r}",
            f"Choose the points on the map again; the newest {MOST_KEPT} selections are kept",
        )
    columns, meta = read_columns(path)
    ids, scenarios = named(path, columns, "id", "scenario")
    if meta.get("kind") not in _KINDS:
        raise damaged(path, f"a selection of {meta.get('kind')!r}")
    return Selection(selection_id, str(meta.get("run", "")), meta["kind"], ids, scenarios)


def _path(workspace: Workspace, selection_id: str) -> Path:
    return workspace.root / "selections" / f"{selection_id}.parquet"


def _name(run: str, kind: str, ids: np.ndarray, scenarios: np.ndarray) -> str:
    content = hashlib.sha256(f"{kind}\0{run}".encode("utf-8", "surrogatepass"))
    for column in (ids, scenarios):
        text = "\0".join(map(str, column.tolist()))
        content.update(b"\1" + text.encode("utf-8", "surrogatepass"))
    return content.hexdigest()[:12]


def _prune(folder: Path) -> None:
    files = sorted(folder.glob("*.parquet"), key=lambda file: -file.stat().st_mtime)
    for file in files[MOST_KEPT:]:
        file.unlink(missing_ok=True)
