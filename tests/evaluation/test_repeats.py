"""Judged both ways: new items alone as ever, and with repeats among all items."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crossrec.data.log import InteractionLog, TimeKind
from crossrec.data.seen import EXCLUDE, INCLUDE
from crossrec.data.split.cutting import split, split_by_order
from crossrec.errors import SplitError
from crossrec.evaluation import (
    WITH_REPEATS,
    compare,
    evaluated_users,
    rank,
    repeated,
    without_small_groups,
)

from .stubs import Fixed

COLUMNS = ["user_id", "item_id", "scenario", "timestamp"]


def log_of(rows, kind=TimeKind.ORDER) -> InteractionLog:
    return InteractionLog.from_frame(pd.DataFrame(rows, columns=COLUMNS), time_kind=kind)


@pytest.fixture
def shop():
    """u0 has x0..x4 in test x4, and comes back to x1; u1 has x5..x8 and comes back to nothing."""
    rows = [("u0", f"x{item}", "x", at) for at, item in enumerate([0, 1, 2, 3, 4, 1])]
    rows += [("u1", f"x{item}", "x", item) for item in range(5, 9)]
    rows += [("u2", f"y{item}", "y", item) for item in range(4)]
    return split_by_order(log_of(rows), cold_users=0)


def test_with_repeats_all_test_items_are_to_be_found_among_all_items(shop):
    users = evaluated_users(shop, seen=INCLUDE)[0]
    assert users.histories.users.ids.tolist() == ["u0", "u1"]
    assert [row.nonzero()[0].tolist() for row in users.relevant.toarray()] == [[1, 4], [8]]
    # x8 x7 x6 x5 [x4] x3 x2 [x1] for u0, [x8] for u1: nobody's history is left out.
    found = rank(Fixed().fit(shop), users, (10,), seen=INCLUDE)
    assert found.values["mrr", 10] == pytest.approx([1 / 5, 1])
    assert found.values["recall", 10].tolist() == [1, 1]
    precision = (1 / 5 + 2 / 8) / 2
    assert found.values["map", 10] == pytest.approx([precision, 1])


def test_the_report_has_both_ways(shop):
    report = compare(shop, {"fixed": Fixed(), "back": Fixed(-1)}, baseline="back", transfer="fixed")
    assert WITH_REPEATS in set(report.table["cohort"])
    assert set(report.table.loc[report.table["cohort"] == WITH_REPEATS, "scenario"]) == {"x"}
    assert any(note.key == "with_repeats" for note in report.notes)
    told = repeated(replace(report, config={**report.config, "transfer": "fixed"}))
    assert told["scenario"].tolist() == ["x"]
    assert told["n"].tolist() == [2]
    assert told["lift"].iloc[0] == pytest.approx(
        told["repeats"].iloc[0] - told["repeats_without"].iloc[0]
    )


def test_lists_that_may_include_seen_items_are_judged_so_even_where_nothing_repeats(shop):
    once = replace(shop, repeats=shop.repeats.select(slice(0, 0)))
    models = {"fixed": Fixed(), "back": Fixed(-1)}
    plain = compare(once, models, baseline="back")
    assert WITH_REPEATS not in set(plain.table["cohort"])
    assert repeated(plain).empty
    told = compare(once, models, baseline="back", seen={"x": EXCLUDE, "y": INCLUDE})
    assert set(told.table.loc[told.table["cohort"] == WITH_REPEATS, "scenario"]) == {"y"}
    assert told.config["seen"] == {"x": EXCLUDE, "y": INCLUDE}


@st.composite
def logs(draw: st.DrawFn) -> InteractionLog:
    rng = np.random.default_rng(draw(st.integers(0, 10_000)))
    n, users, items = draw(st.integers(40, 120)), draw(st.integers(4, 9)), draw(st.integers(4, 12))
    rows = [
        (f"u{rng.integers(users)}", f"i{rng.integers(items)}", f"s{rng.integers(2)}", at)
        for at in range(n)
    ]
    return log_of(rows, draw(st.sampled_from([TimeKind.CLOCK, TimeKind.ORDER])))


@settings(deadline=None, max_examples=25)
@given(logs(), st.sampled_from([None, 3]))
def test_figures_of_new_items_do_not_know_of_repeats(log, most):
    """Bit for bit: with and without the repeats of the split."""
    try:
        found = split(log)
    except SplitError:
        return
    once = replace(found, repeats=found.repeats.select(slice(0, 0)))
    models = {"fixed": Fixed(), "back": Fixed(-1)}
    with_, without = (
        compare(one, models, baseline="back", max_users=most, seed=3) for one in (found, once)
    )
    plain = with_.table[with_.table["cohort"] != WITH_REPEATS].reset_index(drop=True)
    pd.testing.assert_frame_equal(plain, without.table, check_exact=True)
    pd.testing.assert_frame_equal(with_.per_user, without.per_user, check_exact=True)


@settings(deadline=None, max_examples=25)
@given(logs())
def test_metrics_with_repeats_are_those_of_a_list_of_everything(log):
    try:
        found = split(log, cold_users=0.2)
    except SplitError:
        return
    model = Fixed().fit(found)
    held = {
        row
        for part in (found.test, found.repeats)
        for row in zip(part.user.tolist(), part.scenario.tolist(), part.item.tolist(), strict=True)
    }
    for users in evaluated_users(found, seen=INCLUDE):
        relevant = users.relevant.toarray() > 0
        codes = found.test.users.codes(users.histories.users.ids)
        for row, user in enumerate(codes.tolist()):
            mine = {item for u, s, item in held if (u, s) == (user, users.scenario)}
            assert set(found.space.members[users.scenario][relevant[row]].tolist()) == mine
        values = rank(model, users, (users.n_items,), seen=INCLUDE).values
        assert (values["recall", users.n_items] == 1).all()  # whoever shows all finds all
        for each in values.values():
            assert ((each >= 0) & (each <= 1)).all()
        best = [relevant[:, ::-1][row].argmax() for row in range(len(users))]
        np.testing.assert_allclose(values["mrr", users.n_items], [1 / (at + 1) for at in best])


def test_too_few_people_who_only_come_back_are_not_told(shop):
    report = compare(shop, {"fixed": Fixed(), "back": Fixed(-1)}, baseline="back")
    rows = pd.DataFrame(
        [
            {**report.table.iloc[0], "scenario": "x", "cohort": cohort, "n": n}
            for cohort, n in (("all", 100), (WITH_REPEATS, 103))
        ]
    )
    shown = without_small_groups(replace(report, table=rows), 5).table
    assert shown["cohort"].tolist() == ["all"]
