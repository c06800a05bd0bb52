"""Which verdicts lead to which decision."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crossrec.evaluation import board
from crossrec.evaluation.board import MORE, OFF, ON
from crossrec.evaluation.results import LIFT, PER_USER_COLUMNS, REPORT_COLUMNS, RunReport

USERS = 200


def report(lifts: dict[str, tuple[float, float, float]], base: float = 0.2) -> RunReport:
    """One target; per cohort lift, low and high. Every second user gains, every fourth loses."""
    rows = []
    for cohort, (lift, low, high) in lifts.items():
        shared = {"source": "", "scenario": "music", "cohort": cohort, "k": 10, "n": USERS}
        nothing = {"low": np.nan, "high": np.nan, "p": np.nan, "p_holm": np.nan, "forced": False}
        for model, value in (("transfer", base + lift), ("target only", base)):
            rows.append({**shared, **nothing, "model": model, "metric": "ndcg", "value": value})
        clear = 0.001 if low > 0 or high < 0 else 0.5
        mine = {"low": low, "high": high, "p": clear, "p_holm": clear, "forced": False}
        rows.append({**shared, **mine, "model": "transfer", "metric": f"{LIFT}ndcg", "value": lift})
    users = []
    for user in range(USERS):
        gain = 0.2 if user % 2 == 0 else -0.1 if user % 4 == 1 else 0.0
        for model, value in (("transfer", 0.3 + gain), ("target only", 0.3)):
            row = dict.fromkeys(PER_USER_COLUMNS, value)
            cohort = "cold" if user < USERS // 2 else "warm"
            users.append(
                {**row, "model": model, "scenario": "music", "user_id": f"u{user:03d}",
                 "cohort": cohort, "target_items": 0, "other_items": 3}
            )  # fmt: skip
    return RunReport(
        table=pd.DataFrame(rows, columns=list(REPORT_COLUMNS)),
        per_user=pd.DataFrame(users, columns=list(PER_USER_COLUMNS)),
        coefficients=pd.DataFrame(),
        config={"k": 10, "baseline": "target only", "transfer": "transfer"},
        seed=0,
        split_hash="",
    )


def decided(**lifts: tuple[float, float, float]) -> board.Decision:
    (one,) = board.board(report(lifts))
    return one


HELP, HURT, OPEN = (0.05, 0.02, 0.08), (-0.05, -0.08, -0.02), (0.01, -0.02, 0.04)


@pytest.mark.parametrize(
    ("lifts", "decision"),
    [
        ({"all": HELP, "cold": HELP}, ON),
        ({"all": OPEN, "warm": OPEN, "cold": HELP}, ON),
        ({"all": OPEN, "warm": HURT, "cold": HELP}, ON),
        ({"all": HURT, "warm": HURT, "cold": HELP}, OFF),
        ({"all": OPEN, "warm": HURT}, OFF),
        ({"all": OPEN, "warm": OPEN}, MORE),
        ({"all": (0.0, 0.0, 0.0)}, OFF),
        ({"all": (0.0, -0.001, 0.001)}, OFF),
    ],
)
def test_verdicts_decide(lifts, decision):
    assert decided(**lifts).decision == decision


def test_who_gains_is_told_with_base_relative_gain_and_counts():
    one = decided(all=OPEN, warm=OPEN, cold=HELP)
    assert one.main.cohort == "cold"
    assert one.relative == pytest.approx((0.25, 0.1, 0.4))
    assert board.gain(one) == "+25% [+10%, +40%]"
    assert board.sides(one) == "0.200 → 0.250, cold-start users (n = 200)"
    assert (one.better, one.worse) == (0.5, 0.25)  # of the hundred cold-start users
    assert (one.helped, one.harmed) == (50, 25)
    assert one.person in {f"u{user:03d}" for user in range(0, USERS // 2, 2)}
    assert one.loser in {f"u{user:03d}" for user in range(1, USERS // 2, 4)}
    assert "Only new users gain." in board.told(one)


def test_what_hurts_is_said_beside_what_helps():
    assert "It hurts warm users." in board.told(decided(all=OPEN, warm=HURT, cold=HELP))


@settings(deadline=None, max_examples=30)
@given(lift=st.floats(0.001, 0.05), error=st.floats(0.002, 0.05))
def test_users_that_would_settle_it_are_those_of_the_power_formula(lift, error):
    low, high = lift - 1.96 * error, lift + 1.96 * error
    one = decided(all=(lift, low, high))
    if low > 0:
        assert one.needed is None
        return
    more = USERS * (2.8 * error / lift) ** 2 - USERS
    if more > 20 * USERS:
        assert one.needed is None
        assert "hardly" in " ".join(board.told(one))
    else:
        assert more <= one.needed <= max(more * 1.1 + 10, 1)


def test_small_groups_are_not_told():
    assert board.board(report({"all": HELP}), least=USERS + 1) == ()
