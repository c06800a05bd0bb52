"""Links within a scenario, with text: collective EASE on few neighbours.

EASE is ``B = I - P / diag(P)`` with ``P = (X'X + lambda I)^-1``; with text vectors F as further
users (method page §4) ``P = (X'X + alpha F F' + lambda I)^-1 = P0 - Q Q'`` by Woodbury's identity,
where P0 knows no text and ``Q = P0 F (I/alpha + F' P0 F)^(-1/2)``. The neighbour regressions give
the columns of ``P0 = (I - B0) D``, so the two terms are the learnt and the text part without any
dense inversion.
"""

from dataclasses import dataclass

import numpy as np
from scipy import linalg, sparse

from crossrec.data.history import shape
from crossrec.transfer.links.neighbours import neighbour_links
from crossrec.transfer.preference import Preference
from crossrec.transfer.text import TextRoot


@dataclass(frozen=True)
class Within:
    """The regressions of a scenario's items on each other, for one penalty.

    Attributes:
        links: B0, CSR, shape (n, n), zero diagonal.
        variance: D, the diagonal of P0, shape (n,).
        penalty: lambda.
        unused: items without interactions, shape (n,), bool.
    """

    links: sparse.csr_array
    variance: np.ndarray
    penalty: float
    unused: np.ndarray

    def carry(self, text: np.ndarray) -> np.ndarray:
        """P0 F of text vectors, both of shape (n, d)."""
        return self.variance[:, None] * (text - self.links.T @ text)

    def with_text(
        self, text: np.ndarray, alpha: float, *, unused_only: bool = False
    ) -> tuple[Preference, TextRoot | None]:
        """B with text of weight ``alpha``, not yet at unit spread.

        Args:
            text: F, shape (n, d), rows of length at most 1.
            alpha: 0 for none.
            unused_only: text ranks only the items without interactions, which nothing else can.

        Returns:
            The model, and what new items need; None without text.
        """
        n = len(self.variance)
        if alpha == 0 or not text.any():
            return Preference.of((n, n), links=self.links, own=True), None
        carried = self.carry(text)
        middle = text.T @ carried
        middle = (middle + middle.T) / 2 + np.eye(len(middle), dtype=np.float32) / alpha
        root = linalg.cholesky(middle, lower=True)
        left = np.ascontiguousarray(linalg.solve_triangular(root, carried.T, lower=True).T)
        reach = self.unused[:, None] if unused_only else np.ones((1, 1))
        rest = np.maximum(self.variance - (reach * left**2).sum(1), 1e-3 * self.variance)
        scale = (self.variance / rest).astype(np.float32)
        links = sparse.csr_array(self.links * scale[None, :])
        right = (reach * left / rest[:, None]).astype(np.float32)
        text_parts = (left.astype(np.float32), right)
        found = Preference.of((n, n), links=links, text=text_parts, own=True)
        return found, TextRoot(root.astype(np.float32), self.penalty)


def fit_within(counts: sparse.csr_array, penalties: tuple[float, ...]) -> dict[float, Within]:
    """The regressions of a scenario's items on each other, by penalty.

    Args:
        counts: interactions, shape (m, n), values in [0, 1].
        penalties: lambdas.
    """
    links, rest = neighbour_links(counts, counts, penalties, own=True)
    unused = np.bincount(counts.indices, minlength=shape(counts)[1]) == 0
    return {
        penalty: Within(one, (1.0 / left).astype(np.float32), penalty, unused)
        for penalty, one, left in zip(penalties, links, rest, strict=True)
    }
