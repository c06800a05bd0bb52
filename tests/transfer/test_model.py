"""The transfer model: coefficients, switches, cold users and items, saving."""

import json
from dataclasses import replace

import numpy as np
import pytest
from safetensors.numpy import load_file, save_file

from crossrec.data.history import Histories
from crossrec.data.split.cutting import split
from crossrec.errors import RunUnreadable, SplitError, TrainingFailed
from crossrec.evaluation import compare
from crossrec.transfer.decisions import DECISIONS
from crossrec.transfer.model import TransferModel
from crossrec.transfer.popularity import START_BASE
from tests.conftest import opened, with_coefficients


@pytest.fixture
def users(small_split, small_model) -> Histories:
    return small_split.histories().take(slice(0, 40))


def test_coefficients_are_between_0_and_1(small_model, users):
    for target in range(2):
        m = small_model.coefficients(users, target)
        assert m.shape == (40, 2)
        assert np.all(m[:, target] == 1)
        other = m[:, 1 - target]
        assert np.all((other > 0) & (other < 1))


def test_coefficients_come_with_their_interval(small_model, users):
    for target in range(2):
        m = small_model.coefficients(users, target)
        low, high, judged = small_model.coefficient_intervals(users, target)
        assert ((low <= m) & (m <= high)).all()
        assert judged[1 - target] > 0


def test_coefficients_of_single_users_may_differ(lively_model, users):
    for target in range(2):
        assert len(np.unique(lively_model.coefficients(users, target)[:, 1 - target])) > 2


def test_with_every_source_closed_the_model_is_the_target_only_one(small_model, users):
    found = small_model.fitted_.coefficients
    shut = with_coefficients(small_model, replace(found, level=np.full((2, 2), -np.inf)))
    for target in range(2):
        alone = shut.target_only().scores(users, target)
        np.testing.assert_array_equal(shut.scores(users, target), alone)


def test_a_first_click_moves_the_list_and_does_not_replace_it(small_model):
    """What a user without target history gets is not another world than after one item."""
    space = small_model.space_
    rows = [("me", "books", f"b{at:02d}", 1.0) for at in (0, 3, 6)]
    cold = Histories.of(rows, space)
    warm = Histories.of([*rows, ("me", "films", "f09", 1.0)], space)
    films = space.scenarios.code("films")
    before, after = (small_model.coefficients(one, films)[0, 0] for one in (cold, warm))
    assert 0.5 * before < after <= before
    refused = Histories.of([*rows, ("me", "films", "f09", -1.0)], space)
    assert small_model.coefficients(refused, films)[0, 0] == before


def test_target_only_is_the_sum_without_other_scenarios(small_model, users):
    """M = identity: the other scenario's history must not matter at all."""
    alone = small_model.target_only()
    emptied = users.without(0)
    assert np.array_equal(alone.scores(users, 1), alone.scores(emptied, 1))
    assert not np.allclose(small_model.scores(users, 1), small_model.scores(emptied, 1))


def test_scores_follow_the_given_coefficients(small_model, users):
    """R is linear in M: base and own part at 0, plus M times the source's preference."""
    zero, half, one = (
        small_model.scores(users, 0, coefficients=np.tile([1.0, m], (40, 1))) for m in (0, 0.5, 1)
    )
    assert np.allclose(half, (zero + one) / 2, atol=1e-4)
    learnt = small_model.coefficients(users, 0)[:, [1]]
    assert np.allclose(small_model.scores(users, 0), zero + learnt * (one - zero), atol=1e-3)


def test_a_forced_source_has_the_coefficient_1(small_model, users):
    """Cold users also get the popularity that a source starts beside, not the learnt one."""
    popular = small_model.fitted_.popularity[0]
    own_items = users.counts()[:, 0]
    expected = small_model.scores(users, 0, coefficients=np.ones((40, 2)))
    expected += popular.scores(own_items, cold=START_BASE) - popular.scores(own_items)
    found = small_model.only_source(1, forced=True).scores(users, 0)
    assert np.allclose(found, expected, atol=1e-5)
    learnt = small_model.only_source(1).scores(users, 0)
    assert np.allclose(learnt, small_model.scores(users, 0), atol=1e-5)


def test_transfer_helps_cold_users_of_planted_data(small_split, small_model, small_features):
    report = compare(small_split, {"transfer": small_model}, small_features)
    lift = report.table.query("metric == 'lift_ndcg' and cohort == 'cold' and source == ''")
    assert (lift["value"] > 0.1).all()


