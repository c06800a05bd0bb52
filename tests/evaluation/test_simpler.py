"""Whether a simpler model beats transfer: clearly, for whom, and not by luck among many."""

import numpy as np
import pandas as pd
import pytest

from crossrec.evaluation.results import COEFFICIENT_COLUMNS, REPORT_COLUMNS, RunReport
from crossrec.evaluation.simpler import simpler_models


def report(values: dict[str, dict[tuple[str, str], np.ndarray]]) -> RunReport:
    """Of model -> (scenario, cohort) -> NDCG of each user."""
    rows = [
        pd.DataFrame({
            "model": model, "scenario": scenario, "cohort": cohort, "ndcg": ndcg,
            "user_id": [f"{cohort}{at}" for at in range(len(ndcg))],
        })
        for model, cells in values.items()
        for (scenario, cohort), ndcg in cells.items()
    ]  # fmt: skip
    return RunReport(
        table=pd.DataFrame(columns=list(REPORT_COLUMNS)),
        per_user=pd.concat(rows, ignore_index=True),
        coefficients=pd.DataFrame(columns=list(COEFFICIENT_COLUMNS)),
        config={"k": 10, "transfer": "transfer", "baseline": "target only"},
        seed=0,
        split_hash="",
    )


@pytest.fixture
def usual() -> dict[tuple[str, str], np.ndarray]:
    rng = np.random.default_rng(0)
    cells = (("books", "warm"), ("books", "cold"), ("films", "warm"))
    return {cell: rng.random(300) for cell in cells}


def test_a_better_model_is_named_with_its_users_and_its_gain(usual):
    ease = {**usual, ("books", "warm"): usual["books", "warm"] + 0.1}
    worse = {cell: ndcg - 0.2 for cell, ndcg in usual.items()}
    models = {"transfer": usual, "target only": ease, "EASE": ease, "Popularity": worse}
    found = simpler_models(report(models))
    assert found.models == ("EASE", "Popularity")  # without transfer has verdicts of its own
    (one,) = found.better
    assert (one.model, one.scenario, one.cohort, one.n) == ("EASE", "books", "warm", 300)
    assert one.gain == pytest.approx(0.1, abs=1e-6)
    assert one.value - one.transfer == pytest.approx(0.1, abs=1e-6)


def test_the_same_is_not_better(usual):
    assert simpler_models(report({"transfer": usual, "EASE": usual})).better == ()


def test_small_groups_are_not_told(usual):
    ease = {cell: ndcg + 0.1 for cell, ndcg in usual.items()}
    models = report({"transfer": usual, "EASE": ease})
    assert len(simpler_models(models).better) == 3
    assert simpler_models(models, least=301).better == ()


def test_luck_among_many_models_is_no_lead(usual):
    """One in twenty differences of nothing has p below 0.05; corrected, hardly a set has one."""
    rng = np.random.default_rng(1)
    names = ("EASE", "ALS", "Item kNN", "User kNN", "Popularity", "Text (pooled)")
    models = {
        name: {cell: ndcg + rng.normal(0, 0.3, len(ndcg)) for cell, ndcg in usual.items()}
        for name in names
    }
    assert simpler_models(report({"transfer": usual, **models})).better == ()


def test_without_transfer_there_is_nothing_to_beat(usual):
    alone = report({"EASE": usual})
    assert simpler_models(RunReport(**{**vars(alone), "config": {"transfer": ""}})).models == ()
