"""What is old counts less where, and only where, validation rows say so."""

import numpy as np
import pandas as pd
import pytest

from crossrec.data.history import Histories
from crossrec.data.log import InteractionLog, TimeKind
from crossrec.data.space import ItemSpace
from crossrec.data.split.cutting import split
from crossrec.explanation import contributions
from crossrec.transfer.baselines import RecentPopularity
from crossrec.transfer.model import TransferModel
from crossrec.transfer.popularity import unit_popularity
from crossrec.transfer.weights import history_weights

DAY = 86_400


def log_of_changing_tastes(*, change: bool) -> InteractionLog:
    """Users whose taste in books changes (or not) half way; films come in between."""
    rng = np.random.default_rng(7)
    rows = []
    for user in range(150):
        first = user % 3
        later = (first + 1 + user // 3 % 2) % 3 if change else first
        for at in range(16):
            taste = first if at < 8 else later
            books = rng.choice(np.arange(60)[np.arange(60) % 3 == taste])
            films = rng.choice(np.arange(30)[np.arange(30) % 3 == taste])
            rows.append((f"u{user:03d}", f"b{books:02d}", "books", 1e9 + at * 20 * DAY))
            if at % 3 == 0:
                rows.append((f"u{user:03d}", f"f{films:02d}", "films", 1e9 + at * 20 * DAY))
    frame = pd.DataFrame(rows, columns=["user_id", "item_id", "scenario", "timestamp"])
    frame = frame.drop_duplicates(["user_id", "item_id", "scenario"])
    return InteractionLog.from_frame(frame, time_kind=TimeKind.CLOCK)


@pytest.fixture(scope="module")
def changed() -> TransferModel:
    cut = split(log_of_changing_tastes(change=True), kind="order", cold_users=0.1, seed=1)
    return TransferModel(seed=1).fit(cut)


def test_a_half_life_is_found_where_tastes_change(changed):
    books = changed.space_.scenarios.code("books")
    assert changed.fitted_.half_lives[books] is not None


def test_no_short_half_life_is_taken_where_tastes_stay():
    cut = split(log_of_changing_tastes(change=False), kind="order", cold_users=0.1, seed=1)
    model = TransferModel(seed=1).fit(cut)
    books = model.space_.scenarios.code("books")
    half_life = model.fitted_.half_lives[books]
    assert half_life is None or half_life >= 10  # of 16 books at most: next to none


def test_scores_are_still_explained_to_the_last_digit(changed):
    histories = changed.histories_
    for user in histories.users.ids[:5]:
        found = contributions(changed, histories, user, "books", "b07")
        one = histories.take(np.array([histories.users.code(user)]))
        local = changed.space_.local(0, changed.space_.items.codes(["b07"]))[0]
        assert found.score == pytest.approx(changed.scores(one, 0)[0, local], abs=1e-5)


def test_half_lives_are_saved(changed, tmp_path):
    changed.save(tmp_path)
    loaded = TransferModel.load(tmp_path)
    assert loaded.fitted_.half_lives == changed.fitted_.half_lives
    histories = changed.histories_.take(slice(0, 20))
    np.testing.assert_array_equal(loaded.scores(histories, 0), changed.scores(histories, 0))
    np.testing.assert_array_equal(
        loaded.target_only().scores(histories, 0), changed.target_only().scores(histories, 0)
    )


def test_histories_without_times_count_as_new(changed):
    """What a person types in has no dates; every item counts in full."""
    typed = Histories.from_items({"books": {"b00": 1.0, "b01": 1.0}}, changed.space_, "me")
    assert changed.fitted_.weights(typed, 0, 0).data.tolist() == pytest.approx([2**-0.5] * 2)


def test_a_half_life_holds_for_own_history_only(changed):
    """What is found for books' own history says nothing about films for books."""
    books, films = (changed.space_.scenarios.code(name) for name in ("books", "films"))
    histories = changed.histories_.take(slice(0, 20))
    plain = history_weights(histories.by_scenario[films])
    found = changed.fitted_.weights(histories, films, books)
    np.testing.assert_array_equal(found.data, plain.data)
    own = changed.fitted_.weights(histories, books, books)
    assert own.data.min() < history_weights(histories.by_scenario[books]).data.min() / 2


# ------------------------------------------------------------------------------- popularity


def log_of_fashions(*, change: bool) -> InteractionLog:
    """Everybody takes what is in fashion: other books every hundred days, or always the same."""
    rng = np.random.default_rng(3)
    rows = []
    for user in range(300):
        for day in np.sort(rng.choice(500, 8, replace=False)):
            season = day // 100 if change else 0
            rows.append((f"u{user:03d}", f"b{10 * season + rng.integers(10):02d}", "books", day))
            rows.append((f"u{user:03d}", f"f{rng.integers(20):02d}", "films", day))
    frame = pd.DataFrame(rows, columns=["user_id", "item_id", "scenario", "timestamp"])
    frame["timestamp"] = 1e9 + frame["timestamp"] * DAY
    frame = frame.drop_duplicates(["user_id", "item_id", "scenario"])
    return InteractionLog.from_frame(frame, time_kind=TimeKind.CLOCK)


def test_popularity_follows_fashions():
    cut = split(log_of_fashions(change=True), kind="time", cold_users=0.1, seed=1)
    model = TransferModel(seed=1).fit(cut)
    chosen = model.fitted_.decided["recency"][0].value
    assert chosen is not None
    assert chosen <= 100
    best = np.argsort(-model.fitted_.popularity[0].recent)[:10]
    assert {name[:2] for name in model.space_.ids(0)[best]} <= {"b3", "b4"}
    ranked = np.argsort(-RecentPopularity().fit(cut).scores(cut.histories().take([0]), 0)[0])
    assert {name[:2] for name in model.space_.ids(0)[ranked[:10]]} <= {"b3", "b4"}


def test_all_users_count_alike_where_nothing_changes():
    cut = split(log_of_fashions(change=False), kind="time", cold_users=0.1, seed=1)
    model = TransferModel(seed=1).fit(cut)
    popular = model.fitted_.popularity[0]
    assert np.corrcoef(popular.plain, popular.recent)[0, 1] > 0.5
    counts = np.diff(cut.histories().by_scenario[0].tocsc().indptr)
    np.testing.assert_allclose(popular.plain, counts / counts.std(), rtol=1e-5)


def test_old_users_count_by_what_is_left_of_them():
    """A half-life of 10 days: somebody 20 days before the end of the log is a quarter."""
    rows = [("a", "x", "books", 0), ("b", "y", "books", 20), ("b", "z", "films", 15)]
    frame = pd.DataFrame(rows, columns=["user_id", "item_id", "scenario", "timestamp"])
    frame["timestamp"] = 1e9 + frame["timestamp"] * DAY
    log = InteractionLog.from_frame(frame, time_kind=TimeKind.CLOCK)
    space = ItemSpace.of(log)
    known = Histories.from_log(log, space)
    assert known.quiet.tolist() == pytest.approx([20, 0])
    books = space.scenarios.code("books")
    x, y = unit_popularity(known, books, 10.0)
    assert x / y == pytest.approx(0.25)
    assert known.take(np.array([1])).quiet.tolist() == [0]
