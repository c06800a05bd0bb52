"""A fit that was stopped goes on from its checkpoint, to the same bits."""

import json

import numpy as np
import pytest

from crossrec.errors import Cancelled
from crossrec.pipeline import RunConfig, RunInputs, load_model, run
from crossrec.pipeline.run import resume_folder
from crossrec.transfer import decisions
from crossrec.transfer.checkpoint import FILE
from crossrec.transfer.config import TransferConfig
from crossrec.transfer.model import TransferModel

SMALL = TransferConfig(seed=1)


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
    assert one.fitted_.chosen() == other.fitted_.chosen()


@pytest.mark.parametrize("share", [0.05, 0.3, 0.6, 0.99])
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
        pytest.fail("decided again")

    monkeypatch.setattr(decisions, "choose", never)
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
    (path,) = tmp_path.iterdir()
    data = path.read_bytes()
    path.write_bytes({"cut short": data[:-9], "foreign": b"[{}]", "empty": b""}[harm])
    again = TransferModel(SMALL).fit(small_split, small_features, checkpoint=tmp_path)
    same(straight[0], again)


def test_no_user_id_is_kept(small_split, small_features, tmp_path):
    TransferModel(SMALL).fit(small_split, small_features, checkpoint=tmp_path)
    (path,) = tmp_path.iterdir()
    assert "u001" not in path.read_text()
    made = json.loads(path.read_text())["made"]
    assert set(made) == set(decisions.DECISIONS) - {"closing"}


def test_a_stopped_run_goes_on_where_it_was(small_files, tmp_path, monkeypatch):
    inputs, config = RunInputs(**small_files), RunConfig(encoder="tfidf", holdout=False)
    out = tmp_path / "run"

    def stop_before_the_last_fit(phase, done, total, note=""):
        if phase == "train" and done > 0.81:
            raise Cancelled

    with pytest.raises(Cancelled):
        run(inputs, out, config, progress=stop_before_the_last_fit)
    assert not out.exists()
    assert (resume_folder(out) / FILE).exists()

    def never(*_, **__):
        pytest.fail("decided again")

    monkeypatch.setattr(decisions, "choose", never)
    run(inputs, out, config)
    assert [path.name for path in tmp_path.iterdir()] == ["run"]
    monkeypatch.undo()
    straight = run(inputs, tmp_path / "other", config)
    one, other = load_model(out), load_model(straight)
    assert one.fitted_.chosen() == other.fitted_.chosen()
