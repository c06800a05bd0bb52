"""Scenarios that are behaviours on the same items: what is bought is used, the same item again."""

import numpy as np
import pandas as pd
import pytest

from crossrec.data.history import Histories
from crossrec.data.log import InteractionLog
from crossrec.data.split.cutting import ScenarioSplit, split_at_random
from crossrec.evaluation.metrics import ndcg
from crossrec.explanation import contributions, removal_effects
from crossrec.transfer.model import TransferModel
from crossrec.transfer.recommender import Recommender

ITEMS, USERS, TASTES = 160, 400, 4


def bought_and_used(users: int = USERS) -> InteractionLog:
    """Users buy what they like and use half of what they bought."""
    rng = np.random.default_rng(5)
    rows = []
    for user in range(users):
        liked = np.arange(user % TASTES, ITEMS, TASTES)
        bought = rng.choice(liked, 12, replace=False)
        rows += [(f"u{user:03d}", f"i{at:03d}", "bought") for at in bought]
        rows += [(f"u{user:03d}", f"i{at:03d}", "used") for at in bought[:6]]
    return InteractionLog.from_frame(pd.DataFrame(rows, columns=["user_id", "item_id", "scenario"]))


@pytest.fixture(scope="module")
def cut() -> ScenarioSplit:
    """One item of each user and scenario is held out, its twin in the other scenario is not."""
    log = bought_and_used()
    return split_at_random(log, valid=1e-9, test=1e-9, cold_users=0.2, seed=2)


@pytest.fixture(scope="module")
def model(cut) -> TransferModel:
    return TransferModel(seed=1).fit(cut)


@pytest.fixture(scope="module")
def without(cut) -> TransferModel:
    return TransferModel(seed=1, off=("between_links", "reach")).fit(cut)


def of_test(model: Recommender, cut: ScenarioSplit, *, cold: bool) -> float:
    """Mean NDCG@10 in "used" on its test rows."""
    target = cut.space.scenarios.code("used")
    known = model.histories_
    held = Histories.from_log(cut.test, cut.space, known.users.ids).by_scenario[target]
    has_history = np.diff(known.by_scenario[target].indptr) > 0
    users = np.flatnonzero((np.diff(held.indptr) > 0) & (has_history != cold))
    assert len(users) > 40
    scores = model.scores(known.take(users), target)
    seen = known.by_scenario[target][users].toarray() > 0
    ranked = np.argsort(-np.where(seen, -np.inf, scores), axis=1)[:, :10]
    relevant = held[users].toarray() > 0
    hits = np.take_along_axis(relevant, ranked, axis=1)
    return float(ndcg(hits, relevant.sum(1), 10).mean())


def chosen(model: TransferModel, decision: str) -> dict[str, object]:
    return {
        one["target"]: one["value"] for one in model.fitted_.chosen() if one["decision"] == decision
    }


def test_the_same_item_again_is_found(model, without, cut):
    assert chosen(model, "between_links")["used"] > 0
    for cold in (False, True):
        assert of_test(model, cut, cold=cold) > 1.3 * of_test(without, cut, cold=cold)


def test_a_source_that_gives_the_target_away_counts_for_more_than_the_own_history(model):
    loud, slope = chosen(model, "reach")["used"]
    assert loud > 1
    assert slope > 0


def test_where_twins_are_held_out_validation_does_not_see_them_either():
    """Else what is chosen by rows that give each other away hurts those who have no such rows."""
    nested = [("used", "bought")]
    fair = split_at_random(bought_and_used(700), cold_users=0.3, seed=2, nested=nested)
    model = TransferModel(seed=1).fit(fair)
    assert not any(chosen(model, "between_links").values())
    assert of_test(model, fair, cold=True) > 2 * of_test(model.target_only(), fair, cold=True)


def test_scores_are_explained_to_the_last_digit(model, cut):
    for scenario in ("used", "bought"):
        target = cut.space.scenarios.code(scenario)
        for user in model.histories_.users.ids[:8]:
            found = contributions(model, model.histories_, user, scenario, "i007")
            one = model.histories_.take(np.array([model.histories_.users.code(user)]))
            at = cut.space.local(target, cut.space.items.codes(["i007"]))[0]
            assert found.score == pytest.approx(model.scores(one, target)[0, at], abs=1e-4)


def test_the_stated_change_of_a_removal_is_the_change(model, cut):
    """Without the last item used the user is a cold-start user."""
    bought = [("me", "bought", name, 1.0) for name in ("i000", "i004", "i008", "i012")]
    space = cut.space
    cold = Histories.of(bought, space)
    warm = Histories.of([*bought, ("me", "used", "i000", 1.0)], space)
    found = removal_effects(model, warm, "used", "i004")
    table = found.table
    row = table[(table["kind"] == "scenario") & (table["source_scenario"] == "used")].iloc[0]
    target = space.scenarios.code("used")
    at = space.local(target, space.items.codes(["i004"]))[0]
    before, after = (model.scores(one, target)[0, at] for one in (warm, cold))
    assert found.score == pytest.approx(before, abs=1e-4)
    assert row["change"] == pytest.approx(after - before, abs=1e-4)


def test_it_is_saved(model, tmp_path):
    model.save(tmp_path)
    loaded = TransferModel.load(tmp_path)
    some = model.histories_.take(slice(0, 40))
    for target in (0, 1):
        np.testing.assert_array_equal(loaded.scores(some, target), model.scores(some, target))


@pytest.mark.parametrize("scenario", ["bought", "used"])
def test_a_new_item_leaves_the_links_of_others_alone(model, scenario):
    grown_model = model.with_items(scenario, ["a new one"], np.ones((1, 1), dtype=np.float32))
    target = model.space_.scenarios.code(scenario)
    for asked in (0, 1):
        before = model.scores(model.histories_, asked)
        after = grown_model.scores(grown_model.histories_, asked)
        if asked == target:
            after = np.delete(after, [*grown_model.space_.ids(asked)].index("a new one"), axis=1)
        np.testing.assert_allclose(after, before, atol=1e-5)
