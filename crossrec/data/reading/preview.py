"""A first look at a file, before anything is read in earnest: what the Data page shows."""

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from crossrec.data.formats import ITEMS, LOG, USERS
from crossrec.data.log import Reject, SignalFacts
from crossrec.data.meaning.signals import Given, event_evidence, signal_columns
from crossrec.data.reading.kinds import MAX_VALUES
from crossrec.data.reading.mapping import EXACT, ColumnMap, ask, suggest
from crossrec.data.reading.roles import roles_of, scenarios_of
from crossrec.data.reading.table import whole_table
from crossrec.data.sources import Part, open_parts, stage
from crossrec.data.values import BETWEEN, LISTED
from crossrec.schema import CATALOG_COLUMNS, EVENT, LOG_COLUMNS, SCENARIO, USER

ROWS = 20
"""Rows of a preview."""
_SAMPLED = 2_000
"""So many rows tell which values a column has."""
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
        sample: some more rows, of a large file of its beginning, under the same headers.
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
    sample: pa.Table

    def values(self, column: str) -> dict[str, int]:
        """The values of a column in the sample -> their rows, the most frequent first."""
        cells = pc.utf8_trim_whitespace(self.sample[column])  # pyright: ignore
        counts = {each["values"]: each["counts"] for each in cells.value_counts().to_pylist()}
        return {value: n for value, n in sorted(counts.items(), key=_rows, reverse=True) if value}

    def beside(self, column: str, value: str, other: str, n: int = 3) -> list[str]:
        """Up to ``n`` different values of another column in rows of the sample with this value."""
        rows = pc.equal(pc.utf8_trim_whitespace(self.sample[column]), value)  # pyright: ignore
        return [one for one in self.sample.filter(rows)[other].unique().to_pylist() if one][:n]


def _rows(value: tuple[str | None, int]) -> int:
    return value[1]


def sampled_signals(each: Look, columns: ColumnMap, given: Given) -> tuple[SignalFacts, ...]:
    """What the values of the sample say, for a file that is not read yet.

    Args:
        each: the look at a log.
        columns: which column is which.
        given: what a person says of values.
    """
    facts: list[SignalFacts] = []
    event = columns.get(EVENT)
    if event in each.columns:
        for value, n in islice(each.values(event).items(), MAX_VALUES):
            one = event_evidence(value, given)
            facts.append(SignalFacts(event, value, one.kind, n, one.strength, "event"))
    used = [header for header in columns.columns.values() if header]
    cells = {header: each.sample[header] for header in each.columns}
    for column in signal_columns(each.columns, cells, used, given):
        for value, n in each.values(column.header).items():
            if (one := column.evidence(value)) is not None:
                facts.append(SignalFacts(column.header, value, one.kind, n, one.strength, "column"))
    return tuple(facts)


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
                    _sample(part),
                )
            )
    return looks


def _sample(part: Part) -> pa.Table:
    """Some of its rows, apart from all others, which may then be forgotten."""
    step = -(-part.sample.num_rows // _SAMPLED) or 1
    rows = part.sample.take(pa.array(range(0, part.sample.num_rows, step), pa.int64()))
    names = {part.cell(header): header for header in part.columns}
    return pa.table({names[name]: rows[name].cast(pa.string()) for name in rows.column_names})


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
