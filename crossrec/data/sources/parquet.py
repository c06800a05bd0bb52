"""Parquet: typed columns as text cells."""

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from crossrec.data.formats import Head, recognise
from crossrec.data.reading.rejects import RejectList
from crossrec.data.sources.archive import Plain
from crossrec.data.sources.part import Part, Repaired, shaped
from crossrec.data.sources.staging import Staging, own_name, quoted
from crossrec.data.values import LISTED
from crossrec.errors import FileUnreadable

MAGIC = b"PAR1"
_SAMPLE = 20_000


def parquet(plain: Plain, staging: Staging) -> Part:
    """A Parquet file as a part.

    Strings without the mark of UTF-8 are decoded as such, lists become many values of one cell,
    and other nested values JSON.

    Raises:
        FileUnreadable: it is damaged.
    """
    try:
        with pq.ParquetFile(plain.path) as file:
            schema = file.schema_arrow
            rows = file.metadata.num_rows
    except (pa.ArrowException, OSError, UnicodeDecodeError) as error:
        raise _damaged(plain, error) from error
    names = tuple(map(str, schema.names))
    cells = ", ".join(f"{_text(f'p{i}', kind)} AS c{i}" for i, kind in enumerate(schema.types))
    given = ", ".join(f"p{i}" for i in range(len(names)))
    relation = f"(SELECT {cells} FROM read_parquet({quoted(plain.path)}) AS given({given}))"

    def repair(rejects: RejectList) -> Repaired:
        del rejects
        raise _damaged(plain, f"other than the {rows:,} rows it tells of")

    query = f"SELECT * FROM {relation} LIMIT {_SAMPLE}"
    try:
        sample = staging.connection.sql(query).to_arrow_table()
    except (duckdb.Error, pa.ArrowException, OSError) as error:
        raise _damaged(plain, error) from error
    part = Part(
        name=plain.name,
        path=plain.path,
        columns=names,
        kind="parquet",
        encoding="parquet",
        delimiter="",
        sample=sample,
        fast=relation,
        rows=rows,
        first_line=1,
        repair=repair,
    )
    return shaped(part, recognise(Head(own_name(plain.name), names)), staging)


def _text(cell: str, kind: pa.DataType) -> str:
    """SQL for a value of a type as text."""
    if pa.types.is_dictionary(kind):
        kind = kind.value_type
    if pa.types.is_binary(kind) or pa.types.is_large_binary(kind):
        # Older writers leave the mark out; what is no text stays as DuckDB writes bytes.
        return f"COALESCE(TRY(decode({cell})), CAST({cell} AS VARCHAR))"
    if pa.types.is_list(kind) or pa.types.is_large_list(kind) or pa.types.is_fixed_size_list(kind):
        one = _text("one", kind.value_type)
        return f"array_to_string(list_transform({cell}, lambda one: {one}), '{LISTED}')"
    if pa.types.is_nested(kind):
        return f"CAST(to_json({cell}) AS VARCHAR)"
    return f"CAST({cell} AS VARCHAR)"


def _damaged(plain: Plain, found: object) -> FileUnreadable:
    return FileUnreadable(
        f"expected a whole Parquet table in {plain.name}", str(found)[:200], "Write the file again"
    )
