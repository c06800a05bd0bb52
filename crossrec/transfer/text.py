"""The text of items as the preference models read it."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from scipy import linalg, sparse

from crossrec.data.space import ItemSpace
from crossrec.language.table import FeatureTable, unit_rows
from crossrec.transfer.weights import shared_users

TEXT_PENALTY = 10.0
"""mu of the text maps."""
MOST_SHARED = 8_000
"""Users a text map is fitted on, the most active first."""


@dataclass(frozen=True)
class TextReader:
    """How the text vectors of one scenario's items are brought to the form its models know.

    Attributes:
        mean: of the language model's vectors that are not zero, shape (d,).
        turns: per view, in the order of F, the matrix of :func:`soft_whitening`, shape
            (d_view, d_view); the first is that of the meaning. Empty where no item has text.
    """

    mean: np.ndarray
    turns: Mapping[str, np.ndarray]

    def centred(self, vectors: np.ndarray) -> np.ndarray:
        """New vectors, shape (k, d), as those of :func:`centred`."""
        has_text = np.abs(vectors).sum(axis=1, keepdims=True) > 0
        return unit_rows(np.where(has_text, vectors - self.mean, 0))

    def matrix(self, text: np.ndarray) -> np.ndarray:
        """Rows of F of new items from their centred vectors, shape (k, d); other views are zero."""
        blocks = [np.zeros((len(text), 0), dtype=np.float32)]
        for at, turn in enumerate(self.turns.values()):
            empty = np.zeros((len(text), len(turn)), dtype=np.float32)
            blocks.append(empty if at else unit_rows(text @ turn))
        whole = np.concatenate(blocks, axis=1)
        return (whole / max(len(self.turns), 1) ** 0.5).astype(np.float32)


@dataclass(frozen=True)
class TextRoot:
    """What brings an item without interactions into the text part, see :meth:`rows`.

    Attributes:
        root: lower triangle of ``I/alpha + F' P0 F``, shape (d, d).
        penalty: lambda.
    """

    root: np.ndarray
    penalty: float

    def rows(self, text: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Rows of ``text_left`` and ``text_right`` of items with rows of F of shape (k, d).

        P0 of such an item is ``1 / lambda`` on the diagonal and 0 off it. It is left out of
        ``F' P0 F``, which what is known of the others decides.
        """
        if not len(text):
            return text, text
        left = linalg.solve_triangular(self.root, text.T / self.penalty, lower=True).T
        rest = 1.0 / self.penalty - (left**2).sum(1, keepdims=True)
        return left.astype(np.float32), (left / rest).astype(np.float32)


MEANING = "meaning"
"""The view of an item that the language model gives; others are named by the feature table."""


@dataclass(frozen=True)
class Text:
    """The text of one scenario's items.

    Attributes:
        raw_mean: of the language model's vectors that are not zero, shape (d,).
        views: centred vectors by view, the meaning first, shape (n, d_view) each; a view without
            any text is left out.
        size: number of items n.
    """

    raw_mean: np.ndarray
    views: Mapping[str, np.ndarray]
    size: int

    @classmethod
    def of(cls, space: ItemSpace, scenario: int, features: FeatureTable | None) -> "Text":
        """Read a scenario's rows of a feature table."""
        ids = space.ids(scenario)
        if features is None:
            return cls(np.zeros(1, dtype=np.float32), {}, len(ids))
        rows = features.rows(ids)
        known = rows[np.abs(rows).sum(axis=1) > 0]
        mean = known.mean(0) if len(known) else np.zeros(rows.shape[1])
        views = {MEANING: centred(rows)}
        for name in features.views:
            views[name] = centred(features.view(name, ids))
        there = {name: view for name, view in views.items() if view.any()}
        return cls(mean.astype(np.float32), there if MEANING in there else {}, len(ids))

    @property
    def meaning(self) -> np.ndarray:
        """Centred vectors of the language model, shape (n, d); one zero column without text."""
        empty = np.zeros((self.size, len(self.raw_mean)), dtype=np.float32)
        return self.views.get(MEANING, empty)

    def matrix(self, *, views: bool) -> np.ndarray:
        """F, shape (n, sum of d), rows of length at most 1; ``views``: all of them."""
        blocks = [softly_whitened(self.views[name]) for name in self._used(views=views)]
        if not blocks:
            return np.zeros((self.size, 1), dtype=np.float32)
        return (np.concatenate(blocks, axis=1) / len(blocks) ** 0.5).astype(np.float32)

    def reader(self, *, views: bool) -> TextReader:
        """How new items of the scenario are read."""
        turns = {name: soft_whitening(self.views[name]) for name in self._used(views=views)}
        return TextReader(
            self.raw_mean, {name: turn.astype(np.float32) for name, turn in turns.items()}
        )

    def _used(self, *, views: bool) -> list[str]:
        return list(self.views) if views else list(self.views)[:1]


def centred(vectors: np.ndarray) -> np.ndarray:
    """Text vectors minus the mean of their scenario, at unit length, shape (n, d), float32.

    Rows without text (zero) stay zero. Centring removes what all items of a scenario have in
    common, which would else be most of every similarity (method page §4).
    """
    has_text = np.abs(vectors).sum(1) > 0
    if not has_text.any():
        return np.zeros_like(vectors, dtype=np.float32)
    moved = np.where(has_text[:, None], vectors - vectors[has_text].mean(0), 0)
    return unit_rows(moved)


def softly_whitened(vectors: np.ndarray) -> np.ndarray:
    """Centred vectors (not all 0) with their strongest directions turned down, at unit length."""
    return unit_rows(vectors @ soft_whitening(vectors))


def soft_whitening(vectors: np.ndarray, power: float = 0.25, floor: float = 0.1) -> np.ndarray:
    """The matrix, shape (d, d), that :func:`softly_whitened` multiplies vectors (not all 0) by.

    Each principal direction is divided by its variance to the ``power``; ``floor`` is added to the
    variances, as a share of their mean. Fully whitened vectors (power 0.5) are as noisy as their
    weakest direction, hence the half-way.
    """
    covariance = (vectors.T @ vectors / len(vectors)).astype(np.float64)
    variance, directions = np.linalg.eigh(covariance)
    variance = variance.clip(min=0) + floor * variance.mean()
    return (directions * variance**-power) @ directions.T


def text_map(
    source: sparse.csr_array, target: sparse.csr_array, source_text: np.ndarray,
    target_text: np.ndarray,
) -> np.ndarray:  # fmt: skip
    """C of the text part ``W = F_s C F_t'`` between two scenarios, shape (d, d), float32.

    ``C = (T'T + mu I)^-1 (T'R + mu I) (F_t'F_t + mu I)^-1``, ``T = X_s F_s``, ``R = X_t F_t``: a
    ridge regression from texts of histories to texts of what is liked, on shared users. Without any
    it falls back to whitened text similarity.

    Args:
        source: history weights of all users in s, shape (m, n_s).
        target: interactions of the same users in t, shape (m, n_t), values in [0, 1].
        source_text: centred vectors of the source items, shape (n_s, d).
        target_text: centred vectors of the target items, shape (n_t, d).
    """
    shared = shared_users(source, target, MOST_SHARED)
    penalty = TEXT_PENALTY * np.eye(source_text.shape[1], dtype=np.float32)
    profile, wanted = source[shared] @ source_text, target[shared] @ target_text
    first = np.linalg.solve(profile.T @ profile + penalty, profile.T @ wanted + penalty)
    found = np.linalg.solve(target_text.T @ target_text + penalty, first.T).T
    return found.astype(np.float32)
