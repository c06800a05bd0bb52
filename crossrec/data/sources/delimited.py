"""CSV, TSV and their like."""

import csv
from collections.abc import Iterable, Iterator
from pathlib import Path

import pyarrow as pa

from crossrec.data.formats.shape import Shape
from crossrec.data.reading.rejects import LINE, RejectList
from crossrec.data.sources.careful import Dialect, as_table, read_careful, schema
from crossrec.data.sources.part import Part, Repaired
from crossrec.data.sources.staging import Staging, open_text, quoted, registered
from crossrec.data.sources.text import Survey, heading, unknown_encoding

_ENOUGH = 20_000


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
    encoding = found.encoding
    if shape is not None and shape.header:
        columns, delimiter, skip = shape.header, shape.delimiter or "\t", 0
    else:
        head = heading(path, name, encoding)
        columns, delimiter, skip = head.columns, head.delimiter, head.lines
    dialect = Dialect(delimiter, shape is None or shape.quoting, len(columns))

    def repair(rejects: RejectList) -> Repaired:
        try:
            with open_text(path, encoding) as text:
                blocks = read_careful(text, dialect, skip=skip, rejects=rejects)
                repaired = Repaired(*staging.write(blocks, schema(dialect.width)))
        except UnicodeError as error:
            raise unknown_encoding(name) from error

        if shape is None or not shape.select:
            return repaired
        made = f"(WITH cells AS (FROM {repaired.relation}) {shape.select})"
        return Repaired(made, repaired.rows)

    sample = _sample(path, encoding, found, dialect, skip)
    if shape is not None and shape.select:
        sample = _made(sample, shape, staging)
        columns = shape.derived
    # Rows that a layout derives are made from the careful copy, which knows their lines.
    plain = found.plain and skip <= 1 and not (shape and shape.select)
    return Part(
        name=name,
        path=path,
        columns=columns,
        kind="csv",
        encoding=encoding,
        delimiter=delimiter,
        sample=sample,
        fast=_relation(path, dialect, skip) if plain else "",
        rows=found.lines - skip,
        first_line=skip + 1,
        repair=repair,
        shape=shape,
    )


def _relation(path: Path, dialect: Dialect, skip: int) -> str:
    names = ", ".join(f"'c{i}': 'VARCHAR'" for i in range(dialect.width))
    mark = '"' if dialect.quoting else ""
    delimiter = dialect.delimiter.replace("'", "''")
    return (
        f"read_csv({quoted(path)}, columns={{{names}}}, auto_detect=false, header=false,"
        f" skip={skip}, delim='{delimiter}', quote='{mark}', escape='{mark}', all_varchar=true,"
        " compression='none')"
    )


def _made(sample: pa.Table, shape: Shape, staging: Staging) -> pa.Table:
    """What a layout makes of the sampled rows."""
    numbered = sample.add_column(0, LINE, pa.array(range(sample.num_rows), pa.int64()))
    with registered(staging.connection, "cells", numbered):
        query = f"SELECT * EXCLUDE ({LINE}) FROM ({shape.select})"
        return staging.connection.sql(query).to_arrow_table()


def _sample(path: Path, encoding: str, found: Survey, dialect: Dialect, skip: int) -> pa.Table:
    """Rows of the right width from the first lines and from all over the file."""
    with open_text(path, encoding, errors="replace") as text:
        for _ in range(skip):
            text.readline()
        first = list(_cut(text, dialect, limit=1_000))
    rest = [line.decode(encoding, errors="replace") for line in found.sample[1_000:]]
    rows = [*first, *_cut(iter(rest), dialect, limit=_ENOUGH)] if len(first) == 1_000 else first
    return as_table([[0, *row] for row in rows], dialect.width).drop_columns(["line"])


def _cut(lines: Iterable[str], dialect: Dialect, limit: int) -> Iterator[list[str]]:
    found = 0
    if dialect.quoting:
        reader = csv.reader(lines, delimiter=dialect.delimiter)
    else:
        reader = iter(line.rstrip("\r\n").split(dialect.delimiter) for line in lines)
    while found < limit:
        try:
            row = next(reader)
        except StopIteration:
            return
        except csv.Error:
            continue
        if len(row) == dialect.width:
            found += 1
            yield [cell.encode(errors="replace").decode() for cell in row]
