"""Shared fixtures: seeded randomness and a tiny two-scenario log."""

import os
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import torch

from crossrec.data.catalog import Catalog
from crossrec.data.ids import IdMap
from crossrec.data.log import InteractionLog, TimeKind
from crossrec.data.split.cutting import ScenarioSplit, split
from crossrec.language.table import FeatureTable
from crossrec.pipeline import RunConfig, RunInputs, run
from crossrec.transfer.coefficients import Coefficients
from crossrec.transfer.model import TransferModel

os.environ["CROSSREC_CONFIG"] = str(Path(__file__).with_name("no-settings.toml"))
"""No settings of the person who runs the tests, here and in every process started here."""


@pytest.fixture(autouse=True)
def _seed_torch():
    """pytest-randomly seeds random and numpy, but not torch."""
    torch.manual_seed(0)


@pytest.fixture
def small_log() -> InteractionLog:
    """120 users with shared tastes in two scenarios of 30 and 20 items, clock times."""
    return make_small_log()


def make_small_log() -> InteractionLog:
    """The log of :func:`small_log`."""
    rng = np.random.default_rng(5)
    rows = []
    for user in range(120):
        taste = user % 3
        for scenario, n_items, n_rows in (("books", 30, 8), ("films", 20, 6)):
            liked = np.arange(n_items) % 3 == taste
            odds = np.where(liked, 8.0, 1.0)
            chosen = rng.choice(n_items, n_rows, replace=False, p=odds / odds.sum())
            times = rng.integers(1_600_000_000, 1_610_000_000, n_rows)
            rows += [
                (f"u{user:03d}", f"{scenario[0]}{item:02d}", scenario, time)
                for item, time in zip(chosen, times, strict=True)
            ]
    frame = pd.DataFrame(rows, columns=["user_id", "item_id", "scenario", "timestamp"])
    return InteractionLog.from_frame(frame, time_kind=TimeKind.CLOCK)


@pytest.fixture(scope="session")
def small_features() -> FeatureTable:
    """Text vectors in which items of one taste lie near each other, in both scenarios."""
    ids = [*make_small_log().items.ids, "b99"]  # b99: an item that nobody has used
    rng = np.random.default_rng(3)
    taste = np.array([int(name[1:]) % 3 for name in ids])
    vectors = np.eye(3, 8)[taste] + 0.2 * rng.normal(size=(len(ids), 8))
    return FeatureTable(IdMap(ids), vectors.astype(np.float32), "fake", "1", "f")


@pytest.fixture(scope="session")
def small_split() -> ScenarioSplit:
    """A split of the small log; item b99 is a candidate in books though nobody has used it."""
    nobodys = Catalog(
        IdMap(["b99"]),
        title=np.array(["New"], dtype=object),
        text=np.array([""], dtype=object),
        listed={"books": np.array([0], dtype=np.int32)},
    )
    return split(make_small_log(), catalog=nobodys, seed=1)


@pytest.fixture(scope="session")
def small_model(small_split: ScenarioSplit, small_features: FeatureTable) -> TransferModel:
    """A transfer model fitted once, with every source open; tests must not change it."""
    return opened(TransferModel(seed=1).fit(small_split, small_features))


def opened(model: TransferModel) -> TransferModel:
    """A model with every source open to everybody: few users prove no gain, and nothing would be
    explained."""
    found = model.fitted_.coefficients
    level = np.where(np.isneginf(found.level), np.float64(-1), found.level)
    slopes = np.tile([-0.2, 0.0, 0.0], (len(level), 1))
    opener = replace(found, level=level, high=np.maximum(found.high, level), slopes=slopes)
    return with_coefficients(model, opener)


def with_coefficients(model: TransferModel, coefficients: Coefficients) -> TransferModel:
    """The same model with other coefficients."""
    fitted = replace(model.fitted_, coefficients=coefficients)
    return TransferModel.of(model.config, fitted, model.histories_)


@pytest.fixture
def lively_model(small_model) -> TransferModel:
    """The small model with coefficients that listen to all of their inputs."""
    found = small_model.fitted_.coefficients
    slopes = np.random.default_rng(3).normal(size=found.slopes.shape) / 2
    return with_coefficients(small_model, replace(found, slopes=slopes))


@pytest.fixture(scope="session")
def small_files(tmp_path_factory) -> dict[str, Path]:
    """The small log as files: interactions, items (with titles that tell the taste) and users."""
    folder = tmp_path_factory.mktemp("files")
    log = make_small_log().to_frame().drop(columns="weight")
    items = [*sorted(log["item_id"].unique()), "b99"]
    words = ("space rocket stars", "garden flowers soil", "kitchen bread oven")
    catalog = pd.DataFrame(
        {
            "item_id": items,
            "scenario": ["books" if name[0] == "b" else "films" for name in items],
            "title": [f"{words[int(name[1:]) % 3]} {name}" for name in items],
        }
    )
    users = pd.DataFrame({"user_id": sorted(log["user_id"].unique())}).assign(age="25-34")
    paths = {name: folder / f"{name}.csv" for name in ("interactions", "items", "users")}
    for path, frame in zip(paths.values(), (log, catalog, users), strict=True):
        frame.to_csv(path, index=False)
    return paths


@pytest.fixture(scope="session")
def finished_run(small_files, tmp_path_factory) -> Path:
    """A whole run on these files; tests must not change it."""
    return run(
        RunInputs(**small_files),
        tmp_path_factory.mktemp("runs") / "finished",
        RunConfig(encoder="tfidf", seed=1),
    )
