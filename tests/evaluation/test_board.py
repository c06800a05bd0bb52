"""The decision board: which verdict leads to which decision, and what stands beside it."""

import math
from dataclasses import replace

import pandas as pd
import pytest

from crossrec.evaluation import board, board_rule, board_title, decide, relative, row_text
from crossrec.evaluation.board import LEAVE_OFF, MORE_DATA, SWITCH_ON
from crossrec.evaluation.board_text import about, gain, percent
from crossrec.evaluation.power import MARGIN, needed_users
from crossrec.evaluation.results import PER_USER_COLUMNS
from crossrec.evaluation.verdict import Answer


def answer(cohort="all", lift=0.01, low=0.005, high=0.015, p=0.001, n=500, without=0.1):
    return Answer(
        scenario="books", cohort=cohort, value=without + lift, without=without,
        lift=lift, low=low, high=high, p_holm=p, n=n,
    )  # fmt: skip


def helped(cohort="all", **more):
    return answer(cohort, **more)


def harmed(cohort="all", **more):
    return answer(cohort, -0.01, -0.015, -0.005, **more)


def vague(cohort="all", **more):
    return answer(cohort, 0.002, -0.01, 0.014, 0.6, **more)


def flat(cohort="all", **more):
    return answer(cohort, 0.0, -0.0015, 0.0015, 1.0, **more)


def same(cohort="all", **more):
    return answer(cohort, 0.0, 0.0, 0.0, 1.0, **more)


@pytest.mark.parametrize(
    ("answers", "decision", "why", "cohort"),
    [
        ([helped(), helped("cold"), helped("warm")], SWITCH_ON, "helped", "all"),
        ([helped(), helped("cold"), vague("warm")], SWITCH_ON, "helped", "cold"),
        ([vague(), helped("warm_few"), vague("warm")], SWITCH_ON, "helped", "warm_few"),
        ([helped(), helped("cold"), harmed("warm")], LEAVE_OFF, "mixed", "warm"),
        ([vague(), vague("cold"), harmed("warm_few")], LEAVE_OFF, "harmed", "warm_few"),
        ([same(), same("cold"), same("warm")], LEAVE_OFF, "same", "all"),
        ([flat(), same("cold"), flat("warm")], LEAVE_OFF, "no_gain", "all"),
        ([flat(), vague("cold"), flat("warm")], MORE_DATA, "open", "cold"),
        ([flat(), vague("cold", n=19), flat("warm")], LEAVE_OFF, "no_gain", "all"),
        ([helped(n=19), vague("cold", n=7)], MORE_DATA, "too_few", "all"),
    ],
)
def test_a_decision_follows_from_the_verdicts(answers, decision, why, cohort):
    made = decide(answers)
    assert (made.decision, made.why, made.answer.cohort) == (decision, why, cohort)


def test_no_gain_is_a_whole_interval_below_the_margin():
    edge = MARGIN * 0.1
    assert decide([answer(low=-0.05, lift=0.0, high=edge, p=1.0)]).decision == MORE_DATA
    assert decide([answer(low=-0.05, lift=0.0, high=edge - 1e-6, p=1.0)]).decision == LEAVE_OFF


def test_the_users_that_a_verdict_takes():
    z = 1.4
    error = 0.01 / z
    open_ = answer(lift=0.01, low=0.01 - 1.96 * error, high=0.01 + 1.96 * error, p=0.2, n=200)
    assert needed_users(open_, 0.1) == pytest.approx(200 * (2.8 / z) ** 2, rel=0.01)
    assert needed_users(open_, 0.1, tests=4) > needed_users(open_, 0.1)
    assert needed_users(replace(open_, n=2), 0.1) == 20
    # Nothing to gain: fewer users show that than would show so small a loss.
    flat_ = answer(lift=-0.0001, low=-0.0041, high=0.0039, p=0.9, n=200)
    assert needed_users(flat_, 0.1) == pytest.approx(200 * (0.004 / 0.0021) ** 2, rel=0.01)
    hopeless = answer(lift=0.002, low=-0.098, high=0.102, p=0.9, n=200)
    assert needed_users(hopeless, 0.1) is None


