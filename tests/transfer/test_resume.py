"""A fit that was stopped goes on from its checkpoint, to the same bits."""

from dataclasses import replace

import numpy as np
import pytest
from crossrec.transfer.resume import fit_key
from safetensors.numpy import load_file
from scipy import sparse

from crossrec.errors import Cancelled
from crossrec.pipeline import RunConfig, RunInputs, load_model, run
from crossrec.pipeline.run import resume_folder
from crossrec.transfer import choosing, training
from crossrec.transfer.config import TransferConfig
from crossrec.transfer.model import TransferModel

SMALL = TransferConfig(
    seed=1,
    within_grid=(50.0,),
    text_grid=(0.0, 20.0),
    ranks=(8,),
    factor_ranks=(8,),
    pooled_rank=8,
    steps=60,
    patience=3,
)


class Stopper:
    """A progress that stops the work at its n-th report; None never stops it."""

    def __init__(self, at: int | None = None) -> None:
        self.at, self.told = at, 0

    def __call__(self, phase, done, total, note=""):
        self.told += 1
        if self.told == self.at:
            raise Cancelled


@pytest.fixture(scope="module")
def straight(small_split, small_features):
    """The model of a fit that nobody stopped, and how often it reported."""
    counter = Stopper()
    model = TransferModel(SMALL).fit(small_split, small_features, progress=counter)
    return model, counter.told


def same(one: TransferModel, other: TransferModel) -> None:
    histories = one.histories_
    for target in range(2):
        np.testing.assert_array_equal(
            one.scores(histories, target), other.scores(histories, target)
        )
        np.testing.assert_array_equal(
            one.coefficients(histories, target), other.coefficients(histories, target)
        )
    assert one.choices_ == other.choices_
    curves = [
        [
            [p[name] for name in ("step", "train_loss", "valid_loss", "valid_ndcg")]
            for p in m.history_
        ]
        for m in (one, other)
    ]
    np.testing.assert_array_equal(*curves)


@pytest.mark.parametrize("share", [0.05, 0.2, 0.35, 0.5, 0.6, 0.7, 0.8, 0.99])
def test_a_stopped_fit_ends_as_if_nothing_had_happened(
    straight, small_split, small_features, tmp_path, share
):
    model, reports = straight
    folder = tmp_path / "kept"
    with pytest.raises(Cancelled):
        TransferModel(SMALL).fit(
            small_split,
            small_features,
            progress=Stopper(max(1, int(share * reports))),
            checkpoint=folder,
        )
    again = TransferModel(SMALL).fit(small_split, small_features, checkpoint=folder)
    same(model, again)


def test_it_may_be_stopped_again_and_again(straight, small_split, small_features, tmp_path):
    model, reports = straight
    for step in range(3, reports + 8):
        try:
            again = TransferModel(SMALL).fit(
                small_split, small_features, progress=Stopper(step), checkpoint=tmp_path
            )
            break
        except Cancelled:
            continue
    same(model, again)


def test_what_is_finished_is_not_done_again(
    straight, small_split, small_features, tmp_path, monkeypatch
):
    TransferModel(SMALL).fit(small_split, small_features, checkpoint=tmp_path)

    def never(*_, **__):
        pytest.fail("done again")

    monkeypatch.setattr(choosing, "choose_within", never)
    monkeypatch.setattr(choosing, "choose_across", never)
    monkeypatch.setattr(training, "smooth_loss", never)
    again = TransferModel(SMALL).fit(small_split, small_features, checkpoint=tmp_path)
    same(straight[0], again)


@pytest.mark.parametrize("what", ["settings", "features"])
def test_the_checkpoint_of_another_fit_is_ignored(
    straight, small_split, small_features, tmp_path, what
):
    if what == "settings":
        TransferModel(SMALL, seed=2).fit(small_split, small_features, checkpoint=tmp_path)
    else:
        TransferModel(SMALL).fit(small_split, None, checkpoint=tmp_path)
    again = TransferModel(SMALL).fit(small_split, small_features, checkpoint=tmp_path)
    same(straight[0], again)


@pytest.mark.parametrize("harm", ["cut short", "foreign", "empty"])
def test_a_damaged_stage_is_done_again(straight, small_split, small_features, tmp_path, harm):
    TransferModel(SMALL).fit(small_split, small_features, checkpoint=tmp_path)
    for path in tmp_path.glob("*.safetensors"):
        data = path.read_bytes()
        path.write_bytes({"cut short": data[:-9], "foreign": b"{}" * 40, "empty": b""}[harm])
    again = TransferModel(SMALL).fit(small_split, small_features, checkpoint=tmp_path)
    same(straight[0], again)


def test_no_user_id_is_kept(small_split, small_features, tmp_path):
    TransferModel(SMALL).fit(small_split, small_features, checkpoint=tmp_path)
    files = sorted(path.name for path in tmp_path.iterdir())
    assert "gates.safetensors" in files
    assert "pair.0.1.safetensors" in files
    assert all(name.endswith(".safetensors") for name in files)
    assert all(b"u001" not in path.read_bytes() for path in tmp_path.iterdir())
    assert set(load_file(tmp_path / "pair.0.1.safetensors")) == {"left", "right", "text_map"}


def test_a_stopped_run_goes_on_where_it_was(small_files, tmp_path, monkeypatch):
    inputs, config = RunInputs(**small_files), RunConfig(encoder="tfidf", holdout=False)
    out = tmp_path / "run"

    def stop_before_the_last_fit(phase, done, total, note=""):
        if phase == "train" and done > 0.81:
            raise Cancelled

    with pytest.raises(Cancelled):
        run(inputs, out, config, progress=stop_before_the_last_fit)
    assert not out.exists()
    assert (resume_folder(out) / "gates.safetensors").exists()

    def never(*_, **__):
        pytest.fail("trained again")

    monkeypatch.setattr(training, "train", never)
    monkeypatch.setattr(training, "smooth_loss", never)
    run(inputs, out, config)
    assert [path.name for path in tmp_path.iterdir()] == ["run"]
    monkeypatch.undo()
    straight = run(inputs, tmp_path / "other", config)
    one, other = load_model(out), load_model(straight)
    assert one.choices_ == other.choices_
    for name, value in one.gates_.state.items():
        # Whole runs in one process differ in the last digit now and then, resumed or not.
        np.testing.assert_allclose(value, other.gates_.state[name], atol=1e-5)


def test_the_key_knows_sparse_views(small_split, small_features):
    """Words are sparse: the same table has one key, and other words have another."""
    words = sparse.csr_array(np.abs(small_features.vectors) * (small_features.vectors > 0.1))
    first, again, other = (
        fit_key(small_split, replace(small_features, views={"words": view}), SMALL)
        for view in (words, words.copy(), words * 2)
    )
    assert first == again != other
