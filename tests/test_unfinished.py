"""What a running training shows of itself, and how long a stopped one is kept."""

import os
import time

from crossrec.transfer.search import DATABASE

from crossrec.transfer.config import TransferConfig
from crossrec.transfer.model import TransferModel
from crossrec.workspace.unfinished import (
    RESUME_DAYS,
    SEARCH,
    forget_unfinished,
    reached,
    resume_folder,
)


def test_curves_and_trials_are_those_of_the_model(tmp_path, small_split, small_features):
    out = tmp_path / "run"
    assert reached(out).history == []
    assert reached(out).trials == []
    config = TransferConfig(max_active=500, search_trials=2, steps=40, seed=1)
    model = TransferModel(config).fit(small_split, small_features, checkpoint=resume_folder(out))
    found = reached(out)
    assert [(one["model"], one["step"]) for one in found.history] == [
        (one["model"], one["step"]) for one in model.history_
    ]
    assert found.history[-1]["valid_ndcg"] == model.history_[-1]["valid_ndcg"]
    assert [one["ndcg"] for one in found.trials] == [one["ndcg"] for one in model.trials_]
    assert [one["trial"] for one in found.trials] == [0, 1]


def test_the_name_of_the_search_is_the_engines():
    assert SEARCH == DATABASE


def test_half_a_file_is_no_curve(tmp_path):
    folder = resume_folder(tmp_path / "run")
    folder.mkdir()
    (folder / "training.transfer.safetensors").write_bytes(b"\x10\0\0")
    (folder / SEARCH).write_bytes(b"half")
    assert reached(tmp_path / "run").history == []
    assert reached(tmp_path / "run").trials == []


def test_a_stopped_run_that_nobody_took_up_is_forgotten(tmp_path):
    old, young, mine = (resume_folder(tmp_path / name) for name in ("old", "young", "mine"))
    for folder in (old, young, mine):
        folder.mkdir()
    long_ago = time.time() - (RESUME_DAYS + 1) * 24 * 3600
    for folder in (old, mine):
        os.utime(folder, (long_ago, long_ago))
    forget_unfinished(tmp_path / "mine")
    assert not old.exists()
    assert young.exists()
    assert mine.exists()
