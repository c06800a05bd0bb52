"""A log with all its columns: context is what the other readers leave out."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa

from crossrec.data.log import TimeKind
from crossrec.data.meaning.times import recognise
from crossrec.data.reading.cells import clean, number, open_cells
from crossrec.data.reading.mapping import ColumnMap, resolve
from crossrec.data.reading.table import read_table
from crossrec.errors import DataError
from crossrec.schema import ITEM, LOG_COLUMNS, SCENARIO, TIME, USER

_LOOKED_AT = 20_000


@dataclass(frozen=True)
class ContextFile:
    """A file for identification.

    Attributes:
        rows: for :func:`~crossrec.data.identification.context_rows`: ``user_id, item_id``,
            ``scenario`` and ``timestamp`` (clock times only) where the file has them, and all its
            other columns under their own names; numbers where every value is one.
        cells: the same rows as text, as they stand in the file.
        scenario: header of the scenario column, or None.
        left_out: rows without user, item or (where there is one) time.
    """

    rows: pd.DataFrame
    cells: pd.DataFrame
    scenario: str | None
    left_out: int


def read_context(
    path: Path | str, mapping: ColumnMap | Mapping[str, str] | None = None
) -> ContextFile:
    """Read a log with every column it has.

    Args:
        path: the file, as for :func:`crossrec.data.read.read_log`.
        mapping: schema name -> header; ``{"scenario": ""}`` says that there is none.

    Raises:
        FileUnreadable: the file is missing, empty or no table.
        ColumnMissing: user or item column not found.
        DataError: no row has both, or the time column holds no times.
    """
    table = read_table(path)
    columns = resolve(
        table.columns, mapping, table.sample(), names=LOG_COLUMNS, needed=(USER, ITEM),
        file=table.file,
    )  # fmt: skip
    cell = {name: table.cell(header) for name in LOG_COLUMNS if (header := columns.get(name))}
    with open_cells(table, {name: cell[name] for name in (USER, ITEM)}) as (connection, _):
        parts = {name: name for name in (USER, ITEM)}
        if SCENARIO in cell:
            parts[SCENARIO] = f"coalesce({clean(cell[SCENARIO])}, '')"
        if TIME in cell:
            times = recognise(
                connection,
                _some(table.cells[cell[TIME]]),
                column=str(columns.get(TIME)),
                file=table.file,
            )
            if times.kind is TimeKind.CLOCK:
                parts[TIME] = times.sql(clean(cell[TIME]))
        role = {columns.get(name) for name in (USER, ITEM, SCENARIO, TIME)}
        # A column called like ours that is mapped to nothing was refused by the person.
        free = [one for one in table.columns if one not in {*role, USER, ITEM, SCENARIO, TIME}]
        counts = [
            f"count({clean(table.cell(header))}), count({number(table.cell(header))})"
            for header in free
        ]
        found = connection.sql(f"SELECT {', '.join(counts) or 0} FROM cells").fetchall()[0]
        for at, header in enumerate(free):
            filled, numeric = found[2 * at : 2 * at + 2]
            own = table.cell(header)
            parts[header] = number(own) if filled and filled == numeric else clean(own)
        listed = ", ".join(f'{sql} AS "p{at}"' for at, sql in enumerate(parts.values()))
        read = connection.sql(f"SELECT {listed} FROM cells").to_arrow_table().to_pandas()
    rows = read.set_axis(list(parts), axis="columns")
    needed = [name for name in (USER, ITEM, TIME) if name in rows]
    good = rows[needed].notna().all(axis=1).to_numpy()
    if not good.any():
        raise DataError(
            f"expected rows with {' and '.join(needed)} in {table.file}",
            f"none of {len(rows):,}",
            "Check the column map",
        )
    rows = rows[good].reset_index(drop=True)
    if TIME in rows:
        rows[TIME] = rows[TIME].astype(np.int64)
    texts = table.cells.select([table.cell(header) for header in table.columns]).to_pandas()
    texts = texts.set_axis(list(table.columns), axis="columns")
    return ContextFile(
        rows=rows,
        cells=texts[good].reset_index(drop=True),
        scenario=columns.get(SCENARIO),
        left_out=int(np.sum(~good)),
    )


def _some(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """Values from all over a column, enough to see what times it holds."""
    at = np.linspace(0, max(len(column) - 1, 0), min(len(column), _LOOKED_AT)).astype(np.int64)
    return column.take(pa.array(at))
