"""Ranked models -> the rows of a report, with intervals and paired lifts."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from crossrec.evaluation.metrics import METRICS
from crossrec.evaluation.protocol import EvaluatedUsers, Ranked
from crossrec.evaluation.results import LIFT, PER_USER_COLUMNS, REPORT_COLUMNS, WITH_REPEATS
from crossrec.evaluation.uncertainty import bootstrap, holm

LIFT_METRICS = ("ndcg", "recall", "hr")
"""Metrics that lifts are given for, at the main k."""

COLD_ITEMS = "cold_items"
COVERAGE = "coverage"


@dataclass(frozen=True)
class OpenedSource:
    """The transfer model with one source open, against itself with none.

    Attributes:
        model: the name in the report.
        source: the open scenario's name.
        forced: whether the coefficient is 1 for every user.
        ranked: what it did.
        without: what the same model's target-only form did.
    """

    model: str
    source: str
    forced: bool
    ranked: Ranked
    without: Ranked


@dataclass(frozen=True)
class Measured:
    """All that was measured in one scenario.

    Attributes:
        scenario: its name.
        users: who was judged.
        models: per model name what it did; the baseline among them, if there is one.
        opened: the single sources.
        with_repeats: the models by lists that may include seen items; None where not judged.
    """

    scenario: str
    users: EvaluatedUsers
    models: Mapping[str, Ranked]
    opened: Sequence[OpenedSource]
    with_repeats: "Measured | None" = None


@dataclass(frozen=True)
class _Column:
    """One mean over users: its place in the report, and the users' values, shape (m,)."""

    model: str
    source: str
    metric: str
    k: int
    values: np.ndarray
    forced: bool = False


def report_table(
    measured: Sequence[Measured], *, baseline: str, k: int, resamples: int, seed: int
) -> pd.DataFrame:
    """The table of a :class:`~crossrec.evaluation.results.RunReport`.

    Args:
        measured: one per scenario.
        baseline: the model that lifts are taken against; none are where it is not measured.
        k: where lifts are taken.
        resamples: bootstrap draws.
        seed: of the draws.
    """
    frames = []
    for one in measured:
        groups = one.users.cohorts()
        columns = _columns(one, baseline, k, cold_items=False)
        cold_columns = _columns(one, baseline, k, cold_items=True)
        groups[COLD_ITEMS] = np.diff(one.users.cold_items.indptr) > 0
        for cohort, mask in groups.items():
            if mask.any():
                chosen = cold_columns if cohort == COLD_ITEMS else columns
                frame = _intervals(chosen, mask, resamples=resamples, seed=seed)
                frames.append(frame.assign(scenario=one.scenario, cohort=cohort))
        frames.append(_coverage(one))
    for again in (one.with_repeats for one in measured if one.with_repeats is not None):
        columns = _columns(again, baseline, k, cold_items=False)
        everybody = np.ones(len(again.users), dtype=bool)
        frame = _intervals(columns, everybody, resamples=resamples, seed=seed)
        frames.append(frame.assign(scenario=again.scenario, cohort=WITH_REPEATS))
    table = pd.concat(frames, ignore_index=True)
    lifts = table[table["metric"].str.startswith(LIFT)]
    family = [lifts["source"] != "", *(lifts[name] for name in ("model", "cohort", "metric", "k"))]
    table["p_holm"] = lifts.groupby(family)["p"].transform(lambda p: holm(p.to_numpy()))
    return table.loc[:, list(REPORT_COLUMNS)]


def _columns(one: Measured, baseline: str, k: int, *, cold_items: bool) -> list[_Column]:
    def values(ranked: Ranked) -> Mapping[tuple[str, int], np.ndarray]:
        return ranked.cold_items if cold_items else ranked.values

    found = [
        _Column(name, "", metric, at, column)
        for name, ranked in one.models.items()
        for (metric, at), column in values(ranked).items()
    ]
    pairs = [
        (name, "", False, ranked, one.models[baseline])
        for name, ranked in one.models.items()
        if baseline in one.models and name != baseline
    ]
    pairs += [(o.model, o.source, o.forced, o.ranked, o.without) for o in one.opened]
    for name, source, forced, ranked, without in pairs:
        for metric in LIFT_METRICS:
            lift = values(ranked)[metric, k] - values(without)[metric, k]
            found.append(_Column(name, source, LIFT + metric, k, lift, forced=forced))
    return found


def _intervals(
    columns: Sequence[_Column], mask: np.ndarray, *, resamples: int, seed: int
) -> pd.DataFrame:
    values = np.stack([column.values[mask] for column in columns], axis=1)
    found = bootstrap(values, resamples=resamples, seed=seed)
    is_lift = np.array([column.metric.startswith(LIFT) for column in columns])
    return pd.DataFrame(
        {
            "model": [column.model for column in columns],
            "source": [column.source for column in columns],
            "metric": [column.metric for column in columns],
            "k": [column.k for column in columns],
            "value": found.value,
            "low": found.low,
            "high": found.high,
            "n": found.n,
            "p": np.where(is_lift, found.p, np.nan),
            "forced": [column.forced for column in columns],
        }
    )


def _coverage(one: Measured) -> pd.DataFrame:
    shares = [
        (name, k, share)
        for name, ranked in one.models.items()
        for k, share in ranked.coverage.items()
    ]
    frame = pd.DataFrame(shares, columns=["model", "k", "value"])
    return frame.assign(
        source="", scenario=one.scenario, cohort="all", metric=COVERAGE, low=np.nan, high=np.nan,
        n=len(one.users), p=np.nan, forced=False,
    )  # fmt: skip


def per_user_table(measured: Sequence[Measured], *, k: int) -> pd.DataFrame:
    """One row per (model, scenario, user) with the metrics at the main k."""
    frames = []
    for one in measured:
        cohort = np.select(
            [one.users.target_items > 0, one.users.other_items > 0], ["warm", "cold"], "empty"
        )
        for name, ranked in one.models.items():
            frame = pd.DataFrame({metric: ranked.values[metric, k] for metric in METRICS})
            frame = frame.assign(
                model=name,
                scenario=one.scenario,
                user_id=one.users.histories.users.ids,
                cohort=cohort,
                target_items=one.users.target_items,
                other_items=one.users.other_items,
            )
            frames.append(frame)
    return pd.concat(frames, ignore_index=True).loc[:, list(PER_USER_COLUMNS)]
