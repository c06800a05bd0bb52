"""Preference models P(u, s->t, j): how one scenario's history ranks another one's items.

Every preference model is a matrix ``W`` with ``P(u, s->t, j) = sum_h w_uh W[h, j]``, kept as a
learnt part and a text part, so that each history item's contribution, split in the two, is exact.
A refused item (w_uh < 0) counts with ``max(W[h, j], 0)``: it takes away from what is like it, and
speaks for nothing that is unlike it.
"""

from dataclasses import dataclass, replace

import numpy as np
from scipy import sparse

from crossrec.data.history import shape
from crossrec.errors import TrainingFailed
from crossrec.transfer.refusals import likes_alone

CELLS = 20_000_000
"""Entries of W held at once."""

FEW = 64
"""Users that a sparse product is fast enough for."""


@dataclass(frozen=True)
class Preference:
    """W of a source s to a target t, ``links + left right' + text_left text_map text_right'``.

    Attributes:
        links: learnt, item to item, CSR, shape (n_s, n_t), float32.
        left, right: learnt factors, shapes (n_s, r) and (n_t, r), float32.
        text_left, text_right: of the text part, shapes (n_s, d) and (n_t, d), float32; between
            scenarios the vectors of their items, which all pairs share.
        text_map: between them, shape (d, d); None within a scenario.
        own: whether s is t: then no item speaks for itself, and the diagonal is zero.
    """

    links: sparse.csr_array
    left: np.ndarray
    right: np.ndarray
    text_left: np.ndarray
    text_right: np.ndarray
    text_map: np.ndarray | None = None
    own: bool = False

    @classmethod
    def of(
        cls,
        sizes: tuple[int, int],
        *,
        links: sparse.csr_array | None = None,
        factors: tuple[np.ndarray, np.ndarray] | None = None,
        text: tuple[np.ndarray, np.ndarray] | None = None,
        text_map: np.ndarray | None = None,
        own: bool = False,
    ) -> "Preference":
        """A model of the parts that there are; ``sizes`` are (n_s, n_t)."""
        one, other = (np.zeros((size, 0), dtype=np.float32) for size in sizes)
        left, right = (one, other) if factors is None else factors
        text_left, text_right = (one, other) if text is None else text
        if links is None:
            links = sparse.csr_array(sizes, dtype=np.float32)
        return cls(links, left, right, text_left, text_right, text_map, own)

    def scores(self, weights: sparse.csr_array) -> np.ndarray:
        """P of a batch of history weights, shape (m, n_s), as shape (m, n_t), float32."""
        refused = weights.data < 0
        if not refused.any():
            return self._sums(weights)
        taken = sparse.csr_array(
            (np.maximum(np.negative(weights.data), 0), weights.indices, weights.indptr),
            shape=weights.shape,
        )
        items = np.unique(weights.indices[refused])
        found = self._sums(likes_alone(weights))
        step = max(CELLS // max(shape(self.links)[1], 1), 1)
        for start in range(0, len(items), step):
            some = items[start : start + step]
            found -= taken[:, some] @ np.maximum(self._rows(some), 0)
        return found

    def _sums(self, weights: sparse.csr_array) -> np.ndarray:
        """P of history weights of which none is negative."""
        found = _linked_scores(weights, self.links)
        if self.left.shape[1]:
            found += (weights @ self.left) @ self.right.T
        if self.text_left.shape[1]:
            found += self._mapped(weights @ self.text_left) @ self.text_right.T
        if self.own and weights.nnz:
            rows = np.repeat(np.arange(shape(weights)[0]), np.diff(weights.indptr))
            at = weights.indices
            itself = (self.left[at] * self.right[at]).sum(1)
            itself += (self.text_left[at] * self.text_right[at]).sum(1)
            np.subtract.at(found, (rows, at), weights.data * itself)
        return found

    def _rows(self, history: np.ndarray) -> np.ndarray:
        """W of some history items, shape (H, n_t), float32."""
        found = sparse.csr_array(self.links[history]).toarray()
        found += self.left[history] @ self.right.T
        found += self._mapped(self.text_left[history]) @ self.text_right.T
        if self.own:
            found[np.arange(len(history)), history] = 0
        return found

    def effects(
        self, history: np.ndarray, items: np.ndarray, *, refused: np.ndarray | None = None
    ) -> tuple[np.ndarray, np.ndarray]:
        """W[h, j] of history items on items: learnt and text part.

        Args:
            history: shape (H,).
            items: each once, shape (k,).
            refused: which history items the user said no to, shape (H,), bool: of them
                ``max(W[h, j], 0)``, and neither part is negative.

        Returns:
            Two arrays of shape (H, k), float32.
        """
        learnt = self.left[history] @ self.right[items].T
        text = self._mapped(self.text_left[history]) @ self.text_right[items].T
        if self.own:
            same = history[:, None] == items[None, :]
            learnt[same], text[same] = 0, 0
        learnt += _linked(self.links, history, items)
        if refused is not None and refused.any():
            whole = np.maximum(learnt[refused] + text[refused], 0)
            learnt[refused] = np.clip(learnt[refused], 0, whole)
            text[refused] = whole - learnt[refused]
        return learnt, text

    @property
    def empty(self) -> bool:
        """Whether it says nothing of anybody."""
        parts = (self.left, self.text_left) if self.text_map is None else (self.left, self.text_map)
        return not self.links.data.any() and not any(part.any() for part in parts)

    def scaled(self, factor: float) -> "Preference":
        """This model times a number."""
        links = sparse.csr_array(
            (self.links.data * np.float32(factor), self.links.indices, self.links.indptr),
            shape=self.links.shape,
        )
        one = np.float32(factor)
        found = replace(self, links=links, left=self.left * one)
        if self.text_map is not None:
            return replace(found, text_map=self.text_map * one)
        return replace(found, text_left=self.text_left * one)

    def plus(self, other: "Preference") -> "Preference":
        """The sum of two models of the same pair; the text is that of this one."""
        links = self.links + other.links if other.links.nnz else self.links
        return replace(
            self,
            links=sparse.csr_array(links),
            left=np.concatenate([self.left, other.left], axis=1),
            right=np.concatenate([self.right, other.right], axis=1),
        )

    def at_unit(self, some: sparse.csr_array) -> "Preference":
        """This model at unit spread over some history weights, shape (m, n_s)."""
        return self.scaled(per_spread(spread(self.scores(some))))

    def _mapped(self, text: np.ndarray) -> np.ndarray:
        return text if self.text_map is None else text @ self.text_map


def _linked_scores(weights: sparse.csr_array, links: sparse.csr_array) -> np.ndarray:
    """``weights @ links``, dense, shape (m, n_t), float32."""
    if shape(weights)[0] <= FEW:
        return sparse.csr_array(weights @ links).toarray()
    from crossrec.transfer.links.dense import add_product  # heavy: not for who looks at one user

    found = np.zeros((shape(weights)[0], shape(links)[1]), dtype=np.float32)
    add_product(
        weights.indptr, weights.indices, weights.data, links.indptr, links.indices, links.data,
        found,
    )  # fmt: skip
    return found


def _linked(links: sparse.csr_array, history: np.ndarray, items: np.ndarray) -> np.ndarray:
    """The links of history items to items, shape (H, k), float32, without taking whole columns."""
    column = np.full(shape(links)[1], -1, dtype=np.int64)
    column[items] = np.arange(len(items))
    starts = links.indptr[history].astype(np.int64)
    lengths = links.indptr[history + 1] - starts
    skipped = starts - np.cumsum(lengths) + lengths
    entry = np.arange(lengths.sum()) + np.repeat(skipped, lengths)
    place = column[links.indices[entry]]
    wanted = np.flatnonzero(place >= 0)
    at = np.repeat(np.arange(len(history)), lengths)[wanted]
    found = np.zeros((len(history), len(items)), dtype=np.float32)
    found[at, place[wanted]] = links.data[entry[wanted]]
    return found


def spread(scores: np.ndarray) -> float:
    """Mean over users of the standard deviation of their scores; 0 for no users.

    P is divided by it, so that one unit of coefficient means the same for every pair. Scores that
    differ by rounding alone rank nothing: their spread is 0.
    """
    if not scores.size:
        return 0.0
    value = float(scores.std(axis=1).mean())
    if not np.isfinite(value):
        raise TrainingFailed(
            "expected finite preferences", f"{value}", "Check the strengths in the log"
        )
    return value if value > 1e-5 * float(np.abs(scores).mean()) else 0.0


def per_spread(value: float) -> float:
    """The factor that brings scores of this spread to unit spread; 0 if they rank nothing."""
    return 1.0 / value if value > 1e-9 else 0.0


def at_unit(scores: np.ndarray) -> np.ndarray:
    """Scores of some users, shape (m, n), at unit spread."""
    return scores * np.float32(per_spread(spread(scores)))
