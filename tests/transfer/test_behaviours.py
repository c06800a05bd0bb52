"""Scenarios that are behaviours on the same items: what is bought is used, the same item again."""

import json

import numpy as np
import pandas as pd
import pytest
from crossrec.transfer.sparse_ridge import fit_links
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import sparse

from crossrec.data.history import Histories
from crossrec.data.log import InteractionLog
from crossrec.data.split.cutting import ScenarioSplit, split_at_random
from crossrec.evaluation.metrics import ndcg
from crossrec.explanation import contributions, removal_effects
from crossrec.transfer.links import grown, linked
from crossrec.transfer.model import TransferModel
from crossrec.transfer.recommender import Recommender

QUICK = {"seed": 1, "steps": 40, "factor_ranks": (8,), "ranks": (8,), "pooled_rank": 8}
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
    return TransferModel(**QUICK).fit(cut)


@pytest.fixture(scope="module")
def without(cut) -> TransferModel:
    return TransferModel(**QUICK, across_links=0, emphasis_grid=(1.0,)).fit(cut)


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


def test_the_same_item_again_is_found(model, without, cut):
    target, source = (cut.space.scenarios.code(name) for name in ("used", "bought"))
    assert model.choices_[source, target].links > 0
    assert without.choices_[source, target].links == 0
    for cold in (False, True):
        assert of_test(model, cut, cold=cold) > 1.3 * of_test(without, cut, cold=cold)


def test_a_source_that_gives_the_target_away_counts_for_more_than_the_own_history(model, cut):
    target, source = (cut.space.scenarios.code(name) for name in ("used", "bought"))
    factor = model.emphasis_[source, target]
    assert factor > 1
    pair = next(
        p for p in model.chosen()["pairs"] if (p["source"], p["target"]) == ("bought", "used")
    )
    assert pair["emphasis"] == factor
    counts = model.histories_.counts()
    mixed = model.histories_.take(np.flatnonzero(counts[:, source])[:60])
    warm = mixed.counts()[:, target] > 0
    assert warm.any()
    weights = model.weights(mixed, source, target).toarray()
    plain = TransferModel.weights(_silent(model), mixed, source, target).toarray()
    np.testing.assert_allclose(weights[warm], factor * plain[warm], rtol=1e-6)
    np.testing.assert_array_equal(weights[~warm], plain[~warm])


def _silent(model: TransferModel) -> TransferModel:
    found = TransferModel(model.config)
    found.strength_power_, found.half_life_ = model.strength_power_, model.half_life_
    return found


def test_where_twins_are_held_out_validation_does_not_see_them_either():
    """Else what is chosen by rows that give each other away hurts those who have no such rows."""
    nested = [("used", "bought")]
    fair = split_at_random(bought_and_used(700), cold_users=0.3, seed=2, nested=nested)
    model = TransferModel(**QUICK, cold_share=0.4).fit(fair)
    assert {choice.links for choice in model.choices_.values()} == {0.0}
    assert of_test(model, fair, cold=True) > 2 * of_test(model.target_only(), fair, cold=True)


def test_what_tells_nothing_is_not_linked(small_model):
    assert {choice.links for choice in small_model.choices_.values()} == {0.0}
    assert all(model.links is None for model in small_model.preferences_.across.values())
    assert not small_model.emphasis_


def test_scores_are_explained_to_the_last_digit(model, cut):
    for scenario in ("used", "bought"):
        target = cut.space.scenarios.code(scenario)
        for user in model.histories_.users.ids[:8]:
            found = contributions(model, model.histories_, user, scenario, "i007")
            one = model.histories_.take(np.array([model.histories_.users.code(user)]))
            at = cut.space.local(target, cut.space.items.codes(["i007"]))[0]
            assert found.score == pytest.approx(model.scores(one, target)[0, at], abs=1e-4)


def test_the_stated_change_of_a_removal_is_the_change(model, cut):
    """Without the last item used the user is a cold-start user: the source counts as usual."""
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
    assert after < before / 2


def test_it_is_saved(model, tmp_path):
    model.save(tmp_path)
    loaded = TransferModel.load(tmp_path)
    some = model.histories_.take(slice(0, 40))
    for target in (0, 1):
        np.testing.assert_array_equal(loaded.scores(some, target), model.scores(some, target))
    assert loaded.emphasis_ == model.emphasis_
    path = tmp_path / "config.json"
    record = json.loads(path.read_text())
    del record["emphasis"]  # as models written before are
    path.write_text(json.dumps(record))
    assert TransferModel.load(tmp_path).emphasis_ == {}


def test_a_fit_goes_on_with_what_it_chose(model, cut, tmp_path, monkeypatch):
    TransferModel(**QUICK).fit(cut, checkpoint=tmp_path)

    def refuse(*_: object) -> None:
        raise AssertionError("chosen again")

    for name in ("fitter.choose_emphasis", "choosing.choose_across", "choosing.choose_within"):
        monkeypatch.setattr(f"crossrec.transfer.{name}", refuse)
    for stage in tmp_path.iterdir():  # as if stopped before the coefficients were trained
        if stage.name.startswith(("gates", "training")):
            stage.unlink()
    again = TransferModel(**QUICK).fit(cut, checkpoint=tmp_path)
    assert again.emphasis_ == model.emphasis_
    np.testing.assert_array_equal(again.gates_.state["pair"], model.gates_.state["pair"])
    np.testing.assert_array_equal(
        again.scores(again.histories_, 0), model.scores(model.histories_, 0)
    )


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
    penalty = data.draw(st.sampled_from([0.3, 2.0]))
    found = fit_links(source, target, penalty=penalty, kept=6, max_active=6).toarray()
    x, y = source.toarray().astype(float), target.toarray().astype(float)
    for column in range(5):
        # of the items that never go with it none is taken: it has nothing to tell by itself
        those = np.flatnonzero(x.T @ y[:, column])
        gram = x[:, those].T @ x[:, those] + penalty * np.eye(len(those))
        expected = np.zeros(6)
        expected[those] = np.linalg.solve(gram, x[:, those].T @ y[:, column])
        np.testing.assert_allclose(found[:, column], expected, atol=1e-4)


@pytest.mark.parametrize(("kept", "max_active", "most"), [(2, 6, 2), (6, 3, 3), (0, 6, 0)])
def test_few_links_are_kept(kept, max_active, most):
    rng = np.random.default_rng(0)
    source = sparse.csr_array((rng.random((30, 6)) < 0.5).astype(np.float32))
    target = sparse.csr_array((rng.random((30, 4)) < 0.5).astype(np.float32))
    links = fit_links(source, target, penalty=1.0, kept=kept, max_active=max_active)
    assert links.shape == (6, 4)
    assert np.bincount(links.tocoo().col, minlength=4).tolist() == [most] * 4


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_links_of_some_items_are_those_of_the_matrix(data):
    links = some_matrix(data.draw, 7, 5)
    history = np.array(data.draw(st.lists(st.integers(0, 6), max_size=6)), dtype=np.int64)
    items = np.array(data.draw(st.lists(st.integers(0, 4), unique=True)), dtype=np.int64)
    expected = links.toarray()[np.ix_(history, items)]
    np.testing.assert_array_equal(linked(links, history, items), expected)


def test_grown_links_stand_where_they_stood():
    links = sparse.csr_array(np.array([[1.0, 0.0], [0.0, 2.0]], dtype=np.float32))
    found = grown(links, np.array([0, 2, 1]), np.array([0, 1, 2])).toarray()
    np.testing.assert_array_equal(found, [[1, 0, 0], [0, 0, 0], [0, 2, 0]])
