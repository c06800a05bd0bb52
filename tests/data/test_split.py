"""Splits: nothing leaks, every row is accounted for, cold users stay cold."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crossrec.data.catalog import Catalog
from crossrec.data.ids import IdMap
from crossrec.data.log import InteractionLog, TimeKind
from crossrec.data.split.cutting import (
    ScenarioSplit,
    no_holdout,
    split,
    split_at_random,
    split_by_order,
    split_by_time,
)
from crossrec.errors import SplitError

KEYS = ["user_id", "item_id", "scenario"]


def make_frame(rows: list[tuple[int, int, int, int]]) -> pd.DataFrame:
    frame = pd.DataFrame(rows, columns=["user_id", "item_id", "scenario", "timestamp"])
    return frame.assign(
        user_id="u" + frame["user_id"].astype(str),
        item_id="i" + frame["item_id"].astype(str),
        scenario="s" + frame["scenario"].astype(str),
    )


@st.composite
def logs(draw: st.DrawFn) -> InteractionLog:
    """Logs of up to 150 rows with repeats, time ties and uneven overlap."""
    n = draw(st.integers(12, 150))
    rng = np.random.default_rng(draw(st.integers(0, 10_000)))
    users, items, scenarios = (draw(st.integers(1, top)) for top in (12, 20, 4))
    n_times = draw(st.sampled_from([1, 3, 50, 1000]))
    tops = (users, items, scenarios, n_times)
    columns = [rng.integers(0, top, n).tolist() for top in tops]
    frame = make_frame(list(zip(*columns, strict=True)))
    return InteractionLog.from_frame(frame, time_kind=draw(st.sampled_from(list(TimeKind))))


def parts(found: ScenarioSplit) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    return found.train.to_frame(), found.valid.to_frame(), found.test.to_frame()


def triples(frame: pd.DataFrame) -> set[tuple]:
    return set(frame[KEYS].itertuples(index=False, name=None))


def cold_pairs(found: ScenarioSplit, cold: tuple[np.ndarray, ...]) -> set[tuple[int, int]]:
    return {(int(user), target) for target, users in enumerate(cold) for user in users}


def try_split(log: InteractionLog, **options) -> ScenarioSplit | None:
    """A split, or None where the log is too small for one (only a SplitError may say so)."""
    try:
        return split(log, **options)
    except SplitError:
        return None


@settings(deadline=None, max_examples=50)
@given(logs(), st.integers(0, 3), st.sampled_from([0.0, 0.2, 0.5]))
def test_every_row_is_in_one_part_or_counted_as_dropped(log, seed, cold_users):
    found = try_split(log, seed=seed, cold_users=cold_users)
    if found is None:
        return
    kept = pd.concat(parts(found)).value_counts()
    whole = log.to_frame().value_counts()
    assert (whole - kept.reindex(whole.index, fill_value=0) >= 0).all()
    assert kept.sum() + sum(found.dropped.values()) == len(log)


@settings(deadline=None, max_examples=50)
@given(logs(), st.integers(0, 3))
def test_held_out_rows_are_new_and_single(log, seed):
    found = try_split(log, seed=seed)
    if found is None:
        return
    train, valid, test = parts(found)
    assert not valid.duplicated(KEYS).any()
    assert not test.duplicated(KEYS).any()
    assert not triples(valid) & triples(train)
    assert not triples(test) & (triples(train) | triples(valid))


@settings(deadline=None, max_examples=50)
@given(logs(), st.integers(0, 3))
def test_repeats_are_the_test_rows_of_items_the_user_had(log, seed):
    found = try_split(log, seed=seed)
    if found is None:
        return
    train, valid, test = parts(found)
    repeats = found.repeats.to_frame()
    assert not repeats.duplicated(KEYS).any()
    assert triples(repeats) <= triples(train) | triples(valid)
    assert len(repeats) <= found.dropped["repeat"]
    assert triples(found.wanted("include").to_frame()) == triples(test) | triples(repeats)
    assert found.wanted("exclude") is found.test
    if found.kind == "time":
        late = log.to_frame()
        late = late[late["timestamp"] >= found.cuts[1]]
        cold = cold_pairs(found, found.cold_test) | cold_pairs(found, found.cold_valid)
        users, names = log.users.ids, log.scenarios.ids
        hidden = {(users[user], names[at]) for user, at in cold}
        warm = {row for row in triples(late) if (row[0], row[2]) not in hidden}
        assert triples(repeats) == warm & (triples(train) | triples(valid))
    if found.kind == "random":
        assert not len(repeats)


@settings(deadline=None, max_examples=50)
@given(logs(), st.integers(0, 3))
def test_cold_users_have_target_rows_in_their_part_only(log, seed):
    found = try_split(log, seed=seed, cold_users=0.4)
    if found is None:
        return
    for_valid, for_test = (cold_pairs(found, c) for c in (found.cold_valid, found.cold_test))
    users = [user for user, _ in for_valid | for_test]
    assert len(users) == len(set(users)), "cold in one target at most, in one part only"
    for part, banned in (
        (found.train, for_valid | for_test),
        (found.valid, for_test),
        (found.test, for_valid),
    ):
        pairs = set(zip(part.user.tolist(), part.scenario.tolist(), strict=True))
        assert not pairs & banned
    test_pairs = set(zip(found.test.user.tolist(), found.test.scenario.tolist(), strict=True))
    assert for_test <= test_pairs
    counts = found.histories().counts()
    for user, target in for_test:
        assert counts[user, target] == 0
        assert counts[user].sum() > 0, "a cold user has a history elsewhere"


@settings(deadline=None, max_examples=50)
@given(logs(), st.integers(0, 3))
def test_a_time_split_leaks_no_time(log, seed):
    if log.time_kind is not TimeKind.CLOCK:
        return
    found = try_split(log, kind="time", seed=seed)
    if found is None:
        return
    first_valid, first_test = found.cuts

    def times(part: InteractionLog, cold: tuple[np.ndarray, ...]) -> np.ndarray:
        hidden = cold_pairs(found, cold)
        whole = [
            (int(u), int(s)) not in hidden for u, s in zip(part.user, part.scenario, strict=True)
        ]
        return part.time[np.array(whole, dtype=bool)]

    assert (found.train.time < first_valid).all()
    assert (found.valid.time < first_test).all()
    assert (times(found.valid, found.cold_valid) >= first_valid).all()
    assert (times(found.test, found.cold_test) >= first_test).all()


@settings(deadline=None, max_examples=50)
@given(logs(), st.integers(0, 3), st.sampled_from(["order", "random"]))
def test_at_least_half_of_the_items_stay_in_train_except_for_cold_users(log, seed, kind):
    if kind == "order" and log.time_kind is TimeKind.NONE:
        return
    found = try_split(log, kind=kind, seed=seed, cold_users=0, valid=0.3, test=0.3)
    if found is None:
        return
    group = ["user_id", "scenario"]
    _, valid, test = (frame.drop_duplicates(KEYS) for frame in parts(found))
    sizes = log.to_frame().drop_duplicates(KEYS).groupby(group).size()
    held = pd.concat([valid, test]).groupby(group).size()
    assert (held <= sizes[held.index] // 2).all()
    assert (sizes[held.index] >= 3).all()
    assert set(sizes[sizes >= 3].index) == set(test.groupby(group).size().index)


@settings(deadline=None, max_examples=40)
@given(logs(), st.integers(0, 3), st.randoms(use_true_random=False))
def test_row_order_has_no_say(log, seed, random):
    found = try_split(log, seed=seed)
    if found is None:
        return
    rows = list(range(len(log)))
    random.shuffle(rows)
    frame = log.to_frame().iloc[rows]
    again = split(InteractionLog.from_frame(frame, time_kind=log.time_kind), seed=seed)
    assert again.hash == found.hash
    for mine, other in zip(parts(found), parts(again), strict=True):
        assert mine.value_counts().to_dict() == other.value_counts().to_dict()


def test_the_last_rows_of_a_small_history_are_held_out():
    frame = make_frame([(0, item, 0, item) for item in range(5)])
    log = InteractionLog.from_frame(frame, time_kind=TimeKind.ORDER)
    train, valid, test = parts(split(log))
    assert [*train["item_id"]] == ["i0", "i1", "i2"]
    assert [*valid["item_id"]] == ["i3"]
    assert [*test["item_id"]] == ["i4"]


def test_repeats_stay_in_train_and_are_dropped_from_test():
    rows = [(0, 0, 0, 1), (0, 0, 0, 2), (0, 1, 0, 3), (0, 2, 0, 4), (0, 2, 0, 5), (0, 0, 0, 6)]
    log = InteractionLog.from_frame(make_frame(rows), time_kind=TimeKind.ORDER)
    train, _, test = parts(split(log, valid=0))
    assert [*train["timestamp"]] == [1, 2, 3]
    assert [*test["timestamp"]] == [4]
    assert split(log, valid=0).dropped == {
        "repeat": 2,
        "hidden": 0,
        "twin": 0,
        "nested": 0,
        "disliked": 0,
    }


def test_the_kind_follows_what_time_means(small_log):
    assert split(small_log).kind == "time"
    assert len(split_by_time(small_log).cuts) == 2
    assert split_by_order(small_log).kind == "order"
    assert split_by_order(small_log).cuts == ()
    frame = small_log.to_frame().drop(columns="timestamp")
    assert split(InteractionLog.from_frame(frame)).kind == "random"


@pytest.mark.parametrize("kind", ["time", "order", "random"])
def test_cold_groups_have_the_asked_size_and_both_scenarios(small_log, kind):
    found = split(small_log, kind=kind, cold_users=0.2)
    for target in range(2):
        assert 20 <= len(found.cold_test[target]) <= 24
        assert 10 <= len(found.cold_valid[target]) <= 12
    whole = split(small_log, kind=kind, cold_users=0)
    assert not sum(map(len, (*whole.cold_test, *whole.cold_valid)))


def test_seed_decides(small_log):
    first, same, other = (split_at_random(small_log, seed=seed) for seed in (1, 1, 2))
    assert first.hash == same.hash
    assert np.array_equal(first.test.item, same.test.item)
    assert first.hash != other.hash
    assert triples(first.test.to_frame()) != triples(other.test.to_frame())


@pytest.mark.parametrize(
    ("column", "value"),
    [("user_id", "u119"), ("item_id", "b29"), ("timestamp", 1_600_000_001), ("weight", 2.0)],
)
def test_the_hash_changes_when_a_row_changes(small_log, column, value):
    frame = small_log.to_frame()
    frame.loc[0, column] = value
    changed = InteractionLog.from_frame(frame, time_kind=TimeKind.CLOCK)
    assert split(changed).hash != split(small_log).hash


def test_catalogue_items_are_candidates_and_part_of_the_hash(small_log):
    catalog = Catalog(
        IdMap(["new"]), np.array(["New"], object), np.array([""], object), {"books": np.array([0])}
    )
    found = split(small_log, catalog=catalog)
    assert "new" in found.space.ids(0)
    assert found.hash != split(small_log).hash


def test_twins_of_hidden_rows_leave_the_history():
    pairs = [(f"i{item}", f"i{item + 100}") for item in range(8)]
    rows = [
        (user, item + 100 * scenario, scenario, 0)
        for user in range(40)
        for scenario in range(2)
        for item in range(8)
    ]
    log = InteractionLog.from_frame(make_frame(rows))
    found = split(log, twins=[*pairs, ("i0", "unknown")])
    cold = [(user, t) for t, users in enumerate(found.cold_test) for user in users]
    counts = found.histories().counts()
    assert cold
    assert found.dropped["twin"] > 0
    assert all(counts[user].sum() == 0 for user, _ in cold)  # all their items have hidden twins
    warm = np.setdiff1d(np.arange(40), np.concatenate([*found.cold_test, *found.cold_valid]))
    assert (counts[warm] > 0).all()


def test_no_holdout_keeps_a_valid_part_and_no_test(small_log):
    for log in (small_log, InteractionLog.from_frame(small_log.to_frame())):
        found = no_holdout(log)
        assert found.kind == "none"
        assert len(found.test) == 0
        assert len(found.valid) > 0
        assert sum(map(len, found.cold_valid)) > 0
        assert sum(map(len, found.cold_test)) == 0
        assert len(found.train) + len(found.valid) == len(log)


def test_one_scenario_can_be_split(small_log):
    one = small_log.to_frame().query("scenario == 'books'")
    found = split(InteractionLog.from_frame(one, time_kind=TimeKind.CLOCK))
    assert len(found.test) > 0
    assert found.cold_test[0].size == 0


@pytest.mark.parametrize(
    ("rows", "time_kind", "options", "said"),
    [
        ([], TimeKind.NONE, {}, "empty log"),
        ([(0, 0, 0, 0)], TimeKind.NONE, {}, "expected test rows"),
        ([(0, i, 0, 7) for i in range(9)], TimeKind.CLOCK, {}, "1 different times"),
        ([(0, i, 0, i) for i in range(9)], TimeKind.ORDER, {"kind": "time"}, "kind 'order'"),
        ([(0, i, 0, i) for i in range(9)], TimeKind.NONE, {"kind": "order"}, "without a time"),
        ([(0, i, 0, i) for i in range(9)], TimeKind.NONE, {"kind": "best"}, "'best'"),
        ([(0, i, 0, i) for i in range(9)], TimeKind.NONE, {"test": 1.0}, "test=1.0"),
    ],
)
def test_what_cannot_be_split_says_why(rows, time_kind, options, said):
    log = InteractionLog.from_frame(make_frame(rows), time_kind=time_kind)
    with pytest.raises(SplitError, match=said):
        split(log, **options)