def test_a_gain_is_a_share_of_the_value_without():
    assert relative(answer()) == pytest.approx((0.1, 0.05, 0.15))
    assert relative(answer(without=0.0)) is None
    assert gain(answer()) == "+10.0 % [+5.0 %, +15.0 %]"
    assert gain(answer(without=0.0)) == "+0.010 [+0.005, +0.015], from nothing"
    assert gain(answer(low=math.nan, high=math.nan, n=1)) == "+10.0 %"
    assert [percent(share) for share in (-0.0551, 0.00001, 2.5)] == ["−5.5 %", "0.0 %", "+250 %"]
    assert [about(number) for number in (7, 437, 12_001)] == ["7", "440", "13,000"]


def test_a_run_gives_a_row_per_scenario(report):
    found = board(report)
    assert [row.scenario for row in found.rows] == ["a", "b", "c"]
    by_name = {row.scenario: row for row in found.rows}
    assert by_name["a"].decision == SWITCH_ON
    assert by_name["c"].decision == LEAVE_OFF
    assert found.count(SWITCH_ON) + found.count(LEAVE_OFF) + found.count(MORE_DATA) == 3
    for row in found.rows:
        assert sum(row.judged.values()) == next(
            one.n for one in _answers(report) if (one.scenario, one.cohort) == (row.scenario, "all")
        )
        assert row.people.n == row.answer.n


def _answers(report):
    from crossrec.evaluation import summary

    return summary(report).answers


def test_the_counts_of_people_are_those_of_the_users(report):
    row = board(report).rows[0]
    table = report.per_user.query("scenario == 'a'").pivot_table(
        index="user_id", columns="model", values=["ndcg", "precision"], sort=False
    )
    cohort = row.answer.cohort
    if cohort != "all":
        ids = report.per_user.query("scenario == 'a' and cohort == @cohort")["user_id"]
        table = table.loc[ids.unique()]
    names = report.config["transfer"], report.config["baseline"]
    change = table["ndcg"][names[0]] - table["ndcg"][names[1]]
    hits = (table["precision"][names[0]] - table["precision"][names[1]]).round(6)
    assert (row.people.helped, row.people.harmed) == ((change > 0).sum(), (change < 0).sum())
    assert (row.people.more_hits, row.people.fewer_hits) == ((hits > 0).sum(), (hits < 0).sum())
    person = row.person
    gains = change[change > 0]
    assert gains.min() <= change[person.user] <= gains.max()
    assert abs((gains < change[person.user]).mean() - 0.5) < 0.4  # not the one who gained most
    assert 0 <= person.without <= person.hits <= person.chosen


def test_small_groups_name_nobody(report):
    for row in board(report, least=10).rows:
        assert row.person is None
        counts = vars(row.people).values() if row.people else ()
        assert all(one == 0 or one >= 10 for one in counts)
    assert all(one.answer.n >= 60 for one in board(report, least=60).rows)


def _with_simpler(report, change):
    rows = report.per_user
    best = rows.loc[rows["model"] == "transfer"].assign(model="Item kNN")
    best["ndcg"] += change
    per_user = pd.concat([rows, best], ignore_index=True).loc[:, list(PER_USER_COLUMNS)]
    return replace(report, per_user=per_user)


def test_a_simpler_model_that_does_as_well_is_named(report):
    level = board(_with_simpler(report, 0.0)).rows[0].level
    assert (level.model, level.value) == ("Item kNN", pytest.approx(level.transfer))
    assert board(_with_simpler(report, -0.1)).rows[0].level is None
    found = board(_with_simpler(report, 0.1))
    assert "A simpler model does as well: Item kNN" in " ".join(row_text(found.rows[0], 10).notes)


def test_a_row_says_it_in_words(report):
    found = board(report)
    told = row_text(found.rows[0], found.k)
    assert told.decision == "Switch on"
    assert "→" in told.base
    assert told.hits.startswith("Of 100 users, ")
    assert " helped : " in told.ratio
    assert told.adds_up.endswith("are among the known.")
    assert board_title(found).startswith("Scenarios judged: 3.")
    assert "2 %" in board_rule()
    assert "20 users" in board_rule()


def test_nothing_judged_has_no_rows(report):
    bare = replace(report, config={**report.config, "transfer": "", "baseline": ""})
    assert board(bare).rows == ()
