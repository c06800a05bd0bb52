"""The few column functions of Arrow that reading needs, by name and typed."""

from collections.abc import Iterable
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc


def is_in(values: pa.Array, words: Iterable[str]) -> np.ndarray:
    """Whether each value is one of the words, shape (n,), bool; null is none of them."""
    options = pc.SetLookupOptions(pa.array(sorted(words), pa.string()), skip_nulls=True)
    return as_bool(pc.call_function("is_in", [values], options))


def is_there(values: pa.Array | pa.ChunkedArray) -> np.ndarray:
    """Whether each value is not null, shape (n,), bool."""
    return as_bool(pc.call_function("is_valid", [values]))


def matches(values: pa.Array, pattern: str) -> np.ndarray:
    """Whether each value holds a regular expression, shape (n,), bool; null does not."""
    found = pc.call_function("match_substring_regex", [values], pc.MatchSubstringOptions(pattern))
    return as_bool(found.fill_null(False))  # noqa: FBT003


def part(values: Any, start: int, stop: int) -> Any:
    """The characters from ``start`` to ``stop`` of each value."""
    return pc.call_function("utf8_slice_codeunits", [values], pc.SliceOptions(start, stop))


def replaced(values: Any, pattern: str, by: str) -> Any:
    """Values with what a regular expression finds replaced."""
    options = pc.ReplaceSubstringOptions(pattern, by)
    return pc.call_function("replace_substring_regex", [values], options)


def trimmed(values: pa.Array, characters: str) -> pa.Array:
    """Values without these characters at their ends."""
    return pc.call_function("utf8_trim", [values], pc.TrimOptions(characters))


def lower(values: pa.Array) -> pa.Array:
    """Values in lower case."""
    return pc.call_function("utf8_lower", [values])


def emptied(values: pa.Array, where: np.ndarray) -> pa.Array:
    """Values, null where ``where`` (shape (n,), bool) is true."""
    return pc.call_function("if_else", [pa.array(~where), values, pa.scalar(None, values.type)])


def as_bool(values: pa.Array | pa.ChunkedArray) -> np.ndarray:
    """A column without nulls as bool, shape (n,)."""
    joined = values.combine_chunks() if isinstance(values, pa.ChunkedArray) else values
    return joined.to_numpy(zero_copy_only=False).astype(bool)
