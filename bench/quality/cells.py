"""One cell: one recipe on one set under one seed, run once for every code it rests on.

A cell is a Parquet file of per-user metrics and a JSON file beside it, written last: a cell without
the JSON was interrupted and is run again. The key in the file names covers the set's files, the
seed, the recipe's settings, the settings it reuses, and the code that decides the result.
"""

import hashlib
import json
import resource
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path
from time import perf_counter
from typing import Any

import numpy as np
import pandas as pd

from bench.quality import judge as judging
from bench.quality.lineup import NO_TEXT, PEER, SHUFFLED, Recipe, lineup, peer
from bench.quality.lists import ListedRecommender
from bench.quality.sets import ROOT, SETS, BenchSet, cut, load
from bench.quality.source import code_hash, with_imports
from bench.quality.variants import mean_coefficients, used
from crossrec.data.ids import IdMap
from crossrec.data.split.cutting import ScenarioSplit
from crossrec.language import FeatureTable
from crossrec.transfer import baselines
from crossrec.transfer.baselines import Hybrid
from crossrec.transfer.baselines.base import TunedBaseline

JUDGED = ("data/reading/readers.py", "data/split/cutting.py", "evaluation/protocol.py")
"""Where reading, cutting and judging begin; what they import counts, too."""

CLEAR, STATUS = Path("/proc/self/clear_refs"), Path("/proc/self/status")


@dataclass(frozen=True)
class Cell:
    """What is to be run.

    Attributes:
        one: the data set.
        seed: of the split and of the model.
        recipe: the model.
        reuse: settings chosen under the first seed, one per scenario (one if pooled); empty to
            choose.
        max_warm: see :mod:`bench.quality.judge`.
        lists: of a peer, the file it wrote.
    """

    one: BenchSet
    seed: int
    recipe: Recipe
    reuse: tuple[tuple[float, ...], ...] = ()
    max_warm: int = judging.MAX_WARM
    lists: Path | None = None

    def path(self, home: Path) -> Path:
        """The cell's JSON file under the cache folder."""
        safe = "".join(c if c.isalnum() else "-" for c in self.recipe.name)
        folder = home / "cells" / self.one.name / safe
        return folder / f"seed{self.seed}-{self.key(home)}.json"

    def key(self, home: Path) -> str:
        """Hex digest of all that decides the result, 16 characters."""
        files = self.one.files(home)
        parts = [
            self.one.name,
            str(self.seed),
            self.one.cut,
            str(self.max_warm),
            json.dumps([dict(self.recipe.settings), self.recipe.text, self.recipe.variants]),
            json.dumps(self.reuse),
            _bytes_hash(files.interactions),
            _bytes_hash(files.items) if files.items is not None else "",
            code_hash(sources(self.recipe)),
            _bytes_hash(self.lists) if self.lists is not None else "",
        ]
        return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:16]


def run_cell(cell: Cell, home: Path) -> Path:
    """Fit, judge and write a cell.

    Args:
        cell: what to run.
        home: the cache folder of the benchmark.

    Returns:
        The JSON file: ``fit_seconds``, ``judge_seconds``, ``peak_gb`` (of the whole process, data
        and judging included), ``chosen`` settings and ``quality`` on validation where there are.
    """
    started = perf_counter()
    _forget_peak()
    split, usual = _prepared(cell.one.name, cell.seed, home)
    features = _text(usual, cell)
    began = perf_counter()
    model = _model(cell)
    model.fit(split, features)
    fitted = perf_counter()
    frames = []
    for name, recommender in used(model, cell.recipe, split, cell.max_warm, cell.seed):
        frames.append(judging.judge(recommender, split, cell.max_warm).assign(model=name))
    member = model.member if isinstance(model, Hybrid) else model
    record = {
        "set": cell.one.name,
        "seed": cell.seed,
        "recipe": cell.recipe.name,
        "settings": dict(cell.recipe.settings),
        "chosen": getattr(member, "chosen_", None),
        "weights": model.chosen_ if isinstance(model, Hybrid) else None,
        "quality": getattr(member, "quality_", None),
        "fit_seconds": round(fitted - began, 2),
        "judge_seconds": round(perf_counter() - fitted, 2),
        "seconds": round(perf_counter() - started, 2),
        "peak_gb": round(_peak_gb(), 3),
        "coefficients": mean_coefficients(model, split, cell.max_warm)
        if cell.recipe.variants
        else None,
        "split": split.hash,
        "scenarios": [str(name) for name in split.space.scenarios.ids],
        "parts": {name: len(getattr(split, name)) for name in ("train", "valid", "test")},
    }
    return _write(cell.path(home), pd.concat(frames, ignore_index=True), record)


