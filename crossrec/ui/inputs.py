"""What a person chose on the Data page, kept in the link so that a refresh loses nothing.

``?log=&items=&users=`` hold, one per line, the sha256 of an upload, the path of a file on this
machine, or ``sample``; ``?map=&map_items=&map_users=`` the columns a person corrected;
``?by_file=`` says that every file is a scenario; ``?reading=&clean=&privacy=`` hold what differs
from the usual.
"""

import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final, TypeVar

import streamlit as st

from crossrec.data.cleaning.plan import CleaningPlan
from crossrec.data.privacy.plan import PrivacyPlan
from crossrec.data.reading.readers import ReadOptions
from crossrec.data.sample.generator import generate_sample
from crossrec.errors import DataError, FileUnreadable, UnknownId
from crossrec.intake import RunInputs
from crossrec.jobs.verbs import to_json
from crossrec.ui import state
from crossrec.ui.i18n import t
from crossrec.workspace.named import keep_name, named_upload

KINDS: Final = ("log", "items", "users")
SAMPLE: Final = "sample"
BY_FILE: Final = "by_file"
OPTIONS: Final = ("map", "map_items", "map_users", BY_FILE, "clean", "privacy", "reading")
"""Parameters of the link that belong to the chosen files."""

Files = Mapping[str, Sequence[Path]]
Plan = TypeVar("Plan")
_SHA: Final = re.compile(r"[0-9a-f]{64}")


def chosen() -> dict[str, list[Path]]:
    """The chosen files by kind ("log", "items", "users").

    Raises:
        UnknownId: an upload the link names is no longer there.
        FileUnreadable: a path does not exist.
    """
    return {kind: [_path(kind, one) for one in values] for kind in KINDS if (values := _held(kind))}


def choose(kind: str, values: Sequence[str]) -> None:
    """Choose files (sha256, path or "sample") for one kind; none to take them away."""
    state.set_param(kind, "\n".join(values))
    for name in OPTIONS if kind == "log" else (map_param(kind),):
        state.set_param(name, None)


def map_param(kind: str) -> str:
    """The parameter that holds the corrected columns of a kind."""
    return "map" if kind == "log" else f"map_{kind}"


def keep_upload(kind: str, widget: str) -> None:
    """Stream the files of an upload widget to the workspace at once, and choose them."""
    if files := st.session_state[widget]:
        workspace = state.workspace()
        uploads = [workspace.add_upload(file, file.name) for file in files]
        for upload in uploads:
            keep_name(workspace, upload)
        choose(kind, [upload.sha for upload in uploads])


def keep_paths() -> None:
    """Choose the files whose paths stand in the form, one per line."""
    for kind in KINDS:
        lines = [line.strip() for line in st.session_state[f"path_{kind}"].splitlines()]
        if paths := [str(Path(line).expanduser()) for line in lines if line]:
            choose(kind, paths)


def use_sample() -> None:
    """Choose the sample data for all three kinds."""
    for kind in KINDS:
        choose(kind, [SAMPLE])


def use_same(kind: str) -> None:
    """Choose the files of the log for another kind: an archive may hold all of them."""
    choose(kind, _held("log"))


def name_of(kind: str) -> str:
    """What to call the chosen files of a kind."""
    held = _held(kind)
    if held == [SAMPLE]:
        return t("data.files.sample")
    try:
        first = _path(kind, held[0]).name
    except (FileUnreadable, UnknownId):  # it is gone; what it was called is in the link
        first = Path(held[0]).name[:40]
    return first if len(held) == 1 else t("data.files.and_more", name=first, n=len(held) - 1)


def read_plan(kind: type[Plan], param: str) -> Plan | None:
    """A plan of the link as its dataclass; None where there is none.

    Raises:
        DataError: the link is damaged.
    """
    held = read_param(param)
    if not held:
        return None
    try:
        return kind(**held)
    except (TypeError, AttributeError, ValueError) as error:
        raise _damaged(param, error) from error


