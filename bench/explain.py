"""How long explanations and what-if questions take, and whether explanations are faithful.

    python -m bench.explain [--items 50000] [--scenarios 2] [--users 10000] [--run DIR]

The first part uses the model of :mod:`bench.foldin`, whose weights are made up and of the usual
sizes: nothing is trained, because only sizes matter there. With ``--run``, the second part copies a
finished run, its users over and over under new names until there are ``--users``, and times
``crossrec explain --users F --out`` on it, from the start of the command to the written file; it
prints the deletion curve of the run beside a random one. Processor time is told beside the time on
the clock: other work on the machine slows the clock alone.
"""

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import torch

from bench.foldin import model_of
from crossrec.data.history import Histories
from crossrec.data.ids import IdMap
from crossrec.data.log import InteractionLog
from crossrec.explanation import (
    WhatIf,
    contributions,
    deletion_curve,
    gate_effects,
    gate_reference,
    minimal_set,
    rank,
    removal_effects,
    what_if,
)
from crossrec.pipeline import histories_of, load_model
from crossrec.transfer.model import TransferModel
from crossrec.workspace import Run, RunWriter


def timed(work: Callable[[], object], repeats: int) -> tuple[float, float]:
    """Median milliseconds on the clock and of the processor."""
    taken = []
    for _ in range(repeats):
        began = time.perf_counter(), time.process_time()
        work()
        taken.append((time.perf_counter() - began[0], time.process_time() - began[1]))
    clock, processor = 1000 * np.median(taken, axis=0)
    return float(clock), float(processor)


def user_of(model: TransferModel, rows: int, name: str) -> Histories:
    """A user with so many random items, the same number in each scenario."""
    rng = np.random.default_rng(rows)
    space = model.space_
    return Histories.of(
        [
            (name, str(scenario), str(item), 1.0)
            for code, scenario in enumerate(space.scenarios.ids)
            for item in rng.choice(space.ids(code), rows // len(space), replace=False)
        ],
        space,
    )


def one_user(model: TransferModel, rows: int, repeats: int) -> None:
    """What is asked about a single user."""
    me = user_of(model, rows, "me")
    found = rank(model, me, "s0")
    item = str(found.item_ids[0])
    mine = str(model.space_.ids(1)[me.by_scenario[1].indices[0]])
    state = WhatIf().switched("s1", mine, on=False).with_coefficient("s1", 0.7)
    added = state.with_added("s0", str(found.item_ids[5]))
    reference = gate_reference(model, user_of(model, rows, "me"), "s0")
    print(f"a user with {rows:,} history items")
    for name, work in (
        ("one explanation", lambda: contributions(model, me, "me", "s0", item)),
        ("what if: an item off, a coefficient moved", lambda: what_if(model, me, "s0", state)),
        ("what if: and an item added", lambda: what_if(model, me, "s0", added)),
        ("the effects of the gate's inputs", lambda: gate_effects(model, me, reference)),
        ("20 removals, recomputed", lambda: removal_effects(model, me, "s0", item)),
        ("the minimal set", lambda: minimal_set(model, me, "s0", item)),
    ):
        clock, processor = timed(work, repeats)
        print(f"  {name:44} median {clock:8.1f} ms   processor {processor:8.1f} ms")


def repeated(log: InteractionLog, users: int) -> InteractionLog:
    """A log of so many users: the known ones over and over, each under a name of its own."""
    times = -(-users // len(log.users))
    rows = np.flatnonzero(log.user < users - (times - 1) * len(log.users))
    chosen = np.concatenate([*(np.arange(len(log)) for _ in range(times - 1)), rows])
    turn = np.repeat(np.arange(times), [*([len(log)] * (times - 1)), len(rows)])
    many = log.select(chosen)
    ids = IdMap(f"{name} {at}" for at in range(times) for name in log.users.ids)
    return replace(many, user=(many.user + turn * len(log.users)).astype(np.int32), users=ids)


def batch(run: Path, users: int) -> None:
    """The command, on the scenario with the most candidates."""
    with tempfile.TemporaryDirectory() as folder:
        many, asked, out = (Path(folder) / name for name in ("run", "users.csv", "out.parquet"))
        shutil.copytree(run, many)
        log = repeated(Run(run).log(), users)
        RunWriter(many).log(log)
        names = log.users.ids[np.unique(log.user)]
        pd.DataFrame({"user_id": names}).to_csv(asked, index=False)
        space = load_model(run).space_
        code = int(np.argmax(space.sizes))
        command = [sys.executable, "-m", "crossrec", "explain", "--run", many, "--users", asked]
        command += ["--scenario", str(space.scenarios.ids[code]), "--out", out, "--quiet"]
        before, began = os.times(), time.perf_counter()
        subprocess.run(command, check=True)
        took, after = time.perf_counter() - began, os.times()
        used = after.children_user + after.children_system
        used -= before.children_user + before.children_system
        print(
            f"crossrec explain --users, {len(names):,} users, 10 items of {space.sizes[code]:,} "
            f"each, {len(log) / len(names):.0f} history items a user: {took:.1f} s "
            f"(processor {used:.1f} s), {len(pd.read_parquet(out)):,} rows"
        )


def faithfulness(model: TransferModel, known: Histories) -> None:
    """Mean change of the best item's score as history items go, by order."""
    code = int(np.argmax(model.space_.sizes))
    scenario = str(model.space_.scenarios.ids[code])
    table = deletion_curve(model, known, scenario, users=100)
    print(
        f"deletion curve in {scenario!r}, {table['users'].iloc[0]} users, mean change of the score"
    )
    wide = table.pivot_table(index="removed", columns="order", values=["change", "in_top"])
    print(wide.round(3).to_string())


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--items", type=int, default=50_000)
    parser.add_argument("--scenarios", type=int, default=2)
    parser.add_argument("--users", type=int, default=10_000)
    parser.add_argument("--repeats", type=int, default=10)
    parser.add_argument("--run", type=Path, help="a finished run: adds the batch and the curve")
    asked = parser.parse_args()
    print(
        f"{asked.scenarios} scenarios of {asked.items:,} items, {torch.get_num_threads()} threads"
    )
    model = model_of(asked.items, asked.scenarios)
    one_user(model, 60, asked.repeats)
    one_user(model, 10_000, max(asked.repeats // 5, 1))
    if asked.run is not None:
        trained = load_model(asked.run)
        known = histories_of(asked.run, trained, everything=False)
        batch(asked.run, asked.users)
        faithfulness(trained, known)


if __name__ == "__main__":
    main()
