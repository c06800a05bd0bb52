"""The terms of a few scores of one user: every history item's share in every item."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy import sparse

from crossrec.data.history import Histories
from crossrec.transfer.model import TransferModel


@dataclass(frozen=True)
class Terms:
    """``R(u, t, j) = base_j + sum over e of (learnt_ej + text_ej)`` for k items j.

    Attributes:
        items: local numbers in the target, shape (k,).
        base: shape (k,), float64.
        source: scenario code of each history item e, shape (E,).
        history: its local number there, shape (E,).
        learnt, text: shape (E, k), float64, coefficients included.
    """

    items: np.ndarray
    base: np.ndarray
    source: np.ndarray
    history: np.ndarray
    learnt: np.ndarray
    text: np.ndarray

    @property
    def amount(self) -> np.ndarray:
        """Learnt and text part together, shape (E, k)."""
        return self.learnt + self.text

    @property
    def scores(self) -> np.ndarray:
        """The sums, shape (k,), float64."""
        return self.base + self.amount.sum(axis=0)


@dataclass(frozen=True)
class Weights:
    """How a target counts the histories of m users.

    Attributes:
        by_source: history weights by source scenario, shape (m, n_s) each.
        again: what each history item of the target adds to itself, shape (m, n_t), with entries
            where the target's own weights have them.
    """

    by_source: Sequence[sparse.csr_array]
    again: sparse.csr_array


def weights_of(model: TransferModel, histories: Histories, target: int) -> Weights:
    """History weights of all sources as a target counts them."""
    fitted = model.fitted_
    sources = range(len(fitted.space))
    return Weights(
        [fitted.weights(histories, source, target) for source in sources],
        fitted.repeats[target].amounts(histories, target),
    )


def base_of(model: TransferModel, one: Histories, target: int) -> np.ndarray:
    """The base of all scores of a single user, shape (n_t,)."""
    return model.fitted_.popularity[target].scores(one.counts()[:, target])[0]


def batch_rows(model: TransferModel, target: int) -> int:
    """Users whose parts of a target take about 200 MB."""
    cells = max(model.space_.sizes[target], 1) * (len(model.space_) + 2)
    return int(np.clip(50_000_000 // cells, 1, 512))


def terms(
    model: TransferModel,
    weights: Weights,
    row: int,
    target: int,
    items: np.ndarray,
    *,
    base: np.ndarray,
    coefficients: np.ndarray,
) -> Terms:
    """The terms of one user's scores.

    Args:
        model: a fitted model.
        weights: of :func:`weights_of`.
        row: which of its users.
        target: code of the target scenario.
        items: local numbers there, each once, shape (k,).
        base: of all items of the target for this user, shape (n_t,).
        coefficients: M_st(u), shape (S,); sources with 0 have no terms.
    """
    sources, histories = [], []
    learnt, text = [np.zeros((0, len(items)))], [np.zeros((0, len(items)))]
    for source, matrix in enumerate(weights.by_source):
        start, stop = matrix.indptr[row : row + 2]
        if start == stop or coefficients[source] == 0:
            continue
        history = matrix.indices[start:stop]
        counted = matrix.data[start:stop]
        scale = float(coefficients[source]) * counted[:, None].astype(np.float64)
        one, other = model.fitted_.effects(source, target, history, items, refused=counted < 0)
        found = scale * one
        if source == target:
            same = history[:, None] == items[None, :]
            again = weights.again.data[start:stop, None].astype(np.float64)
            found = found + float(coefficients[target]) * same * again
        learnt.append(found)
        text.append(scale * other)
        histories.append(history)
        sources.append(np.full(len(history), source))
    empty = np.zeros(0, dtype=np.int64)
    return Terms(
        items,
        base[items].astype(np.float64),
        np.concatenate([*sources, empty]),
        np.concatenate([*histories, empty]),
        np.concatenate(learnt),
        np.concatenate(text),
    )
