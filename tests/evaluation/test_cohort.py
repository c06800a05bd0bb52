"""Transfer against another model over users of a person's own choice."""

import numpy as np
import pandas as pd
import pytest

from crossrec.evaluation import (
    HELPS,
    HURTS,
    INCONCLUSIVE,
    UNCHANGED,
    RunReport,
    answers_for,
    judged_models,
)

USERS = [f"u{at:02d}" for at in range(40)]


def report(gain: float = 0.1, *, config: dict | None = None) -> RunReport:
    """Transfer gives books ``gain`` to the first 30 users and takes it from the others."""
    rng = np.random.default_rng(0)
    level = rng.uniform(0.3, 0.6, len(USERS))
    change = np.where(np.arange(len(USERS)) < 30, gain, -gain)
    rows = [
        pd.DataFrame({"model": model, "scenario": scenario, "user_id": USERS, "ndcg": values})
        for scenario in ("books", "films")
        for model, values in (
            ("target only", level),
            ("transfer", level + (change if scenario == "books" else 0)),
            ("one for all", level + 0.02),
        )
    ]
    return RunReport(
        table=pd.DataFrame(),
        per_user=pd.concat(rows, ignore_index=True),
        coefficients=pd.DataFrame(),
        config=config or {"transfer": "transfer", "baseline": "target only"},
        seed=0,
        split_hash="",
    )


def test_the_chosen_users_decide_the_verdict():
    helped = answers_for(report(), USERS[:30])
    assert [one.scenario for one in helped] == ["books", "films"]
    books, films = helped
    assert books.lift == pytest.approx(0.1)
    assert (books.verdict, books.n, books.cohort) == (HELPS, 30, "selection")
    assert books.value - books.without == pytest.approx(books.lift)
    assert films.verdict == UNCHANGED
    hurt = answers_for(report(gain=-0.1), USERS[:30])[0]
    assert hurt.verdict == HURTS


def test_no_difference_for_anybody_is_unchanged_if_users_are_enough():
    books, _ = answers_for(report(gain=0.0))
    assert (books.verdict, books.low, books.high) == (UNCHANGED, 0, 0)
    assert answers_for(report(gain=0.0), USERS[:10])[0].verdict == INCONCLUSIVE


def test_few_users_never_decide_and_unknown_ones_do_not_count():
    (books, _) = answers_for(report(), [*USERS[:10], "nobody"])
    assert (books.n, books.verdict) == (10, INCONCLUSIVE)
    assert answers_for(report(), ["nobody"]) == []
    assert answers_for(report(), USERS[:4], least=5) == []


def test_against_another_model_and_over_all_users():
    (books, films) = answers_for(report(), against="one for all", cohort="all")
    assert books.lift == pytest.approx(0.1 * 20 / 40 - 0.02)
    assert films.lift == pytest.approx(-0.02)
    assert films.verdict == HURTS
    assert judged_models(report()) == ["target only", "one for all"]


def test_a_report_without_transfer_has_no_answers():
    bare = report(config={"transfer": "", "baseline": "target only"})
    assert answers_for(bare) == []
    assert judged_models(bare) == []
