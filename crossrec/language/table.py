"""The result of reading items: one vector per item id."""

from dataclasses import dataclass

import numpy as np

from crossrec.data.ids import IdMap
from crossrec.errors import DataError


@dataclass(frozen=True)
class FeatureTable:
    """Text vectors of items.

    Attributes:
        items: item ids, n of them.
        vectors: shape (n, d), float32, finite; the zero vector where an item has no text.
        encoder: id of the encoder, e.g. "all-MiniLM-L6-v2" or "tfidf".
        revision: of the encoder's weights (hash), "" for fitted baselines.
        fingerprint: hex sha256 over ids, vectors and encoder.
    """

    items: IdMap
    vectors: np.ndarray
    encoder: str
    revision: str
    fingerprint: str

    def __post_init__(self) -> None:
        if self.vectors.ndim != 2 or len(self.vectors) != len(self.items):
            raise DataError(
                f"expected vectors of shape ({len(self.items)}, d)", f"{self.vectors.shape}"
            )
        if not np.isfinite(self.vectors).all():
            raise DataError("expected finite vectors", "NaN or infinity")

    @property
    def dim(self) -> int:
        """Length d of a vector."""
        return self.vectors.shape[1]

    def rows(self, ids: np.ndarray) -> np.ndarray:
        """Vectors of item ids, shape (len(ids), d); zero for ids without a vector."""
        codes = self.items.codes(ids)
        found = (
            self.vectors[codes.clip(min=0)] if len(self.items) else np.zeros((len(ids), self.dim))
        )
        return np.where(codes[:, None] >= 0, found, 0).astype(np.float32)


def unit_rows(vectors: np.ndarray) -> np.ndarray:
    """Rows scaled to length 1, shape (n, d), float32; (nearly) zero rows become zero."""
    rows = np.asarray(vectors, dtype=np.float32)
    length = np.linalg.norm(rows, axis=1, keepdims=True)
    return np.divide(rows, length, out=np.zeros_like(rows), where=length > 1e-9)
