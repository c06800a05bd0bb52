"""How fast the page on one user answers, and the table of changes over a million users.

    python -m bench.user_page [--workspace DIR] [--reruns 10] [--users 1000000]

The page is run in this process, on the run with the most items in the workspace: what is timed is
the whole script after a switch was moved, without a browser and a network. Each time the switch has
another place, so that no list is there already. The bar is 300 ms at 50,000 items. The table of
changes is asked over made-up figures of so many users; its first question puts them side by side
once.
"""

import argparse
import os
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from streamlit.testing.v1 import AppTest

from crossrec.data.ids import IdMap
from crossrec.evaluation.results import PER_USER_COLUMNS
from crossrec.workspace import Project, Run, RunWriter, Workspace
from crossrec.workspace.tables import write_ids
from crossrec.workspace.user_changes import UserChanges, UserFilter

ROOT = Path(__file__).parents[1]
PANELS = {
    "user_view": ("why", "removal", "paths", "reason"),
    "user_more": ("gate", "variety", "cards", "feedback"),
}


def timed(work: Callable[[], object]) -> tuple[float, float]:
    """Milliseconds on the clock and of the processor."""
    began = time.perf_counter(), time.process_time()
    work()
    return 1000 * (time.perf_counter() - began[0]), 1000 * (time.process_time() - began[1])


def told(name: str, taken: list[tuple[float, float]]) -> None:
    """One line of the table."""
    clock, processor = (statistics.median(column) for column in zip(*taken, strict=True))
    slowest = max(one[0] for one in taken)
    print(f"| {name} | {clock:.0f} | {slowest:.0f} | {processor:.0f} |", flush=True)


def largest(workspace: Workspace) -> tuple[Project, Run]:
    """The run with the most items."""
    found = [(project, run) for project in workspace.projects() for run in workspace.runs(project)]
    if not found:
        raise SystemExit(f"expected a finished run in {workspace.root}, found none: try make demo")
    return max(found, key=lambda one: one[1].info.get("counts", {}).get("items", 0))


def go(app: AppTest) -> None:
    """Run the page; a page that fails is no measurement."""
    app.run()
    if app.exception:
        raise RuntimeError(app.exception[0].message)


def page(workspace: Path, reruns: int) -> None:
    """First visit, reruns, switches, and every panel."""
    os.environ["CROSSREC_WORKSPACE"] = str(workspace)
    project, run = largest(Workspace(workspace))
    counts = run.info["counts"]
    print(f"{counts['items']:,} items, {len(run.info['scenarios'])} scenarios: {run.id}")
    print("\n| what | median, ms | slowest, ms | processor, ms |\n|---|---|---|---|")
    app = AppTest.from_file(str(ROOT / "app.py"), default_timeout=600)
    app.query_params["project"], app.query_params["run"] = project.slug, run.id
    go(app)
    app.switch_page("pages/user.py")
    told("first visit", [timed(lambda: go(app))])
    go(app)
    told("nothing changed", [timed(lambda: go(app)) for _ in range(reruns)])
    told("a coefficient moved", [timed(lambda at=at: moved(app, at)) for at in range(reruns)])
    told("a scenario off and on", [timed(lambda: switched(app)) for _ in range(reruns)])
    if not _first(app.toggle, "on_").value:
        switched(app)
    for key, views in PANELS.items():
        for view in views:
            app.button_group(key=key).set_value(view)
            go(app)
            taken = [timed(lambda at=at: moved(app, at + 0.5)) for at in range(reruns)]
            told(f"a coefficient moved beside {view!r}", taken)


def moved(app: AppTest, at: float) -> None:
    """Move the first coefficient to a place where it was not."""
    _first(app.slider, "m_").set_value(round(0.01 + 0.02 * at, 2))
    go(app)


def switched(app: AppTest) -> None:
    """Switch the first scenario off, or on again."""
    toggle = _first(app.toggle, "on_")
    toggle.set_value(not toggle.value)
    go(app)


def _first(widgets: Any, prefix: str) -> Any:
    return next(one for one in widgets if str(one.key).startswith(prefix))


def changes(users: int, reruns: int) -> None:
    """The table of changes."""
    with tempfile.TemporaryDirectory() as folder:
        table = UserChanges(made_up(Path(folder), users), "transfer", "target only")
        print(f"\n{users:,} users\n")
        print("| the table of changes | median, ms | slowest, ms | processor, ms |")
        print("|---|---|---|---|")
        told("first page, first time", [timed(lambda: table.page("s0"))])
        for name, work in (
            ("first page", lambda: table.page("s0")),
            ("last page", lambda: table.page("s0", start=users - 50)),
            ("by id", lambda: table.page("s0", order="user_id", start=users // 2)),
            ("cold-start users", lambda: table.page("s0", only=UserFilter(cohort="cold"))),
            ("ids that begin so", lambda: table.page("s0", only=UserFilter(prefix="user 99"))),
            ("search by the start of an id", lambda: table.find("user 4711")),
            ("nearest ids to an unknown one", lambda: table.nearest("usr 4711x")),
        ):
            told(name, [timed(work) for _ in range(reruns)])


def made_up(folder: Path, users: int) -> Run:
    """As much of a run as the table reads: two models judged on so many users."""
    rng = np.random.default_rng(0)
    names = np.array([f"user {at}" for at in range(users)])
    common = {
        "scenario": "s0",
        "user_id": names,
        "cohort": np.where(rng.random(users) < 0.2, "cold", "warm"),
        "target_items": rng.integers(0, 100, users).astype(float),
        "other_items": rng.integers(0, 100, users).astype(float),
    }
    frames = [
        pd.DataFrame({**common, "model": model, "ndcg": rng.random(users).round(3)})
        for model in ("transfer", "target only")
    ]
    per_user = pd.concat(frames, ignore_index=True).reindex(columns=list(PER_USER_COLUMNS))
    per_user.to_parquet(folder / "per_user.parquet", index=False)
    RunWriter(folder).info({})
    (folder / "data").mkdir()
    write_ids(folder / "data" / "user_ids.parquet", IdMap(names))
    return Run(folder)


def main() -> None:
    """Measure, and print what was found as Markdown."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--workspace", type=Path, default=ROOT / "workspace")
    parser.add_argument("--reruns", type=int, default=10)
    parser.add_argument("--users", type=int, default=1_000_000)
    options = parser.parse_args()
    page(options.workspace.absolute(), options.reruns)
    changes(options.users, options.reruns)


if __name__ == "__main__":
    main()
