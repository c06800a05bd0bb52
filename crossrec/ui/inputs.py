"""The files a person chose on the Data page, kept in the link so that a refresh loses nothing.

``?log=&items=&users=`` hold the sha256 of an upload, the path of a file on this machine, or
``sample``; ``?map=`` holds the columns a person corrected.
"""

import hashlib
import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import pandas as pd
import streamlit as st

from crossrec.data.mapping import ColumnMap, suggest
from crossrec.data.sample import generate_sample
from crossrec.data.table import read_table
from crossrec.errors import FileUnreadable
from crossrec.intake import RunInputs
from crossrec.schema import LOG_COLUMNS
from crossrec.ui import state
from crossrec.ui.i18n import t

KINDS: Final = ("log", "items", "users")
SAMPLE: Final = "sample"
PREVIEW_ROWS: Final = 20

_SHA: Final = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True)
class Peek:
    """The beginning of a file.

    Attributes:
        columns: its headers.
        rows: its first rows as text, under these headers.
    """

    columns: tuple[str, ...]
    rows: pd.DataFrame


def chosen() -> dict[str, Path]:
    """The chosen files by kind ("log", "items", "users").

    Raises:
        UnknownId: an upload the link names is no longer there.
        FileUnreadable: a path does not exist.
    """
    return {kind: _path(kind, value) for kind in KINDS if (value := state.param(kind))}


def choose(kind: str, value: str | None) -> None:
    """Choose a file (sha256, path or "sample") for one kind; None for no file."""
    state.set_param(kind, value)
    if kind == "log":
        state.set_param("map", None)


def keep_upload(kind: str, widget: str) -> None:
    """Stream the file of an upload widget to the workspace at once, and choose it."""
    file = st.session_state[widget]
    if file is not None:
        upload = state.workspace().add_upload(file, file.name)
        st.session_state[f"_name_{upload.sha}"] = upload.name
        choose(kind, upload.sha)


def name_of(kind: str) -> str:
    """What to call the chosen file of a kind."""
    value = state.param(kind)
    if value == SAMPLE:
        return t("data.files.sample")
    if _SHA.fullmatch(value):
        return st.session_state.get(f"_name_{value}", value[:8])
    return Path(value).name


def keep_paths() -> None:
    """Choose the files whose paths stand in the form."""
    for kind in KINDS:
        if written := st.session_state[f"path_{kind}"].strip():
            choose(kind, str(Path(written).expanduser()))


def use_sample() -> None:
    """Choose the sample data for all three kinds."""
    for kind in KINDS:
        choose(kind, SAMPLE)


def guess(peeked: Peek) -> ColumnMap:
    """What the columns of an interactions file seem to be."""
    return suggest(peeked.columns, peeked.rows.to_dict("list"), names=LOG_COLUMNS)


def corrections() -> ColumnMap:
    """The columns a person corrected; empty if none.

    Raises:
        ColumnMissing: the link was written for other columns.
    """
    written = state.param("map")
    return ColumnMap.given(json.loads(written)) if written else ColumnMap()


def keep_mapping(guessed: ColumnMap, prefix: str) -> None:
    """Write to the link what differs from the guess; widgets are ``<prefix><schema name>``."""
    picks = {name: st.session_state[f"{prefix}{name}"] for name in LOG_COLUMNS}
    changed = {name: pick for name, pick in picks.items() if pick != (guessed.get(name) or "")}
    state.set_param("map", json.dumps(changed, ensure_ascii=False) if changed else None)


def fingerprint(files: dict[str, Path], columns: ColumnMap) -> str:
    """A short name for these files read with this mapping: where their check is kept."""
    parts = [f"{kind}={path}@{path.stat().st_mtime_ns}" for kind, path in sorted(files.items())]
    parts += [f"{name}:{column}" for name, column in sorted(columns.columns.items())]
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:16]


def as_inputs(files: dict[str, Path], columns: ColumnMap) -> RunInputs:
    """The chosen files and columns as a verb takes them."""
    return RunInputs(files["log"], files.get("items"), files.get("users"), dict(columns.columns))


def peek(path: Path) -> Peek:
    """The headers and first rows of a file.

    Raises:
        FileUnreadable: it is no table.
    """
    stat = path.stat()
    return _peek(str(path), stat.st_size, stat.st_mtime_ns)


@st.cache_resource(max_entries=20, show_spinner=False)
def _peek(path: str, size: int, changed: int) -> Peek:
    # Size and time of change are part of the cache key: a file written anew is read anew.
    del size, changed
    table = read_table(path, limit=PREVIEW_ROWS)
    cells = table.cells.slice(0, PREVIEW_ROWS)
    columns = {header: cells[f"c{at}"].to_pylist() for at, header in enumerate(table.columns)}
    return Peek(table.columns, pd.DataFrame(columns))


def sample_files() -> dict[str, Path]:
    """The sample data by kind; made on first use (under two seconds)."""
    folder = state.workspace().root / "sample"
    if not (folder / "users.csv").is_file():
        generate_sample(folder)
    files = {"log": "interactions", "items": "items", "users": "users"}
    return {kind: folder / f"{name}.csv" for kind, name in files.items()}


def _path(kind: str, value: str) -> Path:
    if value == SAMPLE:
        return sample_files()[kind]
    if _SHA.fullmatch(value):
        return state.workspace().find_upload(value)
    path = Path(value).expanduser()
    if not path.is_file():
        raise FileUnreadable(f"expected a file at {value}", "nothing there", "Check the path")
    return path
