"""Cleaning does what its plan says, counts it, and leaves the log it was given alone."""

import json

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crossrec.data import Catalog, IdMap, InteractionLog, TimeKind
from crossrec.data.cleaning.core import in_core, preview_cores
from crossrec.data.cleaning.plan import CleaningPlan, clean, compact, fill_missing
from crossrec.data.cleaning.repeats import repeat_profile
from crossrec.errors import DataError, UnknownId

KEYS = ["user_id", "item_id", "scenario"]
DAY = 86_400


def _log(rows) -> InteractionLog:
    frame = pd.DataFrame(rows, columns=[*KEYS, "weight", "timestamp"])
    return InteractionLog.from_frame(frame, time_kind=TimeKind.CLOCK)


@st.composite
def logs(draw) -> InteractionLog:
    cell = st.tuples(
        st.integers(0, 6),
        st.integers(0, 6),
        st.integers(0, 1),
        st.integers(1, 8),
        st.integers(0, 9),
    )
    rows = draw(st.lists(cell, min_size=1, max_size=80))
    return _log([(f"u{u}", f"i{i}", f"s{s}", float(w), t) for u, i, s, w, t in rows])


@settings(max_examples=60, deadline=None)
@given(logs(), st.integers(1, 4), st.integers(1, 4))
def test_the_core_is_a_core_and_the_largest(log, least_items, least_users):
    kept = in_core(log, least_items, least_users)
    frame = log.select(kept).to_frame().drop_duplicates(KEYS)
    assert (frame.groupby(["scenario", "user_id"]).size() >= least_items).all()
    assert (frame.groupby(["scenario", "item_id"]).size() >= least_users).all()
    # The plain way, one user or item at a time, ends at the same rows.
    rest = log.to_frame().drop_duplicates(KEYS)
    while True:
        users = rest.groupby(["scenario", "user_id"])["item_id"].transform("size") >= least_items
        items = rest.groupby(["scenario", "item_id"])["user_id"].transform("size") >= least_users
        if (users & items).all():
            break
        rest = rest[users & items]
    assert set(map(tuple, frame[KEYS].to_numpy())) == set(map(tuple, rest[KEYS].to_numpy()))


@settings(max_examples=60, deadline=None)
@given(logs(), st.sampled_from(["first", "last", "sum"]))
def test_one_row_per_user_item_and_scenario(log, policy):
    before = log.to_frame()
    found = clean(log, CleaningPlan(repeats=policy)).log.to_frame()
    pd.testing.assert_frame_equal(log.to_frame(), before)
    assert not found.duplicated(KEYS).any()
    groups = before.groupby(KEYS)
    time = groups["timestamp"].min() if policy == "first" else groups["timestamp"].max()
    assert found.set_index(KEYS)["timestamp"].sort_index().equals(time.sort_index())
    if policy == "sum":
        weight = found.set_index(KEYS)["weight"].sort_index().to_numpy()
        np.testing.assert_allclose(
            weight, groups["weight"].sum().sort_index().to_numpy(), rtol=1e-6
        )


def test_first_and_last_keep_their_own_weight():
    log = _log([("u", "i", "s", 1.0, 5), ("u", "i", "s", 2.0, 3), ("u", "j", "s", 4.0, 1)])
    for policy, weight in (("first", 2.0), ("last", 1.0)):
        found = clean(log, CleaningPlan(repeats=policy)).log.to_frame().set_index("item_id")
        assert found.loc["i", "weight"] == weight
        assert len(found) == 2


def test_weights():
    log = _log(
        [
            ("u", "i", "a", 1.0, 0),
            ("u", "j", "a", 3.0, 0),
            ("v", "i", "b", 4.0, 0),
            ("v", "k", "b", 4.0, 0),
        ]
    )

    def weights(**plan):
        return clean(log, CleaningPlan(**plan)).log.weight.tolist()

    assert weights(scenario_weights={"a": 0.5}) == [0.5, 1.5, 4, 4]
    assert weights(normalise="user") == [0.5, 1.5, 1, 1]
    assert weights(normalise="log") == pytest.approx(np.log2([2, 4, 5, 5]).tolist())
    assert weights() == [1, 3, 4, 4]
    with pytest.raises(UnknownId, match="'c'"):
        weights(scenario_weights={"c": 1})


