"""Full ranking: who is judged, against which items, by hand."""

import numpy as np
import pandas as pd
import pytest

from crossrec.data.catalog import Catalog
from crossrec.data.ids import IdMap
from crossrec.data.log import InteractionLog, TimeKind
from crossrec.data.split.cutting import split_by_order
from crossrec.errors import DataError
from crossrec.evaluation import evaluated_users, rank

from .stubs import Fixed


@pytest.fixture
def tiny_split():
    """u0 has x0..x4 in x (x4 in test), u1 has x5..x8 (x8 in test), u2 is in y only."""
    rows = [("u0", f"x{i}", "x", i) for i in range(5)]
    rows += [("u1", f"x{i}", "x", i) for i in range(5, 9)]
    rows += [("u2", f"y{i}", "y", i) for i in range(4)]
    frame = pd.DataFrame(rows, columns=["user_id", "item_id", "scenario", "timestamp"])
    log = InteractionLog.from_frame(frame, time_kind=TimeKind.ORDER)
    new = np.array(["x9"], dtype=object)
    catalog = Catalog(IdMap(new), new, new, {"x": np.array([0])})
    return split_by_order(log, catalog=catalog, cold_users=0)


def test_ranks_among_all_items_without_those_of_the_history(tiny_split):
    users = evaluated_users(tiny_split)[0]
    assert users.histories.users.ids.tolist() == ["u0", "u1"]
    assert users.n_items == 10
    model = Fixed().fit(tiny_split)
    # u0: x9 x8 x7 x6 x5 [x4]; u1: x9 [x8] x4 ..., as x5 to x7 are history.
    found = rank(model, users, (5, 10))
    assert found.values["mrr", 10] == pytest.approx([1 / 6, 1 / 2])
    assert found.values["ndcg", 5] == pytest.approx([0, 1 / np.log2(3)])
    assert found.values["recall", 5].tolist() == [0, 1]
    assert found.coverage[5] == pytest.approx(8 / 10)  # all but x0 and x1


def test_cold_items_are_those_nobody_had_before_the_cut(tiny_split):
    users = evaluated_users(tiny_split)[0]
    assert users.cold_items.toarray().sum() == 2  # x4 and x8 stand in test only
    found = rank(Fixed().fit(tiny_split), users, (10,))
    assert found.cold_items["mrr", 10] == pytest.approx([1 / 6, 1 / 2])


def test_cohorts_follow_the_history_up_to_the_cut(tasteful_split):
    for users in evaluated_users(tasteful_split):
        cohorts = users.cohorts()
        cold = users.histories.users.ids[cohorts["cold"]]
        made_cold = tasteful_split.cold_test[users.scenario]
        assert set(cold) == set(tasteful_split.test.users.ids[made_cold])
        assert (cohorts["warm"] ^ cohorts["cold"]).all()
        assert (users.target_items[cohorts["warm_few"]] <= 5).all()
        assert cohorts["all"].all()
        assert (users.other_items > 0).all()


def test_many_users_are_ranked_in_chunks_like_one_by_one(tasteful_split, monkeypatch):
    users = evaluated_users(tasteful_split)[0]
    model = Fixed().fit(tasteful_split)
    whole = rank(model, users, (10,)).values["ndcg", 10]
    monkeypatch.setattr("crossrec.evaluation.protocol.CHUNK", 7)
    assert np.array_equal(rank(model, users, (10,)).values["ndcg", 10], whole)


@pytest.mark.parametrize(
    ("bad", "said"),
    [
        (lambda scores: scores[:, :-1], "expected scores of shape"),
        (lambda scores: scores + np.nan, "finite scores from 'fixed'"),
    ],
)
def test_scores_that_cannot_be_ranked_are_refused(tiny_split, bad, said):
    class Broken(Fixed):
        def scores(self, histories, scenario):
            return bad(super().scores(histories, scenario))

    with pytest.raises(DataError, match=said):
        rank(Broken().fit(tiny_split), evaluated_users(tiny_split)[0], (5,))
