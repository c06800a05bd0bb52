"""Histories: rows added one by one are the rows of a log; ages say what is newer."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from crossrec.data.history import Histories
from crossrec.data.log import InteractionLog, TimeKind
from crossrec.data.space import ItemSpace
from crossrec.errors import DataError, UnknownId

ITEMS = {"books": ["a", "b", "c", "d"], "films": ["c", "x", "y"]}


def log_of(rows, kind=TimeKind.ORDER) -> InteractionLog:
    """A log of (user, scenario, item, weight) rows, each later than the one before."""
    frame = pd.DataFrame(rows, columns=["user_id", "scenario", "item_id", "weight"])
    frame = frame.assign(timestamp=np.arange(len(frame)))
    return InteractionLog.from_frame(frame, time_kind=kind, scenarios=list(ITEMS))


@pytest.fixture(scope="module")
def space() -> ItemSpace:
    rows = [("u0", name, item, 1.0) for name, items in ITEMS.items() for item in items]
    return ItemSpace.of(log_of(rows))


def same(one: Histories, other: Histories) -> None:
    assert list(one.users.ids) == list(other.users.ids)
    for left, right in zip(one.by_scenario, other.by_scenario, strict=True):
        np.testing.assert_allclose(left.toarray(), right.toarray())
    assert (one.ages is None) == (other.ages is None)
    for left, right in zip(one.ages or (), other.ages or (), strict=True):
        np.testing.assert_allclose(left, right)


def place() -> st.SearchStrategy[tuple[str, str]]:
    return st.sampled_from([(name, item) for name, items in ITEMS.items() for item in items])


@given(
    st.lists(
        st.tuples(st.sampled_from(["u1", "u2", "u3"]), place(), st.sampled_from([0.5, 1.0, -1.0])),
        min_size=1,
        max_size=25,
        unique_by=lambda row: row[:2],
    ),
    st.integers(0, 25),
)
def test_rows_added_later_are_as_if_they_had_been_in_the_log(space, drawn, known):
    rows = [(user, name, item, weight) for user, (name, item), weight in drawn]
    whole = Histories.from_log(log_of(rows), space, list(dict.fromkeys(r[0] for r in rows)))
    same(Histories.of(rows, space), whole)
    started = Histories.of(rows[:known], space)
    before = [matrix.copy() for matrix in started.by_scenario]
    same(started.with_rows(rows[known:], space), whole)
    for old, now in zip(before, started.by_scenario, strict=True):
        np.testing.assert_array_equal(old.toarray(), now.toarray())


@given(st.lists(st.integers(0, 4), min_size=1, max_size=6))
def test_ages_go_with_their_users(space, rows):
    users = ["u0", "u1", "u2", "u3", "u4"]
    drawn = [(u, n, i, 1.0) for i in ITEMS["books"] for n in ["books"] for u in users[: ord(i) % 7]]
    histories = Histories.of(drawn, space).with_rows([("u4", "films", "x", 1.0)], space)
    wanted = [row for row in dict.fromkeys(rows) if row < len(histories)]
    part = histories.take(np.array(wanted, dtype=int))
    for at, row in enumerate(wanted):
        for s in range(2):
            one, whole = part.by_scenario[s], histories.by_scenario[s]
            np.testing.assert_array_equal(
                part.ages[s][one.indptr[at] : one.indptr[at + 1]],
                histories.ages[s][whole.indptr[row] : whole.indptr[row + 1]],
            )


def test_the_last_word_counts_and_zero_forgets(space):
    liked = Histories.of([("me", "books", "a", 1.0), ("me", "books", "b", 1.0)], space)
    after = liked.with_rows([("me", "books", "a", -1.0)], space)
    assert after.by_scenario[0].toarray().tolist() == [[-1.0, 1.0, 0.0, 0.0]]
    assert after.ages[0].tolist() == [0.0, 1.0]
    forgotten = after.with_rows([("me", "books", "a", 0.0)], space)
    assert forgotten.counts().tolist() == [[1, 0]]
    assert forgotten.ages[0].tolist() == [1.0]  # nothing is newer for it


def test_clock_ages_are_days_before_the_newest_row_anywhere(space):
    log = log_of([("me", "books", "a", 1.0), ("me", "films", "x", 1.0), ("me", "books", "a", 1.0)])
    days = np.array([0, 10, 4]) * 86_400
    found = Histories.from_log(replace(log, time=days, time_kind=TimeKind.CLOCK), space)
    assert found.unit == "days"
    assert found.ages[0].tolist() == [6.0]
    assert found.ages[1].tolist() == [0.0]
    assert [age.tolist() for age in found.without(0).ages] == [[], [0.0]]


def test_equal_positions_are_equally_new(space):
    log = log_of([("me", "books", item, 1.0) for item in "abcd"])
    found = Histories.from_log(replace(log, time=np.array([1, 2, 2, 3])), space)
    assert found.ages[0].tolist() == [3.0, 1.0, 1.0, 0.0]


def test_a_log_without_times_has_no_ages(space):
    log = log_of([("me", "books", "a", 1.0)])
    assert Histories.from_log(replace(log, time=None, time_kind=TimeKind.NONE), space).ages is None


def test_a_larger_space_moves_the_columns(space):
    histories = Histories.of([("me", "films", "y", 1.0), ("me", "films", "c", 0.5)], space)
    code = int(space.items.code("a"))
    members = (space.members[0], np.union1d(space.members[1], [code]).astype(np.int32))
    larger = ItemSpace(space.items, space.scenarios, members)
    moved = histories.moved(space, larger)
    found = dict(
        zip(larger.ids(1)[moved.by_scenario[1].indices], moved.by_scenario[1].data, strict=True)
    )
    assert found == {"y": 1.0, "c": 0.5}


@pytest.mark.parametrize(
    ("row", "error", "said"),
    [
        (("me", "bokks", "a", 1.0), UnknownId, "books"),
        (("me", "films", "a", 1.0), UnknownId, "item of scenario 'films'"),
        (("me", "books", "a", float("nan")), DataError, "strength"),
    ],
)
def test_rows_that_make_no_sense_are_refused(space, row, error, said):
    with pytest.raises(error, match=said):
        Histories.of([row], space)


def test_times_count_the_rows_of_an_item_and_follow_every_change(space):
    rows = [("me", "books", item, 1.0) for item in "aba"] + [("you", "films", "x", 0.5)] * 3
    found = Histories.from_log(log_of(rows), space)
    assert [taken.tolist() for taken in found.times] == [[2.0, 1.0], [3.0]]
    assert [taken.tolist() for taken in found.take(np.array([1])).times] == [[], [3.0]]
    assert [taken.tolist() for taken in found.without(0).times] == [[], [3.0]]
    once_more = found.with_rows([("me", "books", "b", 1.0)], space)
    assert once_more.times[0].tolist() == [2.0, 2.0]
    refused = once_more.with_rows([("me", "books", "a", -1.0)], space)
    assert refused.times[0].tolist() == [0.0, 2.0]
    assert found.times[0].tolist() == [2.0, 1.0]  # nothing of it was changed
    fewer = tuple(matrix[:, :1] for matrix in found.by_scenario)
    assert replace(found, by_scenario=fewer, ages=None).times is None


def test_items_taken_once_have_no_times(space):
    found = Histories.of([("me", "books", "a", 1.0), ("me", "books", "b", -1.0)], space)
    assert found.times is None
    assert found.with_rows([("me", "books", "b", -1.0)], space).times is None
    assert found.with_rows([("me", "books", "a", 1.0)], space).times[0].tolist() == [2.0, 0.0]


@given(
    st.lists(st.tuples(st.sampled_from(["u1", "u2"]), place()), min_size=1, max_size=25),
    st.integers(0, 25),
)
def test_times_are_those_of_the_log_however_rows_come(space, drawn, known):
    rows = [(user, name, item, 1.0) for user, (name, item) in drawn]
    whole = Histories.from_log(log_of(rows), space, list(dict.fromkeys(row[0] for row in rows)))
    grown = Histories.of(rows[:known], space).with_rows(rows[known:], space)
    assert (whole.times is None) == (len(set(rows)) == len(rows))
    assert (grown.times is None) == (whole.times is None)
    for one, other in zip(grown.times or (), whole.times or (), strict=True):
        np.testing.assert_array_equal(one, other)
