"""What-if questions: the state in a link, and the lists it leads to."""

import contextlib
import re

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crossrec.data.history import Histories
from crossrec.errors import DataError, UnknownId
from crossrec.explanation import WhatIf, contributions, moves, rank, what_if

names = st.text(min_size=1, max_size=12)
states = st.builds(
    WhatIf,
    removed=st.frozensets(st.tuples(names, names), max_size=4),
    off=st.frozensets(names, max_size=3),
    added=st.lists(st.tuples(names, names, st.floats(-1, 5)), max_size=4).map(tuple),
    coefficients=st.lists(st.tuples(names, st.floats(0, 1)), max_size=3).map(tuple),
    half_life=st.none() | st.floats(0, 1000),
    weak_events=st.floats(0, 8),
    categories=st.frozensets(names, max_size=3),
    price_from=st.none() | st.floats(-10, 1e6),
    price_to=st.none() | st.floats(-10, 1e6),
    seen=st.sampled_from([None, "exclude", "include"]),
)


@settings(max_examples=200, deadline=None)
@given(state=states)
def test_a_state_survives_a_link(state):
    text = state.to_text()
    assert re.fullmatch(r"[A-Za-z0-9_-]*", text)
    assert WhatIf.from_text(text) == state
    assert (text == "") == (not state.changed)


@settings(max_examples=200, deadline=None)
@given(text=st.text(max_size=60) | st.from_regex(r"[A-Za-z0-9_-]{1,60}", fullmatch=True))
def test_a_damaged_link_is_refused(text):
    with contextlib.suppress(DataError):  # nothing else may come out of it
        assert isinstance(WhatIf.from_text(text), WhatIf)


def test_a_packed_bomb_is_not_unpacked():
    import base64
    import zlib

    bomb = base64.urlsafe_b64encode(zlib.compress(b'{"o":["' + b"a" * 10_000_000 + b'"]}')).decode()
    with pytest.raises(DataError):
        WhatIf.from_text(bomb.rstrip("="))


def test_too_many_changes_do_not_fit_a_link():
    rng = np.random.default_rng(0)
    many = frozenset(("books", str(rng.integers(1 << 60))) for _ in range(2_000))
    with pytest.raises(DataError, match="fewer changes"):
        WhatIf(removed=many).to_text()


def test_switches_are_undone():
    plain = WhatIf()
    state = plain.switched("books", "b00", on=False).switched("films", on=False)
    assert state.changed
    assert state.switched("books", "b00", on=True).switched("films", on=True) == plain
    state = plain.with_added("books", "b01").with_added("books", "b01", -1.0)
    assert state.added == (("books", "b01", -1.0),)
    assert state.with_added("books", "b01", 0) == plain
    assert plain.with_coefficient("books", 7).coefficients == (("books", 1.0),)
    assert plain.with_coefficient("books", 0.5).with_coefficient("books", None) == plain


def test_without_changes_it_is_the_list_as_it_is(small_model, reader):
    found = what_if(small_model, reader, "films")
    best = small_model.recommend("me", "films", 20, histories=reader)
    assert list(found.ranking.item_ids) == list(best.item_ids)
    assert np.allclose(found.ranking.scores, best.scores)
    alone = small_model.target_only().recommend("me", "films", 20, histories=reader)
    assert list(found.target_only.item_ids) == list(alone.item_ids)
    assert found.coefficients is None
    table = moves(found.ranking, found.target_only, 5)
    assert list(table["rank"]) == [1, 2, 3, 4, 5]
    assert (table["moved"] == table["rank_before"] - table["rank"]).all()


def test_items_and_scenarios_are_switched_as_if_never_there(small_model, reader):
    space = small_model.space_
    state = WhatIf().switched("books", "b13", on=False).with_added("films", "f00")
    found = what_if(small_model, reader, "books", state)
    rows = [("me", "books", f"b{i:02d}", 1.0) for i in (0, 3, 6, 9, 12)] + [
        ("me", "films", "f00", 1.0)
    ]
    same = rank(small_model, Histories.of(rows, space), "books")
    assert np.allclose(found.ranking.all_scores, same.all_scores, atol=1e-5)
    assert "b13" not in found.ranking.item_ids  # the user has it, switched off or not
    shown = what_if(small_model, reader, "books", WhatIf(seen="include"))
    assert "b13" in shown.ranking.item_ids
    off = what_if(small_model, reader, "films", WhatIf(off=frozenset({"books"})))
    nobody = Histories.from_items({}, space, "new")
    assert np.allclose(off.ranking.scores, rank(small_model, nobody, "films").scores, atol=1e-6)


