"""Metrics: by hand, at their edges, and against ir-measures (trec_eval)."""

import ir_measures
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from ir_measures import AP, RR, P, R, Success, nDCG
from scipy import sparse

from crossrec.evaluation import METRICS, coverage, find_hits

# The list a b c d e, of which b and d are wanted, and one more item that is not shown.
HITS = np.array([[False, True, False, True, False]])
WANTED = np.array([3])
BY_HAND = {
    "ndcg": (1 / np.log2(3) + 1 / np.log2(5)) / (1 + 1 / np.log2(3) + 1 / np.log2(4)),
    "recall": 2 / 3,
    "hr": 1.0,
    "map": (1 / 2 + 2 / 4) / 3,
    "precision": 2 / 5,
    "f1": 2 * (2 / 5) * (2 / 3) / (2 / 5 + 2 / 3),
    "mrr": 1 / 2,
}


@pytest.mark.parametrize("name", METRICS)
def test_by_hand(name):
    assert METRICS[name](HITS, WANTED, 5) == pytest.approx([BY_HAND[name]])


@pytest.mark.parametrize("name", METRICS)
def test_edges(name):
    metric = METRICS[name]
    none, full = np.zeros((1, 4), dtype=bool), np.ones((1, 4), dtype=bool)
    assert metric(none, np.array([2]), 4) == pytest.approx([0])
    assert np.isnan(metric(none, np.array([0]), 4)).all(), "nothing to find: no score"
    best = {"recall": 4 / 9, "f1": 8 / 13}.get(name, 1.0)
    assert metric(full, np.array([9]), 4) == pytest.approx([best]), "more relevant items than k"
    assert metric(full[:, :0], np.array([1]), 4) == pytest.approx([0]), "an empty list"


def test_short_lists_do_not_shrink_k():
    assert METRICS["precision"](np.array([[True]]), np.array([1]), 10) == pytest.approx([0.1])


def test_find_hits_passes_over_missing_places():
    relevant = sparse.csr_array(np.array([[1, 0, 1], [0, 0, 1]], dtype=np.float32))
    top = np.array([[2, 1, -1], [0, -1, -1]])
    assert find_hits(top, relevant).tolist() == [[True, False, False], [False, False, False]]


def test_coverage_counts_different_items_shown():
    top = np.array([[0, 1, 2], [1, 0, -1]])
    assert coverage(top, 10, 1) == pytest.approx(0.2)
    assert coverage(top, 10, 3) == pytest.approx(0.3)
    assert coverage(top[:0], 0, 3) == 0


@st.composite
def rankings(draw: st.DrawFn) -> tuple[np.ndarray, sparse.csr_array, int]:
    """Random full rankings of n items by m users, and at least one relevant item each."""
    users, items = draw(st.integers(1, 6)), draw(st.integers(1, 12))
    rng = np.random.default_rng(draw(st.integers(0, 100_000)))
    top = np.stack([rng.permutation(items) for _ in range(users)])
    wanted = rng.random((users, items)) < draw(st.floats(0.05, 0.9))
    wanted[np.arange(users), rng.integers(0, items, users)] = True
    return top, sparse.csr_array(wanted.astype(np.float32)), draw(st.integers(1, 14))


@settings(deadline=None, max_examples=60)
@given(rankings())
def test_agrees_with_ir_measures(case):
    top, relevant, k = case
    wanted = relevant.toarray() > 0
    qrels = {str(u): {str(i): int(w) for i, w in enumerate(row)} for u, row in enumerate(wanted)}
    run = {
        str(u): {str(item): float(-place) for place, item in enumerate(row)}
        for u, row in enumerate(top)
    }
    count = wanted.sum(axis=1)
    hits = find_hits(top, relevant)
    theirs = {
        "ndcg": nDCG @ k, "recall": R @ k, "hr": Success @ k, "map": AP @ k,
        "precision": P @ k, "mrr": RR @ k,
    }  # fmt: skip
    found = {name: np.zeros(len(top)) for name in theirs}
    names = {str(measure): name for name, measure in theirs.items()}
    for one in ir_measures.iter_calc(list(theirs.values()), qrels, run):
        found[names[str(one.measure)]][int(one.query_id)] = one.value
    found["map"] *= count / np.minimum(count, k)  # trec_eval divides by all relevant items
    for name, values in found.items():
        assert METRICS[name](hits, count, k) == pytest.approx(values), name


@settings(deadline=None, max_examples=60)
@given(rankings(), st.sampled_from(list(METRICS)))
def test_between_0_and_1_and_better_when_a_hit_moves_up(case, name):
    top, relevant, k = case
    count = np.diff(relevant.indptr)
    hits = find_hits(top, relevant)
    value = METRICS[name](hits, count, k)
    assert ((value >= 0) & (value <= 1 + 1e-12)).all()
    best = METRICS[name](np.sort(hits, axis=1)[:, ::-1], count, k)
    assert (best >= value - 1e-12).all()
