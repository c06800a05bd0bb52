"""Excel workbooks: the first sheet that holds a table."""

from collections.abc import Iterator, Sequence
from datetime import date, datetime, time, timedelta
from itertools import islice
from pathlib import Path

import pyarrow as pa
from python_calamine import CalamineError, CalamineWorkbook

from crossrec.data.reading.rejects import LINE, RejectList
from crossrec.data.sources.careful import as_table, schema
from crossrec.data.sources.part import Part, Repaired
from crossrec.data.sources.staging import Staging
from crossrec.errors import FileUnreadable

OLD_EXCEL = b"\xd0\xcf\x11\xe0"
_ROWS = 50_000
_SAMPLE = 20_000
_Cells = Sequence[object]


def sheet(path: Path, name: str, staging: Staging) -> Part:
    """A workbook (.xlsx, .xls) as a part; dates become ISO text, whole numbers lose their ``.0``.

    Raises:
        FileUnreadable: damaged, protected, or without a table.
    """
    try:
        with CalamineWorkbook.from_path(path) as book:
            sheets = [book.get_sheet_by_name(each) for each in book.sheet_names]
        found = max(sheets, key=lambda each: each.height > 1, default=None)
        if found is None or not found.height:
            raise FileUnreadable(
                f"expected a table in {name}", "only empty sheets", "Choose a file that holds data"
            )
        rows = found.iter_rows()
        heading, line = next(rows), (found.start or (0, 0))[0] + 1
    except (CalamineError, OSError) as error:
        raise FileUnreadable(
            f"expected an Excel workbook in {name}",
            f"a damaged or protected file ({str(error)[:120]})",
            "Save it again, or as CSV",
        ) from error
    columns = tuple(_text(cell) or f"column {i}" for i, cell in enumerate(heading, 1))
    relation, n = staging.write(_blocks(rows, line + 1, len(columns)), schema(len(columns)))

    def repair(rejects: RejectList) -> Repaired:
        del rejects  # a sheet is a rectangle: each of its rows is one
        return Repaired(relation, n)

    query = f"SELECT * EXCLUDE ({LINE}) FROM {relation} LIMIT {_SAMPLE}"
    return Part(
        name=name,
        path=path,
        columns=columns,
        kind="xlsx",
        encoding="xlsx",
        delimiter="",
        sample=staging.connection.sql(query).to_arrow_table(),
        fast="",
        rows=n,
        first_line=line + 1,
        repair=repair,
        sheet=found.name,
    )


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
