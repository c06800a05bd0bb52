"""Item-based nearest neighbours."""

import numpy as np
from scipy import sparse

from crossrec.data.history import shape
from crossrec.transfer.baselines.base import TunedBaseline

BLOCK = 512


class ItemKNN(TunedBaseline[sparse.csr_array]):
    """Sum of the cosine similarities of a candidate to the history items among its neighbours.

    ``sim(i, j) = <x_i, x_j> / (|x_i| |x_j| + shrinkage)``; each candidate keeps its ``neighbours``
    most similar items. Source: Sarwar et al., WWW 2001, with the shrinkage of Bell & Koren, 2007.

    Args:
        neighbours: kept per candidate.
        shrinkage: pulls similarities that rest on few users towards 0; None chooses it on the
            validation part.
        pooled: see :class:`Baseline`.
    """

    def __init__(
        self, neighbours: int = 100, shrinkage: float | None = 10.0, *, pooled: bool = False
    ) -> None:
        candidates = (0.0, 10.0, 50.0) if shrinkage is None else (shrinkage,)
        super().__init__("Item kNN", candidates, pooled=pooled)
        self.neighbours = neighbours
        self.shrinkage = shrinkage

    def _learn(
        self, matrix: sparse.csr_array, value: float, *, trial: bool = False
    ) -> sparse.csr_array:
        n = shape(matrix)[1]
        by_item = sparse.csr_array(matrix.T)
        norm = np.sqrt(by_item.multiply(by_item).sum(axis=1))  # (n,)
        kept = min(self.neighbours, n)
        blocks = []
        for start in range(0, n, BLOCK):
            part = (by_item[start : start + BLOCK] @ matrix).toarray()  # (b, n)
            rows = np.arange(len(part))
            part /= np.maximum(norm[start : start + BLOCK, None] * norm + value, 1e-12)
            part[rows, start + rows] = 0
            best = np.argpartition(-part, kept - 1, axis=1)[:, :kept]
            thin = np.zeros_like(part)
            np.put_along_axis(thin, best, np.take_along_axis(part, best, 1), 1)
            blocks.append(sparse.csr_array(thin))
        if not blocks:
            return sparse.csr_array((0, 0), dtype=np.float32)
        return sparse.csr_array(sparse.vstack(blocks))  # (n candidates, n history items)

    def _predict(
        self, model: sparse.csr_array, matrix: sparse.csr_array, columns: slice
    ) -> np.ndarray:
        return sparse.csr_array(matrix @ model[columns].T).toarray()
