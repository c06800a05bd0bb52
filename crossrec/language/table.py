"""The result of reading items: one vector per item id."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from crossrec.data.ids import IdMap
from crossrec.errors import DataError
from crossrec.schema import ITEM

if TYPE_CHECKING:
    from crossrec.language.reduction import Reduction


@dataclass(frozen=True)
class FeatureTable:
    """Text vectors of items.

    Attributes:
        items: item ids, n of them.
        vectors: shape (n, d), float32, finite; the zero vector where an item has no text.
        encoder: id of the encoder, e.g. "all-MiniLM-L6-v2" or "tfidf".
        revision: of the encoder's weights (hash), "" for fitted baselines.
        fingerprint: hex sha256 over ids, vectors and encoder.
        views: further vectors of the same items by name, such as "attributes", shape (n, d) each.
            They are made anew from the catalogue when a model is trained, and not kept with a run.
        reduction: what made fewer numbers of the encoder's; None where they are as they came.
    """

    items: IdMap
    vectors: np.ndarray
    encoder: str
    revision: str
    fingerprint: str
    views: Mapping[str, np.ndarray] = field(default_factory=dict)
    reduction: "Reduction | None" = None

    def __post_init__(self) -> None:
        n = len(self.items)
        for vectors in (self.vectors, *self.views.values()):
            shape: tuple[int, ...] = vectors.shape or ()
            if len(shape) != 2 or shape[0] != n:
                raise DataError(f"expected vectors of shape ({n}, d)", f"{shape}")
            if not np.isfinite(vectors).all():
                raise DataError("expected finite vectors", "NaN or infinity")

    @property
    def dim(self) -> int:
        """Length d of a vector."""
        return self.vectors.shape[1]

    def rows(self, ids: np.ndarray) -> np.ndarray:
        """Vectors of item ids, shape (len(ids), d); zero for ids without a vector."""
        return self._rows(self.vectors, ids)

    def view(self, name: str, ids: np.ndarray) -> np.ndarray:
        """A view's rows of item ids, shape (len(ids), d); zero for unknown ids."""
        return self._rows(self.views[name], ids)

    def like(self, vectors: np.ndarray) -> np.ndarray:
        """Vectors of new texts, as this table's encoder gave them, in its own numbers.

        Args:
            vectors: shape (k, d of the encoder).

        Returns:
            shape (k, dim), float32.

        Raises:
            DataError: they are of another length.
        """
        wanted = self.dim if self.reduction is None else len(self.reduction.mean)
        if vectors.shape[1] != wanted:
            raise DataError(
                f"expected vectors of {wanted} numbers, as {self.encoder} gave here",
                str(vectors.shape[1]),
                "Read the texts by the encoder of this run",
            )
        return vectors if self.reduction is None else self.reduction(vectors)

    def _rows(self, vectors: np.ndarray, ids: np.ndarray) -> np.ndarray:
        codes = self.items.codes(ids)
        if not len(self.items):
            return np.zeros((len(ids), vectors.shape[1]), dtype=np.float32)
        return np.where(codes[:, None] >= 0, vectors[codes.clip(min=0)], 0).astype(np.float32)


def vectors_parquet(table: FeatureTable) -> bytes:
    """The vectors as a Parquet file: ``item_id`` and ``vector``, a list of d float32."""
    import pyarrow as pa
    from pyarrow import parquet

    flat = pa.array(np.ascontiguousarray(table.vectors, dtype=np.float32).ravel())
    columns = {
        ITEM: pa.array(table.items.ids, pa.string()),
        "vector": pa.FixedSizeListArray.from_arrays(flat, table.dim),
    }
    about = {"encoder": table.encoder, "revision": table.revision, "fingerprint": table.fingerprint}
    file = pa.BufferOutputStream()
    parquet.write_table(pa.table(columns).replace_schema_metadata(about), file)
    return file.getvalue().to_pybytes()


def unit_rows(vectors: np.ndarray) -> np.ndarray:
    """Rows scaled to length 1, shape (n, d), float32; (nearly) zero rows become zero."""
    rows = np.asarray(vectors, dtype=np.float32)
    length = np.linalg.norm(rows, axis=1, keepdims=True)
    return np.divide(rows, length, out=np.zeros_like(rows), where=length > 1e-9)
