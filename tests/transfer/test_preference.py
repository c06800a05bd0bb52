"""The closed forms against their textbook definitions."""

import numpy as np
import pytest
from scipy import sparse

from crossrec.transfer.preference import (
    WithinSolver,
    centred,
    fit_across,
    history_weights,
)


@pytest.fixture
def counts() -> sparse.csr_array:
    rng = np.random.default_rng(0)
    return sparse.csr_array((rng.random((60, 12)) < 0.3).astype(np.float32))


@pytest.fixture
def text() -> np.ndarray:
    return centred(np.random.default_rng(1).normal(size=(12, 5)).astype(np.float32))


@pytest.mark.parametrize("alpha", [0.0, 40.0])
def test_within_is_ease_with_text_rows(counts, text, alpha):
    """B = I - P / diag(P), P = (X'X + alpha F F' + lambda I)^-1, computed the plain way."""
    x = counts.toarray().astype(np.float64)
    f = text.astype(np.float64)
    inverse = np.linalg.inv(x.T @ x + alpha * f @ f.T + 7.0 * np.eye(12))
    expected = np.eye(12) - inverse / np.diag(inverse)

    model = WithinSolver(counts, text, 7.0, max_active=12).solve(alpha, links=11)

    weights = history_weights(counts, 0.0)
    assert np.allclose(model.scores(weights), x @ expected, atol=1e-4)


def test_tuning_scores_rank_unseen_items_like_the_solved_model(counts, text):
    solver = WithinSolver(counts, text, 7.0, max_active=12)
    weights = history_weights(counts, 0.5)
    unseen = counts.toarray() == 0
    for alpha, scores in zip((0.0, 40.0), solver.scores(weights, (0.0, 40.0)), strict=True):
        assert np.allclose(
            scores[unseen], solver.solve(alpha, 11).scores(weights)[unseen], atol=1e-4
        )


def test_an_item_outside_the_inversion_keeps_its_text_links(counts, text):
    model = WithinSolver(counts, text, 7.0, max_active=8).solve(40.0, links=11)
    popularity = np.asarray(counts.sum(0))
    rare = int(np.argsort(-popularity, kind="stable")[-1])
    learnt, written = model.effects(np.arange(12), rare)
    assert np.all(learnt == 0)
    assert np.abs(np.delete(written, rare)).min() > 0
    assert written[rare] == 0


def test_only_the_strongest_links_are_kept(counts, text):
    model = WithinSolver(counts, text, 7.0, max_active=12).solve(0.0, links=3)
    assert np.diff(model.links.tocsc().indptr).max() == 3


def test_across_is_ridge_at_full_rank(counts):
    rng = np.random.default_rng(2)
    target = sparse.csr_array((rng.random((60, 9)) < 0.3).astype(np.float32))
    none_source, none_target = np.zeros((12, 1), np.float32), np.zeros((9, 1), np.float32)
    shared = np.flatnonzero((counts.sum(1) > 0) & (target.sum(1) > 0))
    x, y = counts.toarray()[shared], target.toarray()[shared]
    expected = np.linalg.solve(x.T @ x + 5.0 * np.eye(12), x.T @ y)

    model = fit_across(
        counts, target, none_source, none_target,
        penalty=5.0, text_penalty=1.0, rank=9, max_shared=100, seed=0,
    )  # fmt: skip

    learnt, written = model.parts(counts)
    assert np.allclose(learnt, counts.toarray() @ expected, atol=1e-3)
    assert not written.any()


def test_without_shared_users_text_alone_carries():
    source = sparse.csr_array(np.array([[1.0, 0.0], [0.0, 0.0]], dtype=np.float32))
    target = sparse.csr_array(np.array([[0.0, 0.0], [1.0, 1.0]], dtype=np.float32))
    vectors = centred(np.array([[1.0, 0.0], [0.0, 1.0]], dtype=np.float32))
    model = fit_across(
        source, target, vectors, vectors,
        penalty=1.0, text_penalty=1.0, rank=2, max_shared=10, seed=0,
    )  # fmt: skip
    learnt, written = model.parts(source)
    assert not learnt.any()
    assert written[0, 0] > written[0, 1]  # the item with the same text


def test_history_weights_count_repeats_once_and_normalise():
    history = sparse.csr_array(np.array([[3.0, 0.5, 0.0, 1.0]], dtype=np.float32))
    weights = history_weights(history, 0.5).toarray()[0]
    assert np.allclose(weights, np.array([1.0, 0.5, 0.0, 1.0]) / np.sqrt(3))
    assert history.data.max() == 3.0  # the caller's matrix is as it was


def test_centring_leaves_items_without_text_at_zero():
    vectors = np.array([[1.0, 1.0], [1.0, -1.0], [0.0, 0.0]], dtype=np.float32)
    moved = centred(vectors)
    assert np.all(moved[2] == 0)
    assert np.allclose(moved[:2].mean(0), 0)
    assert np.allclose(np.linalg.norm(moved[:2], axis=1), 1)
