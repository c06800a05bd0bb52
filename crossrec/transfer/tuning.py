"""How hyper-parameters are chosen: by NDCG@10 on validation rows, never on test rows."""

from collections.abc import Callable, Sequence

import numpy as np
import torch
from scipy import sparse

DEPTH = 10
DISCOUNT = 1.0 / np.log2(np.arange(2, DEPTH + 2))


def validation_ndcg(
    scores: np.ndarray, seen: sparse.csr_array, relevant: sparse.csr_array
) -> np.ndarray:
    """NDCG@10 of each user's full ranking, with items already seen left out.

    Args:
        scores: shape (m, n); not changed.
        seen: training interactions, shape (m, n).
        relevant: validation interactions, shape (m, n), at least one per user.

    Returns:
        Shape (m,), ideal gain over min(10, relevant items).
    """
    scores = np.array(scores, dtype=np.float32)
    rows = np.repeat(np.arange(len(scores)), np.diff(seen.indptr))
    scores[rows, seen.indices] = -np.inf
    depth = min(DEPTH, scores.shape[1])
    best = torch.from_numpy(scores).topk(depth, dim=1).indices.numpy()
    hit = np.zeros(scores.shape, dtype=bool)
    hit[np.repeat(np.arange(len(scores)), np.diff(relevant.indptr)), relevant.indices] = True
    gain = np.take_along_axis(hit, best, 1) @ DISCOUNT[:depth]
    ideal = np.cumsum(DISCOUNT)[np.minimum(np.diff(relevant.indptr), DEPTH) - 1]
    return gain / ideal


def climb(grid: Sequence[float], quality: Callable[[float], float]) -> dict[float, float]:
    """Walk a grid uphill from its middle, so that far ends cost nothing where they are not needed.

    The quality of a penalty has one hill: too little lets noise in, too much says nothing. Larger
    values are tried first, the safer mistake.

    Args:
        grid: in any order.
        quality: of one value, the larger the better; asked once for each value on the way.

    Returns:
        What was asked, with its quality.
    """
    values = sorted(grid)
    found = {(at := len(values) // 2): quality(values[at])}
    while True:
        best = max(found, key=lambda i: found[i])
        around = [i for i in (best + 1, best - 1) if 0 <= i < len(values) and i not in found]
        if not around:
            return {values[i]: value for i, value in found.items()}
        found[around[0]] = quality(values[around[0]])
