"""Contributions add up to the score: exactly, for everybody."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crossrec.data.history import Histories
from crossrec.errors import UnknownId
from crossrec.explanation import COLUMNS, contributions, explain


@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_contributions_add_up_to_the_score(small_model, data):
    """Random made-up users, scenarios, items and coefficients."""
    space = small_model.space_
    history = {
        str(name): data.draw(
            st.dictionaries(
                st.sampled_from(list(space.ids(code))), st.floats(0.1, 5.0), max_size=12
            )
        )
        for code, name in enumerate(space.scenarios.ids)
    }
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


def test_removing_an_item_changes_the_own_part_as_stated(small_model, small_split):
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


def test_a_user_without_history_has_the_base_alone(small_model):
    nobody = Histories.from_items({}, small_model.space_, "new")
    found = contributions(small_model, nobody, "new", "films", "f00")
    assert found.score == found.base
    assert not len(found.contributions)


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
