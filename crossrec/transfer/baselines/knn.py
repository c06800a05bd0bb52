"""Item-based nearest neighbours."""

import numpy as np
from scipy import sparse

from crossrec.data.history import shape
from crossrec.transfer.baselines.base import Setting, TunedBaseline, settings
from crossrec.transfer.baselines.choice import ALL
from crossrec.transfer.baselines.matrix import arrays_of, matrix_from

BLOCK = 512


class ItemKNN(TunedBaseline[sparse.csr_array]):
    """Sum of the cosine similarities of a candidate to the history items among its neighbours.

    ``sim(i, j) = <x_i, x_j> / (|x_i| |x_j| + shrinkage)``; each candidate keeps its ``neighbours``
    most similar items. Source: Sarwar et al., WWW 2001, with the shrinkage of Bell & Koren, 2007.

    Args:
        neighbours: kept per candidate; a tuple of values is chosen from on the validation part.
        shrinkage: pulls similarities that rest on few users towards 0; likewise.
        pooled: see :class:`Baseline`.
        tuned_for: see :class:`TunedBaseline`.
    """

    def __init__(
        self,
        neighbours: int | tuple[int, ...] = 100,
        shrinkage: float | tuple[float, ...] = 10.0,
        *,
        pooled: bool = False,
        tuned_for: str = ALL,
    ) -> None:
        candidates = settings(neighbours, shrinkage)
        super().__init__("Item kNN", candidates, pooled=pooled, tuned_for=tuned_for)

    def _learn(
        self, matrix: sparse.csr_array, setting: Setting, *, trial: bool = False
    ) -> sparse.csr_array:
        kept, shrinkage = int(setting[0]), setting[1]
        n = shape(matrix)[1]
        by_item = sparse.csr_array(matrix.T)
        norm = np.sqrt(by_item.multiply(by_item).sum(axis=1))  # (n,)
        blocks = []
        for start in range(0, n, BLOCK):
            block = by_item[start : start + BLOCK]
            part = sparse.coo_array(block @ matrix)  # (b, n)
            row, column = part.coords
            similar = part.data / np.maximum(norm[start + row] * norm[column] + shrinkage, 1e-12)
            other = column != start + row
            size = (shape(block)[0], n)
            chosen = _strongest(row[other], column[other], similar[other], size, kept)
            blocks.append(chosen)
        if not blocks:
            return sparse.csr_array((0, 0), dtype=np.float32)
        return sparse.csr_array(sparse.vstack(blocks))  # (n candidates, n history items)

    def _predict(
        self, model: sparse.csr_array, matrix: sparse.csr_array, columns: slice, users: np.ndarray
    ) -> np.ndarray:
        return sparse.csr_array(matrix @ model[columns].T).toarray()

    def to_arrays(self, model: sparse.csr_array) -> dict[str, np.ndarray]:
        """See :meth:`Baseline.to_arrays`."""
        return arrays_of(model)

    def from_arrays(self, arrays: dict[str, np.ndarray], columns: int) -> sparse.csr_array:
        """See :meth:`Baseline.from_arrays`."""
        return matrix_from(arrays, (columns, columns))


def _strongest(
    row: np.ndarray, column: np.ndarray, value: np.ndarray, size: tuple[int, ...], kept: int
) -> sparse.csr_array:
    """The ``kept`` largest values of each row, the first columns among equals."""
    order = np.lexsort((column, -value, row))
    row, column, value = row[order], column[order], value[order]
    place = np.arange(len(row)) - np.searchsorted(row, np.arange(size[0]))[row]
    keep = place < kept
    found = sparse.coo_array((value[keep], (row[keep], column[keep])), shape=size)
    return sparse.csr_array(found, dtype=np.float32)
