"""What user profiles are worth as one more source scenario.

    python -m bench.profiles [--sets survey demo sample] [--seeds 0 1 2]

The engine is fitted on the same split without and with profiles, and both are judged on the same
test users. Writes ``profiles.md`` into ``bench/results``: NDCG@10 of both per scenario and cohort,
and the difference, paired over users, with its 95 % interval.
"""

import argparse
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd

from bench.quality.judge import judge
from bench.quality.sets import SETS, cut, load, present
from crossrec.data.profiles import with_profiles
from crossrec.data.reading.readers import read_users
from crossrec.transfer.config import TransferConfig
from crossrec.transfer.model import TransferModel

CACHE = Path("~/.cache/crossrec-bench").expanduser()
RESULTS = Path(__file__).parent / "results" / "profiles.md"
KEYS = ["scenario", "user_id"]
COHORTS = ("warm", "cold")
HEAD = """# What profiles are worth

`make bench-profiles`: seeds {seeds}; NDCG@10 of the engine without and with users' profiles as a
source scenario, on the same users; a user judged under several seeds counts once, with his mean.

| set | scenario | cohort | users | without | with | difference |
|---|---|---|---|---|---|---|
"""


def judged(name: str, seed: int) -> pd.DataFrame:
    """Per judged user the NDCG of both engines: columns ``without``, ``with``, and the cohorts."""
    one = SETS[name]
    loaded, files = load(one, CACHE), one.files(CACHE)
    if files.users is None:
        raise ValueError(f"expected a table of users in the set {name!r}")
    bare = cut(one, loaded, seed)
    _, told = with_profiles(loaded.log, bare, read_users(files.users))
    config = TransferConfig(seed=seed)
    first, second = (
        judge(TransferModel(config).fit(parts, loaded.features), parts).set_index(KEYS)
        for parts in (bare, told)
    )
    table = first[list(COHORTS)].assign(without=first["ndcg"])
    table["with"] = second["ndcg"]
    return table.reset_index()


def lines(name: str, users: pd.DataFrame) -> Iterator[str]:
    """A row of the table per scenario and cohort."""
    for (scenario, cohort), part in (
        ((scenario, cohort), rows[rows[cohort]])
        for scenario, rows in users.groupby("scenario")
        for cohort in COHORTS
    ):
        by_user = part.groupby("user_id")
        before, after = (by_user[name].mean().to_numpy() for name in ("without", "with"))
        gain = after - before
        draws = np.random.default_rng(0).choice(gain, (1_000, len(gain))).mean(1)
        low, high = np.quantile(draws, [0.025, 0.975])
        yield (
            f"| {name} | {scenario} | {cohort} | {len(gain):,} | {before.mean():.4f} "
            f"| {after.mean():.4f} | {gain.mean():+.4f} [{low:+.4f}, {high:+.4f}] |"
        )


def main() -> None:
    """Fit, judge, print and write."""
    parser = argparse.ArgumentParser(prog="python -m bench.profiles")
    parser.add_argument("--sets", nargs="+", default=["survey", "demo", "sample"])
    parser.add_argument("--seeds", nargs="+", type=int, default=[0, 1, 2])
    given = parser.parse_args()
    table = []
    for one in present(given.sets, CACHE):
        users = pd.concat([judged(one.name, seed) for seed in given.seeds])
        for line in lines(one.name, users):
            print(line, flush=True)
            table.append(line)
    head = HEAD.format(seeds=", ".join(map(str, given.seeds)))
    RESULTS.write_text(head + "\n".join(table) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
