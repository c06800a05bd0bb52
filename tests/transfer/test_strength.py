"""Weak events count less where, and only where, validation rows do not say otherwise."""

import json

import numpy as np
import pandas as pd
import pytest
from crossrec.transfer.strength import choose_strength_power

from crossrec.data.history import Histories
from crossrec.data.log import InteractionLog
from crossrec.data.split.cutting import ScenarioSplit, split
from crossrec.explanation import contributions
from crossrec.explanation.whatif import WhatIf, changed_history
from crossrec.transfer.config import TransferConfig
from crossrec.transfer.model import TransferModel
from crossrec.transfer.preference import counted, history_weights

QUICK = {"seed": 1, "steps": 20, "factor_ranks": (8,), "ranks": (8,), "pooled_rank": 8}
VIEW = 0.1


def log_of_views(*, telling: bool) -> InteractionLog:
    """Users who view what they like and buy presents, or like what they buy and view anything."""
    rng = np.random.default_rng(3)
    rows = []
    for user in range(240):
        taste = user % 4
        for scenario, n in (("books", 80), ("films", 60)):
            liked = np.arange(n)[np.arange(n) % 4 == taste]
            viewed = rng.choice(liked if telling else np.arange(n), 8, replace=False)
            bought = rng.choice(np.arange(n) if telling else liked, 4, replace=False)
            rows += [(f"u{user:03d}", f"{scenario}{i}", scenario, VIEW) for i in viewed]
            rows += [(f"u{user:03d}", f"{scenario}{i}", scenario, 1.0) for i in bought]
    frame = pd.DataFrame(rows, columns=["user_id", "item_id", "scenario", "weight"])
    frame = frame.drop_duplicates(["user_id", "item_id"], keep="last")
    return InteractionLog.from_frame(frame)


def cut_of(log: InteractionLog) -> ScenarioSplit:
    return split(log, kind="random", cold_users=0.1, seed=1)


def chosen(log: InteractionLog, **settings) -> float:
    cut = cut_of(log)
    train = Histories.from_log(cut.train, cut.space)
    valid = Histories.from_log(cut.valid, cut.space, train.users.ids)
    return choose_strength_power(train, valid, TransferConfig(**settings))


@pytest.fixture(scope="module")
def telling() -> TransferModel:
    return TransferModel(**QUICK).fit(cut_of(log_of_views(telling=True)))


def test_views_that_tell_more_than_purchases_count_more_than_was_said():
    assert chosen(log_of_views(telling=True)) < 1


def test_views_that_tell_nothing_count_as_little_as_was_said():
    assert chosen(log_of_views(telling=False)) == 1


def test_without_candidates_strengths_are_taken_as_they_are():
    assert chosen(log_of_views(telling=True), strength_powers=(1.0,)) == 1


def test_one_kind_of_event_leaves_nothing_to_choose(monkeypatch):
    def refuse(*_: object) -> None:
        raise AssertionError("judged")

    monkeypatch.setattr("crossrec.transfer.strength.validation_ndcg", refuse)
    log = log_of_views(telling=True)
    strong = log.select(log.weight == 1)
    assert chosen(strong) == 1


def test_a_power_keeps_signs_and_places():
    histories = Histories.from_log(
        log_of_views(telling=True), cut_of(log_of_views(telling=True)).space
    )
    matrix = histories.by_scenario[0][:3]
    matrix.data[:4] = [0.25, -1.0, 3.0, -0.25]
    found = counted(matrix, 0.5)
    assert found.data[:4].tolist() == [0.5, -1.0, 1.0, -0.5]
    np.testing.assert_array_equal(found.indices, matrix.indices)
    assert counted(matrix, 1) is matrix


def test_the_fit_scores_by_counted_strengths(telling):
    power = telling.strength_power_
    assert power < 1
    some = telling.histories_.take(slice(0, 9))
    expected = history_weights(counted(some.by_scenario[0], power), 0.5)
    np.testing.assert_array_equal(telling.weights(some, 0, 0).data, expected.data)
    assert expected.data.min() > history_weights(some.by_scenario[0], 0.5).data.min()


def test_scores_are_still_explained_to_the_last_digit(telling):
    histories = telling.histories_
    for user in histories.users.ids[:5]:
        found = contributions(telling, histories, user, "films", "films7")
        one = histories.take(np.array([histories.users.code(user)]))
        local = telling.space_.local(1, telling.space_.items.codes(["films7"]))[0]
        assert found.score == pytest.approx(telling.scores(one, 1)[0, local], abs=1e-5)


def test_the_power_is_saved(telling, tmp_path):
    telling.save(tmp_path)
    loaded = TransferModel.load(tmp_path)
    some = telling.histories_.take(slice(0, 20))
    np.testing.assert_array_equal(loaded.scores(some, 0), telling.scores(some, 0))
    alone = loaded.target_only().scores(some, 0)
    np.testing.assert_array_equal(alone, telling.target_only().scores(some, 0))
    path = tmp_path / "config.json"
    record = json.loads(path.read_text())
    del record["strength_power"]  # as models written before are
    path.write_text(json.dumps(record))
    assert TransferModel.load(tmp_path).strength_power_ == 1


def test_a_fit_goes_on_with_the_power_it_chose(tmp_path, monkeypatch, telling):
    cut = cut_of(log_of_views(telling=True))
    first = TransferModel(**QUICK).fit(cut, checkpoint=tmp_path)

    def refuse(*_: object) -> None:
        raise AssertionError("chosen again")

    monkeypatch.setattr("crossrec.transfer.fitter.choose_strength_power", refuse)
    again = TransferModel(**QUICK).fit(cut, checkpoint=tmp_path)
    assert again.strength_power_ == first.strength_power_ == telling.strength_power_


def test_what_if_weak_events_counted_for_half_is_half_of_what_counts(telling):
    one = telling.histories_.take(slice(0, 1))
    changed = changed_history(telling, one, WhatIf(weak_events=0.5))
    before, after = (telling.weights(each, 0, 0).data for each in (one, changed))
    weak = one.by_scenario[0].data < 1
    assert weak.any()
    np.testing.assert_allclose(after[weak], before[weak] / 2, rtol=1e-4)
    np.testing.assert_array_equal(after[~weak], before[~weak])
