"""A refusal takes away from what is like the item, and does nothing else."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import sparse

from crossrec.data.history import Histories
from crossrec.data.ids import IdMap
from crossrec.explanation import WhatIf, list_contributions, removal_effects, what_if
from crossrec.schema import SOURCE_SCENARIO
from crossrec.transfer.model import TransferModel
from tests.conftest import with_coefficients
from tests.explanation.conftest import histories

ROUNDING = 1e-5
"""Who refuses two items is summed in another order than who refuses one."""


@pytest.fixture(scope="module", params=["items", "half-life"])
def model(request, small_model) -> TransferModel:
    """With ages that matter, and without."""
    if request.param == "items":
        return small_model
    fitted = replace(small_model.fitted_, half_lives=(2.0, 2.0))
    return TransferModel.of(small_model.config, fitted, small_model.histories_)


@pytest.fixture(scope="module")
def lively(small_model) -> TransferModel:
    """With coefficients that listen to all of their inputs."""
    found = small_model.fitted_.coefficients
    slopes = np.random.default_rng(3).normal(size=found.slopes.shape) / 2
    return with_coefficients(small_model, replace(found, slopes=slopes))


def drawn_user(data, space) -> Histories:
    """A random user with refusals among his items, and ages in days, in items or not known."""
    one = Histories.from_items(data.draw(histories(space)), space, "me")
    unit = data.draw(st.sampled_from(["", "days", "items"]))
    if not unit:
        return one
    rng = np.random.default_rng(data.draw(st.integers(0, 99)))
    ages = tuple(rng.permutation(m.nnz).astype(np.float32) for m in one.by_scenario)
    return replace(one, ages=ages, unit=unit)


@settings(max_examples=80, deadline=None)
@given(data=st.data())
def test_no_contribution_of_a_refused_item_is_positive(model, data):
    space = model.space_
    one = drawn_user(data, space)
    target = data.draw(st.integers(0, len(space) - 1))
    explained = list_contributions(
        model, one, "me", str(space.scenarios.ids[target]), list(space.ids(target))
    )
    refused = {
        (str(space.scenarios.ids[code]), str(space.ids(code)[item]))
        for code, matrix in enumerate(one.by_scenario)
        for item in matrix.indices[matrix.data < 0]
    }
    scores = model.scores(one, target)[0]
    for told, score in zip(explained, scores, strict=True):
        assert told.score == pytest.approx(score, abs=1e-5)
        for row in told.contributions.to_dict("records"):
            if (row[SOURCE_SCENARIO], row["item_id"]) in refused:
                assert max(row["amount"], row["learnt"], row["text"]) <= 0


@settings(max_examples=80, deadline=None)
@given(data=st.data(), strength=st.sampled_from([-0.1, -1.0]))
def test_a_refusal_raises_no_score_and_moves_no_coefficient(model, lively, data, strength):
    """Not by its link, not by another length of the history, not by what it does to ages."""
    space = model.space_
    before = drawn_user(data, space)
    scenario = data.draw(st.integers(0, len(space) - 1))
    fresh = sorted(
        set(space.ids(scenario)) - set(space.ids(scenario)[before.by_scenario[scenario].indices])
    )
    row = ("me", str(space.scenarios.ids[scenario]), data.draw(st.sampled_from(fresh)), strength)
    after = before.with_rows([row], space)
    for target in range(len(space)):
        for one in (model, lively):
            assert np.array_equal(one.coefficients(after, target), one.coefficients(before, target))
        taken = model.scores(after, target) - model.scores(before, target)
        assert taken.max() <= ROUNDING


def test_users_who_refuse_nothing_are_scored_as_if_nobody_did(small_model):
    space, some = small_model.space_, small_model.histories_.take(slice(0, 40))
    names = [str(name) for name in some.users.ids]
    refusing = some.with_rows([(names[3], "books", "b99", -1.0)], space)
    for target in range(2):
        plain, mixed = (small_model.scores(each, target) for each in (some, refusing))
        others = np.arange(40) != 3
        assert np.array_equal(plain[others], mixed[others])
        assert not np.array_equal(plain[3], mixed[3])


def test_a_refusal_is_taken_back_without_a_trace(small_model):
    one = small_model.histories_.take(np.array([5]))
    name = str(one.users.ids[0])
    item = small_model.recommend(name, "films", 1, histories=one).item_ids[0]
    state = WhatIf().with_added("films", str(item), -0.1)
    before, after = (what_if(small_model, one, "films", each) for each in (None, state))
    assert item not in after.ranking.item_ids
    assert (after.ranking.all_scores <= before.ranking.all_scores).all()
    effects = removal_effects(small_model, after.history, "films", str(after.ranking.item_ids[0]))
    table = effects.table.set_index(["kind", "item_id"])
    assert table.loc[("item", item), "change"] >= 0
    back = what_if(small_model, one, "films", state.with_added("films", str(item), 0))
    assert np.array_equal(back.ranking.all_scores, before.ranking.all_scores)


def test_many_refusals_are_summed_in_blocks(small_model, monkeypatch):
    space = small_model.space_
    rng = np.random.default_rng(0)
    matrices = tuple(
        sparse.csr_array(
            np.where(rng.random((30, n)) < 0.4, rng.choice([1.0, -1.0, -0.1], (30, n)), 0),
            dtype=np.float32,
        )
        for n in space.sizes
    )
    many = Histories(IdMap([f"m{at}" for at in range(30)]), matrices)
    whole = small_model.scores(many, 0)
    monkeypatch.setattr("crossrec.transfer.preference.CELLS", 1)
    np.testing.assert_allclose(small_model.scores(many, 0), whole, atol=1e-5)
