"""How the links of a source to a target are solved: a small ridge regression per target item.

A map of low rank knows groups of items and cannot say "the same one again": where scenarios are
behaviours on the same items (bought, then used), or an item goes with one other, that is most of
what there is to know. Source: the idea of regressing an item on few others is that of SLIM (Ning,
Karypis, ICDM 2011); here those few are fixed beforehand, so that each item is a small linear
system.
"""

import numpy as np
import torch
from scipy import sparse

from crossrec.data.history import shape

BLOCK = 1024


def fit_links(
    source: sparse.csr_array,
    target: sparse.csr_array,
    *,
    penalty: float,
    kept: int,
    max_active: int,
) -> sparse.csr_array:
    """Links W, each column ``W_j = (X_j'X_j + lambda I)^-1 X_j'y_j`` on few source items.

    ``X_j`` are the columns of the ``kept`` source items that go most with j on shared users, by
    ``x_i'y_j / |x_i|`` (the cosine, as far as it orders them for one j).

    Args:
        source: history weights of the shared users in s, shape (m, n_s).
        target: interactions of the same users in t, shape (m, n_t), values in [0, 1].
        penalty: lambda.
        kept: links per target item.
        max_active: source items that may have links, the most popular first. Memory is 4 bytes
            times its square.

    Returns:
        Shape (n_s, n_t), float32.
    """
    n_s, n_t = shape(source)[1], shape(target)[1]
    counts = np.bincount(source.indices, minlength=n_s)
    order = np.argsort(-counts, kind="stable")[:max_active]
    active = np.sort(order[counts[order] > 0])
    if not len(active) or not kept:
        return sparse.csr_array((n_s, n_t), dtype=np.float32)
    x = sparse.csr_array(source[:, active])
    gram = _gram(x)
    length = np.sqrt(gram.diagonal())
    by_target = sparse.csr_array(target.T)
    rows, columns, values = [], [], []
    for start in range(0, n_t, BLOCK):
        together = sparse.csr_array(by_target[start : start + BLOCK] @ x)
        chosen, known, there = _strongest(together, length, kept)
        columns_here, place = np.nonzero(there)
        rows.append(active[chosen[columns_here, place]])
        columns.append(start + columns_here)
        values.append(_solved(gram, chosen, known, there, penalty)[there])
    parts = (np.concatenate(values), (np.concatenate(rows), np.concatenate(columns)))
    return sparse.coo_array(parts, shape=(n_s, n_t)).tocsr()


def _gram(x: sparse.csr_array) -> np.ndarray:
    """X'X, nearly full and therefore never as one sparse matrix, shape (a, a), float32."""
    n = shape(x)[1]
    by_item = sparse.csr_array(x.T)
    found = np.empty((n, n), dtype=np.float32)
    for start in range(0, n, BLOCK):
        found[start : start + BLOCK] = (by_item[start : start + BLOCK] @ x).toarray()
    return found


def _strongest(
    together: sparse.csr_array, length: np.ndarray, kept: int
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Per target item the source items that go most with it.

    Args:
        together: Y'X, shape (k, a).
        length: of the columns of X, shape (a,).
        kept: how many.

    Returns:
        Which, shape (k, kept); their entries of Y'X; and where there is one, for an item may go
        with fewer.
    """
    k = shape(together)[0]
    chosen = np.zeros((k, kept), dtype=np.int64)
    known = np.zeros((k, kept), dtype=np.float32)
    there = np.zeros((k, kept), dtype=bool)
    for j in range(k):
        entries = slice(together.indptr[j], together.indptr[j + 1])
        items, values = np.asarray(together.indices[entries]), together.data[entries]
        if len(items) > kept:
            best = np.argpartition(values / length[items], -kept)[-kept:]
            items, values = items[best], values[best]
        chosen[j, : len(items)], known[j, : len(items)] = items, values
        there[j, : len(items)] = True
    return chosen, known, there


def _solved(
    gram: np.ndarray, chosen: np.ndarray, known: np.ndarray, there: np.ndarray, penalty: float
) -> np.ndarray:
    """The links of each item, shape (k, kept); empty places are a system of their own."""
    both = there[:, :, None] & there[:, None, :]
    systems = np.where(both, gram[chosen[:, :, None], chosen[:, None, :]], np.float32(0))
    diagonal = np.arange(chosen.shape[1])
    systems[:, diagonal, diagonal] += np.where(there, np.float32(penalty), np.float32(1))
    found = torch.linalg.solve(torch.from_numpy(systems), torch.from_numpy(known)[:, :, None])
    return found[:, :, 0].numpy()
