"""Preference models P(u, s->t, j): closed forms, all linear in the user's history.

``x(u,s)`` is the vector of history weights ``w_uh = strength_h / |H(u,s)|^p`` (000 §4.2.1, method
page §2.2). Every model here is a matrix ``W`` with ``P(u, s->t, j) = sum_h w_uh W[h, j]``, kept as
a learnt part and a text part, ``W = W_learnt + W_text``, so that each history item's contribution,
split in the two parts, is exact.
"""

from dataclasses import dataclass

import numpy as np
import torch
from scipy import sparse

from crossrec.data.history import shape
from crossrec.errors import TrainingFailed
from crossrec.language.table import unit_rows


def history_weights(matrix: sparse.csr_array, power: float) -> sparse.csr_array:
    """Weights w_uh of a batch of histories.

    Args:
        matrix: event strengths, shape (m, n).
        power: p of the normalisation.

    Returns:
        ``min(strength, 1) / |H|^p``, shape (m, n): a repeated item counts once, a weak event less.
    """
    counts = np.diff(matrix.indptr)
    scale = np.repeat(1.0 / np.maximum(counts, 1) ** power, counts)
    values = (np.minimum(matrix.data, 1.0) * scale).astype(np.float32)
    return sparse.csr_array((values, matrix.indices, matrix.indptr), shape=matrix.shape)


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


@dataclass(frozen=True)
class Within:
    """W of a scenario to itself.

    Attributes:
        links: learnt part, CSR, shape (n, n), float32, zero diagonal.
        left, right: text part ``left @ right.T`` off the diagonal, shape (n, d) each, float32.
        scale: factor that brings P to unit spread, see :func:`spread`.
    """

    links: sparse.csr_array
    left: np.ndarray
    right: np.ndarray
    scale: float = 1.0

    def scores(self, weights: sparse.csr_array) -> np.ndarray:
        """P of a batch, shape (m, n), float32."""
        text = (weights @ self.left) @ self.right.T
        own = (self.left * self.right).sum(1)
        rows = np.repeat(np.arange(shape(weights)[0]), np.diff(weights.indptr))
        np.subtract.at(text, (rows, weights.indices), weights.data * own[weights.indices])
        learnt = sparse.csr_array(weights @ self.links).toarray()
        return self.scale * (learnt + text)

    def effects(self, history: np.ndarray, item: int) -> tuple[np.ndarray, np.ndarray]:
        """W[h, item] of history items: learnt and text part, shape (len(history),) each."""
        learnt = self.links[:, [item]].toarray().ravel()[history]
        text = np.where(history == item, 0, self.left[history] @ self.right[item])
        return self.scale * learnt, self.scale * text


@dataclass(frozen=True)
class Across:
    """W of a source s to a target t.

    Attributes:
        left, right: learnt part ``left @ right.T``, shapes (n_s, r) and (n_t, r), float32.
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


class WithinSolver:
    """Collective EASE: item-item ridge regression in which text vectors act as further users.

    ``B = I - P / diag(P)`` with ``P = (X'X + alpha F F' + lambda I)^-1`` (EASE; text as in method
    page §4). By the Woodbury identity ``P = P0 - Q Q'`` where ``P0`` knows no text and
    ``Q = P0 F (I/alpha + F' P0 F)^(-1/2)``: one inversion serves every alpha, and the two terms
    are the learnt part and the text part.

    Args:
        counts: interactions, shape (m, n), values in [0, 1].
        text: centred text vectors F, shape (n, d).
        penalty: lambda.
        max_active: items in the inversion, the most popular; for the others P0 is taken as
            diagonal, so they have text links only.
    """

    def __init__(
        self, counts: sparse.csr_array, text: np.ndarray, penalty: float, max_active: int
    ) -> None:
        n = shape(counts)[1]
        popularity = np.asarray(counts.sum(0)).ravel()
        self.active = np.sort(np.argsort(-popularity, kind="stable")[:max_active])
        active = counts[:, self.active]
        gram = torch.from_numpy((active.T @ active).toarray())
        gram.diagonal().add_(penalty)
        self.inverse = torch.cholesky_inverse(torch.linalg.cholesky(gram))
        self.diagonal = torch.from_numpy(1.0 / (popularity + penalty).astype(np.float32))
        self.diagonal[self.active] = self.inverse.diagonal()
        self.text = torch.from_numpy(text)
        carried = self.diagonal[:, None] * self.text
        carried[self.active] = self.inverse @ self.text[self.active]
        self.carried = carried  # P0 F, (n, d)
        self.n = n

    def text_factor(self, alpha: float) -> torch.Tensor:
        """Q, shape (n, d)."""
        if alpha == 0:
            return torch.zeros_like(self.carried)
        middle = self.text.T @ self.carried
        middle.diagonal().add_(1.0 / alpha)
        root = torch.linalg.cholesky(middle)
        return torch.linalg.solve_triangular(root, self.carried.T, upper=False).T.contiguous()

    def scores(self, weights: sparse.csr_array, alphas: tuple[float, ...]) -> list[np.ndarray]:
        """P of a batch for every alpha, shape (m, n) each, without building B (for tuning)."""
        base = np.zeros((shape(weights)[0], self.n), dtype=np.float32)
        base[:, self.active] = -(weights[:, self.active] @ self.inverse.numpy())
        found = []
        for alpha in alphas:
            factor = self.text_factor(alpha).numpy()
            scale = self.diagonal.numpy() - (factor**2).sum(1)
            found.append((base + (weights @ factor) @ factor.T) / scale)
        return found

    def solve(self, alpha: float, links: int) -> Within:
        """W for one alpha, with the ``links`` strongest learnt links per item."""
        factor = self.text_factor(alpha)
        scale = self.diagonal - (factor**2).sum(1)
        block = -self.inverse / scale[self.active]
        block.fill_diagonal_(0)
        kept = min(links, len(block) - 1)
        strongest = block.abs().topk(kept, dim=0).indices if kept > 0 else block[:0].long()
        values = block.gather(0, strongest).numpy().ravel()
        rows = self.active[strongest.numpy().ravel()]
        columns = np.tile(self.active, max(kept, 0))
        matrix = sparse.coo_array((values, (rows, columns)), shape=(self.n, self.n)).tocsr()
        right = factor / scale[:, None]
        return Within(matrix, factor.numpy(), right.contiguous().numpy())


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


def spread(scores: np.ndarray) -> float:
    """Mean over users of the standard deviation of their scores; 0 for no users.

    P is divided by it, so that one unit of coefficient means the same for every pair.
    """
    if not scores.size:
        return 0.0
    value = float(scores.std(axis=1).mean())
    if not np.isfinite(value):
        raise TrainingFailed(
            "expected finite preferences", f"{value}", "Raise the penalties or check the weights"
        )
    return value
