"""Who judges the choices of a fit: validation users, by NDCG@10; never test users."""

from collections.abc import Sequence
from dataclasses import dataclass

import numba
import numpy as np
from scipy import sparse

from crossrec.data.history import Histories, shape
from crossrec.transfer.validation import MIN_COLD

DEPTH = 10
DISCOUNT = 1.0 / np.log2(np.arange(2, DEPTH + 2))
MOST_USERS, FEWEST_USERS = 1_000, 300
"""Users who judge a target, at most and where its catalogue is large."""
CELLS = 24_000_000
"""Scores of one target that are held at once (4 bytes each)."""


@dataclass(frozen=True)
class Judge:
    """Validation users of one target and cohort.

    Attributes:
        target: t.
        known: their training histories.
        seen: their training items in t, shape (m, n_t): no list holds them.
        relevant: their held-out items in t, shape (m, n_t).
    """

    target: int
    known: Histories
    seen: sparse.csr_array
    relevant: sparse.csr_array

    def __len__(self) -> int:
        return len(self.known)

    def ndcg(self, scores: np.ndarray) -> np.ndarray:
        """NDCG@10 of each user's full ranking without seen items, shape (m,).

        Args:
            scores: shape (m, n_t), or (n_t,) for all users.
        """
        found = np.zeros(len(self))
        scores = np.broadcast_to(scores, shape(self.seen))
        _ndcg(
            np.asarray(scores, dtype=np.float32), self.seen.indptr, self.seen.indices,
            self.relevant.indptr, self.relevant.indices, DISCOUNT, found,
        )  # fmt: skip
        return found


def warm_judge(train: Histories, valid: Histories, target: int, most: int, seed: int) -> Judge:
    """Users with history and held-out items in the target."""
    held, counts = valid.by_scenario[target], train.counts()[:, target]
    wanted = (np.diff(held.indptr) > 0) & (counts > 0)
    users = _sample(np.flatnonzero(wanted), most, [seed, target, 1])
    return Judge(target, train.take(users), train.by_scenario[target][users], held[users])


def cold_judge(train: Histories, valid: Histories, target: int, most: int, seed: int) -> Judge:
    """Users with held-out items in the target, none in training, and some elsewhere.

    Where they are fewer than :data:`~crossrec.transfer.validation.MIN_COLD`, warm users whose
    target history is hidden join them.
    """
    held, counts = valid.by_scenario[target], train.counts()
    wanted = (np.diff(held.indptr) > 0) & (counts.sum(1) > counts[:, target])
    cold = wanted & (counts[:, target] == 0)
    if cold.sum() >= MIN_COLD:
        wanted = cold
    users = _sample(np.flatnonzero(wanted), most, [seed, target, 2])
    seen = train.by_scenario[target][users]
    return Judge(target, train.take(users).without(target), seen, held[users])


def judging_users(items: int) -> int:
    """How many users judge a target with so many items."""
    return int(np.clip(CELLS // max(items, 1), FEWEST_USERS, MOST_USERS))


def _sample(rows: np.ndarray, size: int, seed: Sequence[int]) -> np.ndarray:
    if len(rows) <= size:
        return rows
    return np.sort(np.random.default_rng(seed).choice(rows, size, replace=False))


@numba.njit(cache=True, nogil=True)
def _ndcg(scores, seen_ptr, seen, relevant_ptr, relevant, discount, found):  # noqa: ANN001, ANN202, C901
    """Fill ``found``; of equal scores the first item is first, as in every list."""
    users, items = scores.shape
    depth = len(discount)
    blocked = np.zeros(items, dtype=np.bool_)
    wanted = np.zeros(items, dtype=np.bool_)
    best = np.empty(depth, dtype=np.float32)
    which = np.empty(depth, dtype=np.int64)
    for user in range(users):
        for at in range(seen_ptr[user], seen_ptr[user + 1]):
            blocked[seen[at]] = True
        for at in range(relevant_ptr[user], relevant_ptr[user + 1]):
            wanted[relevant[at]] = True
        best[:] = -np.inf
        which[:] = -1
        for item in range(items):
            value = scores[user, item]
            if value > best[depth - 1] and not blocked[item]:
                place = depth - 1
                while place > 0 and value > best[place - 1]:
                    best[place] = best[place - 1]
                    which[place] = which[place - 1]
                    place -= 1
                best[place] = value
                which[place] = item
        total, ideal = 0.0, 0.0
        for place in range(depth):
            if which[place] >= 0 and wanted[which[place]]:
                total += discount[place]
        for place in range(min(depth, relevant_ptr[user + 1] - relevant_ptr[user])):
            ideal += discount[place]
        found[user] = total / ideal if ideal > 0 else 0.0
        for at in range(seen_ptr[user], seen_ptr[user + 1]):
            blocked[seen[at]] = False
        for at in range(relevant_ptr[user], relevant_ptr[user + 1]):
            wanted[relevant[at]] = False
