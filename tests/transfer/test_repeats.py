"""The repeat term: items taken before come back where users come back to them."""

import numpy as np
import pandas as pd
import pytest

from crossrec.data.history import Histories
from crossrec.data.log import InteractionLog, TimeKind
from crossrec.data.split.cutting import ScenarioSplit, split
from crossrec.explanation import contributions
from crossrec.transfer.model import TransferModel
from crossrec.transfer.repeats import RepeatTerm

DAY = 86_400


def groceries(*, again: bool) -> InteractionLog:
    """Users with three staples that they buy at every visit (or never twice), and other things."""
    rng = np.random.default_rng(5)
    rows = []
    for user in range(150):
        staples = rng.choice(40, 3, replace=False)
        others = iter(40 + rng.permutation(60))
        for visit in range(8):
            time = 1e9 + (visit * 7 + user % 7) * DAY
            bought = [*(staples if again else [next(others)]), next(others)]
            rows += [(f"u{user:03d}", f"g{item:03d}", "food", time) for item in bought]
            rows.append((f"u{user:03d}", f"h{rng.integers(30):03d}", "home", time))
    frame = pd.DataFrame(rows, columns=["user_id", "item_id", "scenario", "timestamp"])
    return InteractionLog.from_frame(frame, time_kind=TimeKind.CLOCK)


@pytest.fixture(scope="module")
def cut() -> ScenarioSplit:
    return split(groceries(again=True), kind="time", cold_users=0.1, seed=1)


@pytest.fixture(scope="module")
def model(cut) -> TransferModel:
    return TransferModel(seed=1).fit(cut)


def test_it_is_found_where_users_come_back(model):
    food = model.space_.scenarios.code("food")
    assert model.fitted_.repeats[food].loud > 0
    others = TransferModel(seed=1).fit(
        split(groceries(again=False), kind="time", cold_users=0.1, seed=1)
    )
    assert others.fitted_.repeats[food].loud == 0


def staples_listed(model: TransferModel, cut: ScenarioSplit) -> float:
    """Items bought at every visit among the first five, per user."""
    log, users = cut.train, cut.histories().users.ids[:40]
    found = []
    for user in users:
        mine = log.item[log.user == log.users.code(str(user))]
        counts = pd.Series(log.items.ids[mine]).value_counts()
        listed = model.recommend(str(user), "food", 5, seen="include").item_ids
        found.append(len(set(counts[counts > 3].index) & set(listed)))
    return float(np.mean(found))


def test_staples_lead_the_list_that_may_include_them(model, cut):
    silent = TransferModel(seed=1, off=("repeats",)).fit(cut)
    assert staples_listed(model, cut) > staples_listed(silent, cut) + 0.5
    user = str(cut.histories().users.ids[3])
    seen = set(model.recommend(user, "food", 10, seen="include").item_ids)
    assert not {"g014", "g015", "g029"} & set(model.recommend(user, "food", 10).item_ids)
    assert {"g014", "g015", "g029"} & seen


def test_lists_without_seen_items_stay_as_they_were(model, cut):
    silent = TransferModel(seed=1, off=("repeats",)).fit(cut)
    for user in cut.histories().users.ids[:10]:
        one, other = (m.recommend(str(user), "food", 10) for m in (model, silent))
        assert list(one.item_ids) == list(other.item_ids)
        np.testing.assert_array_equal(one.scores, other.scores)


def test_scores_of_seen_items_are_explained_to_the_last_digit(model):
    for user in model.histories_.users.ids[:6]:
        one = model.histories_.take(np.array([model.histories_.users.code(user)]))
        scores = model.scores(one, 0)[0]
        for local in one.by_scenario[0].indices[:4]:
            item = str(model.space_.ids(0)[local])
            found = contributions(model, model.histories_, str(user), "food", item)
            assert found.score == pytest.approx(scores[local], abs=1e-4)
            assert item in set(found.contributions["item_id"])  # it speaks for itself here


def test_it_is_saved(model, tmp_path):
    model.save(tmp_path)
    loaded = TransferModel.load(tmp_path)
    assert loaded.fitted_.repeats == model.fitted_.repeats
    some = model.histories_.take(slice(0, 20))
    np.testing.assert_array_equal(loaded.scores(some, 0), model.scores(some, 0))


def test_count_and_age_make_it_louder_and_a_refusal_does_not(model):
    space = model.space_
    rows = [("me", "food", "g000", 1.0), ("me", "food", "g001", 1.0), ("me", "food", "g002", -1.0)]
    one = Histories.of(rows, space)
    amounts = RepeatTerm(3.0, 2.0).amounts(one, 0).toarray()[0]
    first, second, refused = (amounts[space.local(0, space.items.codes([i]))[0]]
                              for i in ("g000", "g001", "g002"))  # fmt: skip
    assert 0 < first < second
    assert refused == 0
