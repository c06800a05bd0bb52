"""A first look at a file, before anything is read in earnest: what the Data page shows."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from crossrec.data.formats import ITEMS, LOG, USERS
from crossrec.data.log import Reject
from crossrec.data.reading.mapping import EXACT, ColumnMap, ask, suggest
from crossrec.data.reading.roles import roles_of, scenarios_of
from crossrec.data.reading.table import whole_table
from crossrec.data.sources import Part, open_parts, stage
from crossrec.data.values import BETWEEN, LISTED
from crossrec.schema import CATALOG_COLUMNS, LOG_COLUMNS, SCENARIO, USER

ROWS = 20
"""Rows of a preview."""
_NAMES: Mapping[str, tuple[str, ...]] = {LOG: LOG_COLUMNS, ITEMS: CATALOG_COLUMNS, USERS: (USER,)}


@dataclass(frozen=True)
class Look:
    """The beginning of one table.

    Attributes:
        name: of the file; ``archive.zip/member.csv`` inside an archive.
        columns: its headers.
        rows: its first rows as text, under these headers.
        kind: "csv", "jsonl", "parquet" or "xlsx".
        encoding: of its text, by its beginning; the kind where it is not text.
        delimiter: between values; "" where it is not delimited.
        layout: the well-known layout it follows, or "".
        note: what a person should know about this layout.
        scenario: of every row, where the layout has one file per scenario, or the names of several
            members or sheets tell it; else "".
        role: what the file seems to be: "interactions", "items" or "users"; "" for a leaflet in
            an archive.
        mapping: which column is which, with confidence; columns to ask about included.
        rejects: the bad lines among the first ones.
    """

    name: str
    columns: tuple[str, ...]
    rows: pd.DataFrame
    kind: str
    encoding: str
    delimiter: str
    layout: str
    note: str
    scenario: str
    role: str
    mapping: ColumnMap
    rejects: tuple[Reject, ...]


def look(path: Path | str, *, role: str | None = None) -> list[Look]:
    """Look at the beginning of a file; one :class:`Look` per table of an archive.

    Args:
        path: as for :func:`~crossrec.data.read.read_log`.
        role: what it is meant to be; found by its columns if None.

    Raises:
        FileUnreadable: missing, a folder, empty, damaged, or no table.
    """
    with stage() as place:
        looks = []
        parts = open_parts(Path(path), place, preview=True)
        roles = roles_of(parts)
        logs = [part for part, found in zip(parts, roles, strict=True) if found.name == LOG]
        by_name = {part.name: name for part, name in zip(logs, scenarios_of(logs), strict=True)}
        for part, found in zip(parts, roles, strict=True):
            table = whole_table(part, place, limit=ROWS)
            cells = {header: table.cells[f"c{at}"] for at, header in enumerate(part.columns)}
            shown = pd.DataFrame(
                {header: list(map(_shown, cell.to_pylist())) for header, cell in cells.items()}
            )
            own = role or found.name or (LOG if len(parts) == 1 else "")
            shape, mapping = part.shape, _mapping(part, own or LOG)
            scenario = shape.scenario if shape else ""
            if not scenario and not mapping.get(SCENARIO):
                scenario = by_name.get(part.name, "")
            looks.append(
                Look(
                    part.name,
                    part.columns,
                    shown,
                    part.kind,
                    part.encoding,
                    part.delimiter,
                    shape.layout if shape else "",
                    (shape.note if shape else "") or found.reason or part.note,
                    scenario,
                    own,
                    mapping,
                    tuple(table.rejects),
                )
            )
    return looks


def _shown(cell: str | None) -> str | None:
    return cell and cell.replace(LISTED, BETWEEN)


def _mapping(part: Part, role: str) -> ColumnMap:
    """What is known, then what is guessed by headers, then what is to be asked."""
    names, examples = _NAMES[role], part.examples()
    known = ColumnMap()
    if part.shape is not None and part.shape.role == role:
        of_layout = {name: col for name, col in part.shape.mapping.items() if name in names}
        known = ColumnMap(of_layout, dict.fromkeys(of_layout, EXACT))
    found = known.over(suggest(part.columns, examples, names=names))
    return found.over(ask(part.columns, examples, found, names=names))
