"""Links on few neighbours against their textbook definitions."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import sparse

from crossrec.transfer.links import neighbours
from crossrec.transfer.links.following import HALF_LIFE, PENALTY, fit_following
from crossrec.transfer.links.neighbours import neighbour_links
from crossrec.transfer.links.within import fit_within
from crossrec.transfer.text import centred


@pytest.fixture
def counts() -> sparse.csr_array:
    rng = np.random.default_rng(0)
    return sparse.csr_array((rng.random((60, 12)) < 0.3).astype(np.float32))


@pytest.fixture
def text() -> np.ndarray:
    return centred(np.random.default_rng(1).normal(size=(12, 5)).astype(np.float32))


def some_matrix(draw, rows: int, columns: int) -> sparse.csr_array:
    cells = draw(st.lists(st.integers(0, rows * columns - 1), unique=True, max_size=40))
    dense = np.zeros(rows * columns, dtype=np.float32)
    dense[cells] = draw(
        st.lists(st.sampled_from([0.25, 0.5, 1.0]), min_size=len(cells), max_size=len(cells))
    )
    return sparse.csr_array(dense.reshape(rows, columns))


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_with_room_for_all_items_the_links_are_the_ridge(data):
    source, target = some_matrix(data.draw, 9, 6), some_matrix(data.draw, 9, 5)
    penalties = (0.3, 2.0)
    found, _ = neighbour_links(source, target, penalties, own=False, kept=6)
    x, y = source.toarray().astype(float), target.toarray().astype(float)
    for penalty, links in zip(penalties, found, strict=True):
        for column in range(5):
            # of the items that never go with it none is taken: it has nothing to tell by itself
            those = np.flatnonzero(x.T @ y[:, column])
            gram = x[:, those].T @ x[:, those] + penalty * np.eye(len(those))
            expected = np.zeros(6)
            expected[those] = np.linalg.solve(gram, x[:, those].T @ y[:, column])
            np.testing.assert_allclose(links.toarray()[:, column], expected, atol=1e-4)


@settings(max_examples=30, deadline=None)
@given(st.data())
def test_a_large_catalogue_has_the_links_of_a_small_one(data):
    """Their Gram matrix is sparse or whole: the same systems are solved."""
    counts = some_matrix(data.draw, 12, 9)
    whole, rest = neighbour_links(counts, counts, (1.0,), own=True, kept=4)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(neighbours, "DENSE", 0)
        patch.setattr(neighbours, "BLOCK", 4)
        apart, rest_apart = neighbour_links(counts, counts, (1.0,), own=True, kept=4)
    np.testing.assert_allclose(whole[0].toarray(), apart[0].toarray(), atol=1e-5)
    np.testing.assert_allclose(rest, rest_apart, atol=1e-5)
    assert not whole[0].diagonal().any()


@pytest.mark.parametrize("kept", [2, 6])
def test_few_links_are_kept(kept):
    rng = np.random.default_rng(0)
    source = sparse.csr_array((rng.random((30, 6)) < 0.5).astype(np.float32))
    target = sparse.csr_array((rng.random((30, 4)) < 0.5).astype(np.float32))
    (links,), _ = neighbour_links(source, target, (1.0,), own=False, kept=kept)
    assert links.shape == (6, 4)
    assert np.bincount(links.tocoo().col, minlength=4).tolist() == [kept] * 4


def test_nobody_and_nothing_have_no_links():
    empty = sparse.csr_array((5, 3), dtype=np.float32)
    (links,), _ = neighbour_links(empty, empty, (1.0,), own=True)
    assert (links.shape, links.nnz) == ((3, 3), 0)
    none = sparse.csr_array((5, 0), dtype=np.float32)
    (links,), _ = neighbour_links(empty, none, (1.0,), own=False)
    assert links.shape == (3, 0)


@pytest.mark.parametrize("alpha", [0.0, 40.0])
def test_within_is_ease_with_text_rows(counts, text, alpha):
    """B = I - P / diag(P), P = (X'X + alpha F F' + lambda I)^-1, computed the plain way."""
    x, f = counts.toarray().astype(np.float64), text.astype(np.float64)
    inverse = np.linalg.inv(x.T @ x + alpha * f @ f.T + 7.0 * np.eye(12))
    expected = np.eye(12) - inverse / np.diag(inverse)
    model, _ = fit_within(counts, (7.0,))[7.0].with_text(text, alpha)
    found = model.scores(sparse.csr_array(np.eye(12, dtype=np.float32)))
    np.testing.assert_allclose(found, expected, atol=1e-3)


def test_text_may_rank_the_unused_items_alone(counts, text):
    unused = counts.copy()
    unused.data[unused.indices == 4] = 0
    unused.eliminate_zeros()
    within = fit_within(unused, (7.0,))[7.0]
    model, root = within.with_text(text, 20.0, unused_only=True)
    _, written = model.effects(np.arange(12), np.arange(12))
    assert np.abs(np.delete(written[:, 4], 4)).min() > 0
    assert not np.delete(written, 4, axis=1).any()
    # ... and such an item has the same rows as one that comes later
    left, right = root.rows(text[[4]])
    np.testing.assert_allclose(left[0], model.text_left[4], atol=1e-5)
    np.testing.assert_allclose(right[0], model.text_right[4], atol=1e-5)


def test_what_follows_is_linked_in_its_direction():
    """a, b, c in turn: b follows a, and a never follows b."""
    users, order = 40, np.array([2.0, 1.0, 0.0], dtype=np.float32)  # newer items of a, b, c
    counts = sparse.csr_array(np.ones((users, 3), dtype=np.float32))
    links = fit_following(counts, np.tile(order, users)).toarray()
    assert links[0, 1] > 0
    assert links[1, 2] > links[0, 2]  # the last step counts most
    assert links[1, 0] == links[2, 1] == links[2, 0] == 0
    past = np.array([[1.0, 0.0], [2.0 ** (-1 / HALF_LIFE), 1.0]])  # of b and of c, from a and b
    gram = users * past.T @ past
    expected = np.linalg.solve(gram + PENALTY * np.eye(2), users * past[1])
    np.testing.assert_allclose(links[:2, 2], expected, rtol=1e-4)


def test_items_of_one_basket_do_not_follow_each_other():
    counts = sparse.csr_array(np.ones((30, 3), dtype=np.float32))
    together = np.zeros(90, dtype=np.float32)
    assert fit_following(counts, together).nnz == 0
