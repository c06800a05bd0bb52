"""Ridge regression of every target item on its few strongest neighbours.

The dense inversion of EASE (Steck, WWW 2019) costs the cube of the catalogue. Here each target item
j is regressed on the K source items it goes with most, ``W_j = (G_NN + lambda I)^-1 c_N`` with the
Gram matrix G of the sources and c their products with j: the same code serves 10^3 and 10^6 items,
and with K = n it is the exact solution. That few regressors do is known from SLIM (Ning, Karypis,
ICDM 2011); choosing them beforehand makes each item a small linear system.
"""

from collections.abc import Sequence

import numba
import numpy as np
from scipy import sparse

from crossrec.data.history import shape

NEIGHBOURS = 100
"""K: source items per target item."""
DENSE = 16_000
"""Up to so many source items their Gram matrix is kept whole (4 bytes times its square)."""
BLOCK = 2_048
"""Rows of a product, and target items solved, at once."""


def neighbour_links(
    source: sparse.csr_array,
    target: sparse.csr_array,
    penalties: Sequence[float],
    *,
    own: bool,
    kept: int = NEIGHBOURS,
) -> tuple[list[sparse.csr_array], np.ndarray]:
    """Links from source items to target items, for several penalties at once.

    Args:
        source: X, history of the cases, shape (m, n_s), float32.
        target: Y, what they have or took next, shape (m, n_t), float32.
        penalties: lambdas.
        own: X is Y, so that no item may be its own neighbour.
        kept: K.

    Returns:
        One W of shape (n_s, n_t), float32, per penalty; and per penalty and target item what is
        left unexplained, ``G_jj + lambda - c_N' W_j``, shape (len(penalties), n_t), float32, which
        only means something for ``own``.
    """
    n_s, n_t = shape(source)[1], shape(target)[1]
    by_source = sparse.csr_array(source.T)
    gram = _gram(by_source, source)
    diagonal = np.bincount(source.indices, source.data**2, minlength=n_s).astype(np.float32)
    length = np.sqrt(np.maximum(diagonal, 1e-12)).astype(np.float32)
    by_target = by_source if own else sparse.csr_array(target.T)
    lambdas = np.asarray(penalties, dtype=np.float32)
    rest = np.empty((len(lambdas), n_t), dtype=np.float32)
    columns: list[np.ndarray] = []
    values: list[np.ndarray] = []
    counts: list[np.ndarray] = []
    for start in range(0, n_t, BLOCK):
        rows = slice(start, start + BLOCK)
        together = sparse.csr_array(gram[rows] if own else by_target[rows] @ source)
        chosen, known, there = _strongest(
            together.indptr, together.indices, together.data, length, kept, start if own else -1
        )
        size = len(there)
        solved = np.zeros((len(lambdas), size, kept), dtype=np.float32)
        left = np.zeros((len(lambdas), size), dtype=np.float32)
        if isinstance(gram, np.ndarray):
            _solve_dense(gram, chosen, known, there, lambdas, solved, left)
        else:
            _solve_sparse(
                gram.indptr, gram.indices, gram.data, diagonal, chosen, known, there, lambdas,
                solved, left,
            )  # fmt: skip
        within = np.arange(kept) < there[:, None]
        columns.append(chosen[within])
        values.append(solved[:, within])
        counts.append(there)
        rest[:, start : start + size] = lambdas[:, None] - left
    if own:
        rest += diagonal
    indices = np.concatenate(columns) if columns else np.zeros(0, dtype=np.int32)
    indptr = np.concatenate([[0], np.cumsum(np.concatenate(counts))]) if counts else np.zeros(1)
    found = []
    for at in range(len(lambdas)):
        data = np.concatenate([v[at] for v in values]) if values else np.zeros(0, np.float32)
        by_item = sparse.csc_array((data, indices, indptr.astype(np.int64)), shape=(n_s, n_t))
        found.append(sparse.csr_array(by_item))
    return found, rest


def _gram(by_item: sparse.csr_array, matrix: sparse.csr_array) -> np.ndarray | sparse.csr_array:
    """X'X: whole where it fits, else sparse with sorted rows; never both at once."""
    n = shape(matrix)[1]
    blocks = []
    whole = np.empty((n, n), dtype=np.float32) if n <= DENSE else None
    for start in range(0, n, BLOCK):
        part = sparse.csr_array(by_item[start : start + BLOCK] @ matrix)
        if whole is not None:
            whole[start : start + BLOCK] = part.toarray()
        else:
            part.sort_indices()
            blocks.append(part)
    return whole if whole is not None else sparse.csr_array(sparse.vstack(blocks, format="csr"))


