"""Item factors of weighted ALS, used as preference models that are linear in the history.

Implicit ALS (Hu, Koren, Volinsky, ICDM 2008) gives a user the vector ``(Y'C_u Y + lambda I)^-1
Y'C_u x``. Because ``C_u`` depends on the history, that is no sum over history items. With its mean
over the users in the inverse, ``Y (Y'CY + lambda I)^-1 Y'`` is, and explanations stay exact.
"""

from collections.abc import Sequence

import numpy as np
from scipy import sparse
from threadpoolctl import threadpool_limits

from crossrec.data.history import shape
from crossrec.transfer.weights import interactions

RANK, OWN_RANK = 64, 32
"""Of the pooled factors and of those of one scenario."""
ITERATIONS = 10
OWN_SIZE = (45.0, 3.0)
"""Lambda and confidence of an interaction over the 1 of a missing one, within a scenario."""
ITEM_POWER = 0.25
"""A popular item counts less: confidence is divided by its relative popularity to this power."""
SHARED = 5.0
"""How much more a user with several scenarios counts in the pooled factors than one with one."""

Factors = tuple[np.ndarray, np.ndarray]
"""``left`` and ``right``, shapes (n, r), float32."""


def fit_factors(
    counts: sparse.csr_array, size: tuple[float, float], seed: int, rank: int
) -> Factors:
    """Factors ``left @ right.T = Y (Y'CY + lambda I)^-1 Y'``, C the mean confidence of the users.

    Args:
        counts: interactions, shape (m, n), values in [0, 1].
        size: lambda and confidence.
        seed: of the start.
        rank: columns of Y.
    """
    n = shape(counts)[1]
    if not counts.nnz:
        return np.zeros((n, 1), np.float32), np.zeros((n, 1), np.float32)
    from implicit.cpu.als import AlternatingLeastSquares  # heavy, and only needed to fit

    penalty, confidence = size
    weighted = sparse.csr_matrix(counts, dtype=np.float32, copy=True)
    weighted.data = 1 + confidence * weighted.data
    with threadpool_limits(1, "blas"):  # one inside each of the solver's own
        model = AlternatingLeastSquares(
            factors=rank,
            regularization=penalty,
            alpha=1.0,
            iterations=ITERATIONS,
            num_threads=1,
            random_state=seed,
        )
        active = weighted[np.diff(weighted.indptr) > 0]
        model.fit(active, show_progress=False)
    items = np.asarray(model.item_factors, dtype=np.float32)
    beyond = np.bincount(counts.indices, confidence * counts.data, minlength=n) / active.shape[0]
    mean = (1 + beyond).astype(np.float32)  # an item that a user has not taken counts 1
    gram = (items.T * mean) @ items + penalty * np.eye(rank, dtype=np.float32)
    return np.linalg.solve(gram, items.T).T.astype(np.float32), items


def fit_pooled(
    histories: Sequence[sparse.csr_array], size: tuple[float, float], seed: int
) -> list[Factors]:
    """Factors of all scenarios together: ``W_st = left_s @ right_t.T`` for every pair.

    Users with one scenario only shape these factors too; but users with several, who alone show
    what goes with what, count :data:`SHARED` times as much.

    Args:
        histories: per scenario event strengths of the same m users, shape (m, n_s).
        size: lambda, and the confidence of an interaction of a user with several scenarios.
        seed: of the start.

    Returns:
        Per scenario its rows of both.
    """
    blocks = [interactions(matrix) for matrix in histories]
    counts = sparse.csr_array(sparse.hstack(blocks, format="csr"))
    shared = sum((np.diff(block.indptr) > 0).astype(int) for block in blocks) > 1
    weighted = _weighted(counts, np.where(shared, 1.0, 1.0 / SHARED))
    left, right = fit_factors(weighted, size, seed, RANK)
    cuts = np.cumsum([shape(block)[1] for block in blocks])[:-1]
    return list(zip(np.split(left, cuts), np.split(right, cuts), strict=True))


def _weighted(counts: sparse.csr_array, per_user: np.ndarray) -> sparse.csr_array:
    """Interactions times the weights of their users, (m,), and of their items."""
    users = np.bincount(counts.indices, minlength=shape(counts)[1])
    typical = max(float(users[counts.indices].mean()), 1.0) if counts.nnz else 1.0
    per_item = (np.maximum(users, 1) / typical) ** -ITEM_POWER
    rows = np.repeat(per_user, np.diff(counts.indptr))
    values = (counts.data * rows * per_item[counts.indices]).astype(np.float32)
    return sparse.csr_array((values, counts.indices, counts.indptr), shape=counts.shape)
