"""Fewer numbers per item: principal components of the vectors of a catalogue."""

from dataclasses import dataclass

import numpy as np

from crossrec.errors import DataError
from crossrec.language.table import unit_rows


@dataclass(frozen=True)
class Reduction:
    """What turns vectors of d numbers into ones of k.

    Attributes:
        mean: of the vectors it was learnt from, shape (d,), float32.
        directions: the k directions in which they differ most, shape (d, k), float32.
        kept: share of the variance that stays, 0..1.
    """

    mean: np.ndarray
    directions: np.ndarray
    kept: float

    @classmethod
    def of(cls, vectors: np.ndarray, dim: int) -> "Reduction":
        """Learn it from vectors, shape (n, d); zero rows (no text) do not count.

        Raises:
            DataError: ``dim`` is not between 2 and what the vectors span.
        """
        said = vectors[vectors.any(axis=1)].astype(np.float64)
        most = min(vectors.shape[1], max(len(said) - 1, 0))
        if not 2 <= dim <= most:
            raise DataError(
                f"expected 2 to {most} dimensions, as {len(said):,} items with text span",
                str(dim),
            )
        mean = said.mean(axis=0)
        # The covariance is d x d however many items there are.
        variance, directions = np.linalg.eigh((said - mean).T @ (said - mean))
        best = np.argsort(variance)[::-1][:dim]
        largest = directions[:, best]
        # A direction and its opposite are the same: fix the sign, so that runs can be compared.
        largest *= np.sign(largest[np.abs(largest).argmax(axis=0), np.arange(dim)])
        kept = float(variance[best].sum() / max(variance.clip(min=0).sum(), 1e-12))
        return cls(mean.astype(np.float32), largest.astype(np.float32), kept)

    def __call__(self, vectors: np.ndarray) -> np.ndarray:
        """Vectors in k numbers, shape (n, k), float32, of length 1; zero rows stay zero."""
        said = vectors.any(axis=1, keepdims=True)
        return unit_rows(np.where(said, (vectors - self.mean) @ self.directions, 0))
