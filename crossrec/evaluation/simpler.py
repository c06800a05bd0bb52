"""Where a simpler model of a run is clearly better than transfer."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass

import numpy as np
import pandas as pd

from crossrec.evaluation.results import RunReport
from crossrec.evaluation.uncertainty import bootstrap, bootstrap_difference, holm, resamples_for
from crossrec.evaluation.verdict import ENOUGH_USERS, HELPS, judge
from crossrec.schema import SCENARIO, USER
from crossrec.transfer.lineup import simpler

COHORTS = ("warm", "cold")


@dataclass(frozen=True)
class Better:
    """A simpler model that is clearly better than transfer for some users.

    Attributes:
        model: its name in the report.
        scenario: the target.
        cohort: "warm" or "cold".
        value: the simpler model's metric.
        transfer: the transfer model's.
        gain: the difference, above 0, with its 95 % interval ``low`` to ``high``.
        low: lower end.
        high: upper end.
        n: users.
        p_holm: corrected over all simpler models and scenarios.
    """

    model: str
    scenario: str
    cohort: str
    value: float
    transfer: float
    gain: float
    low: float
    high: float
    n: int
    p_holm: float


@dataclass(frozen=True)
class Simpler:
    """The simpler models of a run beside its transfer model.

    Attributes:
        models: the names of those that were judged, in the report's order.
        better: where one is clearly better, the largest gain first.
    """

    models: tuple[str, ...]
    better: tuple[Better, ...]

    def to_dict(self) -> dict[str, object]:
        """Plain values, JSON-able."""
        return asdict(self)


def simpler_models(
    report: RunReport, *, metric: str = "ndcg", least: int = 1, seed: int = 0
) -> Simpler:
    """Ask of every baseline of the lineup whether it beats transfer, for warm and for cold users.

    "Clearly" is the rule of all verdicts (:func:`~crossrec.evaluation.verdict.judge`), with Holm's
    correction over all models and scenarios of a cohort: among a dozen models, one is soon better
    by luck.

    Args:
        report: of :func:`~crossrec.evaluation.compare.compare`.
        metric: a metric column of :attr:`RunReport.per_user`.
        least: smallest group of users that may be shown; smaller ones are left out.
        seed: of the bootstrap.
    """
    transfer = report.config.get("transfer")
    rows = report.per_user
    if not transfer or rows.empty or metric not in rows:
        return Simpler((), ())
    models = simpler(map(str, rows["model"].unique()))
    found = [
        one
        for cohort in COHORTS
        for one in _of_cohort(
            rows.loc[rows["cohort"] == cohort], str(transfer), models, cohort, metric, least, seed
        )
    ]
    return Simpler(tuple(models), tuple(sorted(found, key=lambda one: -one.gain)))


@dataclass(frozen=True)
class Level:
    """A simpler model that transfer is not clearly better than.

    Attributes:
        model: its name in the report.
        value: its metric over the users asked about.
        transfer: the transfer model's.
    """

    model: str
    value: float
    transfer: float


def level_models(
    report: RunReport,
    users: Mapping[str, Collection[str]],
    *,
    metric: str = "ndcg",
    seed: int = 0,
) -> dict[str, Level]:
    """Where the best simpler model does as well as transfer, by the rule of all verdicts.

    Args:
        report: of :func:`~crossrec.evaluation.compare.compare`.
        users: scenario -> whom to ask about.
        metric: a metric column of :attr:`RunReport.per_user`.
        seed: of the bootstrap.

    Returns:
        By scenario; Holm's correction runs over the scenarios. Scenarios with too few users for a
        verdict are left out.
    """
    transfer, rows = str(report.config.get("transfer") or ""), report.per_user
    models = simpler(map(str, rows["model"].unique()))
    best: list[tuple[str, str, pd.DataFrame]] = []
    for name, chosen in users.items():
        mine = rows.loc[(rows[SCENARIO] == name) & rows[USER].isin(list(chosen))]
        table = _by_model(mine, metric)
        here = [model for model in models if model in table]
        if here and transfer in table and len(table) >= ENOUGH_USERS:
            best.append((name, str(table[here].mean().idxmax()), table))
    resamples = resamples_for(len(best))
    gains = [
        bootstrap_difference(
            table[transfer].to_numpy(), table[model].to_numpy(), resamples=resamples, seed=seed
        )
        for _, model, table in best
    ]
    adjusted = holm(np.array([one.p[0] for one in gains]))
    return {
        name: Level(model, *(float(table[one].to_numpy().mean()) for one in (model, transfer)))
        for (name, model, table), one, p in zip(best, gains, adjusted, strict=True)
        if judge(one.low[0], one.high[0], p, one.n).verdict != HELPS
    }


def _of_cohort(
    rows: pd.DataFrame,
    transfer: str,
    models: Sequence[str],
    cohort: str,
    metric: str,
    least: int,
    seed: int,
) -> Iterator[Better]:
    """Those better for the users of one cohort."""
    shown = rows.loc[rows["model"].isin([transfer, *models])]
    tables = [
        (str(name), _by_model(mine, metric)) for name, mine in shown.groupby(SCENARIO, sort=False)
    ]
    tables = [
        (name, table) for name, table in tables if transfer in table and len(table) >= max(least, 1)
    ]
    pairs = [(name, model) for name, table in tables for model in models if model in table]
    if not pairs:
        return
    resamples = resamples_for(len(pairs))
    parts = []
    for name, table in tables:
        here = [model for scenario, model in pairs if scenario == name]
        gains = table[here].sub(table[transfer], axis=0).to_numpy(dtype=float)  # (n, models)
        parts.append(bootstrap(gains, resamples=resamples, seed=seed))
    value, low, high, p = (
        np.concatenate([getattr(part, field) for part in parts])
        for field in ("value", "low", "high", "p")
    )
    adjusted = holm(p)
    sizes = {name: len(table) for name, table in tables}
    n = np.array([sizes[name] for name, _ in pairs])
    means = {
        (name, str(model)): float(table[model].to_numpy(dtype=float).mean())
        for name, table in tables
        for model in table
    }
    for at, (scenario, model) in enumerate(pairs):
        if judge(low[at], high[at], adjusted[at], n[at]).verdict != HELPS:
            continue
        yield Better(
            model=model,
            scenario=scenario,
            cohort=cohort,
            value=means[scenario, model],
            transfer=means[scenario, transfer],
            gain=float(value[at]),
            low=float(low[at]),
            high=float(high[at]),
            n=int(n[at]),
            p_holm=float(adjusted[at]),
        )


def _by_model(rows: pd.DataFrame, metric: str) -> pd.DataFrame:
    """A row per user with all models judged for it, a column per model."""
    return rows.pivot_table(index=USER, columns="model", values=metric, sort=False).dropna()
