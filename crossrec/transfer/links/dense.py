"""Sparse products with dense results, without a sparse one in between."""

import numba


@numba.njit(cache=True, nogil=True)
def add_product(users, items, weights, starts, targets, values, scores):  # noqa: ANN001, ANN201
    """Add the product of two CSR matrices to ``scores``, shape (m, n), float32, in place.

    The first is given by its ``indptr``, ``indices`` and ``data``, the second likewise.
    """
    for user in range(len(users) - 1):
        row = scores[user]
        for at in range(users[user], users[user + 1]):
            item, weight = items[at], weights[at]
            for to in range(starts[item], starts[item + 1]):
                row[targets[to]] += weight * values[to]
