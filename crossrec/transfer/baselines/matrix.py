"""Histories as one sparse matrix."""

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
