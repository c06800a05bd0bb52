"""The transfer model against another model, over any group of users that was judged.

What the report holds as intervals is fixed when a run is made; these are computed from its results
per user, so a person may ask about users of their own choice.
"""

from collections.abc import Collection

import numpy as np
import pandas as pd

from crossrec.evaluation.results import RunReport
from crossrec.evaluation.uncertainty import Interval, bootstrap_difference, holm, resamples_for
from crossrec.evaluation.verdict import Answer
from crossrec.schema import SCENARIO, USER

SELECTION = "selection"
"""The cohort of users somebody chose."""


def answers_for(
    report: RunReport,
    users: Collection[str] | None = None,
    *,
    against: str | None = None,
    metric: str = "ndcg",
    cohort: str = SELECTION,
    least: int = 1,
    seed: int = 0,
) -> list[Answer]:
    """What transfer did to these users, per scenario, paired user by user.

    Args:
        report: of :func:`~crossrec.evaluation.compare.compare`.
        users: their ids; None for all that were judged.
        against: the model to compare the transfer model with; default the report's baseline.
        metric: a metric column of :attr:`RunReport.per_user`.
        cohort: the name the answers get.
        least: smallest group that may be shown; scenarios with fewer of the users are left out.
        seed: of the bootstrap.

    Returns:
        An answer per scenario in the report's order, p-values corrected over the scenarios by Holm;
        none where either model was not judged. ``without`` is the value of ``against``.
    """
    transfer = str(report.config.get("transfer") or "")
    other = str(against or report.config.get("baseline") or "")
    pairs = _pairs(report.per_user, transfer, other, metric)
    if users is not None:
        pairs = pairs.loc[pairs[USER].isin(list(users))]
    groups = [
        (str(name), mine)
        for name, mine in pairs.groupby(SCENARIO, sort=False)
        if len(mine) >= max(least, 1)
    ]
    resamples = resamples_for(len(groups))
    found = [
        bootstrap_difference(
            mine["with"].to_numpy(), mine["without"].to_numpy(), resamples=resamples, seed=seed
        )
        for _, mine in groups
    ]
    adjusted = holm(np.array([one.p[0] for one in found]))
    return [
        _answer(name, cohort, mine, one, float(p))
        for (name, mine), one, p in zip(groups, found, adjusted, strict=True)
    ]


def judged_models(report: RunReport) -> list[str]:
    """The models that can stand against the transfer model, in the report's order."""
    transfer = report.config.get("transfer")
    names = report.per_user["model"].drop_duplicates().tolist() if transfer else []
    return [str(name) for name in names if name != transfer]


def _pairs(per_user: pd.DataFrame, transfer: str, other: str, metric: str) -> pd.DataFrame:
    sides = [
        per_user.loc[per_user["model"] == name, [SCENARIO, USER, metric]].rename(
            columns={metric: side}
        )
        for name, side in ((transfer, "with"), (other, "without"))
    ]
    return sides[0].merge(sides[1], on=[SCENARIO, USER])


def _answer(scenario: str, cohort: str, mine: pd.DataFrame, found: Interval, p: float) -> Answer:
    return Answer(
        scenario=scenario,
        cohort=cohort,
        value=float(mine["with"].to_numpy(dtype=float).mean()),
        without=float(mine["without"].to_numpy(dtype=float).mean()),
        lift=float(found.value[0]),
        low=float(found.low[0]),
        high=float(found.high[0]),
        n=found.n,
        p_holm=p,
    )
