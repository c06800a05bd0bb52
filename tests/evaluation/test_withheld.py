"""Cohorts of few people are not shown, and cannot be worked out from those that are."""

import pandas as pd
import pytest

from crossrec.evaluation import RunReport, summary, verdicts, without_small_groups
from crossrec.evaluation.results import COEFFICIENT_COLUMNS, PER_USER_COLUMNS, REPORT_COLUMNS


def report(**sizes: int) -> RunReport:
    """One scenario; cohort -> number of users."""
    rows = [
        ("transfer", "", "shop", cohort, metric, 10, 0.1, 0.0, 0.2, n, 0.1, 0.1, False)
        for cohort, n in sizes.items()
        for metric in ("ndcg", "lift_ndcg")
    ]
    rows += [("base", *row[1:]) for row in rows if row[4] == "ndcg"]
    return RunReport(
        pd.DataFrame(rows, columns=list(REPORT_COLUMNS)),
        pd.DataFrame(columns=list(PER_USER_COLUMNS)),
        pd.DataFrame(columns=list(COEFFICIENT_COLUMNS)),
        {"k": 10, "baseline": "base", "transfer": "transfer"},
        0,
        "hash",
    )


@pytest.mark.parametrize(
    ("sizes", "shown"),
    [
        ({"all": 100, "warm": 60, "warm_few": 20, "cold": 40}, {"all", "warm", "warm_few", "cold"}),
        ({"all": 100, "warm": 60, "warm_few": 3, "cold": 40}, {"all", "warm", "cold"}),
        ({"all": 100, "warm": 60, "warm_few": 57, "cold": 40}, {"all", "warm", "cold"}),
        # The mean of all and of the warm ones would give that of three cold people.
        ({"all": 100, "warm": 97, "warm_few": 50, "cold": 3}, {"all", "warm_few"}),
        ({"all": 100, "warm": 60, "cold": 38, "cold_items": 50}, {"all", "warm", "cold_items"}),
        ({"all": 4, "warm": 4}, set()),
    ],
)
def test_small_groups_and_small_rests_are_left_out(sizes, shown):
    whole = report(**sizes)
    found = without_small_groups(whole, 5)
    assert set(found.table["cohort"]) == shown
    assert bool(found.notes) == (shown != set(sizes))
    assert without_small_groups(whole, 1) is whole
    summary(found)
    verdicts(found)
