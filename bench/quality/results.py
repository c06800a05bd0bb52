"""Cells -> means, intervals and paired differences.

The unit that is drawn is the user: a user judged under several seeds counts once, with the mean
over his seeds, so that neither values nor intervals take repeated users for new evidence.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from bench.quality.cells import read_cell, read_record
from bench.quality.judge import COHORTS, METRICS
from bench.quality.lineup import ABLATION, BASELINE, OURS, PEER, VARIANTS, lineup, variant_name
from crossrec.evaluation import judge, tell
from crossrec.evaluation.uncertainty import RESAMPLES, Interval, bootstrap, holm

ALL = "all"
TABLE_COLUMNS = (
    "set", "scenario", "cohort", "model", "kind", "metric", "value", "low", "high", "users",
    "seeds", "between_seeds",
)  # fmt: skip


@dataclass(frozen=True)
class Difference:
    """First minus second, paired over users.

    Attributes:
        first, second: means over the same users.
        value: their difference.
        low, high: its 95 % interval, NaN for fewer than two users.
        p: two-sided, uncorrected.
        users: number of users.
    """

    first: float
    second: float
    value: float
    low: float
    high: float
    p: float
    users: int

    @property
    def ratio(self) -> float:
        """First over second."""
        return self.first / self.second if self.second else float("inf")

    @property
    def verdict(self) -> str:
        """The product's verdict on the first, for a difference that stands for itself."""
        return judge(self.low, self.high, self.p, self.users).verdict


def told(found: Sequence[Difference]) -> list[str]:
    """The product's verdicts in words; Holm's correction runs over these differences."""
    adjusted = holm(np.array([one.p for one in found]))
    rows = zip(found, adjusted, strict=True)
    return [tell(*judge(one.low, one.high, p, one.users)) for one, p in rows]


class Results:
    """All finished cells of a benchmark.

    Args:
        paths: JSON files of cells.
        resamples: of every bootstrap.
    """

    def __init__(self, paths: Sequence[Path], resamples: int = RESAMPLES) -> None:
        self.resamples = resamples
        self.records = [read_record(path) for path in paths]
        frames: dict[str, list[pd.DataFrame]] = {}
        for path, record in zip(paths, self.records, strict=True):
            frames.setdefault(record["set"], []).append(read_cell(path))
        self._frames = {name: pd.concat(parts) for name, parts in frames.items()}
        self.sets = list(self._frames)
        self.wide = lru_cache(maxsize=None)(self._wide)

    def scenarios(self, name: str) -> list[str]:
        """Scenarios of a set with test users."""
        return sorted(self._frames[name]["scenario"].unique())

    def models(self, name: str) -> list[str]:
        """Models judged on a set, in the order of the line-up; peers last."""
        judged = set(self._frames[name]["model"].unique())
        known = [model for model in kinds(name) if model in judged]
        return known + sorted(judged - set(known))

    def _wide(self, name: str, scenario: str, cohort: str, metric: str) -> pd.DataFrame:
        """One row per (user, seed) of a cohort, one column per model; NaN where it did not run."""
        frame = self._frames[name]
        mine = frame["scenario"] == scenario
        if cohort != ALL:
            mine &= frame[cohort]
        column = f"{metric}_cold_items" if cohort == "cold_items" else metric
        chosen = frame.loc[mine, ["user_id", "seed", "model", column]]
        return chosen.pivot_table(
            index=["user_id", "seed"], columns="model", values=column, observed=True
        )

    def values(
        self, name: str, scenario: str, cohort: str, models: Sequence[str], metric: str = "ndcg"
    ) -> np.ndarray:
        """Means over the seeds that all these models ran under, shape (users, models)."""
        wide = self.wide(name, scenario, cohort, metric)
        if not set(models) <= set(wide.columns):
            return np.zeros((0, len(models)))
        both = wide[list(models)].dropna()
        return both.groupby(level="user_id").mean().to_numpy(dtype=np.float64)

    def difference(
        self, name: str, scenario: str, cohort: str, first: str, second: str
    ) -> Difference | None:
        """NDCG@10 of two models on the same users and seeds; None where they share nobody."""
        values = self.values(name, scenario, cohort, [first, second])
        if not len(values):
            return None
        return difference_of(values[:, 0], values[:, 1], self.resamples)

    def best(self, name: str, scenario: str, cohort: str, candidates: Sequence[str]) -> str | None:
        """The candidate with the highest mean on the test users themselves: the hardest bar."""
        wide = self.wide(name, scenario, cohort, "ndcg")
        there = [model for model in candidates if model in wide.columns]
        if not len(wide) or not there:
            return None
        means = wide[there].groupby(level="user_id").mean().mean()
        return str(means.idxmax())

    def table(self) -> pd.DataFrame:
        """Every mean with its interval, :data:`TABLE_COLUMNS`."""
        rows = []
        for name in self.sets:
            kind_of = kinds(name)
            for scenario in self.scenarios(name):
                for cohort in COHORTS:
                    for metric in METRICS:
                        wide = self.wide(name, scenario, cohort, metric)
                        for model in self.models(name):
                            if model in wide.columns and wide[model].notna().any():
                                row = _mean(wide[model].dropna(), self.resamples)
                                kind = kind_of.get(model, PEER)
                                rows.append((name, scenario, cohort, model, kind, metric, *row))
        return pd.DataFrame(rows, columns=list(TABLE_COLUMNS))

    def cost(self, name: str, recipe: str) -> list[dict[str, Any]]:
        """The records of a recipe's cells on a set."""
        return [r for r in self.records if r["set"] == name and r["recipe"] == recipe]


def difference_of(first: np.ndarray, second: np.ndarray, resamples: int) -> Difference:
    """Paired difference of two columns over the same users, each of shape (n,)."""
    found: Interval = bootstrap((first - second)[:, None], resamples=resamples)
    return Difference(
        float(first.mean()), float(second.mean()), float(found.value[0]), float(found.low[0]),
        float(found.high[0]), float(found.p[0]), found.n,
    )  # fmt: skip


@cache
def kinds(name: str) -> dict[str, str]:
    """Kind of every model that the line-up of a set can give, in order."""
    found = {}
    for recipe in lineup(name):
        found[recipe.name] = recipe.kind
        if recipe.kind == OURS:
            found |= {variant_name(recipe.name, variant): ABLATION for variant in VARIANTS}
    return found


def baseline_names(
    name: str, *, uses_text: bool | None = None, pooled: bool | None = None
) -> list[str]:
    """Baselines of the line-up, all or those with (without) text or other scenarios' rows."""
    return [
        recipe.name
        for recipe in lineup(name)
        if recipe.kind == BASELINE
        and (uses_text is None or recipe.uses_text == uses_text)
        and (pooled is None or recipe.pooled == pooled)
    ]


def _mean(column: pd.Series, resamples: int) -> tuple[float, float, float, int, int, float]:
    """Mean, interval, users, seeds, and the standard deviation of the seeds' means."""
    users = column.groupby(level="user_id").mean().to_numpy(dtype=np.float64)
    found = bootstrap(users[:, None], resamples=resamples)
    seeds = column.groupby(level="seed").mean()
    spread = float(seeds.std()) if len(seeds) > 1 else float("nan")
    ends = float(found.low[0]), float(found.high[0])
    return float(found.value[0]), *ends, found.n, len(seeds), spread