def test_coefficients_are_moved_and_explained_with(small_model, reader):
    state = WhatIf().with_coefficient("books", 0.25)
    found = what_if(small_model, reader, "films", state)
    assert found.coefficients[0] == pytest.approx(0.25)
    item = str(found.ranking.item_ids[0])
    told = contributions(
        found.model, found.history, "me", "films", item, coefficients=found.coefficients
    )
    assert told.score == pytest.approx(found.ranking.scores[0], abs=1e-5)
    closed = what_if(small_model, reader, "films", WhatIf().with_coefficient("books", 0))
    assert list(closed.ranking.item_ids) != list(found.ranking.item_ids)


def test_a_half_life_makes_old_items_count_less(small_log, small_model):
    one = Histories.from_log(small_log, small_model.space_, ["u003"])
    plain = what_if(small_model, one, "books", WhatIf(half_life=0))
    short = what_if(small_model, one, "books", WhatIf(half_life=1.0))
    target = small_model.space_.scenarios.code("books")
    before, after = (
        found.model.fitted_.weights(one, target, target).data for found in (plain, short)
    )
    assert after.min() < before.min() / 10
    assert after.max() > before.max()
    assert not np.allclose(plain.ranking.all_scores, short.ranking.all_scores)


def test_weak_events_are_taken_out_or_strengthened(small_model):
    space = small_model.space_
    rows = [("me", "books", "b00", 1.0), ("me", "books", "b01", 0.25), ("me", "books", "b02", -1.0)]
    one = Histories.of(rows, space)
    without = what_if(small_model, one, "books", WhatIf(weak_events=0))
    same = rank(small_model, Histories.of([rows[0], rows[2]], space), "books")
    assert np.allclose(without.ranking.all_scores, same.all_scores, atol=1e-5)
    strong = what_if(small_model, one, "books", WhatIf(weak_events=4))
    assert strong.history.by_scenario[0].data.tolist() == [1.0, 1.0, -1.0]
    assert one.by_scenario[0].data.tolist() == [1.0, 0.25, -1.0]


def test_filters_leave_out_candidates(small_model, reader, small_catalog):
    state = WhatIf(categories=frozenset({"space"}), price_to=45.0)
    found = what_if(small_model, reader, "films", state, catalog=small_catalog)
    ids = found.ranking.item_ids
    assert len(ids)
    codes = small_catalog.items.codes(ids)
    assert set(small_catalog.attributes["category"][codes]) == {"space"}
    assert small_catalog.attributes["price"][codes].max() <= 45
    with pytest.raises(DataError, match="column 'category'"):
        what_if(small_model, reader, "films", state)


@pytest.mark.parametrize(
    "state",
    [
        WhatIf(off=frozenset({"musik"})),
        WhatIf(removed=frozenset({("books", "nothing")})),
        WhatIf(added=(("films", "b00", 1.0),)),
        WhatIf(coefficients=(("musik", 0.5),)),
    ],
)
def test_an_unknown_name_in_a_state_is_said(small_model, reader, state):
    with pytest.raises(UnknownId):
        what_if(small_model, reader, "films", state)


def test_likes_and_dislikes_count_at_once(small_model):
    """Simulated feedback: likes on some hidden items bring the others up, dislikes push down."""
    space = small_model.space_
    gained = []
    for taste in range(3):
        liked = [f"f{item:02d}" for item in range(20) if item % 3 == taste]
        one = Histories.of([("me", "books", f"b{taste:02d}", 1.0)], space)
        before = what_if(small_model, one, "films").ranking
        state = WhatIf()
        for item in liked[:3]:
            state = state.with_added("films", item)
        for item in [f"f{item:02d}" for item in range(20) if item % 3 != taste][:2]:
            state = state.with_added("films", item, -1.0)
        after = what_if(small_model, one, "films", state).ranking
        hidden = liked[3:]
        gain = [
            1 / np.log2(1 + list(r.item_ids).index(i) + 1) for r in (before, after) for i in hidden
        ]
        gained.append(sum(gain[len(hidden) :]) - sum(gain[: len(hidden)]))
    assert np.mean(gained) > 0


def test_seen_items_follow_the_scenario_until_the_state_says_otherwise(small_model, reader):
    def listed(state: WhatIf, seen: str) -> set[str]:
        return set(what_if(small_model, reader, "books", state, seen=seen).ranking.item_ids)

    mine = set(small_model.space_.ids(0)[reader.by_scenario[0].indices])
    assert listed(WhatIf(), "include") >= mine
    assert not listed(WhatIf(), "exclude") & mine
    assert listed(WhatIf(seen="include"), "exclude") == listed(WhatIf(), "include")
    assert listed(WhatIf(seen="exclude"), "include") == listed(WhatIf(), "exclude")
    refused = WhatIf().with_added("books", "b03", -1.0)
    assert "b03" not in listed(refused, "include")  # he said no to it
