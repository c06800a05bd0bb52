"""What a fit costs: seconds and peak memory against rows and items of made-up logs.

    python -m bench.cost [--rows 10000 ... ] [--items 1000 ...]

Each fit runs in a process of its own, on features that are already there. Writes ``cost.md`` and
``cost.svg`` into ``bench/results``; a fit that is in ``cost.csv`` there is not run again.
"""

import argparse
import json
import os
import platform
import resource
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pandas as pd

from bench.chart import Line, log_log

RESULTS = Path(__file__).parent / "results"
KEYS = ["rows", "items"]
FIXED_ITEMS, FIXED_ROWS = 20_000, 1_000_000
ROWS = (10_000, 100_000, 1_000_000, 10_000_000)
ITEMS = (1_000, 5_000, 20_000, 50_000, 100_000)
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


def wanted(rows: list[int], items: list[int]) -> list[tuple[int, int]]:
    """Both sweeps without repeats, the small ones first."""
    return sorted({(r, FIXED_ITEMS) for r in rows} | {(FIXED_ROWS, i) for i in items})


def write(found: pd.DataFrame) -> None:
    """The table and the chart."""
    cores = os.cpu_count()
    lines = []
    for over, fixed, value in (("rows", "items", FIXED_ITEMS), ("items", "rows", FIXED_ROWS)):
        part = found[found[fixed] == value].sort_values(over)
        lines.append(Line(f"over {over}", list(part[over]), list(part["seconds"])))
    RESULTS.mkdir(exist_ok=True)
    chart = log_log(lines, "rows or items", "seconds of a fit")
    (RESULTS / "cost.svg").write_text(chart, encoding="utf-8")
    table = "\n".join(
        f"| {f.rows:,} | {f.items:,} | {f.seconds:.0f} | {f.gb:.1f} |"
        for f in found.sort_values(KEYS).itertuples()
    )
    text = f"""# What a fit costs

`make bench-cost` on {platform.machine()}, {cores} cores, Python {platform.python_version()}.
Made-up logs of two scenarios, {PER_USER} rows a user, features already there. Peak memory is that
of the whole process.

![seconds against rows and items](cost.svg)

| rows | items | seconds | peak GB |
|---|---|---|---|
{table}
"""
    (RESULTS / "cost.md").write_text(text, encoding="utf-8")


def main() -> int:
    """Run what is missing and write the results."""
    parser = argparse.ArgumentParser(prog="python -m bench.cost")
    parser.add_argument("--rows", nargs="+", type=int, default=ROWS)
    parser.add_argument("--items", nargs="+", type=int, default=ITEMS)
    parser.add_argument("--one", help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.one:
        rows, items = given.one.split(",")
        print(json.dumps(fit(int(rows), int(items))))
        return 0
    store = RESULTS / "cost.csv"
    found = pd.read_csv(store) if store.exists() else pd.DataFrame(columns=[*KEYS, "seconds", "gb"])
    done = set(found[KEYS].itertuples(index=False, name=None))
    for one in wanted(given.rows, given.items):
        if one in done:
            continue
        asked = [sys.executable, "-m", "bench.cost", "--one", ",".join(map(str, one))]
        answer = subprocess.run(asked, capture_output=True, text=True, check=False)
        if answer.returncode:
            print(one, answer.stderr.strip().splitlines()[-1:] or "killed", flush=True)
            continue
        measured = {**dict(zip(KEYS, one, strict=True)), **json.loads(answer.stdout)}
        print(measured, flush=True)
        found = pd.DataFrame([*found.to_dict("records"), measured])
        RESULTS.mkdir(exist_ok=True)
        found.to_csv(store, index=False)
    if found.empty:
        print("no fit was measured")
        return 1
    write(found)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
