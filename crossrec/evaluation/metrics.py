"""Ranking metrics per user, from the items shown and the items wanted.

All take the same three things, so that the hits are looked up once for every metric and k:

- ``hits``: shape (m, K), bool, whether place i of user u's list holds a relevant item (see
  :func:`find_hits`); a list may be shorter than K (the rest holds no hits).
- ``relevant``: shape (m,), number of relevant items |rel| per user.
- ``k``: places that count; K < k is as if the missing places held no hits.

All return shape (m,), float64, in [0, 1]; NaN for users with nothing to find (|rel| = 0), who
have no score rather than a bad one.
"""

from collections.abc import Callable, Mapping

import numpy as np
from scipy import sparse

Metric = Callable[[np.ndarray, np.ndarray, int], np.ndarray]


def find_hits(top: np.ndarray, relevant: sparse.csr_array) -> np.ndarray:
    """Where the lists hold relevant items.

    Args:
        top: local item numbers, shape (m, K), best first, -1 for no item.
        relevant: shape (m, n), stored entries are the relevant items.

    Returns:
        Shape (m, K), bool.
    """
    n = 1 + max(top.max(initial=0), relevant.indices.max(initial=0))
    wanted = np.repeat(np.arange(len(top)), np.diff(relevant.indptr)) * n
    shown = np.arange(len(top))[:, None] * n + top
    return np.isin(shown, wanted + relevant.indices) & (top >= 0)


def ndcg(hits: np.ndarray, relevant: np.ndarray, k: int) -> np.ndarray:
    """Normalised discounted cumulative gain at k with binary relevance.

    DCG = sum over places i = 1..k of hit_i / log2(i + 1), divided by the DCG of the best list
    possible, which holds min(k, |rel|) hits in front. A perfect list has 1 even if |rel| > k.
    """
    discount = 1 / np.log2(np.arange(2, k + 2))
    gain = hits[:, :k] @ discount[: hits.shape[1]]
    ideal = np.concatenate([[0], np.cumsum(discount)])[np.minimum(relevant, k)]
    return _divide(gain, ideal)


def recall(hits: np.ndarray, relevant: np.ndarray, k: int) -> np.ndarray:
    """Share of the relevant items among the first k: hits / |rel|.

    The denominator is |rel|, not min(k, |rel|): a user with more than k relevant items cannot
    reach 1.
    """
    return _divide(hits[:, :k].sum(axis=1), relevant)


def hit_rate(hits: np.ndarray, relevant: np.ndarray, k: int) -> np.ndarray:
    """1 if any of the first k items is relevant, else 0 (HR@k)."""
    return np.where(relevant > 0, hits[:, :k].any(axis=1).astype(float), np.nan)


def average_precision(hits: np.ndarray, relevant: np.ndarray, k: int) -> np.ndarray:
    """Average precision at k; its mean over users is MAP@k.

    Sum over the hits at places i <= k of (hits up to i) / i, divided by min(k, |rel|): as with
    NDCG, a perfect list has 1 even if |rel| > k (others divide by |rel|).
    """
    first = hits[:, :k]
    precision_at = np.cumsum(first, axis=1) / np.arange(1, first.shape[1] + 1)
    return _divide((precision_at * first).sum(axis=1), np.minimum(relevant, k))


def precision(hits: np.ndarray, relevant: np.ndarray, k: int) -> np.ndarray:
    """Share of the k places that hold a relevant item: hits / k, also where the list is shorter."""
    return np.where(relevant > 0, hits[:, :k].sum(axis=1) / k, np.nan)


def f1(hits: np.ndarray, relevant: np.ndarray, k: int) -> np.ndarray:
    """Harmonic mean of precision and recall at k: 2 * hits / (k + |rel|), so 0 without a hit."""
    return np.where(relevant > 0, 2 * hits[:, :k].sum(axis=1) / (k + relevant), np.nan)


def reciprocal_rank(hits: np.ndarray, relevant: np.ndarray, k: int) -> np.ndarray:
    """1 / place of the first hit among the first k, 0 without one; its mean is MRR@k."""
    first = hits[:, :k]
    place = 1 + first.argmax(axis=1) if first.shape[1] else np.ones(len(first))
    return np.where(relevant > 0, np.where(first.any(axis=1), 1 / place, 0.0), np.nan)


METRICS: Mapping[str, Metric] = {
    "ndcg": ndcg,
    "recall": recall,
    "hr": hit_rate,
    "map": average_precision,
    "precision": precision,
    "f1": f1,
    "mrr": reciprocal_rank,
}
"""The metrics of every report, by the name they have there."""


def coverage(top: np.ndarray, n_items: int, k: int) -> float:
    """Share of the n items that stand in the first k places of at least one of the m lists.

    0 where there are no items. It grows with m: compare it between equal sets of users only.
    """
    shown = top[:, :k]
    return len(np.unique(shown[shown >= 0])) / n_items if n_items else 0.0


def _divide(amount: np.ndarray, by: np.ndarray) -> np.ndarray:
    return np.divide(amount, by, out=np.full(len(amount), np.nan), where=np.asarray(by) > 0)
