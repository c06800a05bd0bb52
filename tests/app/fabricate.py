"""A small run made by hand: shows pages filled without training anything."""

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pandas as pd

from crossrec.data.catalog import Catalog
from crossrec.data.ids import IdMap
from crossrec.data.log import InteractionLog, Reject, RejectSummary, TimeKind
from crossrec.evaluation.results import (
    COEFFICIENT_COLUMNS,
    PER_USER_COLUMNS,
    REPORT_COLUMNS,
    RunReport,
)
from crossrec.language.extract import fingerprint
from crossrec.language.table import FeatureTable
from crossrec.workspace import Run, RunWriter, Workspace, staged_folder

LIFTS = {  # (scenario, cohort): lift, low, high, Holm's p, users
    ("books", "all"): (0.012, 0.008, 0.016, 0.001, 100),
    ("books", "warm"): (0.002, -0.001, 0.005, 0.4, 100),
    ("books", "cold"): (0.041, 0.033, 0.049, 0.001, 100),
    ("films", "all"): (-0.006, -0.010, -0.002, 0.004, 100),
    ("films", "warm"): (-0.009, -0.014, -0.004, 0.002, 100),
    ("films", "cold"): (0.004, -0.003, 0.011, 0.5, 100),
}
Cells = Mapping[tuple[str, str], tuple[float, float, float, float, int]]


def interactions(seed: int = 5) -> pd.DataFrame:
    """120 users, two scenarios of 30 and 20 items, clock times."""
    rng = np.random.default_rng(seed)
    rows = [
        (f"u{user:03d}", f"{scenario[0]}{item:02d}", scenario, int(time))
        for user in range(120)
        for scenario, n_items, n_rows in (("books", 30, 8), ("films", 20, 6))
        for item, time in zip(
            rng.choice(n_items, n_rows, replace=False),
            rng.integers(1_600_000_000, 1_610_000_000, n_rows),
            strict=True,
        )
    ]
    return pd.DataFrame(rows, columns=["user_id", "item_id", "scenario", "timestamp"])


def catalog(log: InteractionLog) -> Catalog:
    """Titles, one of them hostile."""
    titles = [f"Title of {item}" for item in log.items.ids]
    titles[0] = "![x](http://evil.example/a.png) <b>=1+1</b> $x$ 茶"
    category = np.array([item[0] for item in log.items.ids], dtype=object)
    text = np.array([f"A longer description of {item}." for item in log.items.ids], dtype=object)
    return Catalog(
        log.items, np.array(titles, dtype=object), text, attributes={"category": category}
    )


def report(lifts: Cells = LIFTS, by_source: Cells | None = None) -> RunReport:
    """Transfer helps books and hurts films; by default so does the other scenario alone."""
    rows = []
    for (scenario, cohort), cell in lifts.items():
        for model, level in (("transfer", 0.1 + cell[0]), ("target-only", 0.1)):
            rows.append((model, "", scenario, cohort, "ndcg", 10, level, level - 0.01,
                         level + 0.01, cell[-1], np.nan, np.nan, False))  # fmt: skip
        other = "films" if scenario == "books" else "books"
        alone = (by_source or lifts)[scenario, cohort]
        for source, model, (value, low, high, p, n) in (
            ("", "transfer", cell),
            (other, "transfer", alone),
            (other, "transfer (forced)", alone),
        ):
            rows.append((model, source, scenario, cohort, "lift_ndcg", 10, value, low, high, n,
                         p, p, "forced" in model))  # fmt: skip
    return RunReport(
        table=pd.DataFrame(rows, columns=list(REPORT_COLUMNS)),
        per_user=_empty(PER_USER_COLUMNS, text=("model", "scenario", "user_id", "cohort")),
        coefficients=_empty(COEFFICIENT_COLUMNS, text=("user_id", "source", "target")),
        config={"k": 10, "transfer": "transfer", "baseline": "target-only"},
        seed=0,
        split_hash="0" * 64,
    )


def _empty(columns: tuple[str, ...], text: tuple[str, ...]) -> pd.DataFrame:
    """No rows, with the columns' own types."""
    kinds = {name: str if name in text else float for name in columns}
    return pd.DataFrame({name: pd.Series(dtype=kind) for name, kind in kinds.items()})


def features(items: IdMap) -> FeatureTable:
    """Random unit vectors."""
    vectors = np.random.default_rng(0).normal(size=(len(items), 16)).astype(np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    mark = fingerprint(items.ids, vectors, "all-MiniLM-L6-v2", "0" * 16)
    return FeatureTable(items, vectors, "all-MiniLM-L6-v2", "0" * 16, mark)


def make_run(workspace: Workspace, name: str = "My shop", label: str = "run") -> Run:
    """Write the run into a project of this name (made if needed)."""
    projects = {project.name: project for project in workspace.projects()}
    project = projects.get(name) or workspace.create_project(name)
    rejects = RejectSummary(
        read=1690,
        rows=tuple(Reject("log.csv", line, "user", "", "no user") for line in range(2, 12)),
    )
    log = InteractionLog.from_frame(interactions(), time_kind=TimeKind.CLOCK, rejects=rejects)
    path: Path = workspace.new_run_path(project, label)
    with staged_folder(path) as folder:
        writer = RunWriter(folder)
        writer.log(log)
        writer.catalog(catalog(log))
        writer.features(features(log.items))
        writer.report(report())
        writer.info(
            {
                "config": {"seed": 0, "encoder": "auto", "k": 10},
                "scenarios": list(log.scenarios.ids),
                "counts": {
                    "interactions": len(log),
                    "users": len(log.users),
                    "items": len(log.items),
                },
            }
        )
    return Run(path)