def test_an_item_nobody_has_used_is_ranked_by_its_text(small_model, small_split):
    """b99 has the text of taste 0 (99 % 3): users of that taste see it higher than others."""
    histories = small_split.histories()
    new = int(small_model.space_.local(0, np.array([small_model.space_.items.code("b99")]))[0])
    scores = small_model.target_only().scores(histories, 0)
    warm = histories.counts()[:, 0] > 0
    rank = (scores > scores[:, [new]]).sum(1)
    taste = np.array([int(name[1:]) % 3 for name in histories.users.ids])
    assert rank[warm & (taste == 0)].mean() + 1 < rank[warm & (taste != 0)].mean()


def test_the_same_seed_gives_the_same_model(small_split, small_features, small_model, users):
    again = opened(TransferModel(seed=1).fit(small_split, small_features))
    assert np.array_equal(again.scores(users, 1), small_model.scores(users, 1))


def test_it_learns_without_text(small_split, users):
    model = TransferModel().fit(small_split)
    assert np.isfinite(model.scores(users, 0)).all()


def test_every_decision_is_recorded_by_its_name(small_model):
    found = small_model.fitted_.chosen()
    json.dumps(found)
    assert {one["decision"] for one in found} == set(DECISIONS) - {"loudness", "closing"}
    by_target = [one for one in found if one["decision"] == "penalty"]
    assert [one["target"] for one in by_target] == ["books", "films"]
    assert all(one["users"] > 0 for one in by_target)


@pytest.mark.parametrize("name", sorted(DECISIONS))
def test_every_decision_can_be_switched_off(small_split, small_features, small_model, users, name):
    model = TransferModel(seed=1, off=(name,)).fit(small_split, small_features)
    for one in model.fitted_.decided.get(name, ()):
        assert one.value == DECISIONS[name].off
    assert np.isfinite(model.scores(users, 0)).all()


def test_an_unknown_decision_is_not_switched_off(small_split):
    with pytest.raises(ValueError, match="no such"):
        TransferModel(off=("no such",)).fit(small_split)


def test_new_items_can_be_made_louder(small_split, small_features, users):
    plain, loud = (
        TransferModel(seed=1, new_items=times).fit(small_split, small_features)
        for times in (1.0, 4.0)
    )
    new = int(plain.space_.local(0, plain.space_.items.codes(["b99"]))[0])
    spread = [m.target_only().scores(users, 0)[:, new].std() for m in (plain, loud)]
    assert spread[1] == pytest.approx(4 * spread[0], rel=1e-3)


def test_a_saved_model_scores_the_same_and_holds_no_history(small_model, users, tmp_path):
    small_model.save(tmp_path)
    loaded = TransferModel.load(tmp_path)
    for target in range(2):
        assert np.array_equal(loaded.scores(users, target), small_model.scores(users, target))
        assert np.array_equal(
            loaded.target_only().scores(users, target),
            small_model.target_only().scores(users, target),
        )
    assert loaded.histories_ is None
    assert "u001" not in (tmp_path / "config.json").read_text()


def _missing(folder):
    (folder / "weights.safetensors").unlink()


def _foreign(folder):
    (folder / "config.json").write_text(json.dumps({"format": "other"}))


def _cut_short(folder):
    path = folder / "weights.safetensors"
    path.write_bytes(path.read_bytes()[:-50])


def _wild_index(folder):
    arrays = load_file(folder / "weights.safetensors")
    arrays["own.0.links.indices"][0] = 10_000_000
    save_file(arrays, folder / "weights.safetensors")


def _older(folder):
    path = folder / "config.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | {"version": 5}))


@pytest.mark.parametrize("harm", [_missing, _foreign, _cut_short, _wild_index, _older])
def test_a_harmed_model_folder_is_refused(small_model, tmp_path, harm):
    small_model.save(tmp_path)
    harm(tmp_path)
    with pytest.raises(RunUnreadable, match="expected"):
        TransferModel.load(tmp_path)


def test_one_scenario_is_refused_for_transfer_only(small_log, small_features):
    books = small_log.select(small_log.scenario == 0)
    alone = type(books).from_frame(books.to_frame(), time_kind=books.time_kind)
    cut = split(alone)
    with pytest.raises(SplitError, match="at least two scenarios"):
        TransferModel().fit(cut, small_features)
    model = TransferModel(transfer=False).fit(cut, small_features)
    assert len(model.recommend("u001", "books", 5).item_ids) == 5


def test_strengths_that_are_not_finite_stop_with_a_sentence(small_split):
    weight = small_split.train.weight.copy()
    weight[0] = np.nan
    broken = replace(small_split, train=replace(small_split.train, weight=weight))
    with pytest.raises(TrainingFailed, match="finite strengths"):
        TransferModel().fit(broken)
