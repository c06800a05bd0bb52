"""How fast a log of 10 million rows becomes a clean, coded, sorted Parquet: against pandas, polars.

    python -m bench.data [--rows 10000000] [--bad 0] [--only crossrec,pandas,polars] [--folder DIR]

The file is made up (seeded): user, item, scenario, event, rating, time, about 50 bytes a row; one
row in a hundred is an exact repeat. Every tool reads it in a process of its own, codes users,
items, scenarios and events as numbers, drops the repeats, sorts by user and time, and writes
Parquet. CrossRec also checks every row and accounts for every line; the others do not. With
``--bad N`` so many lines are broken; pandas and polars are then left out, because they stop.
"""

import argparse
import json
import multiprocessing
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

NAMES = ("crossrec", "pandas", "polars")
KEY = ["user_id", "item_id", "scenario", "event", "timestamp"]


def make(path: Path, rows: int, bad: int) -> None:
    """Write the log; skewed users and items, uniform times over two years."""
    import duckdb

    repeated = rows // 100
    query = f"""
        WITH drawn AS (
            SELECT range AS r, hash(range) AS h, hash(range + 777777777) AS g
            FROM range({rows - repeated})),
        made AS (SELECT r,
            format('U{{:07d}}', CAST(pow((h % 1000000) / 1e6, 2) * 1000000 AS BIGINT)) AS user_id,
            format('I{{:06d}}', CAST(pow((g % 1000000) / 1e6, 3) * 100000 AS BIGINT)) AS item_id,
            ['books', 'films', 'music', 'games', 'grocery'][CAST(1 + (g // 1000000) % 5 AS INT)]
                AS scenario,
            ['view', 'click', 'cart', 'buy'][CAST(1 + (h // 1000000) % 4 AS INT)] AS event,
            1 + (h // 7000000) % 5 AS rating,
            strftime(to_timestamp(CAST(1600000000 + (h // 11000000) % 60000000 AS BIGINT))
                AT TIME ZONE 'UTC', '%Y-%m-%d %H:%M:%S') AS timestamp
            FROM drawn)
        SELECT * EXCLUDE (r, place) FROM (
            SELECT *, hash(r + 5) AS place FROM made
            UNION ALL SELECT *, hash(r + 6) FROM made WHERE r < {repeated})
        ORDER BY place"""
    with duckdb.connect() as connection:
        connection.execute(f"COPY ({query}) TO '{path}' (HEADER)")
    if bad:
        with path.open("a") as file:
            file.writelines(f"U{row},I1\n" for row in range(bad))


def crossrec(path: Path, out: Path) -> dict[str, int]:
    from crossrec.data.reading.readers import read_log
    from crossrec.workspace.datasets import write_log

    log = read_log(path, order="history")
    write_log(out, log)
    summary = log.rejects
    rows = len(log) + summary.exposures + summary.negatives  # the others do not tell them apart
    return {"rows": rows, "repeats": summary.duplicates, "rejected": summary.rejected}


def pandas(path: Path, out: Path) -> dict[str, int]:
    import pandas as pd

    frame = pd.read_csv(path, parse_dates=["timestamp"])
    before = len(frame)
    for name in KEY[:-1]:
        frame[name] = pd.factorize(frame[name])[0].astype("int32")
    frame = frame.drop_duplicates(KEY).sort_values(["user_id", "timestamp"], kind="stable")
    frame.to_parquet(out / "log.parquet", compression="zstd", index=False)
    return {"rows": len(frame), "repeats": before - len(frame), "rejected": 0}


def polars(path: Path, out: Path) -> dict[str, int]:
    import polars as pl

    frame = pl.read_csv(path, try_parse_dates=True)
    before = len(frame)
    frame = frame.with_columns(pl.col(name).rank("dense").cast(pl.Int32) - 1 for name in KEY[:-1])
    frame = frame.unique(KEY, keep="first", maintain_order=True)
    frame = frame.sort("user_id", "timestamp", maintain_order=True)
    frame.write_parquet(out / "log.parquet", compression="zstd")
    return {"rows": len(frame), "repeats": before - len(frame), "rejected": 0}


def measured(name: str, path: Path) -> None:
    """Run one tool here and print what it took as JSON."""
    with tempfile.TemporaryDirectory() as out:
        began, cpu = time.perf_counter(), time.process_time()
        found = {"crossrec": crossrec, "pandas": pandas, "polars": polars}[name](path, Path(out))
        took = {"seconds": time.perf_counter() - began, "cpu": time.process_time() - cpu}
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6
    print(json.dumps({"tool": name, **took, "peak_gb": peak, **found}))


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--rows", type=int, default=10_000_000)
    parser.add_argument("--bad", type=int, default=0)
    parser.add_argument("--only", default=",".join(NAMES))
    parser.add_argument("--folder", type=Path, help="where the made-up file goes, and stays")
    parser.add_argument("--measure", help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.measure:
        measured(asked.measure, asked.folder)
        return
    with tempfile.TemporaryDirectory() as scratch:
        folder = asked.folder or Path(scratch)
        path = folder / f"log_{asked.rows}_{asked.bad}.csv"
        if not path.exists():
            # In a process of its own: a child's peak memory begins with its parent's.
            maker = multiprocessing.get_context("spawn").Process(
                target=make, args=(path, asked.rows, asked.bad)
            )
            maker.start()
            maker.join()
        print(f"{asked.rows:,} rows, {path.stat().st_size / 1e6:,.0f} MB")
        print(f"{'tool':10}{'seconds':>9}{'CPU s':>8}{'peak GB':>9}{'rows kept':>12}{'repeats':>10}"
              f"{'rejected':>10}")  # fmt: skip
        for name in asked.only.split(","):
            if asked.bad and name != "crossrec":
                continue
            command = [sys.executable, "-m", "bench.data", "--measure", name, "--folder", str(path)]
            done = subprocess.run(command, capture_output=True, text=True, check=False)
            if done.returncode:
                print(f"{name:10}{done.stderr.strip().splitlines()[-1][:80]}")
                continue
            found = json.loads(done.stdout)
            print(f"{name:10}{found['seconds']:9.1f}{found['cpu']:8.1f}{found['peak_gb']:9.2f}"
                  f"{found['rows']:12,}{found['repeats']:10,}{found['rejected']:10,}")  # fmt: skip


if __name__ == "__main__":
    main()
