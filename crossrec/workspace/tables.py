"""Columns on the disk: typed Parquet tables, and vectors as safetensors.

Text may be hostile: ids can hold anything, also halves of characters that have no UTF-8. Sizes that
a file claims are compared with its length before memory is taken.
"""

import json
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
from safetensors.numpy import load_file, save_file

from crossrec.data.ids import IdMap
from crossrec.errors import DataError, WorkspaceError
from crossrec.workspace.files import damaged

Columns = list[tuple[str, np.ndarray]]

_META = b"crossrec"
_MAX_ROWS = 2**31
_MAX_HEADER = 1 << 20
_VECTORS = "vectors"


def write_columns(path: Path, columns: Columns, **meta: object) -> None:
    """Write named columns (numbers or object strings, None where missing) as Parquet.

    Args:
        path: the file; its folder is made if needed.
        columns: names (which may repeat) and values of one length.
        **meta: facts about the table, JSON-able, kept in the file.
    """
    arrays = [_to_arrow(name, values) for name, values in columns]
    schema = pa.schema(
        [pa.field(name, array.type) for (name, _), array in zip(columns, arrays, strict=True)],
        metadata={_META: json.dumps(meta).encode()},
    )
    _write(path, pa.Table.from_arrays(arrays, schema=schema))


def read_columns(path: Path) -> tuple[Columns, dict[str, Any]]:
    """Read what :func:`write_columns` wrote: columns in their order, and the facts.

    Raises:
        RunUnreadable: the file is missing or damaged.
    """
    table = _read(path)
    names = table.schema.names
    try:
        columns = [(name, _to_numpy(table.column(at))) for at, name in enumerate(names)]
        return columns, json.loads((table.schema.metadata or {}).get(_META, b"{}"))
    except (pa.ArrowException, ValueError) as error:
        raise damaged(path, error) from error


def write_frame(path: Path, frame: pd.DataFrame) -> None:
    """Write a frame (its index is dropped) as Parquet."""
    try:
        table = pa.Table.from_pandas(frame, preserve_index=False)
    except (pa.ArrowInvalid, pa.ArrowTypeError) as error:
        raise WorkspaceError(
            f"expected a table with one kind of value per column for {path.name}", f"{error}"
        ) from error
    _write(path, table)


def read_frame(path: Path) -> pd.DataFrame:
    """Read what :func:`write_frame` wrote.

    Raises:
        RunUnreadable: the file is missing or damaged.
    """
    table = _read(path)
    try:
        return table.to_pandas()
    except (pa.ArrowException, ValueError) as error:
        raise damaged(path, error) from error


def write_ids(path: Path, ids: IdMap) -> None:
    """Write an id map in its order."""
    write_columns(path, [("id", ids.ids)])


def read_ids(path: Path) -> IdMap:
    """Read what :func:`write_ids` wrote.

    Raises:
        RunUnreadable: the file is missing or damaged, or an id is there twice.
    """
    columns, _ = read_columns(path)
    ids = named(path, columns, "id")
    try:
        return IdMap(ids)
    except DataError as error:
        raise damaged(path, error) from error


def named(path: Path, columns: Columns, *names: str) -> Any:
    """The values of the named columns: one array for one name, else a list.

    Raises:
        RunUnreadable: a column is not in the file.
    """
    have = dict(columns)
    missing = [name for name in names if name not in have]
    if missing:
        raise damaged(path, f"no column {', '.join(missing)}")
    found = [have[name] for name in names]
    return found[0] if len(names) == 1 else found


def codes_within(path: Path, codes: np.ndarray, size: int) -> np.ndarray:
    """``codes`` as int32, shape (n,), after checking that each is one of ``size`` row numbers.

    Raises:
        RunUnreadable: a code points outside.
    """
    if codes.dtype.kind not in "iu":
        raise damaged(path, f"codes of type {codes.dtype}")
    if len(codes) and (codes.min() < 0 or codes.max() >= size):
        raise damaged(path, f"a code outside 0..{size - 1}")
    return codes.astype(np.int32, copy=False)


def write_vectors(path: Path, vectors: np.ndarray) -> None:
    """Write vectors, shape (n, d), as float32 in a safetensors file."""
    path.parent.mkdir(parents=True, exist_ok=True)
    save_file({_VECTORS: np.ascontiguousarray(vectors, dtype=np.float32)}, path)


def read_vectors(path: Path, rows: int, dim: int) -> np.ndarray:
    """Read what :func:`write_vectors` wrote, shape (rows, dim), float32.

    The header and the length of the file are checked first; nothing is allocated for a file that
    claims another shape.

    Raises:
        RunUnreadable: the file is missing, damaged or of another shape.
    """
    try:
        with path.open("rb") as file:
            size = int.from_bytes(file.read(8), "little")
            if size > _MAX_HEADER:
                raise damaged(path, f"a header of {size:,} bytes")
            header = json.loads(file.read(size))
        claim = header[_VECTORS]
        found = (claim["dtype"], list(claim["shape"]), path.stat().st_size)
        wanted = ("F32", [rows, dim], 8 + size + 4 * rows * dim)
        if found != wanted:
            raise damaged(path, f"vectors {found}, where {wanted} was written")
        return load_file(path)[_VECTORS]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise damaged(path, error) from error


def _write(path: Path, table: pa.Table) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    pq.write_table(table, path, compression="zstd", write_page_checksum=True)


def _read(path: Path) -> pa.Table:
    try:
        with pq.ParquetFile(path, page_checksum_verification=True) as file:
            rows = file.metadata.num_rows
            if not 0 <= rows < _MAX_ROWS:
                raise damaged(path, f"a claim of {rows:,} rows")
            return file.read()
    except (OSError, pa.ArrowException, UnicodeDecodeError) as error:  # names may be damaged too
        raise damaged(path, error) from error


def _to_arrow(name: str, values: np.ndarray) -> pa.Array:
    if values.dtype.kind not in "OUT":
        return pa.array(values)
    values = values.astype(object, copy=False)
    with suppress(UnicodeEncodeError):
        try:
            return pa.array(values, type=pa.large_string(), from_pandas=True)
        except (pa.ArrowInvalid, pa.ArrowTypeError) as error:
            raise WorkspaceError(
                f"expected text in the column {name!r}",
                f"{error}",
                "Give the column one kind of value",
            ) from error
    # Some text has no UTF-8 (half a character): keep its bytes as they are.
    missing = pd.isna(values)
    raw = _surrogate_bytes(values, missing)
    return pa.array(raw, type=pa.large_binary())


def _surrogate_bytes(values: np.ndarray, missing: np.ndarray) -> Iterable[bytes | None]:
    return [
        None if gone else value.encode("utf-8", "surrogatepass")
        for value, gone in zip(values, missing, strict=True)
    ]


def _to_numpy(column: pa.ChunkedArray) -> np.ndarray:
    if pa.types.is_large_binary(column.type):
        return np.array(
            [
                None if raw is None else raw.decode("utf-8", "surrogatepass")
                for raw in column.to_pylist()
            ],
            dtype=object,
        )
    return column.to_numpy()
