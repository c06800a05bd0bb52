"""Histories as one sparse matrix."""

from collections.abc import Mapping

import numpy as np
from scipy import sparse

from crossrec.data.history import Histories, shape


def strengths(histories: Histories, scenarios: tuple[int, ...]) -> sparse.csr_array:
    """The histories in ``scenarios`` side by side, shape (m, sum of n_s), float32.

    An entry is ``min(weight, 1)``: repeats and strong events count once, events weaker than 1 less.
    """
    blocks = [histories.by_scenario[scenario] for scenario in scenarios]
    matrix = sparse.csr_array(sparse.hstack(blocks, format="csr", dtype=np.float32))
    matrix.data = np.minimum(matrix.data, 1)
    return matrix


def user_counts(matrix: sparse.csr_array) -> np.ndarray:
    """Number of distinct users per column, shape (n,), float32."""
    return np.bincount(matrix.indices, minlength=shape(matrix)[1]).astype(np.float32)


PARTS = ("data", "indices", "indptr")


def arrays_of(matrix: sparse.csr_array) -> dict[str, np.ndarray]:
    """The arrays of a sparse matrix by their names in scipy."""
    return {part: getattr(matrix, part) for part in PARTS}


def matrix_from(arrays: Mapping[str, np.ndarray], size: tuple[int, int]) -> sparse.csr_array:
    """The inverse of :func:`arrays_of`.

    Raises:
        KeyError: an array is missing.
        ValueError: they do not fit together, or not this size.
    """
    matrix = sparse.csr_array(tuple(arrays[part] for part in PARTS), shape=size)
    matrix.check_format(full_check=True)  # a damaged file must not read outside its arrays
    return matrix


def shaped(array: np.ndarray, *size: int) -> np.ndarray:
    """An array of this shape, -1 for any length.

    Raises:
        ValueError: it has another one.
    """
    fits = array.ndim == len(size) and all(
        want in (-1, have) for want, have in zip(size, array.shape, strict=True)
    )
    if not fits:
        raise ValueError(f"an array of shape {array.shape} where {size} was written")
    return array
