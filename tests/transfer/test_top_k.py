"""top_k against a plain sort."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import sparse

from crossrec.data.history import Histories
from crossrec.data.ids import IdMap
from crossrec.transfer.recommender import top_k


def histories_of(seen: np.ndarray) -> Histories:
    users = IdMap(str(user) for user in range(len(seen)))
    return Histories(users, (sparse.csr_array(seen.astype(np.float32)),))


def by_sorting(scores: np.ndarray, seen: np.ndarray, k: int) -> list[list[int]]:
    new = [np.flatnonzero(~row) for row in seen]
    return [
        row[np.argsort(-scores[user, row], kind="stable")][:k].tolist()
        for user, row in enumerate(new)
    ]


@settings(deadline=None, max_examples=150)
@given(
    seed=st.integers(0, 10_000),
    users=st.integers(0, 6),
    items=st.integers(0, 400),
    k=st.integers(0, 12),
    levels=st.sampled_from([1, 2, 30, 10**6]),
    share=st.sampled_from([0.0, 0.1, 0.9, 1.0]),
)
def test_equals_a_stable_sort_of_the_new_items(seed, users, items, k, levels, share):
    rng = np.random.default_rng(seed)
    scores = rng.integers(0, levels, (users, items)).astype(np.float32)
    seen = rng.random((users, items)) < share
    before = scores.copy()
    found, best = top_k(scores, histories_of(seen), 0, k)
    assert np.array_equal(scores, before)
    assert found.shape == best.shape == (users, k)
    for user, expected in enumerate(by_sorting(scores, seen, k)):
        n = len(expected)
        assert found[user, :n].tolist() == expected
        assert (found[user, n:] == -1).all()
        assert best[user, :n].tolist() == scores[user, expected].tolist()
        assert (best[user, n:] == -np.inf).all()


@pytest.mark.parametrize("order", [1, -1])
def test_best_items_side_by_side(order):
    """Neighbouring columns fall into different blocks, and equal remainders into one."""
    scores = order * np.arange(10_000, dtype=np.float32)[None]
    strided = np.full((1, 10_000), -1, dtype=np.float32)
    strided[0, ::80] = np.arange(125)
    seen = np.zeros((1, 10_000), dtype=bool)
    for case in (scores, strided):
        assert top_k(case, histories_of(seen), 0, 10)[0].tolist() == by_sorting(case, seen, 10)
