"""CSV, TSV and their like."""

import csv
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path

from crossrec.data.formats.shape import Shape
from crossrec.data.reading.rejects import LINE, RejectList
from crossrec.data.sources.careful import Dialect, as_table, fitted, read_careful, schema
from crossrec.data.sources.part import Part, Repaired, shaped
from crossrec.data.sources.staging import Staging, open_text, quoted
from crossrec.data.sources.text import Heading, Survey, heading, unknown_encoding

_FIRST, _ENOUGH = 1_000, 20_000


def delimited(
    path: Path, name: str, found: Survey, staging: Staging, shape: Shape | None = None
) -> Part:
    """A delimited text file as a part.

    Args:
        path: the plain file.
        name: what to call it.
        found: what a pass over its bytes told.
        staging: where a repaired copy goes.
        shape: names, delimiter and encoding of a well-known layout, where the file is one.

    Raises:
        FileUnreadable: no line, or no column names.
    """
    encoding, quoting = found.encoding, shape is None or shape.quoting
    if shape is not None and shape.header:
        columns, skip = shape.header, 0
        dialect = Dialect(shape.delimiter or "\t", quoting, len(columns))
        sampled = _sampled(path, found, dialect, skip)
    else:
        head = heading(path, name, encoding)
        columns, skip = head.columns, head.lines
        dialect = Dialect(head.delimiter, quoting, len(columns))
        sampled = _sampled(path, found, dialect, skip)
        if not _fills(sampled, head):
            columns = columns[: head.named] or columns
            dialect = replace(dialect, width=len(columns))

    def repair(rejects: RejectList) -> Repaired:
        try:
            with open_text(path, encoding) as text:
                blocks = read_careful(text, dialect, skip=skip, rejects=rejects)
                return Repaired(*staging.write(blocks, schema(dialect.width)))
        except UnicodeError as error:
            raise unknown_encoding(name) from error

    fitting = [cells for row in sampled if (cells := fitted(row, dialect.width)) is not None]
    sample = as_table([[0, *cells] for cells in fitting], dialect.width).drop_columns([LINE])
    behind = _behind(sampled, dialect.width)
    part = Part(
        name=name,
        path=path,
        columns=columns,
        kind="csv",
        encoding=encoding,
        delimiter=dialect.delimiter,
        sample=sample,
        fast=_relation(path, dialect, skip, behind) if found.plain and skip <= 1 else "",
        rows=found.lines - skip,
        first_line=skip + 1,
        repair=repair,
    )
    return shaped(part, shape, staging)


def _fills(rows: list[list[str]], head: Heading) -> bool:
    """Whether something stands in the columns without a name at the end of a heading.

    Otherwise they are delimiters at the end of the line.
    """
    whole = [row for row in rows if len(row) == len(head.columns)]
    return 2 * len(whole) > len(rows) and any(any(map(str.strip, r[head.named :])) for r in whole)


def _behind(rows: list[list[str]], width: int) -> int:
    """How many empty cells stand behind the last column in most rows."""
    counts = Counter(len(row) - width for row in rows if fitted(row, width) is not None)
    return max(counts, key=counts.__getitem__, default=0)


def _relation(path: Path, dialect: Dialect, skip: int, behind: int) -> str:
    names = ", ".join(f"'c{i}': 'VARCHAR'" for i in range(dialect.width + behind))
    mark = '"' if dialect.quoting else ""
    delimiter = dialect.delimiter.replace("'", "''")
    cells = (
        f"read_csv({quoted(path)}, columns={{{names}}}, auto_detect=false, header=false,"
        f" skip={skip}, delim='{delimiter}', quote='{mark}', escape='{mark}', all_varchar=true,"
        " compression='none')"
    )
    if not behind:
        return cells
    wanted = ", ".join(f"c{i}" for i in range(dialect.width))
    last = " || ".join(f"COALESCE(c{dialect.width + i}, '')" for i in range(behind))
    # Something behind the last column must fail here: the careful way then names the line.
    return (
        f"(SELECT {wanted} FROM {cells}"
        f" WHERE CASE WHEN trim({last}) = '' THEN true ELSE error('a value too many') END)"
    )


def _sampled(path: Path, found: Survey, dialect: Dialect, skip: int) -> list[list[str]]:
    """Rows from the first lines and from all over the file, of whatever width."""
    with open_text(path, found.encoding, errors="replace") as text:
        for _ in range(skip):
            text.readline()
        first = list(_cut(text, dialect, limit=_FIRST))
    if len(first) < _FIRST:
        return first
    rest = (line.decode(found.encoding, errors="replace") for line in found.sample[_FIRST:])
    return [*first, *_cut(rest, dialect, limit=_ENOUGH)]


def _cut(lines: Iterable[str], dialect: Dialect, limit: int) -> Iterator[list[str]]:
    if dialect.quoting:
        reader = csv.reader(lines, delimiter=dialect.delimiter)
    else:
        reader = iter(line.rstrip("\r\n").split(dialect.delimiter) for line in lines)
    cut = 0
    while cut < limit:
        try:
            row = next(reader)
        except StopIteration:
            return
        except csv.Error:
            continue
        if row:
            cut += 1
            yield [cell.encode(errors="replace").decode() for cell in row]
