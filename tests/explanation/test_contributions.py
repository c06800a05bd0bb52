"""Contributions add up to the score: exactly, for everybody."""

import json

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import sparse

from crossrec.data.history import Histories
from crossrec.errors import UnknownId
from crossrec.explanation import (
    BATCH_COLUMNS,
    COLUMNS,
    FALLBACK,
    FOLDED_COLUMNS,
    contributions,
    explain,
    explain_many,
    list_contributions,
    rank,
    sources,
)
from tests.explanation.conftest import histories


@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_contributions_add_up_to_the_score(small_model, data):
    """Random made-up users with dislikes, scenarios, items and coefficients."""
    space = small_model.space_
    history = data.draw(histories(space))
    one = Histories.from_items(history, space, "me")
    target = data.draw(st.integers(0, len(space) - 1))
    item = data.draw(st.sampled_from(list(space.ids(target))))
    given_m = data.draw(
        st.none() | st.lists(st.floats(0, 1), min_size=2, max_size=2).map(np.float32)
    )

    found = contributions(
        small_model, one, "me", str(space.scenarios.ids[target]), item, coefficients=given_m
    )

    table = found.contributions
    assert list(table.columns) == list(COLUMNS)
    scores = small_model.scores(
        one, target, coefficients=None if given_m is None else given_m[None, :]
    )
    local = space.local(target, np.array([space.items.code(item)]))[0]
    assert found.base + table["amount"].sum() == pytest.approx(scores[0, local], abs=1e-5)
    assert np.allclose(table["learnt"] + table["text"], table["amount"], atol=1e-9)
    assert table["amount"].abs().is_monotonic_decreasing
    assert len(table) <= sum(map(len, history.values()))


@settings(max_examples=30, deadline=None)
@given(data=st.data(), most=st.integers(0, 6))
def test_what_is_folded_adds_up_level_by_level(small_model, data, most):
    space = small_model.space_
    one = Histories.from_items(data.draw(histories(space)), space, "me")
    found = contributions(small_model, one, "me", "films", "f04")
    table = found.folded(most)
    assert list(table.columns) == list(FOLDED_COLUMNS)
    kinds = table.groupby("kind")["amount"].sum()
    assert kinds["base"] + kinds.get("scenario", 0) == pytest.approx(kinds["score"], abs=1e-9)
    assert kinds.get("item", 0) + kinds.get("other", 0) == pytest.approx(
        kinds.get("scenario", 0), abs=1e-9
    )
    assert (table["kind"] == "item").sum() == min(most, len(found.contributions))
    items = table.loc[table["kind"].isin(["item", "other"]), "items"].sum()
    assert items == len(found.contributions)


def test_blocks_of_effects_are_the_models_own(small_model):
    """Against the scores of one history item at weight 1: the other way to compute the same."""
    space, fitted = small_model.space_, small_model.fitted_
    for source in range(2):
        for target in range(2):
            history = np.arange(0, space.sizes[source], 2)
            items = np.arange(space.sizes[target])[::-1].copy()
            learnt, text = fitted.effects(source, target, history, items)
            single = sparse.eye_array(space.sizes[source], dtype=np.float32, format="csr")[history]
            same = source == target
            model = fitted.own[target] if same else fitted.between[source, target]
            expected = model.scores(single)
            assert np.abs(expected).max() > 0
            assert np.allclose(learnt + text, expected[:, items], atol=1e-5)


def test_a_pair_the_model_has_not_learnt_has_no_effects(small_model):
    alone = small_model.target_only()
    learnt, text = alone.fitted_.effects(0, 1, np.arange(3), np.arange(5))
    assert learnt.shape == text.shape == (3, 5)
    assert not learnt.any()
    assert not text.any()


@pytest.mark.parametrize("only", ["with", "target only"])
def test_the_parts_are_the_models_own(small_model, only):
    model = small_model if only == "with" else small_model.target_only()
    some = small_model.histories_.take(slice(0, 40))
    for target in range(2):
        parts = model.fitted_.parts(some, target)
        assert np.allclose(parts.scores(), model.scores(some, target), atol=1e-6)
        assert np.allclose(parts.coefficients, model.coefficients(some, target), atol=1e-7)


