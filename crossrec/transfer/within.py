"""W of a scenario to itself: item-item links, text, and factors, all in closed form."""

from dataclasses import dataclass, replace

import numpy as np
from scipy import sparse
from scipy.linalg import solve_triangular

from crossrec.data.history import shape
from crossrec.transfer.links import linked


@dataclass(frozen=True)
class Within:
    """W of a scenario to itself; its diagonal is zero: no item speaks for itself.

    Attributes:
        links: learnt links, CSR, shape (n, n), float32, zero diagonal.
        left, right: the rest, ``left @ right.T`` off the diagonal, shape (n, d) each, float32:
            first the text part, then the item factors, which are learnt.
        text_width: how many of the d columns are the text part.
        scale: factor that brings P to unit spread, see
            :func:`crossrec.transfer.preference.spread`.
        penalty: lambda it was fitted with.
        root: lower triangle of ``I/alpha + F' P0 F``, shape (d_text, d_text), by which the text
            part of an item without interactions is found (:meth:`text_rows`); None without text.
    """

    links: sparse.csr_array
    left: np.ndarray
    right: np.ndarray
    text_width: int
    scale: float = 1.0
    penalty: float = 1.0
    root: np.ndarray | None = None

    def scores(self, weights: sparse.csr_array) -> np.ndarray:
        """P of a batch, shape (m, n), float32."""
        found = (weights @ self.left) @ self.right.T
        items, at = np.unique(weights.indices, return_inverse=True)
        own = (self.left[items] * self.right[items]).sum(1)[at]
        rows = np.repeat(np.arange(shape(weights)[0]), np.diff(weights.indptr))
        np.subtract.at(found, (rows, weights.indices), weights.data * own)
        found += sparse.csr_array(weights @ self.links).toarray()
        return self.scale * found

    def effects(self, history: np.ndarray, items: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """W[h, j] of history items on items: learnt and text part.

        Args:
            history: shape (H,).
            items: each once, shape (k,).

        Returns:
            Two arrays of shape (H, k), float32.
        """
        width = self.text_width
        left, right = self.left[history], self.right[items]
        text = left[:, :width] @ right[:, :width].T
        learnt = left[:, width:] @ right[:, width:].T
        same = history[:, None] == items[None, :]
        text[same] = 0
        learnt[same] = 0
        learnt += linked(self.links, history, items)
        return self.scale * learnt, self.scale * text

    def text_rows(self, text: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Rows of ``left`` and ``right`` of items that have text but no interactions.

        For them P0 is ``1 / penalty`` on the diagonal and 0 off it, so ``Q = F root^-T / penalty``.
        They are left out of ``F' P0 F``, which what is known of the others decides.

        Args:
            text: their rows of F, shape (k, d_text).
        """
        left = np.zeros((len(text), self.left.shape[1]), dtype=np.float32)
        right = left.copy()
        if self.root is not None and len(text):
            factor = solve_triangular(self.root, text.T / self.penalty, lower=True).T
            left[:, : self.text_width] = factor
            rest = 1.0 / self.penalty - (factor**2).sum(1, keepdims=True)
            right[:, : self.text_width] = factor / rest
        return left, right

    def with_factors(self, left: np.ndarray, right: np.ndarray, weight: float) -> "Within":
        """This model plus ``weight * left @ right.T``, shapes (n, r), as learnt factors."""
        return replace(
            self,
            left=np.concatenate([self.left, weight * left], axis=1, dtype=np.float32),
            right=np.concatenate([self.right, right], axis=1, dtype=np.float32),
        )
