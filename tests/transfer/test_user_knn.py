"""User-based neighbours: by hand, without oneself, and for users who were not in training."""

import numpy as np
import pytest
from scipy import sparse

from crossrec.data.history import Histories
from crossrec.transfer.baselines import UserKNN
from crossrec.transfer.baselines.user_knn import _nearest


def test_scores_are_sums_of_cosines_with_shrinkage(small_split):
    model = UserKNN(5, 3.0).fit(small_split)
    one = Histories.of([("new", "books", item, 1.0) for item in ("b00", "b03", "b06")],
                       small_split.space)  # fmt: skip
    known = small_split.histories().by_scenario[0].toarray().clip(max=1)
    mine = one.by_scenario[0].toarray()[0]
    lengths = np.linalg.norm(known, axis=1) * np.linalg.norm(mine)
    similar = known @ mine / (lengths + 3.0)
    best = np.argsort(-similar, kind="stable")[:5]
    expected = similar[best] @ known[best]
    np.testing.assert_allclose(model.scores(one, 0)[0], expected, atol=1e-5)


def test_nobody_is_his_own_neighbour(small_split):
    """An item somebody takes out of his history is not given back by his row in training."""
    model = UserKNN(1, 0.0).fit(small_split)
    name = str(small_split.train.users.ids[0])
    one = small_split.histories().take(np.array([0]))
    stranger = Histories(type(one.users)(["stranger"]), one.by_scenario)
    own, others = model.scores(one, 0)[0], model.scores(stranger, 0)[0]
    assert one.users.ids[0] == name
    mine = one.by_scenario[0].indices
    assert others[mine].min() > own[mine].min()  # the stranger's nearest is that very row


def test_newcomers_get_lists_of_their_own(small_split):
    model = UserKNN().fit(small_split)
    rows = [("a", "books", "b00", 1.0), ("a", "books", "b03", 1.0), ("b", "books", "b01", 1.0)]
    told = Histories.of(rows, small_split.space)
    first, second = (model.recommend(user, "books", 5, histories=told) for user in ("a", "b"))
    assert list(first.item_ids) != list(second.item_ids)


@pytest.mark.parametrize(("kept", "expected"), [(2, [0, 3]), (3, [0, 1, 3]), (9, [0, 1, 2, 3])])
def test_of_equals_the_first_are_nearest_and_nothing_below_zero(kept, expected):
    similar = np.array([[0.5, 0.2, 0.2, 0.9, -0.4]], dtype=np.float32)
    found = _nearest(similar, kept)
    assert isinstance(found, sparse.csr_array)
    assert sorted(found.indices) == expected
