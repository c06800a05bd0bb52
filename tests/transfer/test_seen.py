"""Lists with seen items: all that the user has but what he said no to."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from scipy import sparse

from crossrec.data.history import Histories
from crossrec.data.ids import IdMap
from crossrec.transfer.recommender import top_k


@given(st.integers(0, 1000), st.integers(1, 6), st.integers(1, 20), st.integers(1, 25))
def test_lists_with_seen_items_leave_out_dislikes_alone(seed, m, n, k):
    rng = np.random.default_rng(seed)
    known = rng.integers(-1, 2, (m, n)).astype(np.float32)
    scores = rng.random((m, n), dtype=np.float32)
    histories = Histories(IdMap(map(str, range(m))), (sparse.csr_array(known),))
    without, with_ = (top_k(scores, histories, 0, k, seen)[0] for seen in ("exclude", "include"))
    for row in range(m):
        order = np.argsort(-scores[row], kind="stable")
        assert with_[row][with_[row] >= 0].tolist() == [i for i in order if known[row, i] >= 0][:k]
        assert (
            without[row][without[row] >= 0].tolist() == [i for i in order if known[row, i] == 0][:k]
        )


def test_a_user_may_be_recommended_what_he_has(small_model):
    user = str(small_model.histories_.users.ids[0])
    one = small_model.histories_.take(np.array([0]))
    mine = set(small_model.space_.ids(0)[one.by_scenario[0].indices])
    everything = len(small_model.space_.ids(0))
    with_ = small_model.recommend(user, "books", everything, seen="include")
    without = small_model.recommend(user, "books", everything)
    assert set(with_.item_ids) - set(without.item_ids) == mine
    assert len(with_.item_ids) == everything
