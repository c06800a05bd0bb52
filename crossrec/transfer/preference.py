"""What all preference models P(u, s->t, j) share: the history vector, and one scale.

``x(u,s)`` is the vector of history weights ``w_uh = strength_h / |H(u,s)|^p`` (000 §4.2.1, method
page §2.2). Every preference model is a matrix ``W`` with ``P(u, s->t, j) = sum_h w_uh W[h, j]``,
kept as a learnt part and a text part, ``W = W_learnt + W_text``, so that each history item's
contribution, split in the two parts, is exact.
"""

import numpy as np
from scipy import sparse

from crossrec.errors import TrainingFailed
from crossrec.language.table import unit_rows


def counted(matrix: sparse.csr_array, power: float) -> sparse.csr_array:
    """Strengths to a power, signs kept, shape (m, n): the nearer to 0, the more all count alike.

    Args:
        matrix: event strengths, shape (m, n); above 1 they count as 1.
        power: above 0; 1 leaves them as they are.
    """
    if power == 1:
        return matrix
    values = np.sign(matrix.data) * np.minimum(np.abs(matrix.data), 1) ** power
    parts = (values.astype(np.float32), matrix.indices, matrix.indptr)
    return sparse.csr_array(parts, shape=matrix.shape)


def history_weights(matrix: sparse.csr_array, power: float) -> sparse.csr_array:
    """Weights w_uh of a batch of histories.

    Args:
        matrix: event strengths, shape (m, n).
        power: p of the normalisation.

    Returns:
        ``min(strength, 1) / |H|^p``, shape (m, n): a repeated item counts once, a weak event less,
        a dislike (negative strength, at most -1) against what is like it.
    """
    counts = np.diff(matrix.indptr)
    scale = np.repeat(1.0 / np.maximum(counts, 1) ** power, counts)
    values = (np.clip(matrix.data, -1.0, 1.0) * scale).astype(np.float32)
    return sparse.csr_array((values, matrix.indices, matrix.indptr), shape=matrix.shape)


def centred(vectors: np.ndarray) -> np.ndarray:
    """Text vectors minus the mean of their scenario, at unit length, shape (n, d), float32.

    Rows without text (zero) stay zero. Centring removes what all items of a scenario have in
    common, which would else be most of every similarity (method page §4).
    """
    has_text = np.abs(vectors).sum(1) > 0
    if not has_text.any():
        return np.zeros_like(vectors, dtype=np.float32)
    moved = np.where(has_text[:, None], vectors - vectors[has_text].mean(0), 0)
    return unit_rows(moved)


def softly_whitened(vectors: np.ndarray, power: float = 0.25, floor: float = 0.1) -> np.ndarray:
    """Centred vectors with their strongest directions turned down, at unit length, shape (n, d).

    Each principal direction is divided by its variance to the ``power``; ``floor`` is added to the
    variances, as a share of their mean. Fully whitened vectors (power 0.5) are as noisy as their
    weakest direction, hence the half-way.
    """
    if not vectors.any():
        return vectors
    return unit_rows(vectors @ soft_whitening(vectors, power, floor))


def soft_whitening(vectors: np.ndarray, power: float = 0.25, floor: float = 0.1) -> np.ndarray:
    """The matrix, shape (d, d), that :func:`softly_whitened` multiplies vectors (not all 0) by."""
    covariance = (vectors.T @ vectors / len(vectors)).astype(np.float64)
    variance, directions = np.linalg.eigh(covariance)
    variance = variance.clip(min=0) + floor * variance.mean()
    return (directions * variance**-power) @ directions.T


def decayed(
    weights: sparse.csr_array, ages: np.ndarray | None, half_life: float | None
) -> sparse.csr_array:
    """History weights times ``2^(-age / half_life)``, shape (m, n).

    Args:
        weights: from :func:`history_weights`.
        ages: of its entries, see :class:`crossrec.data.history.Histories`; None: all are new.
        half_life: in the unit of the ages; None: age does not matter.
    """
    if ages is None or half_life is None:
        return weights
    values = (weights.data * np.exp2(-ages / half_life)).astype(np.float32)
    return sparse.csr_array((values, weights.indices, weights.indptr), shape=weights.shape)


def emphasised(weights: sparse.csr_array, factors: np.ndarray) -> sparse.csr_array:
    """History weights times a factor per user, (m,), shape (m, n)."""
    each = np.repeat(factors, np.diff(weights.indptr))
    values = (weights.data * each).astype(np.float32)
    return sparse.csr_array((values, weights.indices, weights.indptr), shape=weights.shape)


def spread(scores: np.ndarray) -> float:
    """Mean over users of the standard deviation of their scores; 0 for no users.

    P is divided by it, so that one unit of coefficient means the same for every pair. Scores that
    differ by rounding alone rank nothing: their spread is 0.
    """
    if not scores.size:
        return 0.0
    value = float(scores.std(axis=1).mean())
    if not np.isfinite(value):
        raise TrainingFailed(
            "expected finite preferences", f"{value}", "Raise the penalties or check the weights"
        )
    return value if value > 1e-5 * float(np.abs(scores).mean()) else 0.0


def per_spread(value: float) -> float:
    """The factor that brings scores of this spread to unit spread; 0 if they rank nothing."""
    return 1.0 / value if value > 1e-9 else 0.0
