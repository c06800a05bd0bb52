"""Text cells in SQL: what counts as empty, as an id, as a number, as the header once more."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

import duckdb
import numpy as np
import pyarrow as pa

from crossrec.data.arrow import trimmed
from crossrec.data.clean_ids import MISSING, SPACE, clean_ids
from crossrec.data.log import ReaderNote
from crossrec.data.reading.many import split_column
from crossrec.data.reading.mapping import words
from crossrec.data.reading.markup import plain_column
from crossrec.data.reading.noticed import id_notes
from crossrec.data.reading.nouns import prefixed
from crossrec.data.reading.prices import prices
from crossrec.data.reading.rejects import LINE
from crossrec.data.reading.table import RawTable
from crossrec.schema import EVENT, ITEM, PRICE, SCENARIO, USER


@dataclass(frozen=True)
class IdColumn:
    """A column of ids: the clean cells, shape (rows,), null where there is none; and the notes."""

    cells: pa.Array
    notes: tuple[ReaderNote, ...]


def literal(text: str) -> str:
    """A string as an SQL literal."""
    return "'" + text.replace("'", "''") + "'"


def clean(cell: str) -> str:
    """SQL for a cell, NULL where it is empty or holds a word for that."""
    listed = ", ".join(map(literal, MISSING))
    longest = max(map(len, MISSING))
    return (
        f"CASE WHEN strlen({cell}) > {longest} OR lower({cell}) NOT IN ({listed}) THEN {cell} END"
    )


def number(sql: str) -> str:
    """SQL for a finite number, NULL where there is none; reads ``$1,299.00`` too."""
    bare = f"regexp_replace({sql}, '^([-+]?)[$€£¥￥]\\s*', '\\1')"
    plain = (
        f"CASE WHEN regexp_full_match({bare}, '[-+]?\\d{{1,3}}(,\\d{{3}})+(\\.\\d+)?')"
        f" THEN replace({bare}, ',', '') ELSE {bare} END"
    )
    value = f"TRY_CAST({plain} AS DOUBLE)"
    return f"CASE WHEN isfinite({value}) THEN {value} END"


@contextmanager
def open_cells(
    table: RawTable, ids: Mapping[str, str], noun: str = ""
) -> Iterator[tuple[duckdb.DuckDBPyConnection, dict[str, IdColumn]]]:
    """A private database with the cells of a file, without outer space, as ``cells``; UTC.

    Args:
        table: the file.
        ids: schema name -> cell of each column of ids; ``cells`` has it cleaned under the name.
        noun: what to put before item ids, see :mod:`crossrec.data.reading.nouns`.

    Yields:
        The connection, and each column of ids as it was read.
    """
    columns = {
        name: column if name == LINE else trimmed(column, SPACE)
        for name, column in zip(table.cells.column_names, table.cells.columns, strict=True)
    }
    read = {name: _ids(name, table.cells[cell], noun) for name, cell in ids.items()}
    columns |= {name: column.cells for name, column in read.items()}
    with duckdb.connect() as connection:
        connection.execute("SET TimeZone='UTC'")
        connection.register("cells", pa.table(columns))
        yield connection, read


def _ids(name: str, column: pa.ChunkedArray, noun: str) -> IdColumn:
    encoded = column.combine_chunks().dictionary_encode()
    clean = clean_ids(encoded.dictionary, users=name == USER)
    at, raw = encoded.indices, encoded.dictionary
    notes = id_notes(
        name, raw, clean, lambda: np.bincount(at.drop_null().to_numpy(), minlength=len(raw))
    )
    values = prefixed(clean.values, noun) if noun and name == ITEM else clean.values
    return IdColumn(values.take(at), tuple(notes))


def header_words(name: str, *own: str) -> frozenset[str]:
    """What a column may be called: by the usual words, and in these files."""
    usual = words(name) | (words(EVENT) if name == SCENARIO else frozenset())
    return usual | frozenset(own)


def header_again(cells: Mapping[str, str], table: RawTable) -> str:
    """SQL that is true for a row that repeats the header (two files put one after the other).

    Args:
        cells: schema name -> cell name.
        table: the file, for its own headers.
    """
    tests = []
    for name, cell in cells.items():
        listed = ", ".join(map(literal, sorted(header_words(name, table.columns[int(cell[1:])]))))
        tests.append(f"CAST(COALESCE({cell} IN ({listed}), false) AS INTEGER)")
    return f"({' + '.join(tests)}) >= 2"


def attributes(
    connection: duckdb.DuckDBPyConnection,
    columns: Mapping[str, str],
    *,
    texts: Sequence[str] = (),
    marks: Mapping[str, str] | None = None,
) -> dict[str, np.ndarray]:
    """One value per id for each column: the first that is not empty.

    Markup is taken out of all text; a cell of several values has the form of
    :mod:`crossrec.data.values`.

    Args:
        connection: with tables ``cells``, ``judged(line)`` of its good rows, and ``ids(id, code)``.
        columns: name -> cell name.
        texts: names that are strings whatever they hold, and of one value.
        marks: name -> what stands between the values of a cell, where that is known.

    Returns:
        name -> shape (n,) in the order of ``code``: float64 with NaN where every value of the
        column is a number, else object strings with "" where empty.
    """
    if not columns:
        return {}
    first = ", ".join(
        f"arg_min({clean(cell)}, {LINE}) FILTER ({clean(cell)} IS NOT NULL) AS {cell}"
        for cell in columns.values()
    )
    connection.execute(
        f"CREATE OR REPLACE TEMP TABLE firsts AS SELECT code, {first}"
        f" FROM cells JOIN judged USING ({LINE}) JOIN ids USING (id) GROUP BY code"
    )
    counts = ", ".join(f"count({cell}), count({number(cell)})" for cell in columns.values())
    found = connection.sql(f"SELECT {counts} FROM firsts").fetchall()[0]
    result = {}
    for i, (name, cell) in enumerate(columns.items()):
        filled, numeric = found[2 * i : 2 * i + 2]
        is_number = filled and filled == numeric and name not in texts
        sql = number(cell) if is_number else f"COALESCE({cell}, '')"
        column = connection.sql(f"SELECT {sql} AS value FROM firsts ORDER BY code").to_arrow_table()
        values = column["value"].to_numpy()
        result[name] = (
            values.astype(np.float64) if is_number
            else _worded(name, values.astype(object), texts, (marks or {}).get(name, ""))
        )  # fmt: skip
    return result


def _worded(name: str, column: np.ndarray, texts: Sequence[str], mark: str) -> np.ndarray:
    """A column of text as it is kept: prices as numbers, no markup, several values in one form."""
    if name == PRICE and (priced := prices(column)) is not None:
        return priced
    if name in texts:
        return plain_column(column, between=". ")
    return split_column(plain_column(column), mark)
