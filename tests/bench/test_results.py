"""The arithmetic of the report, on figures that can be checked by hand."""

import json

import numpy as np
import pandas as pd
import pytest

from bench.quality.bars import MET, NOT_MET, UNKNOWN, bars
from bench.quality.report import markdown, write_report
from bench.quality.results import Results

N = 40


def cell(folder, seed, model, values, *, kind_set="food_kitchen", scenarios=("food", "kitchen")):
    """A finished cell in which user i has ``values[i]`` in every scenario; odd users are cold."""
    folder.mkdir(exist_ok=True)
    frames = []
    for scenario in scenarios:
        cold = np.arange(len(values)) % 2 == 1
        frames.append(
            pd.DataFrame(
                {
                    "user_id": [f"u{i}" for i in range(len(values))],
                    "warm": ~cold,
                    "warm_few": ~cold & (np.arange(len(values)) < 20),
                    "cold": cold,
                    "cold_items": False,
                    "ndcg": np.asarray(values, dtype=np.float32),
                    "recall": np.asarray(values, dtype=np.float32),
                    "ndcg_cold_items": np.nan,
                    "recall_cold_items": np.nan,
                    "scenario": scenario,
                    "model": model,
                }
            )
        )
    path = folder / f"{model}-{seed}.json"
    pd.concat(frames).to_parquet(path.with_suffix(".parquet"), index=False)
    record = {"set": kind_set, "seed": seed, "recipe": model, "fit_seconds": 30.0 + seed,
              "peak_gb": 2.0, "chosen": None, "coefficients": None}  # fmt: skip
    path.write_text(json.dumps(record))
    return path


@pytest.fixture
def made(tmp_path):
    base = np.linspace(0.1, 0.5, N)
    folder = tmp_path / "cells"
    return [
        cell(folder, 0, "transfer", base + 0.1),
        cell(folder, 1, "transfer", base + 0.3),
        cell(folder, 0, "EASE", base),
        cell(folder, 1, "EASE", base),
        cell(folder, 0, "ALS", base - 0.05),
        cell(folder, 0, "Hybrid, EASE", base + 0.05),
    ]


def test_a_user_of_two_seeds_counts_once(made):
    found = Results(made).difference("food_kitchen", "food", "cold", "transfer", "EASE")
    assert found is not None
    assert found.users == N // 2
    assert found.value == pytest.approx(0.2, abs=1e-6)  # the mean of 0.1 and 0.3
    assert (found.low, found.high) == pytest.approx((0.2, 0.2), abs=1e-6)


def test_models_are_compared_on_common_seeds_only(made):
    found = Results(made).difference("food_kitchen", "food", "warm", "transfer", "ALS")
    assert found is not None
    assert found.value == pytest.approx(0.15, abs=1e-6)  # under seed 0 alone


def test_the_best_baseline_is_the_best_on_these_users(made):
    results = Results(made)
    names = ["EASE", "ALS", "Hybrid, EASE", "never run"]
    assert results.best("food_kitchen", "food", "warm", names) == "Hybrid, EASE"
    assert results.best("food_kitchen", "food", "warm", ["EASE", "ALS"]) == "EASE"
    assert results.best("food_kitchen", "food", "cold_items", names) is None


def test_the_table_holds_means_seeds_and_their_spread(made):
    table = Results(made).table()
    mine = table.query("model == 'transfer' and scenario == 'food' and metric == 'ndcg'")
    row = mine[mine["cohort"] == "warm"].iloc[0]
    base = np.linspace(0.1, 0.5, N)[::2].mean()
    assert row["value"] == pytest.approx(base + 0.2, abs=1e-5)
    assert (row["users"], row["seeds"], row["kind"]) == (N // 2, 2, "ours")
    assert row["between_seeds"] == pytest.approx(np.std([0.1, 0.3], ddof=1), abs=1e-5)
    assert row["low"] < row["value"] < row["high"]


def test_bars_are_met_only_when_all_that_is_asked_was_measured(made, tmp_path):
    held = {bar.asked: bar.verdict for bar in bars(Results(made))}
    assert [v for asked, v in held.items() if asked.startswith("every scenario")] == [MET]
    assert [v for asked, v in held.items() if "1.30 x" in asked] == [MET]
    assert [v for asked, v in held.items() if "four directions" in asked] == [UNKNOWN]
    worse = [*made, cell(tmp_path / "cells", 0, "ALS (pooled)", np.full(N, 0.9))]
    held = {bar.asked: bar.verdict for bar in bars(Results(worse))}
    assert [v for asked, v in held.items() if asked.startswith("every scenario")] == [NOT_MET]
    assert [v for asked, v in held.items() if "four directions" in asked] == [NOT_MET]


def test_the_report_is_written(made, tmp_path):
    command = 'make bench-quality ARGS="--seeds 3 4"'
    lost = ["food_kitchen, seed 1, ALS: gone"]
    write_report(Results(made), tmp_path / "out", failed=lost, command=command)
    page = (tmp_path / "out" / "quality.md").read_text()
    assert "| food | warm | 20 | Hybrid, EASE |" in page
    assert "seed 1, ALS: gone" in page
    assert "smoke test" not in page
    assert f"Written by `{command}` on " in page
    assert len(pd.read_parquet(tmp_path / "out" / "quality.parquet"))


def test_pipes_do_not_break_a_table():
    assert markdown(("a",), [("x|y",)]).splitlines()[-1] == "| x\\|y |"


def test_an_added_part_that_loses_is_not_said_to_help(tmp_path):
    base = np.linspace(0.1, 0.5, N)
    folder = tmp_path / "cells"
    cells = [
        cell(folder, 0, "transfer", base),
        cell(folder, 0, "transfer, with text tower", base - 0.05),
        cell(folder, 0, "transfer, without text", base - 0.02),
    ]
    write_report(Results(cells), tmp_path / "out")
    page = (tmp_path / "out" / "quality.md").read_text()
    rows = {line.split(" | ")[0]: line for line in page.splitlines() if "| food | warm | " in line}
    assert rows["| with text tower"].endswith("| 0.2449 | -0.0500 [-0.0500, -0.0500] | hurts |")
    assert rows["| without text"].endswith("| 0.2749 | +0.0200 [+0.0200, +0.0200] | helps |")
