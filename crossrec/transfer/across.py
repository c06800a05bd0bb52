"""W of a source scenario to a target scenario: ridge regression on the users they share."""

from dataclasses import dataclass, replace

import numpy as np
import torch
from scipy import sparse

from crossrec.data.history import shape
from crossrec.transfer.preference import per_spread, spread


@dataclass(frozen=True)
class Across:
    """W of a source s to a target t.

    Attributes:
        left, right: learnt part ``left @ right.T``, shapes (n_s, r) and (n_t, r), float32, the
            strongest directions first.
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

    def parts(self, weights: sparse.csr_array) -> tuple[np.ndarray, np.ndarray]:
        """The two parts of P of a batch, shape (m, n_t) each, float32."""
        learnt = (weights @ self.left) @ self.right.T
        text = ((weights @ self.text_source) @ self.text_map) @ self.text_target.T
        return self.learnt_scale * learnt, self.text_scale * text

    def scores(self, weights: sparse.csr_array) -> np.ndarray:
        """P of a batch, shape (m, n_t), float32."""
        learnt, text = self.parts(weights)
        return learnt + text

    def effects(self, history: np.ndarray, item: int) -> tuple[np.ndarray, np.ndarray]:
        """W[h, item] of history items: learnt and text part, shape (len(history),) each."""
        learnt = self.learnt_scale * (self.left[history] @ self.right[item])
        carried = self.text_map @ self.text_target[item]
        text = self.text_scale * (self.text_source[history] @ carried)
        return learnt, text

    def cut(self, rank: int) -> "Across":
        """This model with its ``rank`` strongest learnt directions only."""
        return replace(
            self,
            left=np.ascontiguousarray(self.left[:, :rank]),
            right=np.ascontiguousarray(self.right[:, :rank]),
        )

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


def fit_across(
    source: sparse.csr_array,
    target: sparse.csr_array,
    source_text: np.ndarray,
    target_text: np.ndarray,
    *,
    penalty: float,
    text_penalty: float,
    rank: int,
    max_shared: int,
    seed: int,
) -> Across:
    """Ridge regression from source histories to target items on shared users, at low rank.

    Learnt part: ``W = X_s'(X_s X_s' + lambda I)^-1 X_t`` over shared users, cut to its leading
    ``rank`` singular directions (the cut removes noise).
    Text part: ``W = F_s C F_t'`` with
    ``C = (T'T + mu I)^-1 (T'R + mu I)(F_t'F_t + mu I)^-1``, ``T = X_s F_s``, ``R = X_t F_t``.
    Without shared users C falls back to whitened text similarity.

    Args:
        source: history weights of all users in s, shape (m, n_s).
        target: interactions of the same users in t, shape (m, n_t), values in [0, 1].
        source_text: centred vectors of the source items, shape (n_s, d).
        target_text: centred vectors of the target items, shape (n_t, d).
        penalty: lambda.
        text_penalty: mu.
        rank: r.
        max_shared: use at most this many shared users, the most active.
        seed: of the randomised singular value decomposition.
    """
    activity = np.minimum(np.diff(source.indptr), np.diff(target.indptr))
    shared = np.flatnonzero(activity > 0)
    if len(shared) > max_shared:
        shared = np.sort(shared[np.argsort(-activity[shared], kind="stable")[:max_shared]])
    x, y = source[shared], target[shared]
    text_map = _text_map(x, y, source_text, target_text, text_penalty)
    left, right = _low_rank_ridge(x, y, penalty, rank, seed)
    return Across(left, right, source_text, target_text, text_map)


def _text_map(
    x: sparse.csr_array,
    y: sparse.csr_array,
    source_text: np.ndarray,
    target_text: np.ndarray,
    penalty: float,
) -> np.ndarray:
    """C, shape (d, d)."""
    identity = np.eye(source_text.shape[1], dtype=np.float32)
    profile, wanted = x @ source_text, y @ target_text
    first = np.linalg.solve(
        profile.T @ profile + penalty * identity, profile.T @ wanted + penalty * identity
    )
    return np.linalg.solve(target_text.T @ target_text + penalty * identity, first.T).T


def _low_rank_ridge(
    x: sparse.csr_array, y: sparse.csr_array, penalty: float, rank: int, seed: int
) -> tuple[np.ndarray, np.ndarray]:
    """The leading singular directions of ``W = (x'x + penalty I)^-1 x'y`` without forming W.

    Subspace iteration on a random start (Halko et al. 2011, algorithm 4.4). With fewer users than
    source items the equal form ``x'(xx' + penalty I)^-1 y`` has the smaller system to solve.
    """
    users, width = shape(y)
    r = min(rank, *shape(x), width)
    if r == 0:
        return np.zeros((shape(x)[1], 1), np.float32), np.zeros((width, 1), np.float32)
    by_users = users < shape(x)[1]
    gram = torch.from_numpy((x @ x.T if by_users else x.T @ x).toarray())
    gram.diagonal().add_(penalty)
    root = torch.linalg.cholesky(gram)

    def solve(right: np.ndarray) -> np.ndarray:
        return torch.cholesky_solve(torch.from_numpy(np.ascontiguousarray(right)), root).numpy()

    def forward(right: np.ndarray) -> np.ndarray:  # W @ (n_t, r)
        return x.T @ solve(y @ right) if by_users else solve(x.T @ (y @ right))

    def backward(left: np.ndarray) -> np.ndarray:  # W' @ (n_s, r)
        return y.T @ (solve(x @ left) if by_users else x @ solve(left))

    start = np.random.default_rng(seed).standard_normal((width, min(r + 8, width)))
    basis = _orthonormal(forward(start.astype(np.float32)))
    for _ in range(2):
        basis = _orthonormal(forward(_orthonormal(backward(basis))))
    small_u, values, right = torch.linalg.svd(
        torch.from_numpy(backward(basis).T), full_matrices=False
    )
    left = basis @ (small_u[:, :r] * values[:r]).numpy()
    return left.astype(np.float32), np.ascontiguousarray(right[:r].T.numpy())


def _orthonormal(columns: np.ndarray) -> np.ndarray:
    return torch.linalg.qr(torch.from_numpy(np.ascontiguousarray(columns)))[0].numpy()
