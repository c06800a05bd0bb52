"""Read an analyst's files: an interaction log, a catalogue, user profiles."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, get_args

import duckdb
import numpy as np

from crossrec.data.catalog import Catalog, merged_catalog
from crossrec.data.cells import attributes, clean, header_again, open_cells, whole_ids
from crossrec.data.formats import ITEMS, LOG, USERS
from crossrec.data.ids import IdMap
from crossrec.data.judge import MAX_SCENARIOS, Judge, Repeats
from crossrec.data.log import FileFacts, InteractionLog, RejectSummary, TimeKind
from crossrec.data.mapping import ColumnMap, resolve
from crossrec.data.rejects import (
    LINE,
    Fault,
    RejectList,
    check_share,
    fault_columns,
    joined,
    set_aside,
)
from crossrec.data.rows import Rows, Source
from crossrec.data.sources import Part, Staging, collect, open_parts, stage
from crossrec.data.sources.part import no_rows
from crossrec.data.table import RawTable, whole_table
from crossrec.data.times import TimeReading, recognise
from crossrec.data.users import UserTable, merged_users
from crossrec.errors import DataError
from crossrec.progress import Progress, silent
from crossrec.schema import CATALOG_COLUMNS, ITEM, LOG_COLUMNS, SCENARIO, TEXT, TIME, TITLE, USER

__all__ = [
    "MAX_REJECTS",
    "MAX_SCENARIOS",
    "ONLY_SCENARIO",
    "read_catalog",
    "read_log",
    "read_users",
]

ONLY_SCENARIO = "all"
"""The scenario of every row where no column and no file tells it."""
MAX_REJECTS = 0.5
"""Default limit on the share of rejected rows."""

Columns = ColumnMap | Mapping[str, str] | None
"""Which column is which: a map, ``{schema name: header}``, or nothing (by the headers)."""
Files = Path | str | Sequence[Path | str]
"""One file, or several that are read one after the other."""
Order = Literal["file", "history"]


@dataclass(frozen=True)
class ReadOptions:
    """How a log is read, where the usual way is not wanted; see :func:`read_log`.

    Attributes:
        max_rejects: highest share of rejected rows, in [0, 1].
        repeats: "first", "last" or "sum".
        zone: time zone of written times that do not name one.
    """

    max_rejects: float = MAX_REJECTS
    repeats: str = "first"
    zone: str = "UTC"

    def __post_init__(self) -> None:
        if self.repeats not in get_args(Repeats):
            raise DataError(
                f"expected a policy for repeats: {', '.join(get_args(Repeats))}",
                repr(self.repeats),
            )
        if not 0 <= self.max_rejects <= 1:
            raise DataError(
                "expected the highest share of rejected rows in 0..1", f"{self.max_rejects}"
            )


def read_log(
    path: Files | Mapping[str, Path | str],
    mapping: Columns = None,
    *,
    scenario: str | None = None,
    max_rejects: float = MAX_REJECTS,
    repeats: Repeats = "first",
    zone: str = "UTC",
    order: Order = "file",
    progress: Progress = silent,
) -> InteractionLog:
    """Read interactions from CSV, TSV, JSONL, Parquet or a workbook, plain, gzipped or zipped.

    *Columns* are recognised by their headers (:func:`~crossrec.data.mapping.suggest`) or by the
    well-known layout the file follows (:mod:`crossrec.data.formats`); ``mapping`` overrides that.
    User and item are needed. Without a scenario column every row belongs to
    :data:`ONLY_SCENARIO`.

    *Rejected* (``log.rejects.rows``, with true line numbers): rows of another width; no user, item
    or scenario; a time or rating that cannot be read; a rating that is not above 0 (an event
    strength is positive); an event that says "no", such as a return; the header once more.

    *Exact repeats* of (user, item, scenario, event, time), without a time column of (user, item,
    scenario, event), are dropped and counted in ``log.rejects.duplicates``. A repeat at another
    time stays and adds strength.

    *Weight* = strength of the event (:data:`~crossrec.data.events.EVENT_WEIGHTS`) divided by the
    strongest event of the log, times rating / highest rating of the log (1 where a row has no
    rating). The quantity is not used: ten cans do not say ten times the liking of one.

    *Time* is read by :func:`~crossrec.data.times.recognise`.

    Args:
        path: the file; its content decides the format, not its name. Several files of one log, or
            an archive of them, are read one after the other; ``{scenario: file}`` names the
            scenario of each.
        mapping: schema name -> header; an empty header means "there is none".
        scenario: the scenario of every row; a scenario column of the file is then not used.
        max_rejects: highest share of rejected rows, in [0, 1].
        repeats: which of several exact repeats stays ("first", "last"), or "sum": the first, with
            the strength of all of them.
        zone: time zone of written times that do not name one.
        order: "file", or "history": by user, then time.
        progress: told of phase "import".

    Returns:
        The log; scenarios sorted by name; how each file was read in ``log.rejects.files``.

    Raises:
        FileUnreadable: the file is missing, empty, no table, or changes while it is read.
        ColumnMissing: user or item column not found, or a column name stands twice.
        TooManyRejects: more rows are bad than ``max_rejects`` allows, or all of them.
        DataError: the time column holds no times, or the scenario column too many names.
    """
    if isinstance(path, Mapping):
        files = [(Path(file), own) for own, file in path.items()]
    else:
        files = [(file, scenario or "") for file in _paths(path)]
    progress("import", 0, 3, "looking at the file")
    with stage() as place:
        sources = [
            _source(part, own, mapping, zone, place)
            for file, own in files
            for part in _with_role(open_parts(file, place), LOG)
        ]
        rows, malformed = Rows(sources, place.connection), []
        for at, source in enumerate(sources):
            progress("import", 0.2 + 1.8 * at / len(sources), 3, "reading rows")
            malformed.append(collect(source.part, place, source.select(), rows.next()))
            if not rows.size + len(malformed[at]):
                raise no_rows(source.part.name)
    facts = [
        _facts(source.part, source.columns, end - start + len(bad), source.time.said)
        for source, (start, end), bad in zip(sources, rows.spans(), malformed, strict=True)
    ] + place.skipped
    progress("import", 2, 3, "checking rows, numbering users and items")
    log = Judge(rows, sources, malformed).log(
        max_rejects=max_rejects,
        policy=repeats,
        name=files[0][0].name if len(files) == 1 else f"these {len(files)} files",
        facts=facts,
        by_history=order == "history",
    )
    progress("import", 3, 3)
    return log


def read_catalog(
    path: Files, mapping: Columns = None, *, max_rejects: float = MAX_REJECTS
) -> Catalog:
    """Read what is known about items; only the item id is needed.

    An item may stand in several rows (one per scenario, say) and in several files: it is listed in
    each scenario, and the first value that is not empty wins. Columns that are not recognised
    become attributes under their own names: numbers where every value is one (``$1,299.00`` is),
    else strings.

    Args:
        path: one file or several, see :func:`read_log`.
        mapping: schema name -> header.
        max_rejects: highest share of rows without an item id, in [0, 1].

    Raises:
        FileUnreadable, ColumnMissing, TooManyRejects: as for :func:`read_log`.
    """
    with stage() as place:
        return merged_catalog(
            [
                _catalog(part, place, mapping, max_rejects)
                for file in _paths(path)
                for part in _with_role(open_parts(file, place), ITEMS)
            ]
        )


def read_users(
    path: Files, mapping: Columns = None, *, max_rejects: float = MAX_REJECTS
) -> UserTable:
    """Read user profiles: the user id, and every other column as an attribute.

    A user in several rows or files keeps the first value of each column that is not empty.

    Args:
        path: one file or several, see :func:`read_log`.
        mapping: ``{"user_id": header}``.
        max_rejects: highest share of rows without a user id, in [0, 1].

    Raises:
        FileUnreadable, ColumnMissing, TooManyRejects: as for :func:`read_log`.
    """
    with stage() as place:
        return merged_users(
            [
                _users(part, place, mapping, max_rejects)
                for file in _paths(path)
                for part in _with_role(open_parts(file, place), USERS)
            ]
        )


def _paths(path: Files) -> list[Path]:
    return [Path(path)] if isinstance(path, (str, Path)) else [Path(file) for file in path]


def _with_role(parts: list[Part], role: str) -> list[Part]:
    """Of a well-known layout the parts for this table; of other archives all of them."""
    known = [part for part in parts if part.shape is not None and part.shape.role == role]
    return known or parts


def _columns(
    part: Part, mapping: Columns, names: Sequence[str], needed: Sequence[str]
) -> ColumnMap:
    """Which column is which: what a person says, then the layout, then the headers."""
    known = ColumnMap()
    if part.shape is not None:
        of_layout = {name: header for name, header in part.shape.mapping.items() if name in names}
        known = ColumnMap(of_layout, dict.fromkeys(of_layout, part.shape.confidence))
    return resolve(
        part.columns, mapping, part.examples(), names=names, needed=needed, file=part.name,
        known=known,
    )  # fmt: skip


def _source(part: Part, scenario: str, mapping: Columns, zone: str, place: Staging) -> Source:
    """A part of a log with what its columns mean."""
    names = [name for name in LOG_COLUMNS if name != SCENARIO or not scenario]
    columns = _columns(part, mapping, names, (USER, ITEM))
    if columns.get(SCENARIO) is None:
        scenario = scenario or (part.shape and part.shape.scenario) or ONLY_SCENARIO
    reading = TimeReading(TimeKind.NONE)
    if header := columns.get(TIME):
        values = part.sample[part.cell(header)]
        reading = recognise(place.connection, values, column=header, file=part.name, zone=zone)
        if reading.kind is TimeKind.NONE:
            columns = columns.without(TIME)
    return Source(part, columns, reading, scenario)


def _facts(part: Part, columns: ColumnMap, rows: int, time: str = "") -> FileFacts:
    shape = part.shape
    return FileFacts(
        name=part.name,
        kind=part.kind,
        encoding=part.encoding,
        delimiter=part.delimiter,
        layout=shape.layout if shape else "",
        rows=rows,
        columns=dict(columns.columns),
        confidence=dict(columns.confidence),
        time=time,
        note=shape.note if shape else "",
    )


def _catalog(part: Part, place: Staging, mapping: Columns, max_rejects: float) -> Catalog:
    columns = _columns(part, mapping, CATALOG_COLUMNS, (ITEM,))
    table = whole_table(part, place)
    with open_cells(table) as connection:
        key, ids, summary = _keyed(connection, table, columns, ITEM, max_rejects)
        fields = attributes(connection, key, _attribute_cells(table, columns), texts=(TITLE, TEXT))
        empty = np.full(len(ids), "", dtype=object)
        listed = {}
        if (place_of := columns.get(SCENARIO)) is not None:
            listed = _listed(connection, key, clean(table.cell(place_of)))
        elif part.shape is not None and part.shape.scenario:
            listed = {part.shape.scenario: np.arange(len(ids), dtype=np.int32)}
    return Catalog(
        items=ids,
        title=fields.pop(TITLE, empty),
        text=fields.pop(TEXT, empty),
        listed=listed,
        attributes=fields,
        rejects=summary,
    )


def _users(part: Part, place: Staging, mapping: Columns, max_rejects: float) -> UserTable:
    columns = _columns(part, mapping, (USER,), (USER,))
    table = whole_table(part, place)
    with open_cells(table) as connection:
        key, ids, summary = _keyed(connection, table, columns, USER, max_rejects)
        fields = attributes(connection, key, _attribute_cells(table, columns))
    return UserTable(ids, fields, summary)


def _keyed(
    connection: duckdb.DuckDBPyConnection,
    table: RawTable,
    columns: ColumnMap,
    name: str,
    max_rejects: float,
) -> tuple[str, IdMap, RejectSummary]:
    """SQL for the id of a row, the ids in file order (also as table ``ids``), and the rejects."""
    cell = _cells(table, columns, CATALOG_COLUMNS if name == ITEM else (name,))
    key = whole_ids(connection, cell[name])
    faults = [
        Fault("", header_again(cell, table), cell[name], "the header once more"),
        Fault(columns.get(name) or "", f"{key} IS NULL", cell[name], f"no {name}"),
    ]
    connection.execute(
        f"CREATE TEMP TABLE judged AS SELECT {LINE}, {key} AS id, {fault_columns(faults)}"
        " FROM cells"
    )
    rejects = RejectList(table.file)
    set_aside(connection, "judged", faults, rejects)
    found = joined([rejects.table(), table.rejects]).by_line()
    read = table.cells.num_rows + len(table.rejects)
    check_share(found, read, max_rejects, table.file)
    connection.execute("DELETE FROM judged WHERE fault IS NOT NULL")
    connection.execute(
        f"""CREATE TEMP TABLE ids AS SELECT id, row_number() OVER (ORDER BY min({LINE})) - 1 AS code
            FROM judged GROUP BY id"""
    )
    ids = connection.sql("SELECT id FROM ids ORDER BY code").to_arrow_table()["id"].to_pylist()
    facts = _facts(table.part, columns, read)
    return key, IdMap(ids), RejectSummary(read, found, files=(facts,))


def _cells(table: RawTable, columns: ColumnMap, names: Sequence[str]) -> dict[str, str]:
    """Schema name -> cell name, for the columns the file has."""
    return {name: table.cell(header) for name in names if (header := columns.get(name))}


def _attribute_cells(table: RawTable, columns: ColumnMap) -> dict[str, str]:
    """Attribute name -> cell name; a header that means something else here gets a mark."""
    role = {header: name for name, header in columns.columns.items()}
    cells = {}
    for header in table.columns:
        name = role.get(header, header)
        if name in (USER, ITEM, SCENARIO):
            continue
        if header not in role and name in (*CATALOG_COLUMNS, USER):
            name = f"{header} (file)"
        cells[name] = table.cell(header)
    return cells


def _listed(connection: duckdb.DuckDBPyConnection, key: str, place: str) -> dict[str, np.ndarray]:
    """Scenario name -> sorted codes of the items listed there."""
    rows = connection.sql(
        f"""SELECT DISTINCT {place} AS place, code FROM cells JOIN judged USING ({LINE})
            JOIN ids USING (id) WHERE {place} IS NOT NULL ORDER BY ALL"""
    ).to_arrow_table()
    codes = rows["code"].to_numpy()
    encoded = rows["place"].combine_chunks().dictionary_encode()
    at = encoded.indices.to_numpy()
    names = encoded.dictionary.to_pylist()
    return {name: codes[at == i].astype(np.int32) for i, name in enumerate(names)}
