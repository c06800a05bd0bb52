"""Comparing two runs: paired by user, refused on different splits."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from crossrec.errors import SplitError
from crossrec.evaluation.results import RunReport
from crossrec.evaluation.runs import compare_runs, overall


def report(gain: float, *, users: int = 60, split: str = "a" * 64) -> RunReport:
    level = np.random.default_rng(1).uniform(0.1, 0.5, users)  # the same users in every run
    noise = np.random.default_rng(int(gain * 1e4) + 7).normal(0, 0.02, users)
    sides = [
        pd.DataFrame(
            {
                "model": model,
                "scenario": scenario,
                "user_id": [f"u{at}" for at in range(users)],
                "ndcg": level + shift,
            }
        )
        for scenario, sign in (("books", 1), ("films", -1))
        for model, shift in (("target only", 0.0), ("transfer", sign * gain + noise))
    ]
    empty = pd.DataFrame()
    return RunReport(
        table=empty,
        per_user=pd.concat(sides, ignore_index=True),
        coefficients=empty,
        config={"k": 10, "transfer": "transfer", "baseline": "target only"},
        seed=0,
        split_hash=split,
    )


def test_differences_are_paired_and_judged():
    table = compare_runs(report(0.0), report(0.05)).set_index("scenario")
    assert table.loc["books", "verdict"] == "better"
    assert table.loc["films", "verdict"] == "worse"
    for row in table.to_dict("records"):
        assert row["difference"] == pytest.approx(row["second"] - row["first"])
        assert row["low"] < row["difference"] < row["high"]
        assert row["high"] - row["low"] < 0.03  # users differ by far more
        assert row["n"] == 60


def test_a_run_against_itself_is_no_difference():
    table = compare_runs(report(0.1), report(0.1))
    assert table["difference"].tolist() == [0, 0]
    assert set(table["verdict"]) == {"unchanged"}


def test_few_users_decide_nothing():
    assert set(compare_runs(report(0.0, users=8), report(0.3, users=8))["verdict"]) == {
        "inconclusive"
    }


def test_other_splits_and_lengths_are_refused():
    with pytest.raises(SplitError, match="splits aaaaaaaa and bbbbbbbb"):
        compare_runs(report(0.0), report(0.0, split="b" * 64))
    longer = replace(report(0.0), config={"k": 20, "transfer": "transfer"})
    with pytest.raises(SplitError, match="k = 10 and k = 20"):
        compare_runs(report(0.0), longer)


def test_a_run_in_one_number():
    found = overall(report(0.0))
    assert found["low"] < found["value"] < found["high"]
    assert found["n"] == 120
    assert np.isnan(
        overall(replace(report(0.0), config={"k": 10, "transfer": "transfer"}))["baseline"]
    )
