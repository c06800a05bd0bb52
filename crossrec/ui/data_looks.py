"""The first look at the chosen files and the columns a person corrected, kept for the next time."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import streamlit as st

from crossrec.data.formats import ITEMS, LOG, USERS
from crossrec.data.reading.mapping import ASK, ColumnMap
from crossrec.data.reading.preview import Look, look
from crossrec.errors import ColumnMissing
from crossrec.schema import CATALOG_COLUMNS, ITEM, LOG_COLUMNS, SCENARIO, USER
from crossrec.ui import inputs, state
from crossrec.workspace.files import writable

ROLES: Final[Mapping[str, str]] = {"log": LOG, "items": ITEMS, "users": USERS}
NAMES: Final[Mapping[str, tuple[str, ...]]] = {
    "log": LOG_COLUMNS,
    "items": CATALOG_COLUMNS,
    "users": (USER,),
}
"""Schema names that a table of a kind may have a column for."""
NEEDED: Final[Mapping[str, tuple[str, ...]]] = {
    "log": (USER, ITEM),
    "items": (ITEM,),
    "users": (USER,),
}


@dataclass(frozen=True)
class Table:
    """A chosen table before it is read.

    Attributes:
        kind: "log", "items" or "users".
        looks: at each of its files, the first of which is shown.
        guess: what its columns seem to be, surely or likely.
        asked: what only the values say: used when a person agrees.
        given: what a person said, in the link or for an earlier file with the same columns.
        remembered: whether it was said for an earlier file.
    """

    kind: str
    looks: tuple[Look, ...]
    guess: ColumnMap
    asked: ColumnMap
    given: ColumnMap
    remembered: bool

    @property
    def first(self) -> Look:
        """The look that is shown."""
        return self.looks[0]

    @property
    def shown(self) -> ColumnMap:
        """What a person said, then the guesses."""
        return self.given.over(self.guess)

    @property
    def constant(self) -> str:
        """The scenario of every row of the file that is shown; "" where a column tells, or none."""
        return "" if self.shown.get(SCENARIO) else self.first.scenario

    @property
    def missing(self) -> list[str]:
        """Needed columns that are not known."""
        return [name for name in NEEDED[self.kind] if not self.shown.get(name)]

    def as_mapping(self) -> dict[str, str]:
        """The map to read the table with: what is shown and nothing else.

        A guess for the first file is left to the reader where another file lacks the column.
        """
        found = {name: self.shown.get(name) or "" for name in NAMES[self.kind]}
        return {
            name: header
            for name, header in found.items()
            if name in self.given.columns
            or not header
            or all(header in one.columns for one in self.looks)
        }

    @property
    def guessed(self) -> dict[str, str]:
        """How sure each column of :meth:`as_mapping` is that no person named."""
        return {
            name: self.guess.confidence[name]
            for name in self.as_mapping()
            if name not in self.given.columns and name in self.guess.columns
        }


def tables(files: inputs.Files) -> dict[str, Table]:
    """The chosen tables by kind.

    Raises:
        DataError: a file is no table, or the link was written for other columns.
    """
    return {kind: _table(kind, paths) for kind, paths in files.items()}


def roles(paths: Sequence[Path]) -> list[str]:
    """The kinds of table that well-known layouts and archives among these files hold."""
    held = set()
    for looks in (_look(path, None) for path in paths):
        held |= {one.role for one in looks if one.layout or len(looks) > 1}
    return [kind for kind, role in ROLES.items() if role in held]


def keep_column(kind: str, name: str, header: str) -> None:
    """Write to the link that this column means ``name`` ("" for no column)."""
    table = tables({kind: inputs.chosen()[kind]})[kind]
    given = {**table.given.columns, name: header}
    if header:  # one column means one thing
        given |= {other: "" for other, col in table.shown.columns.items()
                  if col == header and other != name}  # fmt: skip
    keep(table, given)


def keep(table: Table, given: Mapping[str, str]) -> None:
    """Write to the link, and for later files with these columns, what differs from the guess."""
    changed = {
        name: header for name, header in given.items() if header != (table.guess.get(name) or "")
    }
    inputs.write_param(inputs.map_param(table.kind), changed)
    path = _memory(table.kind, table.first)
    with writable(state.workspace().root):
        if changed:
            path.parent.mkdir(parents=True, exist_ok=True)
            ColumnMap.given(changed).save(path)
        else:
            path.unlink(missing_ok=True)


def _table(kind: str, paths: Sequence[Path]) -> Table:
    looks = tuple(one for path in paths for one in _of_kind(kind, path))
    first = looks[0]
    confidence = first.mapping.confidence
    asked = {name: col for name, col in first.mapping.columns.items() if confidence[name] == ASK}
    sure = {name: col for name, col in first.mapping.columns.items() if name not in asked}
    written = inputs.read_param(inputs.map_param(kind))
    remembered = False
    if not written and (path := _memory(kind, first)).is_file():
        written, remembered = dict(ColumnMap.load(path).columns), True
    given = ColumnMap.given({name: str(header) for name, header in written.items()})
    for name, header in given.columns.items():
        if header and header not in first.columns:
            raise ColumnMissing(
                f"expected the column {header!r} for {name} in {first.name}",
                ", ".join(map(repr, first.columns[:12])),
                "Choose the file again",
            )
    return Table(
        kind,
        looks,
        ColumnMap(sure, {name: confidence[name] for name in sure}),
        ColumnMap(asked, dict.fromkeys(asked, ASK)),
        given,
        remembered,
    )


def _of_kind(kind: str, path: Path) -> list[Look]:
    """Of an archive the tables of this kind, if it has any; of other files all of them."""
    own, as_kind = _look(path, None), _look(path, ROLES[kind])
    fitting = [at for at, one in enumerate(own) if one.role == ROLES[kind]]
    return [as_kind[at] for at in fitting] or as_kind


def _look(path: Path, role: str | None) -> list[Look]:
    stat = path.stat()
    return _cached(str(path), stat.st_size, stat.st_mtime_ns, role)


@st.cache_resource(max_entries=60, show_spinner=False)
def _cached(path: str, size: int, changed: int, role: str | None) -> list[Look]:
    # Size and time of change are part of the cache key: a file written anew is read anew.
    del size, changed
    return look(path, role=role)


def _memory(kind: str, first: Look) -> Path:
    """Where the corrections for files of these columns are kept."""
    text = "\n".join([kind, *sorted(first.columns)])
    name = hashlib.sha256(text.encode(errors="surrogatepass")).hexdigest()[:16]
    return state.workspace().root / "mappings" / f"{name}.json"
