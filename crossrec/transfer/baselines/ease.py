"""The shallow linear autoencoder EASE, in closed form."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy import sparse

from crossrec.data.history import shape
from crossrec.errors import TrainingFailed
from crossrec.transfer.baselines.base import TIE, Setting, TunedBaseline, settings
from crossrec.transfer.baselines.choice import ALL
from crossrec.transfer.baselines.matrix import shaped, user_counts

if TYPE_CHECKING:
    import torch

GRID = (5.0, 20.0, 100.0, 400.0, 1000.0)
TRIAL_ITEMS = 2500
BLOCK = 1024


@dataclass(frozen=True)
class Weights:
    """Item-to-item weights over the active items.

    Attributes:
        active: sorted columns, shape (a,).
        matrix: from history item to candidate, shape (a, a), float32, C order, zero diagonal.
        below: popularity share of all columns, shape (n,): the order of the inactive ones.
    """

    active: np.ndarray
    matrix: np.ndarray
    below: np.ndarray


class EASE(TunedBaseline[Weights]):
    """Item-to-item weights ``B = I - P / diag(P)`` with ``P = (X'X + lambda I)^-1``.

    Source: Steck, WWW 2019.

    Args:
        regularisation: lambda, or a tuple of candidates; None for :data:`GRID`.
        pooled: see :class:`Baseline`.
        max_items: the most popular items that take part (memory is 8 bytes times its square, time
            grows with its cube); the others rank below all of them, by popularity.
        min_users: users an item needs to take part.
        trial_items: the most popular items that take part while candidates are tried, which takes
            seconds where the full matrix takes minutes. A best lambda found on few items may not
            be the best on all: give ``max_items`` where time allows.
        tuned_for: see :class:`TunedBaseline`.
    """

    def __init__(
        self,
        regularisation: float | tuple[float, ...] | None = None,
        *,
        pooled: bool = False,
        max_items: int = 10_000,
        min_users: int = 1,
        trial_items: int = TRIAL_ITEMS,
        tuned_for: str = ALL,
    ) -> None:
        candidates = settings(GRID if regularisation is None else regularisation)
        super().__init__("EASE", candidates, pooled=pooled, tuned_for=tuned_for)
        self.max_items = max_items
        self.min_users = min_users
        self.trial_items = trial_items

    def _learn(self, matrix: sparse.csr_array, setting: Setting, *, trial: bool = False) -> Weights:
        active, counts = self._active(matrix, trial=trial), user_counts(matrix)
        below = counts / max(counts.max(initial=0), 1)
        return Weights(active, _closed_form(matrix[:, active], setting[0]), below)

    def _active(self, matrix: sparse.csr_array, *, trial: bool) -> np.ndarray:
        """Columns that take part, sorted."""
        counts = user_counts(matrix)
        limit = min(self.max_items, self.trial_items) if trial else self.max_items
        order = np.argsort(-counts, kind="stable")[:limit]
        return np.sort(order[counts[order] >= max(self.min_users, 1)])

    def _predict(
        self, model: Weights, matrix: sparse.csr_array, columns: slice, users: np.ndarray
    ) -> np.ndarray:
        first, last = np.searchsorted(model.active, [columns.start, columns.stop])
        history = matrix[:, model.active]
        # Only the rows that occur are copied out: BLAS-free sparse products need C order.
        touched = np.unique(history.indices)
        weights = np.ascontiguousarray(model.matrix[touched, first:last])
        inside = history[:, touched] @ weights  # (m, active items of the target)
        floor = inside.min(axis=1, initial=0, keepdims=True) - 1 - TIE
        scores = floor - 1 + model.below[columns][None, :]  # at most the floor
        scores[:, model.active[first:last] - columns.start] = inside
        return scores

    def to_arrays(self, model: Weights) -> dict[str, np.ndarray]:
        """See :meth:`Baseline.to_arrays`."""
        return {"active": model.active, "matrix": model.matrix, "below": model.below}

    def from_arrays(self, arrays: dict[str, np.ndarray], columns: int) -> Weights:
        """See :meth:`Baseline.from_arrays`."""
        active = shaped(arrays["active"], -1)
        rising = np.diff(active, prepend=-1, append=columns)
        if active.dtype.kind != "i" or (rising <= 0).any():
            raise ValueError(f"items that are no sorted columns of {columns}")
        matrix = shaped(arrays["matrix"], len(active), len(active))
        return Weights(active, matrix, shaped(arrays["below"], columns))


def gram_of(matrix: sparse.csr_array) -> "torch.Tensor":
    """X'X, shape (n, n): it is nearly full, and never one sparse matrix."""
    import torch  # heavy: only where something is fitted

    n = shape(matrix)[1]
    gram = torch.zeros(n, n)
    by_item = sparse.csr_array(matrix.T)
    for start in range(0, n, BLOCK):
        part = by_item[start : start + BLOCK] @ matrix
        gram[start : start + BLOCK] = torch.from_numpy(part.toarray())
    return gram


def inverse_of(gram: "torch.Tensor", regularisation: float) -> "torch.Tensor":
    """``(X'X + lambda I)^-1``; the argument is changed.

    Raises:
        TrainingFailed: it is not positive definite.
    """
    import torch

    gram.diagonal().add_(regularisation)
    factor, failed = torch.linalg.cholesky_ex(gram)
    if failed.item():
        raise TrainingFailed(
            "expected X'X + lambda I to be positive definite",
            f"lambda {regularisation:g} for {len(gram):,} items",
            "Use a larger regularisation",
        )
    return torch.cholesky_inverse(factor)


def _closed_form(matrix: sparse.csr_array, regularisation: float) -> np.ndarray:
    inverse = inverse_of(gram_of(matrix), regularisation)
    weights = inverse.div_(-inverse.diagonal().clone())  # column j by P_jj
    weights.fill_diagonal_(0)
    return weights.contiguous().numpy()
