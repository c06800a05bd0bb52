"""Two runs on one split, user by user."""

import pandas as pd

from crossrec.errors import SplitError
from crossrec.evaluation.results import RunReport
from crossrec.evaluation.uncertainty import bootstrap, bootstrap_difference, holm, resamples_for
from crossrec.evaluation.verdict import VERSUS, judged

RUN_COLUMNS = (
    "scenario", "first", "second", "difference", "low", "high", "n", "p_holm", "verdict",
    "why",
)  # fmt: skip


def compare_runs(
    first: RunReport, second: RunReport, *, metric: str = "ndcg", seed: int = 0
) -> pd.DataFrame:
    """Second run minus first run, paired over the users both were judged on.

    Each run stands for itself by its transfer model, or by its baseline where it has none.

    Args:
        first: the run to compare with.
        second: the other run.
        metric: a metric column of :attr:`RunReport.per_user`.
        seed: of the bootstrap.

    Returns:
        One row per scenario with :data:`RUN_COLUMNS`: both means, the difference with its 95 %
        interval over ``n`` users, Holm's p-value over the scenarios, ``verdict`` ("better",
        "worse", "unchanged", "inconclusive") of the second run, and ``why``.

    Raises:
        SplitError: the runs were judged on different splits or list lengths.
    """
    if first.split_hash != second.split_hash:
        raise SplitError(
            "expected two runs on one split",
            f"splits {first.split_hash[:8]} and {second.split_hash[:8]}",
            "Train again on the same data with the same seed and split to compare",
        )
    if first.config["k"] != second.config["k"]:
        raise SplitError(
            "expected two runs with one list length",
            f"k = {first.config['k']} and k = {second.config['k']}",
        )
    pairs = _main_model(first, metric).merge(
        _main_model(second, metric), on=["scenario", "user_id"], suffixes=("_first", "_second")
    )
    scenarios = pairs["scenario"].drop_duplicates().tolist()
    resamples = resamples_for(len(scenarios))
    rows = []
    for scenario in scenarios:
        mine = pairs.loc[pairs["scenario"] == scenario]
        before, after = (mine[f"{metric}_{side}"].to_numpy() for side in ("first", "second"))
        found = bootstrap_difference(after, before, resamples=resamples, seed=seed)
        bounds = (found.value[0], found.low[0], found.high[0])
        rows.append((scenario, before.mean(), after.mean(), *bounds, found.n, found.p[0]))
    columns = ["scenario", "first", "second", "difference", "low", "high", "n", "p"]
    table = pd.DataFrame(rows, columns=columns)
    table = table.assign(p_holm=holm(table["p"].to_numpy(dtype=float)))
    return judged(table).replace({"verdict": VERSUS}).loc[:, list(RUN_COLUMNS)]


def overall(report: RunReport, *, metric: str = "ndcg", seed: int = 0) -> dict[str, float]:
    """A run in one number: the mean over all judged users of all scenarios.

    Returns:
        ``value, low, high`` (95 %) of the run's transfer model, ``baseline`` of the baseline (NaN
        without one), and ``n``.
    """
    mine = _main_model(report, metric)[metric].to_numpy(dtype=float)
    found = bootstrap(mine[:, None], seed=seed)
    per_user = report.per_user
    plain = per_user.loc[per_user["model"] == report.config.get("baseline"), metric]
    return {
        "value": float(found.value[0]),
        "low": float(found.low[0]),
        "high": float(found.high[0]),
        "baseline": float(plain.to_numpy(dtype=float).mean()) if len(plain) else float("nan"),
        "n": found.n,
    }


def _main_model(report: RunReport, metric: str) -> pd.DataFrame:
    name = report.config.get("transfer") or report.config.get("baseline")
    rows = report.per_user
    return rows.loc[rows["model"] == name, ["scenario", "user_id", metric]]
