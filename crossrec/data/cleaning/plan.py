"""Cleaning as a plan: what is done is chosen, counted and recorded, and can be undone.

A plan changes no file and no log: it gives a new log. The plan stands in the run's record beside
the hash of the raw file, so the same file with the same plan gives the same log, and with another
plan another one.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from typing import Any, TypeVar

import numpy as np
import pandas as pd

from crossrec.data.audit.outliers import find_outliers
from crossrec.data.catalog import Catalog
from crossrec.data.cleaning.core import in_core
from crossrec.data.ids import IdMap
from crossrec.data.log import InteractionLog
from crossrec.data.users import UserTable
from crossrec.errors import DataError, UnknownId
from crossrec.schema import SCENARIO

Table = TypeVar("Table", Catalog, UserTable)
REPEATS = ("keep", "first", "last", "sum")
NORMALISE = ("none", "user", "log")
MISSING = ("keep", "fill")
STEP_COLUMNS = (
    "step",
    SCENARIO,
    "rows_before",
    "rows",
    "users_before",
    "users",
    "items_before",
    "items",
)
"""Columns of :attr:`Cleaned.steps`."""


@dataclass(frozen=True)
class CleaningPlan:
    """What is done to a log, in this order.

    Attributes:
        drop_outliers: leave out users that stand out
            (:func:`~crossrec.data.outliers.find_outliers`).
        repeats: of rows with one user, item and scenario "keep" all (each adds strength), the
            "first" or the "last" in time, or one row with the "sum" of the weights and the last
            time.
        scenario_weights: scenario -> factor on the weights of its rows; where behaviours are the
            scenarios, these are the event weights.
        normalise: of the weights: "none"; "user" divides by the user's mean weight in the scenario
            (one rates high, another low: both mean 1); "log" takes ``log2(1 + weight)`` (a
            hundred plays are not a hundred times the liking of one).
        user_core, item_core: k-core: in each scenario keep users with at least so many different
            items, and items with at least so many different users, until all kept ones have them;
            1 keeps everybody.
        missing: attributes without a value: "keep" them empty, or "fill" numbers by the column's
            median and texts by "unknown".
    """

    drop_outliers: bool = False
    repeats: str = "keep"
    scenario_weights: Mapping[str, float] = field(default_factory=dict)
    normalise: str = "none"
    user_core: int = 1
    item_core: int = 1
    missing: str = "keep"

    def __post_init__(self) -> None:
        for name, known in (("repeats", REPEATS), ("normalise", NORMALISE), ("missing", MISSING)):
            if getattr(self, name) not in known:
                raise DataError(
                    f"expected {name} to be one of {', '.join(known)}", repr(getattr(self, name))
                )
        if min(self.user_core, self.item_core) < 1:
            raise DataError(
                "expected a k-core of at least 1", f"{self.user_core}, {self.item_core}"
            )
        for name, weight in self.scenario_weights.items():
            if not (np.isfinite(weight) and weight > 0):
                raise DataError(f"expected a weight above 0 for {name!r}", str(weight))

    def to_json(self) -> dict[str, Any]:
        """The plan as plain values."""
        return asdict(self) | {"scenario_weights": dict(self.scenario_weights)}

    @classmethod
    def from_json(cls, held: Mapping[str, Any]) -> "CleaningPlan":
        """Read what :meth:`to_json` gave.

        Raises:
            DataError: there is an unknown entry, or a value out of place.
        """
        unknown = sorted(set(held) - set(cls.__dataclass_fields__))
        if unknown:
            raise DataError(
                f"expected the entries {', '.join(cls.__dataclass_fields__)} in a cleaning plan",
                ", ".join(unknown),
            )
        return cls(**held)


@dataclass(frozen=True)
class Cleaned:
    """A cleaned log and what each step took away.

    Attributes:
        log: the new log; ids without rows are no longer in its maps.
        steps: one row per step that was asked for and scenario, see :data:`STEP_COLUMNS`.
    """

    log: InteractionLog
    steps: pd.DataFrame


def clean(log: InteractionLog, plan: CleaningPlan) -> Cleaned:
    """Apply a plan; ``log`` stays as it is.

    Raises:
        UnknownId: ``scenario_weights`` names a scenario that is not in the log.
        DataError: nothing is left.
    """
    for name in plan.scenario_weights:
        if name not in log.scenarios:
            raise UnknownId.of("scenario", name, log.scenarios.ids)
    steps: list[tuple[object, ...]] = []
    result = log
    for name, wanted, step in (
        ("drop_outliers", plan.drop_outliers, _drop_outliers),
        ("repeats", plan.repeats != "keep", _drop_repeats),
        ("scenario_weights", bool(plan.scenario_weights), _weigh),
        ("normalise", plan.normalise != "none", _normalise),
        ("core", max(plan.user_core, plan.item_core) > 1, _keep_core),
    ):
        if wanted:
            before, result = result, step(result, plan)
            steps += _step(name, before, result)
    if not len(result):
        raise DataError(
            "expected rows after cleaning",
            f"none of {len(log):,}",
            "Ask for a smaller k-core, or keep the outliers",
        )
    return Cleaned(compact(result) if steps else log, pd.DataFrame(steps, columns=STEP_COLUMNS))


def compact(log: InteractionLog) -> InteractionLog:
    """The log without ids that have no row; the order of the others stays."""
    columns, maps = {}, {}
    for column, ids in (("user", "users"), ("item", "items"), ("scenario", "scenarios")):
        codes, known = getattr(log, column), getattr(log, ids)
        used = np.bincount(codes, minlength=len(known)) > 0
        number = (np.cumsum(used) - 1).astype(np.int32)
        columns[column] = number[codes]
        maps[ids] = IdMap(known.ids[used])
    return replace(log, **columns, **maps)


def fill_missing(table: Table) -> tuple[Table, dict[str, int]]:
    """A table whose attributes have no gaps, and how many were filled, by column.

    Columns without any value stay as they are.
    """
    filled, counts = {}, {}
    for name, values in table.attributes.items():
        number = values.dtype.kind == "f"
        empty = np.isnan(values) if number else values == ""
        if empty.any() and not empty.all():
            value = float(np.median(values[~empty])) if number else "unknown"
            filled[name] = np.where(empty, value, values).astype(values.dtype)
            counts[name] = int(empty.sum())
    return replace(table, attributes={**table.attributes, **filled}), counts


def _drop_outliers(log: InteractionLog, plan: CleaningPlan) -> InteractionLog:
    return log.select(~np.isin(log.user, find_outliers(log).user))


def _drop_repeats(log: InteractionLog, plan: CleaningPlan) -> InteractionLog:
    """One row per user, item and scenario, in the order of the rows kept."""
    key = log.user.astype(np.int64) * len(log.scenarios) + log.scenario
    key = key * len(log.items) + log.item
    time = np.zeros(len(log), dtype=np.int64) if log.time is None else log.time
    order = np.lexsort((np.arange(len(log)), time, key))
    starts = np.flatnonzero(np.diff(key[order], prepend=-1))
    ends = np.append(starts[1:], len(order)) - 1
    kept = np.sort(order[starts] if plan.repeats == "first" else order[ends])
    if plan.repeats != "sum":
        return log.select(kept)
    weight = np.empty(len(log), dtype=np.float32)
    weight[order[ends]] = np.add.reduceat(log.weight[order].astype(np.float64), starts)
    return replace(log, weight=weight).select(kept)


def _weigh(log: InteractionLog, plan: CleaningPlan) -> InteractionLog:
    factor = np.ones(len(log.scenarios))
    for name, weight in plan.scenario_weights.items():
        factor[log.scenarios.code(name)] = weight
    return replace(log, weight=(log.weight * factor[log.scenario]).astype(np.float32))


def _normalise(log: InteractionLog, plan: CleaningPlan) -> InteractionLog:
    if plan.normalise == "log":
        return replace(log, weight=np.log2(1 + log.weight).astype(np.float32))
    group = log.user.astype(np.int64) * len(log.scenarios) + log.scenario
    _, group = np.unique(group, return_inverse=True)
    mean = np.bincount(group, log.weight) / np.bincount(group)
    return replace(log, weight=(log.weight / mean[group]).astype(np.float32))


def _keep_core(log: InteractionLog, plan: CleaningPlan) -> InteractionLog:
    return log.select(in_core(log, plan.user_core, plan.item_core))


def _step(name: str, before: InteractionLog, after: InteractionLog) -> list[tuple[object, ...]]:
    table = []
    for code, scenario in enumerate(before.scenarios.ids):
        counts = []
        for log in (before, after):
            rows = log.scenario == code
            counts.append(
                (
                    int(rows.sum()),
                    len(np.unique(log.user[rows])),
                    len(np.unique(log.item[rows])),
                )
            )
        table.append((name, scenario, *(n for pair in zip(*counts, strict=True) for n in pair)))
    return table
