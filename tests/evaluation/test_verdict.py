"""The rule of verdicts, at its edges."""

import math

import pandas as pd
import pytest

from crossrec.evaluation import (
    ENOUGH_USERS,
    HELPS,
    HURTS,
    INCONCLUSIVE,
    UNCHANGED,
    Pair,
    judge,
    judged,
    rule,
    tell,
)
from crossrec.evaluation.verdict import ALPHA, CLEAR, HOLM, INTERVAL, USERS


@pytest.mark.parametrize(
    ("low", "high", "p", "n", "verdict", "why"),
    [
        (0.01, 0.03, 0.049, 20, HELPS, CLEAR),
        (-0.05, -0.01, 0.045, 20, HURTS, CLEAR),
        (0.097, 0.415, 0.020, 19, INCONCLUSIVE, USERS),
        (0.01, 0.03, ALPHA, 500, INCONCLUSIVE, HOLM),
        (0.01, 0.03, math.nan, 500, INCONCLUSIVE, HOLM),
        (0.0, 0.03, 0.01, 500, INCONCLUSIVE, INTERVAL),
        (-0.01, 0.03, 0.6, 500, INCONCLUSIVE, INTERVAL),
        (0.0, 0.0, 1.0, 20, UNCHANGED, INTERVAL),
        (0.0, 0.0, 1.0, 19, INCONCLUSIVE, USERS),
        (math.nan, math.nan, 1.0, 1, INCONCLUSIVE, USERS),
    ],
)
def test_a_verdict_says_what_decided_it(low, high, p, n, verdict, why):
    assert judge(low, high, p, n) == (verdict, why)
    table = judged(pd.DataFrame({"low": [low], "high": [high], "p_holm": [p], "n": [n]}))
    assert table[["verdict", "why"]].to_numpy().tolist() == [[verdict, why]]


def test_nothing_judged_has_the_columns_of_a_verdict():
    none = judged(pd.DataFrame({name: [] for name in ("low", "high", "p_holm", "n")}))
    assert list(none)[-2:] == ["verdict", "why"]


def test_no_verdict_can_be_given_to_figures_that_say_another():
    figures = {"lift": -0.03, "low": -0.05, "high": -0.01, "n": 100, "p_holm": 0.045}
    with pytest.raises(TypeError):
        Pair(source="a", target="b", cohort="all", verdict=HELPS, **figures)  # type: ignore[call-arg]
    assert Pair(source="a", target="b", cohort="all", **figures).verdict == HURTS


def test_the_rule_states_its_numbers():
    assert f"at least {ENOUGH_USERS} users" in rule()
    assert f"below {ALPHA}" in rule()
    assert tell(INCONCLUSIVE, USERS) == f"inconclusive: n < {ENOUGH_USERS}"
    assert tell(HURTS, CLEAR) == "hurts"
