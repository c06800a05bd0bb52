"""NDCG@10 on validation rows: what hyper-parameters are chosen by, never on test rows."""

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
