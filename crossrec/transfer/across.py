"""W of a source scenario to a target scenario: what the users they share show, and text."""

from dataclasses import dataclass, replace

import numpy as np
from scipy import sparse

from crossrec.transfer.links import linked
from crossrec.transfer.preference import per_spread, spread


@dataclass(frozen=True)
class Across:
    """W of a source s to a target t.

    Attributes:
        left, right: learnt part ``left @ right.T``, shapes (n_s, r) and (n_t, r), float32, the
            strongest directions first.
        links: the rest of the learnt part, item to item, CSR, shape (n_s, n_t), float32, at the
            scale of ``left @ right.T``; None where it has none.
        text_source, text_target: centred vectors of both scenarios' items, shapes (n_s, d) and
            (n_t, d), shared by all models.
        text_map: C of the text part ``text_source @ C @ text_target.T``, shape (d, d).
        learnt_scale, text_scale: factors that bring each part to unit spread, times its share.
    """

    left: np.ndarray
    right: np.ndarray
    text_source: np.ndarray
    text_target: np.ndarray
    text_map: np.ndarray
    learnt_scale: float = 1.0
    text_scale: float = 1.0
    links: sparse.csr_array | None = None

    def parts(self, weights: sparse.csr_array) -> tuple[np.ndarray, np.ndarray]:
        """The two parts of P of a batch, shape (m, n_t) each, float32."""
        return self.learnt(weights), self.text(weights)

    def learnt(self, weights: sparse.csr_array) -> np.ndarray:
        """The learnt part of P of a batch, shape (m, n_t), float32."""
        found = (weights @ self.left) @ self.right.T
        if self.links is not None:
            found += sparse.csr_array(weights @ self.links).toarray()
        return self.learnt_scale * found

    def text(self, weights: sparse.csr_array) -> np.ndarray:
        """The text part of P of a batch, shape (m, n_t), float32."""
        carried = (weights @ self.text_source) @ self.text_map
        return self.text_scale * (carried @ self.text_target.T)

    def scores(self, weights: sparse.csr_array) -> np.ndarray:
        """P of a batch, shape (m, n_t), float32."""
        learnt, text = self.parts(weights)
        return learnt + text

    def effects(self, history: np.ndarray, items: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """W[h, j] of history items on items: learnt and text part.

        Args:
            history: shape (H,).
            items: each once, shape (k,).

        Returns:
            Two arrays of shape (H, k), float32.
        """
        learnt = np.zeros((len(history), len(items)), dtype=np.float32)
        text = learnt.copy()
        if self.learnt_scale:  # a part without a share is often there, and costs as much
            learnt = self.left[history] @ self.right[items].T
            if self.links is not None:
                learnt += linked(self.links, history, items)
            learnt *= self.learnt_scale
        if self.text_scale:
            carried = self.text_map @ self.text_target[items].T
            text = self.text_scale * (self.text_source[history] @ carried)
        return learnt, text

    def cut(self, rank: int) -> "Across":
        """This model with its ``rank`` strongest learnt directions only."""
        return replace(
            self,
            left=np.ascontiguousarray(self.left[:, :rank]),
            right=np.ascontiguousarray(self.right[:, :rank]),
        )

    def with_links(
        self, links: sparse.csr_array, share: float, sample: sparse.csr_array
    ) -> "Across":
        """This model with links mixed into its learnt part, both at unit spread.

        Args:
            links: shape (n_s, n_t).
            share: of the links in the learnt part, in [0, 1].
            sample: history weights of some users, whose spread is measured, shape (m, n_s).
        """
        other = self.cut(0) if share == 1 else self
        rest = (1 - share) * per_spread(spread(replace(other, learnt_scale=1.0).learnt(sample)))
        own = share * per_spread(spread(sparse.csr_array(sample @ links).toarray()))
        return replace(other, left=rest * other.left, links=links * np.float32(own))

    def mixed(self, share: float, sample: sparse.csr_array) -> "Across":
        """This model with both parts at unit spread, ``share`` of text, and P at unit spread.

        A part that is zero for everybody gets no share.

        Args:
            share: of the text part, in [0, 1].
            sample: history weights of some users, whose spread is measured, shape (m, n_s).
        """
        learnt, written = replace(self, learnt_scale=1.0, text_scale=1.0).parts(sample)
        learnt_spread, text_spread = spread(learnt), spread(written)
        if learnt_spread < 1e-9:  # no shared users: only text can carry anything
            share = 1.0
        if text_spread < 1e-9:
            share = 0.0
        learnt_scale = (1 - share) * per_spread(learnt_spread)
        text_scale = share * per_spread(text_spread)
        whole = per_spread(spread(learnt_scale * learnt + text_scale * written))
        return replace(self, learnt_scale=learnt_scale * whole, text_scale=text_scale * whole)
