"""Judge the engine against its baselines.

    python -m bench.quality                    every set, five seeds: hours, resumable
    python -m bench.quality --short            a smoke test of a few minutes
    python -m bench.quality --sets ciao demo --seeds 0 1 --models transfer EASE
    python -m bench.quality --report           write the report of what is there
    python -m bench.quality --export --seeds 0 write the rows for bench/peers

Results of cells are kept in the cache folder under a key of data, settings and code: a second
call runs only what changed.
"""

import argparse
import os
import sys
from functools import partial
from pathlib import Path

from bench.quality.exchange import export
from bench.quality.plan import Plan, Worker, carry_out
from bench.quality.report import write_report
from bench.quality.results import Results
from bench.quality.sets import ROOT, SETS, present

SHORT = {
    "sets": ["sample", "survey"],
    "models": ["Popularity", "Item kNN", "EASE", "transfer"],
    "max_warm": 500,
}


def asked(arguments: list[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m bench.quality",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--sets", nargs="+", default=list(SETS), choices=list(SETS))
    parser.add_argument("--seeds", nargs="+", type=int, default=[0, 1, 2, 3, 4])
    parser.add_argument("--models", nargs="+", default=[], help="parts of names; default all")
    parser.add_argument("--ablation-seeds", type=int, default=2, help="seeds for ablations")
    parser.add_argument("--threads", type=int, default=os.cpu_count() or 1)
    parser.add_argument(
        "--cache", type=Path, default=Path("~/.cache/crossrec-bench"), help="default %(default)s"
    )
    parser.add_argument("--out", type=Path, help="default bench/results")
    way = parser.add_mutually_exclusive_group()
    way.add_argument("--short", action="store_true", help="a smoke test, reported in the cache")
    way.add_argument("--report", action="store_true", help="run nothing")
    way.add_argument("--export", action="store_true", help="write rows and users for bench/peers")
    return parser.parse_args(arguments)


def main(arguments: list[str] | None = None) -> int:
    given = asked(arguments)
    home = given.cache.expanduser()
    home.mkdir(parents=True, exist_ok=True)
    options = SHORT if given.short else {"sets": given.sets, "models": given.models}
    plan = Plan(
        sets=list(present(options["sets"], home)),
        seeds=given.seeds[:1] if given.short else given.seeds,
        home=home,
        models=options["models"],
        ablation_seeds=given.ablation_seeds,
        threads=given.threads,
        **({"max_warm": SHORT["max_warm"]} if given.short else {}),
    )
    if given.export:
        for folder in export(plan):
            print(folder)
        return 0
    failed: list[str] = []
    if not given.report:
        with Worker(plan.threads, home / "log.txt") as worker:
            failed = carry_out(plan, worker, partial(print, flush=True))
    finished = plan.finished()
    if not finished:
        print("no finished cell: nothing to report")
        return 1
    out = given.out or (home / "short" if given.short else ROOT / "bench" / "results")
    given_words = sys.argv[1:] if arguments is None else arguments
    kept = list(given_words)
    if "--out" in kept:  # where the report went is nobody else's business
        at = kept.index("--out")
        del kept[at : at + 2]
    words = " ".join(word for word in kept if word != "--report")
    command = f'make bench-quality ARGS="{words}"' if words else "make bench-quality"
    results = Results(finished)
    for bar in write_report(results, out, failed=failed, short=given.short, command=command):
        print(f"{bar.verdict.strip('*'):>13}  {bar.topic}: {bar.asked}")
    print(f"written to {out}")
    return bool(failed)


if __name__ == "__main__":
    raise SystemExit(main())
