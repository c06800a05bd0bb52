"""Read an analyst's files: an interaction log, a catalogue, user profiles."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import duckdb
import numpy as np
import pyarrow as pa

from crossrec.data.catalog import Catalog
from crossrec.data.cells import attributes, clean, header_again, literal, open_cells, whole_ids
from crossrec.data.events import UNKNOWN_EVENT, strengths
from crossrec.data.ids import IdMap
from crossrec.data.log import InteractionLog, RejectSummary, TimeKind
from crossrec.data.mapping import ColumnMap, resolve
from crossrec.data.rejects import Fault, fault_columns, set_aside
from crossrec.data.table import LINE, RawTable, read_table
from crossrec.data.times import recognise
from crossrec.data.users import UserTable
from crossrec.errors import DataError
from crossrec.progress import Progress, silent
from crossrec.schema import (
    CATALOG_COLUMNS,
    EVENT,
    ITEM,
    LOG_COLUMNS,
    RATING,
    SCENARIO,
    TEXT,
    TIME,
    TITLE,
    USER,
    WEIGHT,
)

ONLY_SCENARIO = "all"
"""The scenario of every row where the file has no scenario column."""
MAX_SCENARIOS = 200
"""More names than this are not scenarios but something else, such as products."""
# A rating far below the highest must not become 0 as float32: a weight is positive.
_WEAKEST = 1e-6
MAX_REJECTS = 0.5
"""Default limit on the share of rejected rows."""

Columns = ColumnMap | Mapping[str, str] | None
"""Which column is which: a map, ``{schema name: header}``, or nothing (by the headers)."""


def read_log(
    path: Path | str,
    mapping: Columns = None,
    *,
    scenario: str | None = None,
    max_rejects: float = MAX_REJECTS,
    progress: Progress = silent,
) -> InteractionLog:
    """Read interactions from CSV, TSV (also gzipped) or Parquet; bad rows are set aside.

    *Columns* are recognised by their headers (:func:`~crossrec.data.mapping.suggest`); ``mapping``
    overrides that. User and item are needed. Without a scenario column every row belongs to
    :data:`ONLY_SCENARIO`.

    *Rejected* (``log.rejects.rows``, with true line numbers): rows of another width; no user, item
    or scenario; a time or rating that cannot be read; a rating that is not above 0 (an event
    strength is positive); an event that says "no", such as a return; the header once more.

    *Exact repeats* of (user, item, scenario, event, time), without a time column of (user, item,
    scenario, event), are dropped and counted in ``log.rejects.duplicates``; the first row stays. A
    repeat at another time stays and adds strength.

    *Weight* = strength of the event (:data:`~crossrec.data.events.EVENT_WEIGHTS`) divided by the
    strongest event of the file, times rating / highest rating of the file (1 where a row has no
    rating). The quantity is not used: ten cans do not say ten times the liking of one.

    *Time* is read by :func:`~crossrec.data.times.recognise`.

    Args:
        path: the file; its content decides the format, not its name.
        mapping: schema name -> header; an empty header means "there is none".
        scenario: the scenario of every row; a scenario column of the file is then not used.
        max_rejects: highest share of rejected rows, in [0, 1].
        progress: told of phase "import".

    Returns:
        The log in file order; scenarios sorted by name.

    Raises:
        FileUnreadable: the file is missing, empty or no table.
        ColumnMissing: user or item column not found, or a column name stands twice.
        TooManyRejects: more rows are bad than ``max_rejects`` allows, or all of them.
        DataError: the time column holds no times, or the scenario column too many names.
    """
    progress("import", 0, 3, "reading the file")
    table = read_table(path)
    names = [name for name in LOG_COLUMNS if name != SCENARIO or scenario is None]
    columns = resolve(
        table.columns, mapping, table.sample(), names=names, needed=(USER, ITEM), file=table.file
    )
    progress("import", 1, 3, "checking rows")
    with open_cells(table) as connection:
        kind, summary = _judge(connection, table, columns, scenario or ONLY_SCENARIO, max_rejects)
        progress("import", 2, 3, "numbering users and items")
        log = _coded(connection, kind, summary)
    progress("import", 3, 3)
    return log


def read_catalog(
    path: Path | str, mapping: Columns = None, *, max_rejects: float = MAX_REJECTS
) -> Catalog:
    """Read what is known about items; only the item id is needed.

    An item may stand in several rows (one per scenario, say): it is listed in each scenario, and
    the first value that is not empty wins. Columns that are not recognised become attributes under
    their own names: numbers where every value is one (``$1,299.00`` is), else strings.

    Args:
        path: the file, see :func:`read_log`.
        mapping: schema name -> header.
        max_rejects: highest share of rows without an item id, in [0, 1].

    Raises:
        FileUnreadable, ColumnMissing, TooManyRejects: as for :func:`read_log`.
    """
    table = read_table(path)
    columns = resolve(
        table.columns, mapping, table.sample(), names=CATALOG_COLUMNS, needed=(ITEM,),
        file=table.file,
    )  # fmt: skip
    with open_cells(table) as connection:
        key, ids, summary = _keyed(connection, table, columns, ITEM, max_rejects)
        fields = attributes(connection, key, _attribute_cells(table, columns), texts=(TITLE, TEXT))
        empty = np.full(len(ids), "", dtype=object)
        listed = {}
        if (place := columns.get(SCENARIO)) is not None:
            listed = _listed(connection, key, clean(table.cell(place)))
    return Catalog(
        items=ids,
        title=fields.pop(TITLE, empty),
        text=fields.pop(TEXT, empty),
        listed=listed,
        attributes=fields,
        rejects=summary,
    )


def read_users(
    path: Path | str, mapping: Columns = None, *, max_rejects: float = MAX_REJECTS
) -> UserTable:
    """Read user profiles: the user id, and every other column as an attribute.

    A user in several rows keeps the first value of each column that is not empty.

    Args:
        path: the file, see :func:`read_log`.
        mapping: ``{"user_id": header}``.
        max_rejects: highest share of rows without a user id, in [0, 1].

    Raises:
        FileUnreadable, ColumnMissing, TooManyRejects: as for :func:`read_log`.
    """
    table = read_table(path)
    columns = resolve(
        table.columns, mapping, table.sample(), names=(USER,), needed=(USER,), file=table.file
    )
    with open_cells(table) as connection:
        key, ids, summary = _keyed(connection, table, columns, USER, max_rejects)
        fields = attributes(connection, key, _attribute_cells(table, columns))
    return UserTable(ids, fields, summary)


def _judge(
    connection: duckdb.DuckDBPyConnection,
    table: RawTable,
    columns: ColumnMap,
    scenario: str,
    max_rejects: float,
) -> tuple[TimeKind, RejectSummary]:
    """Sort the cells into the table ``kept`` and the summary of the others."""
    cell = _cells(table, columns, LOG_COLUMNS)
    parts = {name: clean(cell[name]) if name in cell else "NULL" for name in (EVENT, RATING, TIME)}
    parts[USER], parts[ITEM] = (whole_ids(connection, cell[name]) for name in (USER, ITEM))
    parts[SCENARIO] = clean(cell[SCENARIO]) if SCENARIO in cell else literal(scenario)
    listed = ", ".join(f"CAST({sql} AS VARCHAR) AS {name}" for name, sql in parts.items())
    connection.execute(
        f"CREATE TEMP TABLE parsed AS SELECT {LINE}, {header_again(cell, table)} AS again, {listed}"
        " FROM cells"
    )
    times = recognise(connection, "parsed", TIME, column=columns.get(TIME) or "", file=table.file)
    strengths(connection, "parsed", EVENT)
    rating = f"TRY_CAST({RATING} AS DOUBLE)"
    faults = [
        Fault("", "again", USER, "the header once more"),
        _empty(columns, USER, "no user"),
        _empty(columns, ITEM, "no item"),
        _empty(columns, SCENARIO, "no scenario"),
    ]
    if event := columns.get(EVENT):
        faults.append(Fault(event, "strength <= 0", EVENT, "the event says no"))
    if column := columns.get(RATING):
        wrong = f"{RATING} IS NOT NULL AND NOT COALESCE(isfinite({rating}), false)"
        faults.append(Fault(column, wrong, RATING, "not a number"))
        faults.append(Fault(column, f"{rating} <= 0", RATING, "not above 0"))
    if times.kind is not TimeKind.NONE:
        faults.append(_empty(columns, TIME, "no time"))
        faults.append(Fault(columns.get(TIME) or "", "seconds IS NULL", TIME, times.reason))
    connection.execute(
        f"""CREATE TEMP TABLE judged AS SELECT {LINE}, {USER}, {ITEM}, {SCENARIO}, {EVENT},
            COALESCE(strength, {UNKNOWN_EVENT}) AS strength, {rating} AS {RATING},
            seconds, {fault_columns(faults)}
            FROM (SELECT *, {times.sql} AS seconds FROM parsed)
            LEFT JOIN strengths ON {EVENT} = word"""
    )
    rejects = set_aside(connection, "judged", faults, table, max_rejects)
    strongest, highest = connection.sql(
        f"SELECT max(strength), COALESCE(max({RATING}), 1) FROM judged WHERE fault IS NULL"
    ).fetchall()[0]
    connection.execute(
        f"""CREATE TEMP TABLE kept AS SELECT {LINE}, {USER}, {ITEM}, {SCENARIO}, seconds,
            greatest(strength / {strongest!r} * COALESCE({RATING} / {highest!r}, 1), {_WEAKEST})
                AS {WEIGHT}
            FROM judged WHERE fault IS NULL
            QUALIFY row_number() OVER (
                PARTITION BY {USER}, {ITEM}, {SCENARIO}, {EVENT}, seconds ORDER BY {LINE}) = 1"""
    )
    read = table.cells.num_rows + len(table.rejects)
    kept = connection.sql("SELECT count(*) FROM kept").fetchall()[0][0]
    return times.kind, RejectSummary(read, rejects, read - len(rejects) - kept)


def _empty(columns: ColumnMap, name: str, reason: str) -> Fault:
    return Fault(columns.get(name) or "", f"{name} IS NULL", name, reason)


def _coded(
    connection: duckdb.DuckDBPyConnection, kind: TimeKind, summary: RejectSummary
) -> InteractionLog:
    kept = connection.sql(
        f"SELECT {USER}, {ITEM}, {SCENARIO}, {WEIGHT}, seconds FROM kept ORDER BY {LINE}"
    ).to_arrow_table()
    (user, users), (item, items), (place, places) = (
        _encode(kept[name]) for name in (USER, ITEM, SCENARIO)
    )
    if len(places) > MAX_SCENARIOS:
        raise DataError(
            f"expected at most {MAX_SCENARIOS} scenarios",
            f"{len(places):,}, such as {places[0][:40]!r} and {places[1][:40]!r}",
            "Choose another scenario column, or none: --map scenario=",
        )
    by_name = sorted(range(len(places)), key=places.__getitem__)
    rank = np.empty(len(places), dtype=np.int32)
    rank[by_name] = np.arange(len(places), dtype=np.int32)
    has_time = kind is not TimeKind.NONE
    return InteractionLog(
        user=user,
        item=item,
        scenario=rank[place],
        weight=kept[WEIGHT].to_numpy().astype(np.float32),
        time=kept["seconds"].to_numpy().astype(np.int64) if has_time else None,
        users=IdMap(users),
        items=IdMap(items),
        scenarios=IdMap(places[i] for i in by_name),
        time_kind=kind,
        rejects=summary,
    )


def _encode(column: pa.ChunkedArray) -> tuple[np.ndarray, list[str]]:
    """Codes (int32, in order of first appearance) and the ids they stand for."""
    encoded = column.combine_chunks().dictionary_encode()
    return encoded.indices.to_numpy().astype(np.int32), encoded.dictionary.to_pylist()


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
    rejects = set_aside(connection, "judged", faults, table, max_rejects)
    connection.execute("DELETE FROM judged WHERE fault IS NOT NULL")
    connection.execute(
        f"""CREATE TEMP TABLE ids AS SELECT id, row_number() OVER (ORDER BY min({LINE})) - 1 AS code
            FROM judged GROUP BY id"""
    )
    ids = connection.sql("SELECT id FROM ids ORDER BY code").to_arrow_table()["id"].to_pylist()
    read = table.cells.num_rows + len(table.rejects)
    return key, IdMap(ids), RejectSummary(read, rejects)


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
    codes, (place_codes, places) = rows["code"].to_numpy(), _encode(rows["place"])
    return {name: codes[place_codes == i].astype(np.int32) for i, name in enumerate(places)}
