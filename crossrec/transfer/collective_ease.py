"""How a scenario's own model is solved: collective EASE, in closed form."""

import numpy as np
import torch
from scipy import sparse

from crossrec.data.history import shape
from crossrec.transfer.within import Within


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
        self.unused = torch.from_numpy((popularity == 0).astype(np.float32))
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

    def solve(self, factor: torch.Tensor, links: int, *, unused_only: bool = False) -> Within:
        """W for one Q, with the ``links`` strongest learnt links per item.

        Args:
            factor: Q, from :meth:`text_factor`.
            links: kept per item.
            unused_only: text ranks only the items without interactions, which nothing else can
                rank; all other columns of W are those of ``alpha = 0``.
        """
        reach = self.unused[:, None] if unused_only else torch.ones(1, 1)
        scale = self.diagonal - (reach * factor**2).sum(1)
        block = -self.inverse / scale[self.active]
        block.fill_diagonal_(0)
        kept = min(links, len(block) - 1)
        strongest = block.abs().topk(kept, dim=0).indices if kept > 0 else block[:0].long()
        values = block.gather(0, strongest).numpy().ravel()
        rows = self.active[strongest.numpy().ravel()]
        columns = np.tile(self.active, max(kept, 0))
        matrix = sparse.coo_array((values, (rows, columns)), shape=(self.n, self.n)).tocsr()
        left = factor.numpy()
        right = (reach * factor / scale[:, None]).contiguous().numpy()
        root = None if self.root is None else self.root.numpy()
        return Within(matrix, left, right, left.shape[1], penalty=self.penalty, root=root)
