"""How the model of a source for a target is solved: ridge regression cut to a low rank."""

import numpy as np
import torch
from scipy import sparse

from crossrec.data.history import shape
from crossrec.transfer.across import Across


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
    shared = shared_users(source, target, max_shared)
    x, y = source[shared], target[shared]
    text_map = _text_map(x, y, source_text, target_text, text_penalty)
    left, right = _low_rank_ridge(x, y, penalty, rank, seed)
    return Across(left, right, source_text, target_text, text_map)


def shared_users(source: sparse.csr_array, target: sparse.csr_array, most: int) -> np.ndarray:
    """Rows with entries in both matrices, at most so many, the most active, sorted."""
    activity = np.minimum(np.diff(source.indptr), np.diff(target.indptr))
    shared = np.flatnonzero(activity > 0)
    if len(shared) > most:
        shared = np.sort(shared[np.argsort(-activity[shared], kind="stable")[:most]])
    return shared


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
