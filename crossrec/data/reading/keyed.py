"""Tables with one row per id: the catalogue and the user profiles."""

from collections.abc import Collection, Sequence
from dataclasses import replace

import duckdb
import numpy as np

from crossrec.data.catalog import Catalog
from crossrec.data.ids import IdMap
from crossrec.data.log import RejectSummary
from crossrec.data.phrases import phrase
from crossrec.data.reading.cells import attributes, clean, header_again, open_cells
from crossrec.data.reading.mapping import ColumnMap, Columns
from crossrec.data.reading.nouns import noun_of
from crossrec.data.reading.rejects import (
    LINE,
    Fault,
    RejectList,
    check_share,
    fault_columns,
    joined,
    set_aside,
)
from crossrec.data.reading.roles import columns_of, facts_of
from crossrec.data.reading.table import RawTable, whole_table
from crossrec.data.sources import Part, Staging
from crossrec.data.two_titles import titles_note
from crossrec.data.users import UserTable
from crossrec.schema import CATALOG_COLUMNS, ITEM, SCENARIO, TEXT, TITLE, USER

_NO = {ITEM: "no_item", USER: "no_user"}


def catalog_of(
    part: Part,
    place: Staging,
    mapping: Columns,
    max_rejects: float,
    item_nouns: Collection[str] = (),
) -> Catalog:
    """A table as a catalogue; arguments as of :func:`crossrec.data.read.read_catalog`."""
    columns = columns_of(part, mapping, CATALOG_COLUMNS, (ITEM,))
    table = whole_table(part, place)
    header = columns.columns[ITEM]
    noun = noun if (noun := noun_of(header)) in item_nouns else ""
    with open_cells(table, {ITEM: table.cell(header)}, noun) as (connection, read):
        ids, summary = _keyed(connection, table, columns, ITEM, max_rejects)
        cells = _attribute_cells(table, columns)
        marks = _marks(part, columns)
        fields = attributes(connection, cells, texts=(TITLE, TEXT), marks=marks)
        several = _titles(connection, table, columns)
        empty = np.full(len(ids), "", dtype=object)
        listed = {}
        if (place_of := columns.get(SCENARIO)) is not None:
            listed = _listed(connection, clean(table.cell(place_of)))
        elif part.shape is not None and part.shape.scenario:
            listed = {part.shape.scenario: np.arange(len(ids), dtype=np.int32)}
    return Catalog(
        items=ids,
        title=fields.pop(TITLE, empty),
        text=fields.pop(TEXT, empty),
        listed=listed,
        attributes=fields,
        rejects=replace(summary, notes=read[ITEM].notes + titles_note(several, len(ids))),
    )


def _titles(
    connection: duckdb.DuckDBPyConnection, table: RawTable, columns: ColumnMap
) -> list[tuple[str, list[str]]]:
    """Ids with titles that are not all the same, with these titles."""
    if (header := columns.get(TITLE)) is None:
        return []
    title = clean(table.cell(header))
    return connection.sql(
        f"""SELECT id, list(title) FROM
            (SELECT id, {title} AS title, min({LINE}) AS line FROM cells JOIN judged USING ({LINE})
             WHERE {title} IS NOT NULL GROUP BY ALL ORDER BY line)
            GROUP BY id HAVING count(*) > 1 ORDER BY min(line)"""
    ).fetchall()


def users_of(part: Part, place: Staging, mapping: Columns, max_rejects: float) -> UserTable:
    """A table as user profiles; arguments as of :func:`crossrec.data.read.read_users`."""
    columns = columns_of(part, mapping, (USER,), (USER,))
    table = whole_table(part, place)
    with open_cells(table, {USER: table.cell(columns.columns[USER])}) as (connection, read):
        ids, summary = _keyed(connection, table, columns, USER, max_rejects)
        cells = _attribute_cells(table, columns)
        fields = attributes(connection, cells, marks=_marks(part, columns))
    return UserTable(ids, fields, replace(summary, notes=read[USER].notes))


def _keyed(
    connection: duckdb.DuckDBPyConnection,
    table: RawTable,
    columns: ColumnMap,
    name: str,
    max_rejects: float,
) -> tuple[IdMap, RejectSummary]:
    """The ids in file order (also as table ``ids``), and the rejects."""
    cell = _cells(table, columns, CATALOG_COLUMNS if name == ITEM else (name,))
    faults = [
        Fault("", header_again(cell, table), cell[name], phrase("header")),
        Fault(columns.get(name) or "", f"{name} IS NULL", cell[name], phrase(_NO[name])),
    ]
    connection.execute(
        f"CREATE TEMP TABLE judged AS SELECT {LINE}, {name} AS id, {fault_columns(faults)}"
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
    facts = facts_of(table.part, columns, read)
    return IdMap(ids), RejectSummary(read, found, files=(facts,))


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


def _marks(part: Part, columns: ColumnMap) -> dict[str, str]:
    """Attribute name -> what stands between its values, as the layout says."""
    role = {header: name for name, header in columns.columns.items()}
    marks = part.shape.marks if part.shape is not None else {}
    return {role.get(header, header): mark for header, mark in marks.items()}


def _listed(connection: duckdb.DuckDBPyConnection, place: str) -> dict[str, np.ndarray]:
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
