"""Directed links: what is taken *next* after what, within a scenario.

Every interaction is one case: the items before it, each counting half with every :data:`HALF_LIFE`
newer ones, explain the item that came next. ``W = (A'A + lambda I)^-1 A'Y`` with A the discounted
past and Y the next item, each column on few neighbours (:mod:`crossrec.transfer.links.neighbours`).
"""

import numba
import numpy as np
from scipy import sparse

from crossrec.data.history import shape
from crossrec.transfer.links.neighbours import neighbour_links

PENALTY = 100.0
HALF_LIFE = 2.0
"""Of an item in the past of a case, in newer items."""
STEPS_BACK = 20
"""Older items count as nothing."""
LATEST = 100
"""Cases per user, the newest; a few users with thousands of rows must not decide."""


def fit_following(counts: sparse.csr_array, positions: np.ndarray) -> sparse.csr_array:
    """Links from an item to what follows it, CSR, shape (n, n), float32.

    Args:
        counts: interactions, shape (m, n), values in [0, 1].
        positions: newer items of the same user per entry, shape (nnz,); equal ones came together
            and do not explain each other.
    """
    n = shape(counts)[1]
    past, following = _cases(counts.indptr, counts.indices, positions, HALF_LIFE)
    cases = len(following)
    before = sparse.csr_array((past[2], past[1], past[0]), shape=(cases, n))
    ones = np.ones(cases, dtype=np.float32)
    after = sparse.csr_array((ones, following, np.arange(cases + 1)), shape=(cases, n))
    (links,), _ = neighbour_links(before, after, (PENALTY,), own=False)
    return _without_diagonal(links)


def _without_diagonal(links: sparse.csr_array) -> sparse.csr_array:
    """Links without those of an item to itself."""
    rows = np.repeat(np.arange(shape(links)[0]), np.diff(links.indptr))
    data = np.where(rows == links.indices, np.float32(0), links.data)
    found = sparse.csr_array((data, links.indices, links.indptr), shape=links.shape)
    found.eliminate_zeros()
    return found


@numba.njit(cache=True, nogil=True)
def _cases(indptr, indices, positions, half_life):  # noqa: ANN001, ANN202
    """The past of every case as the three arrays of a CSR matrix, and the items that followed."""
    nnz = len(indices)
    starts = np.zeros(nnz + 1, dtype=np.int64)
    columns = np.empty(nnz * STEPS_BACK, dtype=np.int32)
    values = np.empty(nnz * STEPS_BACK, dtype=np.float32)
    following = np.empty(nnz, dtype=np.int32)
    filled, cases = 0, 0
    for user in range(len(indptr) - 1):
        first, last = indptr[user], indptr[user + 1]
        order = np.argsort(positions[first:last], kind="mergesort")  # newest first
        for at in range(min(len(order), LATEST)):
            now = positions[first + order[at]]
            begin = filled
            for back in range(at + 1, len(order)):
                if filled - begin >= STEPS_BACK:
                    break
                older = positions[first + order[back]] - now
                if older <= 0:
                    continue
                columns[filled] = indices[first + order[back]]
                values[filled] = 2.0 ** (-(older - 1) / half_life)
                filled += 1
            if filled > begin:
                following[cases] = indices[first + order[at]]
                cases += 1
                starts[cases] = filled
    return (starts[: cases + 1], columns[:filled], values[:filled]), following[:cases]
