"""Excel workbooks: each sheet that holds a table."""

import re
from collections.abc import Iterator, Sequence
from datetime import date, datetime, time, timedelta
from itertools import islice
from pathlib import Path
from statistics import median

import pyarrow as pa
from python_calamine import CalamineError, CalamineSheet, CalamineWorkbook

from crossrec.data.formats import Head, recognise
from crossrec.data.phrases import phrase
from crossrec.data.reading.mapping import suggest
from crossrec.data.reading.rejects import LINE, RejectList
from crossrec.data.sources.careful import as_table, schema
from crossrec.data.sources.part import Part, Repaired, shaped
from crossrec.data.sources.staging import Staging, own_name
from crossrec.errors import FileUnreadable

OLD_EXCEL = b"\xd0\xcf\x11\xe0"
_ROWS = 50_000
_SAMPLE = 20_000
_TITLED = 40
"""The column names stand among so many rows at the beginning of a sheet."""
_NUMBER = re.compile(r"[-+]?\d+([.,]\d+)*")
_Cells = Sequence[object]


def sheets(path: Path, name: str, staging: Staging) -> list[Part]:
    """The tables of a workbook (.xlsx, .xls), one per sheet that holds any.

    Dates become ISO text, whole numbers lose their ``.0``, errors such as ``#N/A`` are empty.

    Raises:
        FileUnreadable: damaged, protected, or without a table.
    """
    try:
        with CalamineWorkbook.from_path(path) as book:
            pages = [book.get_sheet_by_name(each) for each in book.sheet_names]
        filled = [page for page in pages if page.height]
        # A heading alone is a table only where there is no other.
        tables = [page for page in filled if page.height > 1] or filled[:1]
        parts = [
            _part(page, path, f"{name}/{page.name}" if len(tables) > 1 else name, staging)
            for page in tables
        ]
    except (CalamineError, OSError) as error:
        raise FileUnreadable(
            f"expected an Excel workbook in {name}",
            f"a damaged or protected file ({str(error)[:120]})",
            "Save it again, or as CSV",
        ) from error
    if not parts:
        raise FileUnreadable(
            f"expected a table in {name}", "only empty sheets", "Choose a file that holds data"
        )
    return parts


def _part(page: CalamineSheet, path: Path, name: str, staging: Staging) -> Part:
    first = (page.start or (0, 0))[0] + 1
    rows = page.iter_rows()
    beginning = [list(map(_text, row)) for row in islice(page.iter_rows(), _TITLED)]
    above = _above(beginning)
    heading = beginning[above]
    for _ in range(above + 1):
        next(rows)
    columns = tuple(cell or f"column {i}" for i, cell in enumerate(heading, 1))
    line = first + above + 1
    relation, n = staging.write(_blocks(rows, line, len(columns)), schema(len(columns)))

    def repair(rejects: RejectList) -> Repaired:
        del rejects  # a sheet is a rectangle: each of its rows is one
        return Repaired(relation, n)

    query = f"SELECT * EXCLUDE ({LINE}) FROM {relation} LIMIT {_SAMPLE}"
    part = Part(
        name=name,
        path=path,
        columns=columns,
        kind="xlsx",
        encoding="xlsx",
        delimiter="",
        sample=staging.connection.sql(query).to_arrow_table(),
        fast="",
        rows=n,
        first_line=line,
        repair=repair,
        sheet=page.name,
        note=phrase("heading", line=line - 1) if above else "",
    )
    return shaped(part, recognise(Head(own_name(name), columns)), staging)


def _above(rows: list[list[str]]) -> int:
    """How many rows stand above the column names: a title, a date, blank lines.

    They hold fewer cells than the names and the rows behind them.
    """
    filled = [sum(map(bool, row)) for row in rows]
    usual = median([cells for cells in filled if cells])
    at = next((at for at, cells in enumerate(filled) if cells >= max(2, usual)), 0)
    if not at:
        return 0
    if filled[at - 1] == filled[at] - 1:
        # Names of which one is missing, or a title of several cells: known words tell.
        above, here = (len(suggest(row).columns) for row in (rows[at - 1], rows[at]))
        at -= above >= max(here, 1)
    return 0 if any(map(_NUMBER.fullmatch, rows[at])) else at


def _blocks(rows: Iterator[_Cells], line: int, width: int) -> Iterator[pa.Table]:
    numbered = enumerate(rows, start=line)
    while block := list(islice(numbered, _ROWS)):
        texts = [[at, *map(_text, cells)] for at, cells in block]
        yield as_table([row for row in texts if any(row[1:])], width)


def _text(cell: object) -> str:
    match cell:
        case bool():
            return "true" if cell else "false"
        case float() if cell.is_integer():
            return str(int(cell))
        case datetime():
            return cell.isoformat(sep=" ")
        case date() | time():
            return cell.isoformat()
        case timedelta():
            return str(cell.total_seconds())
        case _:
            return str(cell).strip()