def test_removing_half_a_history_item_takes_half_of_its_amount(small_model):
    """With the same coefficients and history length, the amounts are the effects themselves."""
    space = small_model.space_
    own = {"books": {"b00": 1.0, "b03": 1.0, "b07": 1.0}}
    one = Histories.from_items(own, space, "me")
    fixed = np.array([1.0, 0.0], dtype=np.float32)
    found = contributions(small_model, one, "me", "books", "b10", coefficients=fixed)
    weaker = Histories.from_items({"books": {**own["books"], "b03": 0.5}}, space, "me")
    after = contributions(small_model, weaker, "me", "books", "b10", coefficients=fixed)
    amount = found.contributions.set_index("item_id").loc["b03", "amount"]
    assert found.score - after.score == pytest.approx(amount / 2, abs=1e-6)


def test_explain_takes_a_recommendation(small_model):
    best = small_model.recommend("u004", "films", 3)
    found = explain(small_model, best, best.item_ids[0])
    assert found.score == pytest.approx(best.scores[0], abs=1e-5)
    assert sum(found.by_source().values()) == pytest.approx(found.score - found.base)
    json.dumps(found.to_dict())


def test_a_list_is_explained_as_its_items_are(small_model):
    best = small_model.recommend("u004", "films", 4)
    known = small_model.histories_
    together = list_contributions(small_model, known, "u004", "films", list(best.item_ids))
    for item, one in zip(best.item_ids, together, strict=True):
        alone = contributions(small_model, known, "u004", "films", item)
        assert one.score == pytest.approx(alone.score, abs=1e-6)
        assert list(one.contributions["item_id"]) == list(alone.contributions["item_id"])


def test_a_user_without_history_has_the_base_alone(small_model):
    nobody = Histories.from_items({}, small_model.space_, "new")
    found = contributions(small_model, nobody, "new", "films", "f00")
    assert found.score == found.base
    assert not len(found.contributions)
    brought = sources(small_model, nobody, rank(small_model, nobody, "films"), 5)
    assert set(brought["source_scenario"]) == {FALLBACK}


def test_the_source_of_an_item_is_the_scenario_that_adds_most(small_model, reader):
    ranking = rank(small_model, reader, "films")
    table = sources(small_model, reader, ranking, 5)
    assert list(table["item_id"]) == list(ranking.item_ids[:5])
    total = table[["books", "films", "base"]].sum(axis=1)
    assert np.allclose(total, ranking.scores[:5], atol=1e-5)
    assert (table["films"] == 0).all()
    expected = np.where(table["books"] >= table["base"], "books", FALLBACK)
    assert list(table["source_scenario"]) == list(expected)


@settings(max_examples=5, deadline=None)
@given(most=st.integers(1, 9), k=st.integers(1, 25))
def test_a_batch_tells_the_same_sums(small_model, most, k):
    some = small_model.histories_.take(slice(0, 6))
    together = pd.concat(explain_many(small_model, some, "films", k=k, most=most))
    assert list(together.columns) == list(BATCH_COLUMNS)
    assert list(dict.fromkeys(together["user_id"])) == list(some.users.ids)
    for user, frame in together.groupby("user_id"):
        sums = frame.groupby("rank")["amount"].sum()
        scores = frame.groupby("rank")["score"].first()
        assert np.allclose(sums, scores, atol=1e-5)
        best = small_model.recommend(user, "films", k, histories=some)
        assert list(frame.groupby("rank")["item_id"].first()) == list(best.item_ids)
        assert (frame.loc[frame["kind"] == "item"].groupby("rank").size() <= most).all()
        first = frame.loc[(frame["rank"] == 1) & (frame["kind"] == "item")]
        alone = contributions(small_model, some, user, "films", best.item_ids[0]).contributions
        assert list(first["history_item_id"]) == list(alone["item_id"].head(most))


def test_a_target_only_model_is_explained_too(small_model):
    model = small_model.target_only()
    best = model.recommend("u004", "films", 1)
    found = explain(model, best, best.item_ids[0])
    assert found.score == pytest.approx(best.scores[0], abs=1e-5)
    assert set(found.contributions["source_scenario"]) <= {"films"}


@pytest.mark.parametrize(
    ("user", "scenario", "item", "said"),
    [
        ("u0044", "films", "f00", "u004"),
        ("u004", "flims", "f00", "films"),
        ("u004", "films", "f000", "f00"),
        ("u004", "films", "b00", "item of scenario 'films'"),
    ],
)
def test_an_unknown_id_is_answered_with_the_nearest(small_model, user, scenario, item, said):
    with pytest.raises(UnknownId, match=said):
        contributions(small_model, small_model.histories_, user, scenario, item)
