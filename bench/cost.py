"""What a fit costs: seconds and peak memory against rows and items, and beside a busy process.

    python -m bench.cost [--rows 10000 ... ] [--items 1000 ...] [--sets sample demo ...]

Made-up logs of many sizes; and sets of :mod:`bench.quality` on a quiet machine and beside one
process that keeps a core busy, with one and with two scenarios worked on side by side. Each fit
runs in a process of its own, on features that are already there. Writes ``cost.md`` and
``cost.svg`` into ``bench/results``; a fit that is in ``cost.csv`` or ``busy.csv`` there is not run
again.
"""

import argparse
import json
import os
import platform
import resource
import subprocess
import sys
import time
from collections.abc import Callable, Iterable
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from bench.chart import Line, log_log

RESULTS = Path(__file__).parent / "results"
KEYS = ["rows", "items"]
FIXED_ITEMS, FIXED_ROWS = 20_000, 1_000_000
ROWS = (10_000, 100_000, 1_000_000, 10_000_000)
ITEMS = (1_000, 5_000, 20_000, 50_000, 100_000)
SETS_MEASURED = ("sample", "demo", "food_kitchen")
PER_USER, WIDTH = 20, 384
"""Rows of a user, and columns of a text vector."""


def fit(rows: int, items: int) -> dict[str, float]:
    """Seconds and peak memory (GB) of one fit."""
    from crossrec.data.ids import IdMap
    from crossrec.data.log import InteractionLog, TimeKind
    from crossrec.data.split.cutting import split_by_time
    from crossrec.language.table import FeatureTable
    from crossrec.transfer.model import TransferModel

    rng = np.random.default_rng(0)
    users = rows // PER_USER
    user = np.arange(rows, dtype=np.int32) % users
    popular = ((items // 2) * rng.random(rows) ** 3).astype(np.int32)  # a few items are much used
    scenario = (rng.random(rows) < 0.5).astype(np.int8)
    log = InteractionLog(
        users=IdMap([f"u{i}" for i in range(users)]),
        items=IdMap([f"i{i}" for i in range(items)]),
        scenarios=IdMap(["a", "b"]),
        user=user,
        item=popular + scenario * np.int32(items // 2),
        scenario=scenario,
        weight=np.ones(rows, dtype=np.float32),
        time=rng.integers(0, 10**8, rows),
        time_kind=TimeKind.CLOCK,
    )
    vectors = rng.standard_normal((items, WIDTH), dtype=np.float32)
    features = FeatureTable(log.items, vectors, "made up", "1", "f")
    split = split_by_time(log, valid=0.1, test=0.1, cold_users=0.1, seed=0)
    del log
    began = time.perf_counter()
    TransferModel().fit(split, features)
    seconds = time.perf_counter() - began
    return {"seconds": seconds, "gb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6}


def fit_set(name: str, workers: int) -> dict[str, float]:
    """The same of a set of the quality benchmark, so many scenarios side by side."""
    from bench.quality.sets import SETS, cut, load
    from crossrec.transfer import side_by_side
    from crossrec.transfer.model import TransferModel

    side_by_side.MOST_WORKERS = workers
    cache = Path("~/.cache/crossrec-bench").expanduser()
    loaded = load(SETS[name], cache)
    split = cut(SETS[name], loaded, 0)
    began = time.perf_counter()
    TransferModel().fit(split, loaded.features)
    seconds = time.perf_counter() - began
    return {"seconds": seconds, "gb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6}


def wanted(rows: list[int], items: list[int]) -> list[tuple[int, int]]:
    """Both sweeps without repeats, the small ones first."""
    return sorted({(r, FIXED_ITEMS) for r in rows} | {(FIXED_ROWS, i) for i in items})


def asked(*arguments: str, busy: bool = False) -> dict[str, float] | None:
    """A fit in a process of its own; None, with a line on stdout, where it fails."""
    beside = None
    if busy:
        beside = subprocess.Popen([sys.executable, "-c", "while True: pass"])
    try:
        command = [sys.executable, "-m", "bench.cost", "--one", *arguments]
        answer = subprocess.run(command, capture_output=True, text=True, check=False)
    finally:
        if beside is not None:
            beside.kill()
            beside.wait()
    if answer.returncode:
        print(arguments, answer.stderr.strip().splitlines()[-1:] or "killed", flush=True)
        return None
    return json.loads(answer.stdout.splitlines()[-1])


def measured(
    store: Path, keys: list[str], wanted: Iterable[tuple], run: Callable[..., Any]
) -> pd.DataFrame:
    """The fits that are kept in ``store`` and those that were missing, which are run and kept."""
    fits = pd.read_csv(store) if store.exists() else pd.DataFrame(columns=[*keys, "seconds", "gb"])
    for one in wanted:
        if one in set(fits[keys].itertuples(index=False, name=None)):
            continue
        cost = run(*one)
        if cost is not None:
            row = {**dict(zip(keys, one, strict=True)), **cost}
            print(row, flush=True)
            fits = pd.DataFrame([*fits.to_dict("records"), row])
            store.parent.mkdir(exist_ok=True)
            fits.to_csv(store, index=False)
    return fits


def write(fits: pd.DataFrame, busy: pd.DataFrame) -> None:
    """The tables and the chart."""
    lines = []
    for over, fixed, value in (("rows", "items", FIXED_ITEMS), ("items", "rows", FIXED_ROWS)):
        part = fits[fits[fixed] == value].sort_values(over)
        lines.append(Line(f"over {over}", list(part[over]), list(part["seconds"])))
    chart = log_log(lines, "rows or items", "seconds of a fit")
    (RESULTS / "cost.svg").write_text(chart, encoding="utf-8")
    table = "\n".join(
        f"| {f.rows:,} | {f.items:,} | {f.seconds:.0f} | {f.gb:.1f} |"
        for f in fits.sort_values(KEYS).itertuples()
    )
    beside = "\n".join(
        f"| {f.set} | {'one busy process' if f.busy else '-'} | {f.workers} | {f.seconds:.1f} "
        f"| {f.gb:.1f} |"
        for f in busy.itertuples()
    )
    text = f"""# What a fit costs

`make bench-cost` on {platform.machine()}, {os.cpu_count()} cores, Python
{platform.python_version()}.
Features are already there. Peak memory is that of the whole process.

## Against rows and items

Made-up logs of two scenarios, {PER_USER} rows a user.

![seconds against rows and items](cost.svg)

| rows | items | seconds | peak GB |
|---|---|---|---|
{table}

## Beside a busy process

Products are single-threaded; what runs side by side is whole scenarios and candidates.

| set | beside | side by side | seconds | peak GB |
|---|---|---|---|---|
{beside}
"""
    (RESULTS / "cost.md").write_text(text, encoding="utf-8")


def main() -> int:
    """Run what is missing and write the results."""
    parser = argparse.ArgumentParser(prog="python -m bench.cost")
    parser.add_argument("--rows", nargs="+", type=int, default=ROWS)
    parser.add_argument("--items", nargs="+", type=int, default=ITEMS)
    parser.add_argument("--sets", nargs="*", default=SETS_MEASURED)
    parser.add_argument("--one", nargs=2, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.one:
        first, second = given.one
        cost = fit(int(first), int(second)) if first.isdigit() else fit_set(first, int(second))
        print(json.dumps(cost))
        return 0
    fits = measured(
        RESULTS / "cost.csv",
        KEYS,
        wanted(given.rows, given.items),
        lambda rows, items: asked(str(rows), str(items)),
    )
    busy = measured(
        RESULTS / "busy.csv",
        ["set", "busy", "workers"],
        product(given.sets, (False, True), (1, 2)),
        lambda name, beside, workers: asked(name, str(workers), busy=beside),
    )
    if fits.empty and busy.empty:
        print("no fit was measured")
        return 1
    write(fits, busy)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