@numba.njit(cache=True, nogil=True)
def _strongest(indptr, indices, data, length, kept, own):  # noqa: ANN001, ANN202
    """Per target item the source items that go most with it, by ``x_i'y_j / |x_i|``.

    ``own``: the source number of the first target item, which is left out for itself; -1: none.
    """
    size = len(indptr) - 1
    chosen = np.zeros((size, kept), dtype=np.int32)
    known = np.zeros((size, kept), dtype=np.float32)
    there = np.zeros(size, dtype=np.int64)
    for j in range(size):
        first, last = indptr[j], indptr[j + 1]
        itself = own + j if own >= 0 else -1
        number = 0
        items = np.empty(last - first, dtype=np.int32)
        likeness = np.empty(last - first, dtype=np.float32)
        products = np.empty(last - first, dtype=np.float32)
        for at in range(first, last):
            item = indices[at]
            if item != itself and data[at] > 0:
                items[number] = item
                products[number] = data[at]
                likeness[number] = data[at] / length[item]
                number += 1
        least, ties = np.float32(-1), 0
        if number > kept:
            least = np.partition(likeness[:number], number - kept)[number - kept]
            ties = kept - (likeness[:number] > least).sum()
        place = 0
        for at in range(number):
            tied = likeness[at] == least
            if likeness[at] > least or (tied and ties > 0):
                ties -= tied
                items[place], products[place] = items[at], products[at]
                place += 1
        order = np.argsort(items[:place])  # rows of a sparse Gram matrix are read in order
        chosen[j, :place] = items[order]
        known[j, :place] = products[order]
        there[j] = place
    return chosen, known, there


@numba.njit(cache=True, nogil=True)
def _solve_dense(gram, chosen, known, there, lambdas, solved, left):  # noqa: ANN001, ANN202
    """Fill ``solved`` and ``left`` (``c_N' W_j``) from a whole Gram matrix."""
    for j in range(len(there)):
        k = there[j]
        system = np.empty((k, k), dtype=np.float32)
        for a in range(k):
            row = gram[chosen[j, a]]
            for b in range(k):
                system[a, b] = row[chosen[j, b]]
        _solve_one(system, known[j, :k], lambdas, solved[:, j], left[:, j])


@numba.njit(cache=True, nogil=True)
def _solve_sparse(  # noqa: ANN202
    indptr, indices, data, diagonal, chosen, known, there, lambdas, solved, left  # noqa: ANN001
):  # fmt: skip
    """The same from a sparse Gram matrix with sorted rows: neighbours are found by bisection."""
    for j in range(len(there)):
        k = there[j]
        system = np.zeros((k, k), dtype=np.float32)
        for a in range(k):
            item = chosen[j, a]
            first, last = indptr[item], indptr[item + 1]
            row = indices[first:last]
            low = 0
            for b in range(a + 1, k):
                wanted = chosen[j, b]
                low += np.searchsorted(row[low:], wanted)
                if low == len(row):
                    break
                if row[low] == wanted:
                    system[a, b] = data[first + low]
                    system[b, a] = data[first + low]
            system[a, a] = diagonal[item]
        _solve_one(system, known[j, :k], lambdas, solved[:, j], left[:, j])


@numba.njit(cache=True, nogil=True, fastmath=True)
def _solve_one(system, known, lambdas, solved, left):  # noqa: ANN001, ANN202, C901
    """One item for all penalties, by Cholesky's factorisation of ``system + lambda I``."""
    k = len(known)
    root = np.empty((k, k), dtype=np.float32)
    for at in range(len(lambdas)):
        for a in range(k):
            for b in range(a):
                total = np.float32(0)
                for c in range(b):
                    total += root[a, c] * root[b, c]
                root[a, b] = (system[a, b] - total) / root[b, b]
            total = np.float32(0)
            for c in range(a):
                total += root[a, c] * root[a, c]
            root[a, a] = np.sqrt(max(system[a, a] + lambdas[at] - total, np.float32(1e-6)))
        found = solved[at]
        for a in range(k):
            total = np.float32(0)
            for c in range(a):
                total += root[a, c] * found[c]
            found[a] = (known[a] - total) / root[a, a]
        for a in range(k - 1, -1, -1):
            found[a] /= root[a, a]
            for c in range(a):
                found[c] -= root[a, c] * found[a]
        total = np.float32(0)
        for a in range(k):
            total += known[a] * found[a]
        left[at] = total