def read_record(path: Path) -> dict[str, Any]:
    """The record of a finished cell, see :func:`run_cell`."""
    return json.loads(path.read_text(encoding="utf-8"))


def read_cell(path: Path) -> pd.DataFrame:
    """The per-user metrics of a finished cell: columns of :func:`judge`, ``model``, ``seed``."""
    return pd.read_parquet(path.with_suffix(".parquet")).assign(seed=read_record(path)["seed"])


def sources(recipe: Recipe) -> set[Path]:
    """The files that decide the result of a recipe."""
    product, here = ROOT / "crossrec", Path(__file__).parent
    roots = [product / name for name in JUDGED]
    if recipe.uses_text:
        roots.append(product / "language" / "extract.py")
    if "type" in recipe.settings:
        roots += _baseline_files(recipe.settings)
    elif recipe.kind != PEER:
        roots.append(product / "transfer" / "model.py")
    own = {here / "judge.py", here / "sets.py"}
    if recipe.variants:
        own.add(here / "variants.py")
    return with_imports(roots) | own


def _baseline_files(described: Mapping[str, Any]) -> list[Path]:
    """The files of a baseline's class and of the one inside it."""
    module = getattr(baselines, described["type"]).__module__
    inside = _baseline_files(described["member"]) if "member" in described else []
    return [ROOT.joinpath(*module.split(".")).with_suffix(".py"), *inside]


@cache
def _bytes_hash(path: Path) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _model(cell: Cell) -> Any:
    if cell.lists is not None:
        return ListedRecommender(cell.recipe.name, cell.lists)
    if cell.recipe.make is None:
        raise ValueError(f"{cell.recipe.name!r} has neither a constructor nor lists")
    model = cell.recipe.make(cell.seed)
    member = model.member if isinstance(model, Hybrid) else model
    if cell.reuse and isinstance(member, TunedBaseline):
        member.reuse(cell.reuse)
    return model


def _text(features: FeatureTable | None, cell: Cell) -> FeatureTable | None:
    """The text vectors of a recipe; shuffled ones go to a random other item of the whole set."""
    if features is None or cell.recipe.text == NO_TEXT:
        return None
    if cell.recipe.text != SHUFFLED:
        return features
    order = np.random.default_rng([cell.seed, 1]).permutation(len(features.items))
    return FeatureTable(
        IdMap(features.items.ids), features.vectors[order], features.encoder, features.revision,
        f"{features.fingerprint} shuffled {cell.seed}",
        {name: view[order] for name, view in features.views.items()},
    )  # fmt: skip


@lru_cache(maxsize=1)
def _prepared(name: str, seed: int, home: Path) -> tuple[ScenarioSplit, FeatureTable | None]:
    loaded = load(SETS[name], home)
    return cut(SETS[name], loaded, seed), loaded.features


def _forget_peak() -> None:
    """Make the process's memory peak start anew, where the system can (Linux)."""
    if CLEAR.exists():
        CLEAR.write_text("5")


def _peak_gb() -> float:
    if CLEAR.exists():
        status = dict(line.split(":", 1) for line in STATUS.read_text().splitlines())
        return int(status["VmHWM"].split()[0]) * 1024 / 1e9
    unit = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit / 1e9


def _write(path: Path, frame: pd.DataFrame, record: Mapping[str, Any]) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    frame.to_parquet(path.with_suffix(".parquet"), index=False)
    part = path.with_suffix(".part")
    part.write_text(json.dumps(record, indent=1) + "\n", encoding="utf-8")
    part.replace(path)
    return path


def describe(cell: Cell) -> str:
    """A cell as JSON, for the child process."""
    return json.dumps(
        {
            "set": cell.one.name,
            "seed": cell.seed,
            "recipe": cell.recipe.name,
            "reuse": cell.reuse,
            "max_warm": cell.max_warm,
            "lists": None if cell.lists is None else str(cell.lists),
        }
    )


def described_cell(text: str) -> Cell:
    """The inverse of :func:`describe`."""
    values = json.loads(text)
    known = {recipe.name: recipe for recipe in lineup(values["set"])}
    lists = values["lists"]
    return Cell(
        one=SETS[values["set"]],
        seed=values["seed"],
        recipe=peer(values["recipe"]) if lists else known[values["recipe"]],
        reuse=tuple(tuple(setting) for setting in values["reuse"]),
        max_warm=values["max_warm"],
        lists=Path(lists) if lists else None,
    )
