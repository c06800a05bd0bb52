"""The transfer model: coefficients, switches, cold users and items, saving."""

import json
from copy import copy

import numpy as np
import pytest
from crossrec.transfer.restricted import NotPersonal
from safetensors.numpy import load_file, save_file

from crossrec.data.history import Histories
from crossrec.data.split.cutting import split
from crossrec.errors import RunUnreadable, SplitError, TrainingFailed
from crossrec.evaluation import compare
from crossrec.transfer import training
from crossrec.transfer.coefficients import START_BASE, Gates
from crossrec.transfer.model import TransferModel
from tests.conftest import opened


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


def test_how_loud_a_source_is_comes_with_its_choice(small_model):
    """Of 0 throughout, every source would start like the loudest."""
    for (source, target), choice in small_model.choices_.items():
        assert (choice.pooled_spread > 0) == (source != target)


def test_training_is_told_how_loud_the_sources_are(monkeypatch, small_split, small_features):
    class Told(Exception):
        pass

    def train(*given, spreads, **options):
        raise Told(spreads)

    monkeypatch.setattr("crossrec.transfer.fitter.train", train)
    model = TransferModel(seed=1)
    with pytest.raises(Told) as found:
        model.fit(small_split, small_features)
    (spreads,) = found.value.args
    assert spreads.shape == (2, 2)
    for pair, choice in model.choices_.items():
        assert spreads[pair] == choice.pooled_spread


def test_personal_coefficients_differ_from_user_to_user(small_model, users):
    model = copy(small_model)
    model.gates_ = Gates({**small_model.gates_.state, "personal": np.ones(2)})
    for target in range(2):
        assert len(np.unique(model.coefficients(users, target)[:, 1 - target])) > 2


def test_with_every_source_closed_the_model_is_the_target_only_one(small_model, users):
    model = copy(small_model)
    state = small_model.gates_.state
    model.gates_ = Gates({**state, "closed": np.ones_like(state["closed"]), "personal": np.ones(2)})
    warm = users.take(np.flatnonzero((users.counts() > 0).all(1)))
    for target in range(2):
        alone = model.target_only().scores(warm, target)
        np.testing.assert_array_equal(model.scores(warm, target), alone)


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
    """Cold users also get the popularity that training starts from, not the learnt one."""
    counts = users.counts()
    base = np.where(counts[:, 0] > 0, small_model.base(counts, 0), START_BASE)
    expected = small_model.scores(users, 0, coefficients=np.ones((40, 2)), base=base)
    assert np.allclose(small_model.only_source(1, forced=True).scores(users, 0), expected)
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
    again = TransferModel(seed=1).fit(small_split, small_features)
    again.gates_ = opened(again.gates_)
    assert np.array_equal(again.scores(users, 1), small_model.scores(users, 1))


def test_it_learns_without_text(small_split, users):
    model = TransferModel().fit(small_split)
    assert np.isfinite(model.scores(users, 0)).all()


def test_curves_and_choices_are_kept(small_model):
    steps = [p["step"] for p in small_model.history_ if p["model"] == "transfer"]
    assert steps == sorted(steps)
    assert len(steps) > 1
    assert set(small_model.choices_) == {(0, 0), (0, 1), (1, 0), (1, 1)}
    assert all(choice.users > 0 for choice in small_model.choices_.values())


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
    arrays["within.0.links.indices"][0] = 10_000_000
    save_file(arrays, folder / "weights.safetensors")


@pytest.mark.parametrize("harm", [_missing, _foreign, _cut_short, _wild_index])
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


def test_a_loss_that_is_not_finite_stops_with_a_sentence(small_split, monkeypatch):
    monkeypatch.setattr(training, "smooth_loss", lambda *_: training.torch.tensor(float("nan")))
    with pytest.raises(TrainingFailed, match="finite training loss"):
        TransferModel().fit(small_split)


def test_the_best_network_is_on_disk_while_it_trains(small_split, tmp_path):
    TransferModel(steps=40).fit(small_split, checkpoint=tmp_path / "kept")
    assert "best.closed" in load_file(tmp_path / "kept" / "training.transfer.safetensors")
    assert "closed" in load_file(tmp_path / "kept" / "gates.safetensors")


def test_coefficients_that_are_not_personal(lively_model, small_split):
    known = small_split.histories()
    target, warm = 1, known.counts()[:, 1] > 0
    equal = NotPersonal(lively_model, known, shuffled=False, seed=0)
    mean = lively_model.coefficients(known, target)[warm].mean(0)
    given = np.broadcast_to(mean, (int(warm.sum()), 2))
    rows = known.take(np.flatnonzero(warm))
    np.testing.assert_allclose(
        equal.scores(rows, target),
        lively_model.scores(rows, target, coefficients=given),
        rtol=1e-4,
        atol=1e-5,
    )
    shuffled = NotPersonal(lively_model, known, shuffled=True, seed=0)
    alone = shuffled.scores(known.take(np.array([7])), target)
    np.testing.assert_allclose(shuffled.scores(known, target)[[7]], alone, rtol=1e-4, atol=1e-5)
    assert not np.allclose(shuffled.scores(known, target), lively_model.scores(known, target))
