"""How long the audit of a large log takes, and how many planted twins it finds.

    python -m bench.audit [--rows 10000000] [--users 1000000] [--items 100000] [--twins 2000]

The log is made up (seeded): long-tailed users and items, tastes that reach over the scenarios,
clock times, titles from a small vocabulary. Each planted twin is an item of the first scenario that
gets a second id in the second: nine in ten of its rows are written there too, nine in ten of those
by the very same user, and half of the twins have the same title in other marks and case. One
process, two threads at most.
"""

import argparse
import os
import resource
import time

os.environ.setdefault("OMP_NUM_THREADS", "2")

import numpy as np

from crossrec.data.audit.facts import Facts
from crossrec.data.audit.rules import audit
from crossrec.data.audit.twins import Twins, find_twins
from crossrec.data.catalog import Catalog
from crossrec.data.ids import IdMap
from crossrec.data.log import InteractionLog, TimeKind

TASTES = 50
YEAR = 365 * 86_400
WORDS = np.array(
    [
        "amber", "basil", "cedar", "delta", "ember", "fable", "grove", "haven", "ivory", "jolly",
        "karma", "lunar", "maple", "noble", "ocean", "pearl", "quill", "raven", "sable", "tulip",
        "umber", "velvet", "willow", "xenon", "yonder", "zephyr", "anchor", "breeze", "copper",
        "drift", "echo", "flint", "glimmer", "harbor", "indigo", "jasper", "kindle", "lagoon",
        "meadow", "nectar", "orchid", "pepper", "quartz", "ripple", "saffron", "thistle", "utopia",
        "vivid", "walnut", "yarrow",
    ],
    dtype=object,
)  # fmt: skip


def planted(
    rows: int, users: int, items: int, scenarios: int, twins: int, seed: int = 0
) -> tuple[InteractionLog, Catalog, set[tuple[str, str]]]:
    """A log, its catalogue, and the pairs of ids that are one product."""
    rng = np.random.default_rng(seed)
    place = rng.integers(0, scenarios, items)
    taste = rng.integers(0, TASTES, items)
    fame = rng.lognormal(0, 1, items)
    own_taste = rng.integers(0, TASTES, users)
    user = rng.choice(users, rows, p=_shares(rng.lognormal(0, 0.8, users))).astype(np.int32)
    item = rng.choice(items, rows, p=_shares(fame)).astype(np.int32)
    # Half of the rows follow the user's taste: an item of that taste, by fame.
    order = np.lexsort((rng.random(items), taste))
    ends = np.searchsorted(taste[order], np.arange(TASTES + 1))
    for kind in range(TASTES):
        mine = order[ends[kind] : ends[kind + 1]]
        at = np.flatnonzero((own_taste[user] == kind) & (rng.random(rows) < 0.5))
        item[at] = rng.choice(mine, len(at), p=_shares(fame[mine]))
    when = rng.integers(1_600_000_000, 1_600_000_000 + YEAR, rows)

    often = np.bincount(item, minlength=items)
    able = np.flatnonzero((place == 0) & (often >= 10))
    first = rng.choice(able, min(twins, len(able)), replace=False)
    number = np.full(items, -1)
    number[first] = items + np.arange(len(first))
    again = np.flatnonzero((number[item] >= 0) & (rng.random(rows) < 0.9))
    other = rng.integers(0, users, len(again)).astype(np.int32)
    copied = np.where(rng.random(len(again)) < 0.9, user[again], other)
    second = number[item[again]].astype(np.int32)

    all_items = np.concatenate([item, second])
    scenario = np.concatenate([place[item], np.ones(len(again))]).astype(np.int32)
    shuffled = rng.permutation(len(all_items))
    words = rng.choice(WORDS, (items, 4))
    titles = [f"{' '.join(line)} {n % 977}" for n, line in enumerate(words.tolist())]
    for n, code in enumerate(first.tolist()):
        line = rng.choice(WORDS, 4).tolist() if n % 2 else words[code].tolist()
        titles.append(f"{' - '.join(line).upper()}, {code % 977}")
    ids = IdMap([f"i{n}" for n in range(items + len(first))])
    log = InteractionLog(
        user=np.concatenate([user, copied])[shuffled].astype(np.int32),
        item=all_items[shuffled].astype(np.int32),
        scenario=scenario[shuffled],
        weight=np.ones(len(all_items), dtype=np.float32),
        time=np.concatenate([when, when[again]])[shuffled],
        users=IdMap([f"u{n}" for n in range(users)]),
        items=ids,
        scenarios=IdMap([f"s{n}" for n in range(scenarios)]),
        time_kind=TimeKind.CLOCK,
    )
    empty = np.full(len(ids), "", dtype=object)
    truth = {(f"i{code}", f"i{number[code]}") for code in first.tolist()}
    return log, Catalog(ids, np.array(titles, dtype=object), empty), truth


def _shares(weights: np.ndarray) -> np.ndarray:
    return weights / weights.sum()


def rates(found: Twins, ids: np.ndarray, truth: set[tuple[str, str]]) -> tuple[int, float, float]:
    """Pairs found, precision and recall."""
    pairs = set(found.id_pairs(ids))
    known = {(min(pair), max(pair)) for pair in truth}
    right = len(pairs & known)
    return len(pairs), right / max(len(pairs), 1), right / max(len(known), 1)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rows", type=int, default=10_000_000)
    parser.add_argument("--users", type=int, default=1_000_000)
    parser.add_argument("--items", type=int, default=100_000)
    parser.add_argument("--scenarios", type=int, default=4)
    parser.add_argument("--twins", type=int, default=2_000)
    asked = parser.parse_args()
    log, catalog, truth = planted(
        asked.rows, asked.users, asked.items, asked.scenarios, asked.twins
    )
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    print(f"{len(log):,} rows, {len(log.users):,} users, {len(log.items):,} items\n")

    facts = Facts(log)
    began = time.perf_counter()
    facts.audiences  # noqa: B018  computed here, so that the twins' own time is seen
    print(f"{'log as sets of users':<34}{time.perf_counter() - began:>8.1f} s")
    print(f"\n{'planted twins':<34}{'found':>8}{'precision':>11}{'recall':>8}{'seconds':>9}")
    for name, titles in (("users alone", None), ("users and titles", catalog)):
        began = time.perf_counter()
        found = find_twins(facts, titles)
        seconds = time.perf_counter() - began
        n, precision, recall = rates(found, log.items.ids, truth)
        print(f"{name:<34}{n:>8,}{precision:>11.4f}{recall:>8.4f}{seconds:>9.1f}")

    del facts
    began = time.perf_counter()
    report = audit(log, catalog)
    seconds = time.perf_counter() - began
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    rules = sorted({finding.rule for finding in report.findings})
    print(
        f"\nwhole audit {seconds:.1f} s; memory {before:.1f} GB before, {peak:.1f} GB at the peak"
    )
    print("rules that spoke: " + ", ".join(rules))


if __name__ == "__main__":
    main()