def test_steps_tell_what_each_took_away(small_log):
    twice = small_log.select(np.concatenate([np.arange(len(small_log)), np.arange(50)]))
    done = clean(twice, CleaningPlan(repeats="first", user_core=7))
    rows = done.steps.set_index(["step", "scenario"])
    assert rows.loc["repeats", "rows_before"].sum() == len(twice)
    assert rows.loc["repeats", "rows"].sum() == len(small_log)
    assert rows.loc[("core", "films"), "rows"] == 0  # nobody has seven films
    assert list(done.log.scenarios.ids) == ["books"]
    assert len(done.log) == rows.loc[("core", "books"), "rows"] == 960


def test_outliers_go_only_when_asked():
    rng = np.random.default_rng(0)
    counts = [*rng.integers(5, 30, 300).tolist(), 4000]
    rows = [
        (f"u{u}", f"i{n % 500}", "ab"[n % 2], 1.0, n * 9000)
        for u, c in enumerate(counts)
        for n in range(c)
    ]
    log = _log(rows)
    assert "u300" in clean(log, CleaningPlan()).log.users
    assert "u300" not in clean(log, CleaningPlan(drop_outliers=True)).log.users


def test_a_plan_survives_json_and_says_what_is_wrong():
    plan = CleaningPlan(repeats="sum", scenario_weights={"a": 0.5}, user_core=3, missing="fill")
    assert CleaningPlan.from_json(json.loads(json.dumps(plan.to_json()))) == plan
    for wrong, said in (
        ({"repeats": "all"}, "repeats"),
        ({"normalise": "z"}, "normalise"),
        ({"user_core": 0}, "k-core"),
        ({"scenario_weights": {"a": 0}}, "above 0"),
        ({"colour": 1}, "colour"),
    ):
        with pytest.raises(DataError, match=said):
            CleaningPlan.from_json(wrong)


def test_nothing_left_is_an_error_and_no_plan_no_change(small_log):
    with pytest.raises(DataError, match="rows after cleaning"):
        clean(small_log, CleaningPlan(user_core=50))
    assert clean(small_log, CleaningPlan()).log is small_log


def test_compact_drops_ids_without_rows(small_log):
    few = compact(small_log.select(np.arange(3)))
    assert len(few.users) == 1
    pd.testing.assert_frame_equal(few.to_frame(), small_log.select(np.arange(3)).to_frame())


def test_preview_counts_what_each_core_leaves(small_log):
    table = preview_cores(small_log, (1, 7, 9)).set_index(["k", "scenario"])
    assert table.loc[(1, "books"), "kept"] == 1
    assert table.loc[(9, "books"), "rows"] == 0
    for (k, name), row in table.iterrows():
        kept = in_core(small_log, k, k) & (small_log.scenario == small_log.scenarios.code(name))
        assert row["rows"] == kept.sum()


def test_missing_attributes_are_filled():
    empty = np.full(3, "", dtype=object)
    catalog = Catalog(
        IdMap(list("abc")),
        empty,
        empty,
        {},
        {
            "price": np.array([1, np.nan, 3]),
            "brand": np.array(["x", "", "y"], dtype=object),
            "none": np.full(3, np.nan),
        },
    )
    filled, counts = fill_missing(catalog)
    assert counts == {"price": 1, "brand": 1}
    assert filled.attributes["price"].tolist() == [1, 2, 3]
    assert filled.attributes["brand"].tolist() == ["x", "unknown", "y"]
    assert np.isnan(catalog.attributes["price"][1])


def test_habits_are_told_from_chance():
    rng = np.random.default_rng(5)
    rows = []
    for user in range(200):
        own = rng.choice(100, 5, replace=False)
        for week in range(10):
            rows += [(f"u{user}", f"h{i}", "habit", 1.0, week * 7 * DAY) for i in own]
            rows += [
                (f"u{user}", f"c{i}", "chance", 1.0, week * 7 * DAY) for i in rng.choice(100, 5)
            ]
    table = repeat_profile(_log(rows)).set_index("scenario")
    assert table.loc["habit", "signal"] == "habit"
    assert table.loc["habit", "again"] == 1
    assert table.loc["habit", "gap_days"] == 7
    assert table.loc["chance", "signal"] == "chance"
    assert table.loc["chance", "again"] == pytest.approx(table.loc["chance", "others"], abs=0.05)
    plain = InteractionLog.from_frame(pd.DataFrame(rows, columns=[*KEYS, "weight", "timestamp"]))
    assert set(repeat_profile(plain)["signal"]) == {"unknown"}
