"""Which cells are wanted, which are missing, and running those."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from typing import Self

from bench.quality.cells import Cell, describe, read_record
from bench.quality.judge import MAX_WARM
from bench.quality.lineup import ABLATION, OURS, Recipe, lineup, peer
from bench.quality.sets import ROOT, BenchSet

Runner = Callable[[Cell, Path], None]


@dataclass(frozen=True)
class Plan:
    """What is asked for.

    Attributes:
        sets: on this machine.
        seeds: the first one also chooses the hyper-parameters of the baselines.
        home: cache folder.
        models: recipes whose name contains one of these; empty for all.
        ablation_seeds: so many of the seeds for ablations.
        max_warm: judged warm users per scenario.
        threads: of every fit.
    """

    sets: Sequence[BenchSet]
    seeds: Sequence[int]
    home: Path
    models: Sequence[str] = ()
    ablation_seeds: int = 2
    max_warm: int = MAX_WARM
    threads: int = field(default_factory=lambda: os.cpu_count() or 1)

    def wanted(self) -> Iterator[tuple[BenchSet, int, Recipe]]:
        """Set, seed and recipe of every cell, in an order in which nothing waits for a later one.

        Settings that are reused come from the first seed, so that all of it is run first.
        """
        for at, seed in enumerate(self.seeds):
            for one in self.sets:
                for recipe in lineup(one.name):
                    too_late = recipe.kind == ABLATION and at >= self.ablation_seeds
                    if too_late or (recipe.needs_text and not one.text):
                        continue
                    if not self.models or any(part in recipe.name for part in self.models):
                        yield one, seed, recipe

    def cell(self, one: BenchSet, seed: int, recipe: Recipe) -> Cell:
        """A cell with the settings it reuses.

        Raises:
            LookupError: the cell that chooses them is not there yet.
        """
        reuse: tuple[tuple[float, ...], ...] = ()
        first = self.seeds[0]
        if recipe.tuned and (recipe.member or seed != first):
            known = {known.name: known for known in lineup(one.name)}
            chooser = Cell(one, first, known[recipe.member or recipe.name], max_warm=self.max_warm)
            path = chooser.path(self.home)
            if not path.exists():
                raise LookupError(f"{chooser.recipe.name} on {one.name} under seed {first}")
            reuse = tuple(tuple(setting) for setting in read_record(path)["chosen"])
        return Cell(one, seed, recipe, reuse, self.max_warm)

    def peers(self) -> Iterator[Cell]:
        """The cells of the lists that :mod:`bench.peers` has written for the seeds and sets."""
        for seed in self.seeds:
            for one in self.sets:
                for path in sorted((self.home / "exchange" / f"{one.name}-{seed}").glob("lists/*")):
                    if path.suffix == ".parquet":
                        recipe = peer(path.stem)
                        yield Cell(one, seed, recipe, max_warm=self.max_warm, lists=path)

    def finished(self) -> list[Path]:
        """The JSON files of all cells that are there for the present code."""
        found = []
        for one, seed, recipe in self.wanted():
            try:
                found.append(self.cell(one, seed, recipe).path(self.home))
            except LookupError:
                continue
        found += [cell.path(self.home) for cell in self.peers()]
        return [path for path in found if path.exists()]


class Worker:
    """Runs cells in a process of its own; use as a context manager.

    Recipes of the engine each get a fresh one, so that their peak memory is theirs alone; the
    others share one while the set and the seed stay the same.

    Args:
        threads: of every fit.
        log: file for what the process says.
    """

    def __init__(self, threads: int, log: Path) -> None:
        variables = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")
        self._environment = {**os.environ, **dict.fromkeys(variables, str(threads))}
        self._log = log
        self._process: subprocess.Popen[str] | None = None
        self._on: tuple[str, int] | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._stop()

    def __call__(self, cell: Cell, home: Path) -> None:
        """Run a cell.

        Raises:
            CellFailed: with what went wrong; a process that died is replaced by the next call.
        """
        alone = cell.recipe.kind == OURS
        if alone or self._on != (cell.one.name, cell.seed):
            self._stop()
        process = self._process or self._start(home)
        self._on = None if alone else (cell.one.name, cell.seed)
        if process.stdin is None or process.stdout is None:
            raise CellFailed("the process has no pipes")
        process.stdin.write(describe(cell) + "\n")
        process.stdin.flush()
        answer = process.stdout.readline()
        if not answer:
            self._stop()
            raise CellFailed(f"the process ended with status {process.returncode}")
        if failed := json.loads(answer)["failed"]:
            raise CellFailed(failed)

    def _start(self, home: Path) -> "subprocess.Popen[str]":
        command = [sys.executable, "-m", "bench.quality.child", str(home)]
        with self._log.open("a", encoding="utf-8") as log:
            self._process = subprocess.Popen(
                command, cwd=ROOT, env=self._environment, text=True, stdin=subprocess.PIPE,
                stdout=subprocess.PIPE, stderr=log,
            )  # fmt: skip
        return self._process

    def _stop(self) -> None:
        if self._process is not None:
            if self._process.stdin is not None:
                self._process.stdin.close()
            self._process.wait()
            if self._process.stdout is not None:
                self._process.stdout.close()
        self._process = self._on = None


class CellFailed(Exception):
    """A cell could not be run."""


def carry_out(plan: Plan, run: Runner, told: Callable[[str], None] = print) -> list[str]:
    """Run every wanted cell that is not there.

    A cell that fails is told and passed over; the others go on.

    Args:
        plan: what is asked for.
        run: runs one cell, e.g. a :class:`Worker`; it raises :class:`CellFailed`.
        told: called with a line per cell, with the time left.

    Returns:
        One line per cell that failed.
    """
    began, failed = time.perf_counter(), []
    wanted = list(plan.wanted())
    for at, (one, seed, recipe) in enumerate(wanted):
        label = f"{one.name}, seed {seed}, {recipe.name}"
        try:
            cell = plan.cell(one, seed, recipe)
        except LookupError as missing:
            failed.append(f"{label}: needs {missing}")
            told(failed[-1])
            continue
        if not cell.path(plan.home).exists():
            left = _minutes(seconds_left(plan, wanted[at:]))
            told(f"[{at + 1}/{len(wanted)}] {label} (about {left} left)")
            failed += _attempt(run, cell, plan.home, label, told)
    for cell in plan.peers():
        if not cell.path(plan.home).exists():
            label = f"{cell.one.name}, seed {cell.seed}, {cell.recipe.name} (lists)"
            told(label)
            failed += _attempt(run, cell, plan.home, label, told)
    told(f"done in {_minutes(time.perf_counter() - began)}; {len(failed)} cells failed")
    return failed


def seconds_left(plan: Plan, rest: Sequence[tuple[BenchSet, int, Recipe]]) -> float:
    """Estimate from earlier cells: of the same set and recipe, else the median of all there are."""
    known = _known_seconds(plan.home)
    usual = median(known.values()) if known else 30.0
    total = 0.0
    for one, seed, recipe in rest:
        try:
            if plan.cell(one, seed, recipe).path(plan.home).exists():
                continue
        except LookupError:
            pass
        total += known.get((one.name, recipe.name), usual)
    return total


def _known_seconds(home: Path) -> dict[tuple[str, str], float]:
    found = {}
    for path in sorted((home / "cells").glob("*/*/*.json"), key=lambda path: path.stat().st_mtime):
        record = read_record(path)
        found[record["set"], record["recipe"]] = record["seconds"]
    return found


def _attempt(
    run: Runner, cell: Cell, home: Path, label: str, told: Callable[[str], None]
) -> list[str]:
    try:
        run(cell, home)
    except CellFailed as error:
        told(f"FAILED {label}\n{error}")
        return [f"{label}: {str(error).splitlines()[-1]}"]
    return []


def _minutes(seconds: float) -> str:
    return f"{seconds / 60:.0f} min" if seconds >= 90 else f"{seconds:.0f} s"
