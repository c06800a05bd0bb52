"""Users' profiles as one more source scenario."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crossrec.data import InteractionLog, UserTable
from crossrec.data.ids import IdMap
from crossrec.data.profiles import profile_rows, with_profiles
from crossrec.data.split.cutting import split
from crossrec.errors import DataError
from crossrec.evaluation import compare
from crossrec.explanation import contributions
from crossrec.schema import PROFILE
from crossrec.transfer.model import TransferModel

USERS = 400


def log_of_ages() -> InteractionLog:
    """Films and books; what a user takes of films is told by age alone, and of books by nothing."""
    rng = np.random.default_rng(3)
    rows = []
    for user in range(USERS):
        films = rng.choice(np.arange(user % 2, 24, 2), 5, replace=False)
        books = rng.choice(24, 5, replace=False)
        rows += [(f"u{user:03d}", f"f{film:02d}", "films") for film in films]
        rows += [(f"u{user:03d}", f"b{book:02d}", "books") for book in books]
    return InteractionLog.from_frame(pd.DataFrame(rows, columns=["user_id", "item_id", "scenario"]))


def ages() -> UserTable:
    users = [f"u{user:03d}" for user in range(USERS)]
    age = np.array(["young" if user % 2 else "old" for user in range(USERS)], dtype=object)
    return UserTable(IdMap(users), {"age": age, "name": np.array(users, dtype=object)})


@pytest.fixture(scope="module")
def parts():
    log = log_of_ages()
    bare = split(log, kind="random", seed=1)
    return bare, with_profiles(log, bare, ages())[1]


@pytest.fixture(scope="module")
def fitted(parts):
    return [TransferModel(seed=1).fit(each) for each in parts]


def test_values_are_named_by_their_column_and_ids_are_left_out():
    rows = profile_rows(ages())
    assert set(rows.value) == {"age: old", "age: young"}
    assert rows.left_out == ("name",)
    assert len(rows.user) == USERS


@settings(deadline=None)
@given(st.lists(st.one_of(st.floats(-1e6, 1e6), st.just(float("nan"))), min_size=60, max_size=200))
def test_numbers_are_banded_and_no_value_is_made_up(numbers):
    column = np.array(numbers)
    users = UserTable(IdMap(map(str, range(len(column)))), {"height": column})
    rows = profile_rows(users)
    assert len(set(rows.value)) <= 5
    assert not np.isnan(column[rows.user]).any()
    for value in set(rows.value):
        assert (rows.value == value).sum() >= 10


def test_what_is_judged_stays_the_same(parts):
    bare, told = parts
    assert told.hash == bare.hash
    assert len(told.test) == len(bare.test)
    assert len(told.train) == len(bare.train) + USERS
    assert [len(cold) for cold in told.cold_test] == [*map(len, bare.cold_test), 0]
    assert [str(told.space.scenarios.ids[t]) for t in told.space.targets] == ["books", "films"]


def test_profiles_rank_for_who_is_new_and_harm_nobody(parts, fitted):
    report = compare(
        parts[1], {"transfer": fitted[1], "target only": fitted[1].target_only()}, seed=1
    )
    assert set(report.table["scenario"]) == {"books", "films"}
    cold = report.per_user.query("cohort == 'cold' and scenario == 'films'")
    means = cold.groupby("model")["ndcg"].mean()
    assert means["transfer"] > means["target only"] + 0.1


def test_a_profile_without_any_history_is_enough(fitted):
    model = fitted[1]
    space = model.space_
    young = model.histories_.of([("new", PROFILE, "age: young", 1.0)], space)
    code = space.scenarios.code("films")
    best = np.argsort(-model.scores(young, code)[0])[:6]
    assert all(int(item[1:]) % 2 == 1 for item in space.ids(code)[best])


def test_explanations_add_up_and_name_the_value(fitted):
    model = fitted[1]
    young = model.histories_.of([("new", PROFILE, "age: young", 1.0)], model.space_)
    told = contributions(model, young, "new", "films", "f01")
    at = model.space_.local(1, model.space_.items.codes(["f01"]))[0]
    assert told.score == pytest.approx(model.scores(young, 1)[0, at], abs=1e-5)
    assert told.base + told.contributions["amount"].sum() == pytest.approx(told.score, abs=1e-5)
    assert "age: young" in set(told.contributions["item_id"])


def test_saved_and_read_it_ranks_alike(fitted, tmp_path):
    fitted[1].save(tmp_path)
    histories = fitted[1].histories_.take(slice(0, 5))
    for code in fitted[1].space_.targets:
        again = TransferModel.load(tmp_path).scores(histories, code)
        assert np.array_equal(again, fitted[1].scores(histories, code))


def test_a_table_that_says_nothing_is_refused(parts):
    users = UserTable(IdMap(["u000", "u001"]), {"age": np.array(["old", "young"], dtype=object)})
    with pytest.raises(DataError, match="profile"):
        with_profiles(log_of_ages(), parts[0], users)
