"""Sparse item-item links: read for some items, and brought to disk and back."""

from collections.abc import Mapping

import numpy as np
from scipy import sparse

from crossrec.data.history import shape

PARTS = ("data", "indices", "indptr")


def linked(links: sparse.csr_array, history: np.ndarray, items: np.ndarray) -> np.ndarray:
    """The links of history items to items, without taking whole columns.

    Rows are read: a column costs as much as all links.

    Args:
        links: shape (n_s, n_t), no entry twice.
        history: rows, shape (H,).
        items: columns, each once, shape (k,).

    Returns:
        Shape (H, k), float32.
    """
    column = np.full(shape(links)[1], -1, dtype=np.int64)
    column[items] = np.arange(len(items))
    starts = links.indptr[history].astype(np.int64)
    lengths = links.indptr[history + 1] - starts
    skipped = starts - np.cumsum(lengths) + lengths
    entry = np.arange(lengths.sum()) + np.repeat(skipped, lengths)
    place = column[links.indices[entry]]
    wanted = np.flatnonzero(place >= 0)
    at = np.repeat(np.arange(len(history)), lengths)[wanted]
    found = np.zeros((len(history), len(items)), dtype=np.float32)
    found[at, place[wanted]] = links.data[entry[wanted]]
    return found


def grown(
    links: sparse.csr_array, rows: np.ndarray | None, columns: np.ndarray | None
) -> sparse.csr_array:
    """The links with new items, which have none, in a new order.

    Args:
        links: shape (n_s, n_t).
        rows: for each new row the old one, or a number from ``n_s`` on for an item that is new (it
            stands in between where another scenario knows it already); None: as they are.
        columns: the same for the columns.
    """
    height, width = shape(links)
    new = (height if rows is None else len(rows), width if columns is None else len(columns))
    ends = np.concatenate([links.indptr, np.full(new[0] - height, links.indptr[-1])])
    found = sparse.csr_array((links.data, links.indices, ends), shape=new)
    if rows is not None and (rows != np.arange(new[0])).any():
        found = sparse.csr_array(found[rows])
    if columns is not None and (columns != np.arange(new[1])).any():
        found = sparse.csr_array(found[:, columns])
    return found


def arrays_of_links(links: sparse.csr_array, name: str) -> dict[str, np.ndarray]:
    """The arrays of links, each name after ``name`` and a full stop."""
    return {f"{name}.{part}": getattr(links, part) for part in PARTS}


def links_from(
    arrays: Mapping[str, np.ndarray], name: str, size: tuple[int, int]
) -> sparse.csr_array:
    """The inverse of :func:`arrays_of_links`.

    Raises:
        KeyError: an array is missing.
        ValueError: they do not fit together.
    """
    links = sparse.csr_array(tuple(arrays[f"{name}.{part}"] for part in PARTS), shape=size)
    links.check_format(full_check=True)  # a damaged file must not read outside its arrays
    return links
