"""A few candidates per validation user, so that many coefficients can be tried at once."""

from collections.abc import Mapping
from dataclasses import dataclass, fields

import numpy as np
from scipy import sparse

from crossrec.data.history import shape
from crossrec.transfer.coefficients import coefficient_inputs, language_of
from crossrec.transfer.judges import DEPTH, DISCOUNT, Judge
from crossrec.transfer.preference import Preference
from crossrec.transfer.weights import history_weights, positions_of

BEST_OF_EACH = 30
"""Candidates from each source, and of the most popular items."""
CELLS = 30_000_000
"""Scores that are held at once (4 bytes each)."""


@dataclass(frozen=True)
class Shortlist:
    """The m users of one judge with C candidates each.

    Attributes:
        own: P(u, t->t, j) of the candidates, shape (m, C).
        others: P(u, s->t, j), shape (m, S, C), zero at s = t.
        plain, recent: popularity, shape (m, C).
        inputs: of the coefficients, shape (m, S, len(INPUTS)).
        counts: history lengths, shape (m, S).
        relevant: which candidates are held-out items, shape (m, C), bool.
        blocked: which are seen or there twice, shape (m, C), bool.
        ideal: best possible gain, shape (m,).
    """

    own: np.ndarray
    others: np.ndarray
    plain: np.ndarray
    recent: np.ndarray
    inputs: np.ndarray
    counts: np.ndarray
    relevant: np.ndarray
    blocked: np.ndarray
    ideal: np.ndarray

    def __len__(self) -> int:
        return len(self.own)

    def take(self, rows: np.ndarray | slice) -> "Shortlist":
        """The users at ``rows``."""
        return Shortlist(*(getattr(self, each.name)[rows] for each in fields(self)))

    def ndcg(self, scores: np.ndarray) -> np.ndarray:
        """NDCG@10 among the candidates, shape (m,), for scores of shape (m, C)."""
        if not len(self):
            return np.zeros(0)
        ranked = np.where(self.blocked, -np.inf, scores)
        depth = min(DEPTH, ranked.shape[1])
        best = np.argpartition(-ranked, depth - 1, axis=1)[:, :depth]
        order = np.argsort(-np.take_along_axis(ranked, best, 1), axis=1, kind="stable")
        hits = np.take_along_axis(self.relevant, np.take_along_axis(best, order, 1), 1)
        return (hits @ DISCOUNT[:depth]) / self.ideal

    def transferred(self, coefficients: np.ndarray) -> np.ndarray:
        """Sum over the other scenarios of M_st(u) P, shape (m, C); coefficients are (m, S)."""
        return np.einsum("ms,msc->mc", coefficients, self.others)


def shortlist(
    judge: Judge,
    own: Preference,
    half_life: float | None,
    others: Mapping[int, Preference],
    texts: tuple[np.ndarray, ...],
    popularity: tuple[np.ndarray, np.ndarray],
) -> Shortlist:
    """The candidates of a judge's users.

    Args:
        judge: of the target t.
        own: the model of t for itself.
        half_life: of its history weights.
        others: source s -> its model for t.
        texts: per scenario centred vectors of the items.
        popularity: plain and recent, shape (n_t,) each.
    """
    step = max(CELLS // (max(shape(judge.seen)[1], 1) * (len(others) + 3)), 1)
    starts = range(0, max(len(judge), 1), step)
    parts = [
        _batch(judge, slice(start, start + step), own, half_life, others, texts, popularity)
        for start in starts
    ]
    width = min(part["own"].shape[1] for part in parts)
    plain = ("inputs", "counts", "ideal")
    columns = {
        each.name: np.concatenate(
            [
                part[each.name] if each.name in plain else part[each.name][..., -width:]
                for part in parts
            ]
        )
        for each in fields(Shortlist)
    }
    return Shortlist(**columns)


def _batch(
    judge: Judge,
    rows: slice,
    own: Preference,
    half_life: float | None,
    others: Mapping[int, Preference],
    texts: tuple[np.ndarray, ...],
    popularity: tuple[np.ndarray, np.ndarray],
) -> dict[str, np.ndarray]:
    known, target = judge.known.take(rows), judge.target
    counts = known.counts()
    weights = [history_weights(matrix) for matrix in known.by_scenario]
    aged = history_weights(known.by_scenario[target], positions_of(known, target), half_life)
    scores = {source: model.scores(weights[source]) for source, model in others.items()}
    mine = own.scores(aged)
    seen, relevant = _mask(judge.seen[rows]), _mask(judge.relevant[rows])
    m, n = mine.shape
    plain, recent = popularity
    depth = min(BEST_OF_EACH, n)
    columns = [
        np.argpartition(np.where(seen, np.inf, -one), depth - 1, axis=1)[:, :depth]
        for one in (mine, *scores.values(), *(np.broadcast_to(p, (m, n)) for p in popularity))
    ]
    most = max(min(int(relevant.sum(1).max(initial=1)), BEST_OF_EACH), 1)
    columns.append(np.argpartition(~relevant, most - 1, axis=1)[:, :most])
    items = np.sort(np.concatenate(columns, axis=1), axis=1)
    repeated = np.zeros(items.shape, dtype=bool)
    repeated[:, 1:] = items[:, 1:] == items[:, :-1]
    taken = np.zeros((m, counts.shape[1], items.shape[1]), dtype=np.float32)
    for source, one in scores.items():
        taken[:, source] = np.take_along_axis(one, items, 1)
    wanted = np.take_along_axis(relevant, items, 1) & ~repeated
    held = np.clip(np.diff(judge.relevant[rows].indptr), 1, DEPTH)
    return {
        "own": np.take_along_axis(mine, items, 1),
        "others": taken,
        "plain": plain[items],
        "recent": recent[items],
        "inputs": coefficient_inputs(counts, language_of(weights, texts), target),
        "counts": counts,
        "relevant": wanted,
        "blocked": repeated | np.take_along_axis(seen, items, 1),
        "ideal": np.cumsum(DISCOUNT)[held - 1],
    }


def _mask(matrix: sparse.csr_array) -> np.ndarray:
    found = np.zeros(shape(matrix), dtype=bool)
    found[np.repeat(np.arange(found.shape[0]), np.diff(matrix.indptr)), matrix.indices] = True
    return found
