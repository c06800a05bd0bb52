"""W of a scenario to itself: item-item links, text, and factors, all in closed form."""

from dataclasses import dataclass, replace

import numpy as np
import torch
from scipy import sparse
from scipy.linalg import solve_triangular

from crossrec.data.history import shape


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

    def effects(self, history: np.ndarray, item: int) -> tuple[np.ndarray, np.ndarray]:
        """W[h, item] of history items: learnt and text part, shape (len(history),) each."""
        width, other = self.text_width, history != item
        linked = self.links[history][:, [item]].toarray().ravel()  # rows first: they are few
        text = self.left[history, :width] @ self.right[item, :width]
        factors = self.left[history, width:] @ self.right[item, width:]
        return self.scale * (linked + other * factors), self.scale * other * text

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


class WithinSolver:
    """Collective EASE: item-item ridge regression in which text vectors act as further users.

    ``B = I - P / diag(P)`` with ``P = (X'X + alpha F F' + lambda I)^-1`` (EASE; text as in method
    page §4). By the Woodbury identity ``P = P0 - Q Q'`` where ``P0`` knows no text and
    ``Q = P0 F (I/alpha + F' P0 F)^(-1/2)``: one inversion serves every alpha and every F, and the
    two terms are the learnt part and the text part.

    Args:
        counts: interactions, shape (m, n), values in [0, 1].
        penalty: lambda.
        max_active: items in the inversion, the most popular; for the others P0 is taken as
            diagonal, so they have text links only.
    """

    def __init__(self, counts: sparse.csr_array, penalty: float, max_active: int) -> None:
        n = shape(counts)[1]
        popularity = np.asarray(counts.sum(0)).ravel()
        self.active = np.sort(np.argsort(-popularity, kind="stable")[:max_active])
        active = counts[:, self.active]
        gram = torch.from_numpy((active.T @ active).toarray())
        gram.diagonal().add_(penalty)
        self.inverse = torch.cholesky_inverse(torch.linalg.cholesky(gram))
        self.diagonal = torch.from_numpy(1.0 / (popularity + penalty).astype(np.float32))
        self.diagonal[self.active] = self.inverse.diagonal()
        self.n, self.penalty = n, penalty
        self.root: torch.Tensor | None = None

    def carry(self, text: np.ndarray) -> torch.Tensor:
        """P0 F of text vectors F, both of shape (n, d)."""
        vectors = torch.from_numpy(text)
        carried = self.diagonal[:, None] * vectors
        carried[self.active] = self.inverse @ vectors[self.active]
        return carried

    def text_factor(
        self, text: np.ndarray, alpha: float, carried: torch.Tensor | None = None
    ) -> torch.Tensor:
        """Q, shape (n, d); ``carried`` is :meth:`carry` of the text where it is known.

        The triangle it was found by stays in ``root``, for :meth:`solve` of the same Q.
        """
        self.root = None
        if alpha == 0 or not text.any():
            return torch.zeros(self.n, 1)
        carried = self.carry(text) if carried is None else carried
        middle = torch.from_numpy(text).T @ carried
        middle.diagonal().add_(1.0 / alpha)
        self.root = torch.linalg.cholesky(middle)
        return torch.linalg.solve_triangular(self.root, carried.T, upper=False).T.contiguous()

    def learnt_scores(self, weights: sparse.csr_array) -> np.ndarray:
        """``-x P0``, shape (m, n): what :meth:`scores` starts from (for tuning)."""
        found = np.zeros((shape(weights)[0], self.n), dtype=np.float32)
        found[:, self.active] = -(weights[:, self.active] @ self.inverse.numpy())
        return found

    def scores(
        self, weights: sparse.csr_array, learnt: np.ndarray, factor: torch.Tensor
    ) -> np.ndarray:
        """P of a batch without building B, shape (m, n); seen items are not what B gives them.

        Args:
            weights: shape (m, n).
            learnt: from :meth:`learnt_scores` of the same weights.
            factor: Q, from :meth:`text_factor`.
        """
        q = factor.numpy()
        return (learnt + (weights @ q) @ q.T) / (self.diagonal.numpy() - (q**2).sum(1))

    def solve(self, factor: torch.Tensor, links: int) -> Within:
        """W for one Q, with the ``links`` strongest learnt links per item."""
        scale = self.diagonal - (factor**2).sum(1)
        block = -self.inverse / scale[self.active]
        block.fill_diagonal_(0)
        kept = min(links, len(block) - 1)
        strongest = block.abs().topk(kept, dim=0).indices if kept > 0 else block[:0].long()
        values = block.gather(0, strongest).numpy().ravel()
        rows = self.active[strongest.numpy().ravel()]
        columns = np.tile(self.active, max(kept, 0))
        matrix = sparse.coo_array((values, (rows, columns)), shape=(self.n, self.n)).tocsr()
        left = factor.numpy()
        right = (factor / scale[:, None]).contiguous().numpy()
        root = None if self.root is None else self.root.numpy()
        return Within(matrix, left, right, left.shape[1], penalty=self.penalty, root=root)
