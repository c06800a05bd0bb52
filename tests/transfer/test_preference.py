"""Preference models: weights, parts, sums, and what all of them share."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import sparse

from crossrec.data.history import Histories
from crossrec.data.ids import IdMap
from crossrec.transfer.factors import fit_factors
from crossrec.transfer.preference import Preference, spread
from crossrec.transfer.text import centred, text_map
from crossrec.transfer.weights import history_weights, positions_of


def some_preference(seed: int, *, own: bool, mapped: bool = False) -> Preference:
    rng = np.random.default_rng(seed)
    sizes = (7, 7) if own else (7, 5)
    links = (rng.random(sizes) < 0.4) * rng.normal(size=sizes)
    if own:
        np.fill_diagonal(links, 0)
    return Preference.of(
        sizes,
        links=sparse.csr_array(links.astype(np.float32)),
        factors=tuple(rng.normal(size=(n, 2)).astype(np.float32) for n in sizes),
        text=tuple(rng.normal(size=(n, 3)).astype(np.float32) for n in sizes),
        text_map=rng.normal(size=(3, 3)).astype(np.float32) if mapped else None,
        own=own,
    )


def whole(model: Preference) -> np.ndarray:
    """W, from its definition."""
    width = model.text_left.shape[1]
    middle = np.eye(width) if model.text_map is None else model.text_map
    found = model.links.toarray() + model.left @ model.right.T
    found = found + model.text_left @ middle @ model.text_right.T
    return found * (1 - np.eye(*found.shape)) if model.own else found


@settings(max_examples=40, deadline=None)
@given(
    st.integers(0, 99),
    st.booleans(),
    st.booleans(),
    st.lists(st.integers(0, 6), max_size=5),
    st.lists(st.integers(0, 4), unique=True),
)
def test_effects_and_scores_are_those_of_the_matrix(seed, own, mapped, history, items):
    model = some_preference(seed, own=own, mapped=mapped and not own)
    rows, columns = np.array(history, dtype=np.int64), np.array(items, dtype=np.int64)
    learnt, text = model.effects(rows, columns)
    expected = whole(model)
    np.testing.assert_allclose(learnt + text, expected[np.ix_(rows, columns)], atol=1e-5)
    everybody = sparse.csr_array(np.eye(7, dtype=np.float32))
    np.testing.assert_allclose(model.scores(everybody), expected, atol=1e-5)


def test_sums_and_multiples_are_those_of_the_matrices():
    one, other = some_preference(1, own=True), some_preference(2, own=True)
    plain = Preference.of((7, 7), links=other.links, factors=(other.left, other.right), own=True)
    expected = whole(one) + 0.5 * whole(plain)
    np.testing.assert_allclose(whole(one.plus(plain.scaled(0.5))), expected, atol=1e-5)
    mapped = some_preference(3, own=False, mapped=True)
    np.testing.assert_allclose(whole(mapped.scaled(3)), 3 * whole(mapped), rtol=1e-5)


def test_at_unit_spread():
    model = some_preference(4, own=False)
    some = sparse.csr_array(np.random.default_rng(0).random((20, 7)).astype(np.float32))
    assert spread(model.at_unit(some).scores(some)) == pytest.approx(1, rel=1e-5)
    nothing = Preference.of((7, 5))
    assert not nothing.at_unit(some).scores(some).any()


def test_weights_fall_by_half_with_every_half_life():
    matrix = sparse.csr_array(np.array([[1.0, 1.0, 1.0]], dtype=np.float32))
    positions = np.array([0.0, 2.0, 4.0], dtype=np.float32)
    found = history_weights(matrix, positions, 2.0).toarray()[0]
    np.testing.assert_allclose(found[1:] / found[:-1], 0.5)
    assert found[0] == pytest.approx(1.75**-0.5)
    plain = history_weights(matrix).toarray()[0]
    np.testing.assert_allclose(plain, 3**-0.5)


def test_strong_events_count_once_and_dislikes_against():
    matrix = sparse.csr_array(np.array([[5.0, 0.25, -3.0, 0.0]], dtype=np.float32))
    matrix.eliminate_zeros()
    found = history_weights(matrix).toarray()[0]
    np.testing.assert_allclose(found * 3**0.5, [1.0, 0.25, -1.0, 0.0])


def test_positions_are_the_newer_items_whatever_the_unit_of_the_ages():
    rows, columns = np.array([0, 0, 0, 1]), np.array([0, 1, 2, 1])
    matrix = sparse.csr_array((np.ones(4, np.float32), (rows, columns)), shape=(2, 3))
    days = np.array([30.0, 1.0, 1.0, 9.0], dtype=np.float32)
    known = Histories(IdMap(["a", "b"]), (matrix,), (days,), "days")
    assert positions_of(known, 0).tolist() == [2, 0, 0, 0]
    assert positions_of(Histories(IdMap(["a", "b"]), (matrix,)), 0) is None


def test_factors_are_a_symmetric_smoother():
    rng = np.random.default_rng(0)
    counts = sparse.csr_array((rng.random((80, 12)) < 0.3).astype(np.float32))
    left, right = fit_factors(counts, (1.0, 3.0), seed=0, rank=8)
    product = left @ right.T
    np.testing.assert_allclose(product, product.T, atol=1e-4)
    values = np.linalg.eigvalsh(product.astype(np.float64))
    assert values.min() > -1e-4
    assert values.max() < 1
    again, _ = fit_factors(counts, (1.0, 3.0), seed=0, rank=8)
    np.testing.assert_array_equal(left, again)


def test_text_carries_between_scenarios_without_shared_users():
    """Nobody to learn from: what reads alike is alike."""
    rng = np.random.default_rng(1)
    source, target = (centred(rng.normal(size=(n, 4)).astype(np.float32)) for n in (30, 40))
    target[:5] = source[:5]
    nobody = (sparse.csr_array((3, n), dtype=np.float32) for n in (30, 40))
    mapped = text_map(*nobody, source, target)
    likeness = source[:5] @ mapped @ target.T
    assert (likeness.argmax(1) == np.arange(5)).all()
