"""Sets that are nearly the same, found by min-hash without comparing every pair.

A min-hash of a set is the smallest hash among its members; two sets agree in it with a probability
equal to their Jaccard similarity J. Sets that agree in all ``ROWS`` hashes of one of ``BANDS``
bands become candidates (probability ``1 - (1 - J^ROWS)^BANDS``: 0.99 at J = 0.5, 0.9999 at 0.7,
0.15 at 0.1), and every candidate is then compared exactly, so that only recall is left to chance.

Written in numpy because the sets stand in one sparse matrix already: a hash of all of them is one
gather and one ``minimum.reduceat``; the libraries for it take one Python object per set.
"""

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from scipy import sparse
from scipy.special import gammaln

BANDS, ROWS = 16, 2
CROWD = 64
"""Sets that agree in a band with more others than this are no twins: a crowd is all alike."""
_CHUNK = 1 << 22


@dataclass(frozen=True)
class SimilarSets:
    """Pairs of rows of a matrix, each pair once, ``first < second``.

    Attributes:
        first, second: row numbers, shape (p,), int64.
        common: number of common members, shape (p,), int64.
        jaccard: common / members of either, shape (p,), float64.
    """

    first: np.ndarray
    second: np.ndarray
    common: np.ndarray
    jaccard: np.ndarray

    def __len__(self) -> int:
        return len(self.first)

    def select(self, rows: np.ndarray) -> "SimilarSets":
        """The pairs given by a mask or by numbers."""
        return SimilarSets(
            self.first[rows], self.second[rows], self.common[rows], self.jaccard[rows]
        )


def similar_sets(
    sets: sparse.csr_array,
    *,
    threshold: float,
    least: int,
    group: np.ndarray | None = None,
    seed: int = 0,
) -> SimilarSets:
    """Pairs of rows whose sets of columns are nearly the same.

    Args:
        sets: shape (n, m); what is stored is a member, whatever its value (but 0).
        threshold: smallest Jaccard similarity, in (0, 1].
        least: smallest number of common members; smaller sets are passed over at once.
        group: shape (n,); only pairs of rows of different groups count. None: all pairs do.
        seed: of the hashes.
    """
    sizes = np.diff(sets.indptr)
    rows = np.flatnonzero(sizes >= max(least, 1))
    signatures = _signatures(sets[rows], seed)
    places = None if group is None else group[rows]
    keys = [
        _agreeing(signatures[band * ROWS : (band + 1) * ROWS], places, len(rows))
        for band in range(BANDS)
    ]
    pairs = np.unique(np.concatenate(keys))
    first, second = rows[pairs // max(len(rows), 1)], rows[pairs % max(len(rows), 1)]
    # Sets of very different sizes cannot be similar: J <= smaller / larger.
    small, large = np.sort(np.stack([sizes[first], sizes[second]]), axis=0)
    near = small >= threshold * large
    first, second = first[near], second[near]
    common = common_members(sets, first, second)
    jaccard = common / np.maximum(sizes[first] + sizes[second] - common, 1)
    found = SimilarSets(first, second, common, jaccard)
    return found.select((jaccard >= threshold) & (common >= least))


def _signatures(sets: sparse.csr_array, seed: int) -> np.ndarray:
    """Min-hashes of non-empty sets, shape (BANDS * ROWS, n), uint32."""
    rng = np.random.default_rng(seed)
    n, m = len(sets.indptr) - 1, int(sets.indices.max(initial=-1)) + 1
    signatures = np.empty((BANDS * ROWS, n), dtype=np.uint32)
    if not n:
        return signatures
    for row in signatures:
        code = rng.integers(0, 1 << 32, m, dtype=np.uint32)
        np.minimum.reduceat(code[sets.indices], sets.indptr[:-1], out=row)
    return signatures


def _agreeing(band: np.ndarray, group: np.ndarray | None, n: int) -> np.ndarray:
    """Keys ``first * n + second`` of the sets that agree in every hash of a band."""
    order = np.lexsort(band)
    ordered = band[:, order]
    same = (ordered[:, 1:] == ordered[:, :-1]).all(axis=0)
    run = np.concatenate([[0], np.cumsum(~same)])
    crowded = np.bincount(run)[run] > CROWD if n else np.zeros(0, dtype=bool)
    run = np.where(crowded, -1 - np.arange(n), run)  # alone: agrees with nobody
    keys = [np.zeros(0, dtype=np.int64)]
    for step in range(1, CROWD):
        at = np.flatnonzero(run[step:] == run[:-step])
        if not len(at):
            break
        one, other = order[at], order[at + step]
        if group is not None:
            apart = group[one] != group[other]
            one, other = one[apart], other[apart]
        low, high = np.minimum(one, other), np.maximum(one, other)
        keys.append(low.astype(np.int64) * n + high)
    return np.concatenate(keys)


def common_members(sets: sparse.csr_array, first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """Number of common members of pairs of rows, shape (p,), int64; memory bounded by chunks."""
    common = np.zeros(len(first), dtype=np.int64)
    for part in chunks(np.diff(sets.indptr)[first]):
        both = sparse.csr_array(sets[first[part]].multiply(sets[second[part]]))
        common[part] = np.diff(both.indptr)
    return common


def surprise(sets: sparse.csr_array, found: SimilarSets, degree: np.ndarray) -> np.ndarray:
    """How unlikely it is that two sets share so much by chance, shape (p,), float64.

    In a random matrix with the same row and column sums the second set holds member u with
    probability ``p_u = degree_u * size / total``; the first, of n members, shares some c of them
    with probability at most ``C(n, c) * prod p_u`` over the common ones. Returned is minus its
    natural logarithm.

    Args:
        sets: as for :func:`similar_sets`.
        found: pairs of its rows.
        degree: in how many of the sets that the second is one of each column stands, shape (m,).
    """
    sizes = np.diff(sets.indptr)
    log_degree = np.log(np.maximum(degree, 1))
    log_total = np.log(max(degree.sum(), 1))
    told = np.zeros(len(found))
    for part in chunks(sizes[found.first]):
        first, second = found.first[part], found.second[part]
        both = sparse.csr_array(sets[first].multiply(sets[second]))
        pair = np.repeat(np.arange(len(first)), np.diff(both.indptr))
        log_p = log_degree[both.indices] + np.log(sizes[second])[pair] - log_total
        unlikely = np.bincount(pair, np.maximum(-log_p, 0), minlength=len(first))
        n, c = sizes[first], found.common[part]
        told[part] = unlikely - (gammaln(n + 1) - gammaln(c + 1) - gammaln(n - c + 1))
    return told


def bar(tried: np.ndarray | float) -> np.ndarray | float:
    """The surprise that one of ``tried`` pairs reaches by chance in one of a hundred data sets."""
    return np.log(np.maximum(tried, 1)) + np.log(100)


def chunks(sizes: np.ndarray) -> list[slice]:
    """Slices of consecutive sets that hold about four million members each."""
    ends = np.cumsum(sizes)
    cuts = np.searchsorted(ends, np.arange(_CHUNK, ends[-1] if len(ends) else 0, _CHUNK)) + 1
    edges = [0, *np.unique(cuts[cuts < len(sizes)]).tolist(), len(sizes)]
    return [slice(low, high) for low, high in pairwise(edges) if high > low]
