"""Text columns -> codes, block by block; rows are numbers from here on."""

from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from crossrec.data.arrow import emptied, is_in, lower, trimmed
from crossrec.data.clean_ids import MISSING, SPACE, CleanIds

NOWHERE = -1
"""The code of an empty cell."""
NO_TIME = np.iinfo(np.int64).min
"""In place of a time that is not there or cannot be read."""


class Coder:
    """Numbers the distinct values of a column that comes in blocks.

    Each block keeps its own short list of distinct values; they are matched once at the end,
    which is faster than after each block, and the column itself is never held.
    """

    def __init__(self) -> None:
        self._lists: list[pa.Array] = []
        self._ends = [0]

    def add(self, column: pa.ChunkedArray) -> "Block":
        """Take a block of text, shape (n,)."""
        encoded = column.cast(pa.string()).combine_chunks().dictionary_encode()
        self._lists.append(encoded.dictionary)
        self._ends.append(self._ends[-1] + len(encoded.dictionary))
        local = encoded.indices.fill_null(NOWHERE).to_numpy(zero_copy_only=False)
        return Block(local.astype(np.int32, copy=False), len(self._lists) - 1)

    def __len__(self) -> int:
        """Number of blocks taken."""
        return len(self._lists)

    def forget(self, after: int) -> None:
        """Forget the blocks after the first so many."""
        del self._lists[after:], self._ends[after + 1 :]

    def repeat(self, value: str, n: int) -> "Block":
        """Take a block of one and the same value."""
        block = self.add(pa.chunked_array([pa.array([value], pa.string())]))
        return Block(np.full(n, block.local[0], dtype=np.int32), block.list)

    def match(self) -> tuple[pa.Array, np.ndarray]:
        """The distinct values over all blocks, and the code of every entry of every list."""
        joined = pa.chunked_array(self._lists, pa.string()).combine_chunks().dictionary_encode()
        return joined.dictionary, joined.indices.to_numpy().astype(np.int32, copy=False)

    def codes(self, block: "Block", entries: np.ndarray) -> np.ndarray:
        """Codes of a block, shape (n,), int32; :data:`NOWHERE` where null.

        Args:
            block: of this coder.
            entries: what :meth:`match` gave.
        """
        own = entries[self._ends[block.list] : self._ends[block.list + 1]]
        # The last place stands for null: its index is -1.
        return np.append(own, np.int32(NOWHERE))[block.local]


@dataclass(frozen=True)
class Block:
    """Codes of one block: places in its own list of distinct values, shape (n,), int32."""

    local: np.ndarray
    list: int


@dataclass(frozen=True)
class Meaning:
    """What the distinct values of a column mean.

    Attributes:
        code: raw code -> code of the clean value, shape (m + 1,), int32; :data:`NOWHERE` for what
            is empty, and at the last place, so that a raw :data:`NOWHERE` stays one.
        values: the clean values.
        header: whether a raw value is a column name, shape (m + 1,), bool.
    """

    code: np.ndarray
    values: pa.Array
    header: np.ndarray


def filled(values: pa.Array) -> pa.Array:
    """Text without outer space, null where it is empty or a word for that."""
    plain = trimmed(values, SPACE)
    return emptied(plain, is_in(lower(plain), MISSING))


def meaning(values: pa.Array, headers: frozenset[str], *, ids: CleanIds | None = None) -> Meaning:
    """Clean the distinct values of a column: outer space, words for "empty".

    Args:
        values: as they stand in the files.
        headers: what the column may be called.
        ids: what they are as ids, where they are ids.
    """
    full = filled(values) if ids is None else ids.values
    encoded = full.dictionary_encode()
    code = encoded.indices.fill_null(NOWHERE).to_numpy(zero_copy_only=False)
    header = is_in(trimmed(values, SPACE), headers)
    return Meaning(
        np.append(code, NOWHERE).astype(np.int32), encoded.dictionary, np.append(header, [False])
    )


def compact(codes: np.ndarray, n: int) -> tuple[np.ndarray, np.ndarray]:
    """Number the codes that occur anew, in the order of their first appearance.

    Args:
        codes: shape (rows,), each in 0..n-1.
        n: how many there are.

    Returns:
        The new codes, shape (rows,), int32; and the old code of each new one, shape (used,).
    """
    first = np.full(n, len(codes), dtype=np.int32)
    # Assigned from the last row to the first: the first one stays.
    first[codes[::-1]] = np.arange(len(codes) - 1, -1, -1, dtype=np.int32)
    used = np.flatnonzero(first < len(codes))
    old = used[np.argsort(first[used], kind="stable")]
    rank = np.empty(n, dtype=np.int32)
    rank[old] = np.arange(len(old), dtype=np.int32)
    return rank[codes], old
