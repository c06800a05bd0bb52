"""A tiny data set of the benchmark, and its cache folder."""

from pathlib import Path

import pytest

from bench.quality import sets
from bench.quality.sets import RANDOM, SETS, BenchSet
from tests.conftest import make_small_log


@pytest.fixture
def home(tmp_path) -> Path:
    """The cache folder of the benchmark."""
    folder = tmp_path / "cache"
    folder.mkdir()
    return folder


@pytest.fixture
def tiny(tmp_path, monkeypatch) -> BenchSet:
    """120 users, two scenarios, no text."""
    folder = tmp_path / "data" / "tiny"
    folder.mkdir(parents=True)
    log = make_small_log().to_frame()
    rows = log[["user_id", "item_id", "scenario"]]
    rows.to_csv(folder / "interactions.csv.gz", index=False)
    items = rows[["item_id", "scenario"]].drop_duplicates().sort_values("item_id")
    items.to_csv(folder / "items.csv.gz", index=False)
    one = BenchSet("tiny", "tiny", RANDOM, text=False)
    monkeypatch.setattr(sets, "SHARED", tmp_path / "data")
    monkeypatch.setitem(SETS, "tiny", one)
    return one
