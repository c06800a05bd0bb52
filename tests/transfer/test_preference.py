"""The closed forms against their textbook definitions."""

import numpy as np
import pytest
from crossrec.transfer.collective_ease import WithinSolver
from crossrec.transfer.low_rank_ridge import fit_across
from scipy import sparse

from crossrec.transfer.factors import FactorSize, fit_factors
from crossrec.transfer.preference import (
    centred,
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

    solver = WithinSolver(counts, 7.0, max_active=12)
    model = solver.solve(solver.text_factor(text, alpha), links=11)

    weights = history_weights(counts, 0.0)
    assert np.allclose(model.scores(weights), x @ expected, atol=1e-4)


def test_tuning_scores_rank_unseen_items_like_the_solved_model(counts, text):
    solver = WithinSolver(counts, 7.0, max_active=12)
    weights = history_weights(counts, 0.5)
    unseen = counts.toarray() == 0
    for alpha in (0.0, 40.0):
        factor = solver.text_factor(text, alpha)
        scores = solver.scores(weights, solver.learnt_scores(weights), factor)
        solved = solver.solve(factor, 11).scores(weights)
        assert np.allclose(scores[unseen], solved[unseen], atol=1e-4)


def test_an_item_outside_the_inversion_keeps_its_text_links(counts, text):
    solver = WithinSolver(counts, 7.0, max_active=8)
    model = solver.solve(solver.text_factor(text, 40.0), links=11)
    popularity = np.asarray(counts.sum(0))
    rare = int(np.argsort(-popularity, kind="stable")[-1])
    learnt, written = model.effects(np.arange(12), np.array([rare]))
    assert np.all(learnt == 0)
    assert np.abs(np.delete(written, rare)).min() > 0
    assert written[rare] == 0


def test_only_the_strongest_links_are_kept(counts, text):
    solver = WithinSolver(counts, 7.0, max_active=12)
    model = solver.solve(solver.text_factor(text, 0.0), links=3)
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


def test_factors_count_as_learnt_and_no_item_speaks_for_itself(counts, text):
    solver = WithinSolver(counts, 7.0, max_active=12)
    plain = solver.solve(solver.text_factor(text, 40.0), links=11)
    rng = np.random.default_rng(3)
    left, right = rng.normal(size=(2, 12, 3)).astype(np.float32)
    model = plain.with_factors(left, right, 0.5)

    weights = history_weights(counts, 0.5)
    added = 0.5 * left @ right.T
    np.fill_diagonal(added, 0)
    expected = plain.scores(weights) + weights.toarray() @ added
    assert np.allclose(model.scores(weights), expected, atol=1e-4)
    learnt, written = model.effects(np.arange(12), np.array([4]))
    learnt_before, written_before = plain.effects(np.arange(12), np.array([4]))
    assert np.allclose(learnt - learnt_before, added[:, [4]], atol=1e-5)
    assert np.allclose(written, written_before)


def test_linear_factors_rank_like_the_exact_form():
    """Without the user's own confidence in the inverse, the order of items hardly changes."""
    rng = np.random.default_rng(4)
    taste = rng.integers(0, 3, 300)
    odds = np.where(np.arange(30) % 3 == taste[:, None], 0.4, 0.03)
    x = sparse.csr_array((rng.random((300, 30)) < odds).astype(np.float32))
    left, right = fit_factors(x, FactorSize(rank=8, penalty=1.0, confidence=5.0), seed=0)
    y = right.astype(np.float64)
    user = x.toarray()[0]
    confidence = 1 + 5.0 * user
    exact = y @ np.linalg.solve(
        y.T @ (confidence[:, None] * y) + np.eye(8), y.T @ (confidence * user)
    )
    linear = user @ left @ right.T
    assert np.corrcoef(exact, linear)[0, 1] > 0.9
