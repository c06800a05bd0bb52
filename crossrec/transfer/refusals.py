"""Refusals: what a user said no to takes away from what is like it, and changes nothing else.

It makes no other history item older or lighter, counts in no history length, moves no coefficient,
and speaks for nothing (see :meth:`crossrec.transfer.preference.Preference.scores`). So a refusal
never raises a score.
"""

import numpy as np
from scipy import sparse

from crossrec.data.history import Histories
from crossrec.transfer.weights import POWER, history_weights, positions_of


def weights_with_refusals(
    histories: Histories, scenario: int, half_life: float | None
) -> sparse.csr_array:
    """History weights in a scenario, shape (m, n_s), float32; negative for refused items.

    Interactions weigh what they weigh without the refusals, and a refusal what it weighs without
    the other ones.
    """
    matrix = histories.by_scenario[scenario]
    positions = None if half_life is None else positions_among_likes(histories, scenario)
    liked = matrix.data >= 0
    if liked.all():
        return history_weights(matrix, positions, half_life)
    old = None if positions is None else positions[liked]
    values = np.empty(matrix.nnz, dtype=np.float32)
    values[liked] = history_weights(_only(matrix, liked), old, half_life).data
    fresh = np.ones(matrix.nnz)
    if positions is not None and half_life is not None:
        fresh = np.exp2(-positions / half_life)
    rows = _rows(matrix)
    together = np.bincount(rows[liked], fresh[liked], minlength=len(histories))
    share = fresh * np.maximum(together[rows] + fresh, 1e-12) ** -POWER
    values[~liked] = (np.clip(matrix.data, -1.0, 0.0) * share)[~liked]
    return sparse.csr_array((values, matrix.indices, matrix.indptr), shape=matrix.shape)


def positions_among_likes(histories: Histories, scenario: int) -> np.ndarray | None:
    """How many of the user's interactions in a scenario are newer than each entry, shape (nnz,).

    As :func:`positions_of`, except that refusals make nothing older. None where no times are known.
    """
    positions = positions_of(histories, scenario)
    matrix = histories.by_scenario[scenario]
    liked = matrix.data >= 0
    if positions is None or histories.ages is None or liked.all():
        return positions
    rows, ages = _rows(matrix), histories.ages[scenario]
    order = np.lexsort((ages, rows))
    row, age, counted = rows[order], ages[order], liked[order]
    first = np.ones(len(order), dtype=bool)  # of its user and time
    first[1:] = (row[1:] != row[:-1]) | (age[1:] != age[:-1])
    before = np.cumsum(counted) - counted
    newer = before[np.maximum.accumulate(np.where(first, np.arange(len(order)), 0))]
    among = np.empty(len(order), dtype=np.float32)
    among[order] = newer - before[matrix.indptr[row]]
    refusing = np.bincount(rows[~liked], minlength=len(histories)) > 0
    return np.where(refusing[rows], among, positions)


def likes_alone(weights: sparse.csr_array) -> sparse.csr_array:
    """History weights with 0 for refused items, same entries."""
    values = np.maximum(weights.data, 0)
    return sparse.csr_array((values, weights.indices, weights.indptr), shape=weights.shape)


def _rows(matrix: sparse.csr_array) -> np.ndarray:
    """Row of each entry, shape (nnz,)."""
    lengths = np.diff(matrix.indptr)
    return np.repeat(np.arange(len(lengths)), lengths)


def _only(matrix: sparse.csr_array, kept: np.ndarray) -> sparse.csr_array:
    """A matrix with some of its entries, in the same order."""
    ends = np.concatenate([[0], np.cumsum(kept)])[matrix.indptr]
    return sparse.csr_array((matrix.data[kept], matrix.indices[kept], ends), shape=matrix.shape)
