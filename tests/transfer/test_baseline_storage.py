"""Fitted baselines, written and read again; what is damaged is refused with a sentence."""

import json

import numpy as np
import pytest
from safetensors.numpy import load_file, save_file

from crossrec.data.history import Histories
from crossrec.data.ids import IdMap
from crossrec.errors import NotFitted, RunUnreadable
from crossrec.transfer.baselines import (
    ALS,
    BPR,
    EASE,
    Hybrid,
    ItemKNN,
    Popularity,
    RecentPopularity,
    TextContent,
    UserKNN,
)
from crossrec.transfer.baselines.storage import ABOUT, WEIGHTS, load, save

MAKERS = {
    "als": lambda: ALS(8, (10.0, 50.0)),
    "als pooled": lambda: ALS(8, pooled=True, tuned_for="cold"),
    "bpr": lambda: BPR(8, epochs=5),
    "ease": EASE,
    "ease few items": lambda: EASE(50.0, pooled=True, max_items=20),
    "hybrid": lambda: Hybrid(EASE((50.0, 100.0), pooled=True)),
    "item knn": lambda: ItemKNN(10),
    "popularity": Popularity,
    "recent popularity": RecentPopularity,
    "text": lambda: TextContent(pooled=True),
    "user knn": lambda: UserKNN((5, 10), pooled=True),
}


@pytest.fixture(params=MAKERS)
def fitted(request, small_split, small_features):
    return MAKERS[request.param]().fit(small_split, small_features)


@pytest.fixture
def kept(small_split, tmp_path):
    """A kept item kNN, to be damaged."""
    save(ItemKNN(10).fit(small_split), tmp_path / "kept")
    return tmp_path / "kept"


def test_what_is_loaded_scores_as_what_was_saved(fitted, small_split, tmp_path):
    save(fitted, tmp_path / "kept")
    loaded = load(tmp_path / "kept")
    assert (type(loaded), loaded.name) == (type(fitted), fitted.name)
    assert getattr(loaded, "chosen_", None) == getattr(fitted, "chosen_", None)
    newcomer = Histories.of([("new", "books", "b03", 1.0)], small_split.space)
    for histories in (small_split.histories(), newcomer):
        for scenario in (0, 1):
            np.testing.assert_array_equal(
                loaded.scores(histories, scenario), fitted.scores(histories, scenario)
            )


def test_only_json_and_safetensors_are_written(fitted, tmp_path):
    save(fitted, tmp_path / "kept")
    files = [path for path in (tmp_path / "kept").rglob("*") if path.is_file()]
    assert {path.name for path in files} == {ABOUT, WEIGHTS}


def test_ids_with_half_a_character_are_kept(small_split, tmp_path):
    model = UserKNN().fit(small_split)
    model.users_ = halves = IdMap(["\ud800", *small_split.train.users.ids[1:]])
    save(model, tmp_path / "kept")
    loaded = load(tmp_path / "kept")
    assert isinstance(loaded, UserKNN)
    assert loaded.users_ == halves


def test_what_is_not_fitted_is_not_kept(tmp_path):
    with pytest.raises(NotFitted):
        save(EASE(), tmp_path)


@pytest.mark.parametrize("name", [ABOUT, WEIGHTS])
def test_a_missing_or_cut_file_is_refused(name, kept):
    content = (kept / name).read_bytes()
    (kept / name).write_bytes(content[: len(content) // 2])
    with pytest.raises(RunUnreadable, match="undamaged"):
        load(kept)
    (kept / name).unlink()
    with pytest.raises(RunUnreadable, match="missing"):
        load(kept)


@pytest.mark.parametrize(
    "change",
    [
        {"format": "else"},
        {"version": 99},
        {"kind": "os.system"},
        {"kind": "Hybrid"},
        {"pooled": True},
        {"items": ["b00"]},
        {"scenarios": ["books"]},
        {"scenarios": None},
        {"candidates": 3},
    ],
    ids=str,
)
def test_a_changed_record_is_refused(change, kept):
    record = json.loads((kept / ABOUT).read_text())
    (kept / ABOUT).write_text(json.dumps({**record, **change}))
    with pytest.raises(RunUnreadable):
        load(kept)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("model.0.indices", np.full(3, 10_000, dtype=np.int32)),
        ("model.0.data", np.array([np.nan], dtype=np.float32)),
        ("popularity.1", np.zeros(1, dtype=np.float32)),
        ("members.0", np.array([0, 0, 5], dtype=np.int32)),
        ("members.0", np.array([10_000], dtype=np.int32)),
    ],
)
def test_changed_numbers_are_refused(name, value, kept):
    arrays = {**load_file(kept / WEIGHTS), name: value}
    save_file(arrays, kept / WEIGHTS)
    with pytest.raises(RunUnreadable):
        load(kept)


@pytest.mark.parametrize("name", ["active", "matrix", "below"])
def test_a_changed_ease_is_refused(name, small_split, tmp_path):
    save(EASE(50.0).fit(small_split), tmp_path)
    arrays = load_file(tmp_path / WEIGHTS)
    arrays[f"model.0.{name}"] = arrays[f"model.0.{name}"][::-1][1:]
    save_file({k: np.ascontiguousarray(v) for k, v in arrays.items()}, tmp_path / WEIGHTS)
    with pytest.raises(RunUnreadable):
        load(tmp_path)
