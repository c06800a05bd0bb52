"""History weights: how much each item of a history counts.

``x(u,s)`` is the vector of ``w_uh = strength_h d_h / (sum of d)^p`` over the items h of H(u,s),
with ``d_h = 2^(-age_h / half_life)`` (000 §4.2.1, method page §2.2).
"""

import numpy as np
from scipy import sparse

from crossrec.data.history import Histories

POWER = 0.5
"""p: 0 adds the items of a history up, 1 takes their mean."""


def history_weights(
    matrix: sparse.csr_array, positions: np.ndarray | None = None, half_life: float | None = None
) -> sparse.csr_array:
    """Weights w_uh of a batch of histories.

    Args:
        matrix: event strengths, shape (m, n).
        positions: of its entries, see :func:`positions_of`; None: all are new.
        half_life: in newer items; None: age does not matter.

    Returns:
        Shape (m, n), float32: a repeated item counts once (strengths are cut at 1), a weak event
        less, a dislike (negative strength, at most -1) against what is like it.
    """
    lengths = np.diff(matrix.indptr)
    ages = np.zeros(matrix.nnz) if positions is None or half_life is None else positions / half_life
    fresh = np.exp2(-ages)
    rows = np.repeat(np.arange(len(lengths)), lengths)
    together = np.bincount(rows, fresh, minlength=len(lengths))
    scale = np.maximum(together, 1e-12) ** -POWER
    values = (np.clip(matrix.data, -1.0, 1.0) * fresh * scale[rows]).astype(np.float32)
    return sparse.csr_array((values, matrix.indices, matrix.indptr), shape=matrix.shape)


def interactions(matrix: sparse.csr_array) -> sparse.csr_array:
    """Interactions to learn from, shape (m, n), float32, values in [0, 1]; dislikes are none."""
    values = np.clip(matrix.data, 0.0, 1.0).astype(np.float32)
    return sparse.csr_array((values, matrix.indices, matrix.indptr), shape=matrix.shape)


def positions_of(histories: Histories, scenario: int) -> np.ndarray | None:
    """How many of the user's items in a scenario are newer than each one, shape (nnz,), float32.

    Items of the same time have the same position. None where no times are known.
    """
    if histories.ages is None:
        return None
    ages, indptr = histories.ages[scenario], histories.by_scenario[scenario].indptr
    if histories.unit == "items":
        return ages
    rows = np.repeat(np.arange(len(indptr) - 1), np.diff(indptr))
    order = np.lexsort((ages, rows))
    row, age = rows[order], ages[order]
    place = np.arange(len(row)) - indptr[row]
    first = np.ones(len(row), dtype=bool)  # of its user and time
    first[1:] = (row[1:] != row[:-1]) | (age[1:] != age[:-1])
    found = np.empty(len(row), dtype=np.float32)
    found[order] = place[np.maximum.accumulate(np.where(first, np.arange(len(row)), 0))]
    return found


def shared_users(source: sparse.csr_array, target: sparse.csr_array, most: int) -> np.ndarray:
    """Rows with entries in both matrices, at most so many, the most active, sorted."""
    activity = np.minimum(np.diff(source.indptr), np.diff(target.indptr))
    shared = np.flatnonzero(activity > 0)
    if len(shared) > most:
        shared = np.sort(shared[np.argsort(-activity[shared], kind="stable")[:most]])
    return shared
