"""Item factors of weighted ALS, used as one more preference model that is linear in the history.

Implicit ALS (Hu, Koren, Volinsky 2008) gives a user the vector ``(Y'C_u Y + lambda I)^-1 Y'C_u x``.
Because ``C_u`` depends on the history, that is no sum over history items. With the user's own
confidence left out of the inverse, ``Y (Y'Y + lambda I)^-1 Y'`` is, and explanations stay exact.
"""

from dataclasses import dataclass

import numpy as np
from scipy import sparse
from threadpoolctl import threadpool_limits

from crossrec.data.history import shape

ITERATIONS = 10


@dataclass(frozen=True)
class FactorSize:
    """How item factors are fitted.

    Attributes:
        rank: number of factors.
        penalty: lambda.
        confidence: of an interaction, over the 1 of a missing one.
    """

    rank: int
    penalty: float
    confidence: float


def fit_factors(
    counts: sparse.csr_array, size: FactorSize, seed: int
) -> tuple[np.ndarray, np.ndarray]:
    """Factors ``left @ right.T = Y (Y'Y + lambda I)^-1 Y'``, shapes (n, r), float32.

    Args:
        counts: interactions, shape (m, n), values in [0, 1].
        size: rank, penalty and confidence.
        seed: of the start.
    """
    n = shape(counts)[1]
    if not counts.nnz:
        return np.zeros((n, 1), np.float32), np.zeros((n, 1), np.float32)
    from implicit.als import AlternatingLeastSquares  # heavy, and only needed to fit

    weighted = sparse.csr_matrix(counts, dtype=np.float32, copy=True)
    weighted.data = 1 + size.confidence * weighted.data
    with threadpool_limits(1, "blas"):  # implicit has threads of its own
        model = AlternatingLeastSquares(
            factors=size.rank,
            regularization=size.penalty,
            alpha=1.0,
            iterations=ITERATIONS,
            random_state=seed,
        )
        model.fit(weighted[np.diff(weighted.indptr) > 0], show_progress=False)
    items = np.asarray(model.item_factors, dtype=np.float32)
    gram = items.T @ items + size.penalty * np.eye(items.shape[1], dtype=np.float32)
    return np.linalg.solve(gram, items.T).T.astype(np.float32), items