def read_param(param: str) -> dict[str, Any]:
    """A table of the link; empty where there is none.

    Raises:
        DataError: the link is damaged.
    """
    written = state.param(param)
    if not written:
        return {}
    try:
        held = json.loads(written)
    except ValueError as error:
        raise _damaged(param, error) from error
    if not isinstance(held, dict):
        raise _damaged(param, type(held).__name__)
    return held


def write_param(param: str, held: Mapping[str, Any]) -> None:
    """Write a table to the link; an empty one removes it."""
    state.set_param(param, json.dumps(dict(held), ensure_ascii=False) if held else None)


def reading() -> ReadOptions:
    """How the log is to be read, as the link says.

    Raises:
        DataError: the link is damaged.
    """
    return read_plan(ReadOptions, "reading") or ReadOptions()


def write_reading(options: ReadOptions) -> None:
    """Write to the link what differs from the usual way of reading."""
    write_param("reading", options.to_json())


def request(
    files: Files, maps: Mapping[str, Mapping[str, str]], guessed: Mapping[str, str]
) -> RunInputs:
    """The chosen files, columns and plans as a verb takes them.

    Args:
        files: of :func:`chosen`, with a log.
        maps: kind -> schema name -> header.
        guessed: of the log, how sure its columns are that no person named.

    Raises:
        DataError: the link is damaged.
    """
    log, items, users = (tuple(files.get(kind, ())) for kind in KINDS)
    return RunInputs(
        log[0],
        items[0] if items else None,
        users[0] if users else None,
        dict(maps.get("log", {})),
        cleaning=read_plan(CleaningPlan, "clean"),
        privacy=read_plan(PrivacyPlan, "privacy"),
        reading=reading(),
        further=log[1:],
        further_items=items[1:],
        further_users=users[1:],
        items_mapping=dict(maps.get("items", {})),
        users_mapping=dict(maps.get("users", {})),
        guessed=dict(guessed),
        scenario_files=_by_file(log) if state.param(BY_FILE) and len(log) > 1 else {},
    )


def fingerprint(asked: RunInputs) -> str:
    """A short name for these files read this way: where their check is kept."""
    paths = [*asked.log_files, *asked.item_files, *asked.user_files]
    changed = [f"{path}@{path.stat().st_mtime_ns}" for path in paths]
    text = "\n".join([*changed, to_json({"inputs": asked})])
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def sample_files() -> dict[str, list[Path]]:
    """The sample data by kind; made on first use (under two seconds)."""
    folder = state.workspace().root / "sample"
    if not (folder / "users.csv").is_file():
        generate_sample(folder)
    files = {"log": "interactions", "items": "items", "users": "users"}
    return {kind: [folder / f"{name}.csv"] for kind, name in files.items()}


def _held(kind: str) -> list[str]:
    return [line for line in state.param(kind).split("\n") if line]


def _by_file(paths: Sequence[Path]) -> dict[str, Path]:
    """Scenario -> file, by the files' own names; of equal names the later get a number."""
    named: dict[str, Path] = {}
    for path in paths:
        stem = path.name.split(".")[0] or path.name
        name, at = stem, 2
        while name in named:
            name, at = f"{stem} {at}", at + 1
        named[name] = path
    return named


def _path(kind: str, value: str) -> Path:
    if value == SAMPLE:
        return sample_files()[kind][0]
    if _SHA.fullmatch(value):
        return named_upload(state.workspace(), value)
    path = Path(value).expanduser()
    if not path.is_file():
        folder = path.is_dir()
        raise FileUnreadable(
            f"expected a file at {value}",
            "a folder" if folder else "nothing there",
            "Name the files in it, one per line" if folder else "Check the path",
        )
    return path


def _damaged(param: str, found: object) -> DataError:
    return DataError(
        f"expected a whole link with {param}=", str(found)[:120], "Choose the files again"
    )
