"""compare(): a planted truth comes out, and the report keeps its promises."""

import json
import sys
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from crossrec.data.split.cutting import no_holdout, split
from crossrec.errors import RunUnreadable, SplitError, UnknownId
from crossrec.evaluation import (
    HELPS,
    HURTS,
    METRICS,
    REPORT_COLUMNS,
    UNCHANGED,
    VERDICT_COLUMNS,
    RunReport,
    compare,
    summary,
    verdicts,
)
from crossrec.evaluation.results import COEFFICIENT_COLUMNS, COHORTS, PER_USER_COLUMNS

from .stubs import Fixed, Tastes


def rows(report: RunReport, **where) -> pd.DataFrame:
    table = report.table
    for column, value in where.items():
        table = table[table[column] == value]
    return table


def test_the_table_has_every_metric_for_every_model_cohort_and_k(report):
    assert tuple(report.table.columns) == REPORT_COLUMNS
    for model in ("transfer", "fixed", "target only"):
        mine = rows(report, model=model, source="", cohort="all", scenario="a")
        assert set(mine["metric"]) >= {*METRICS, "coverage"}
        assert set(mine["k"]) == {5, 10, 20}
    assert set(report.table["cohort"]) <= set(COHORTS)
    means = report.table.dropna(subset="low")
    assert (means["low"] <= means["value"] + 1e-6).all()
    assert (means["high"] >= means["value"] - 1e-6).all()


def test_a_source_that_knows_the_taste_helps_cold_users_only(report):
    cold, warm = (rows(report, model="transfer", source="", metric="lift_ndcg", scenario="a",
                       cohort=cohort).iloc[0] for cohort in ("cold", "warm"))  # fmt: skip
    assert cold["low"] > 0
    assert cold["p_holm"] < 0.05
    assert warm["value"] == 0, "the own history already tells the taste"
    assert warm["p"] == 1


def test_verdicts_find_the_planted_helpers_and_harmers(report):
    found = verdicts(report, cohort="cold")
    assert tuple(found.columns) == VERDICT_COLUMNS
    by_pair = found.set_index(["source", "target"])["verdict"].to_dict()
    assert {by_pair[pair] for pair in (("b", "a"), ("c", "a"), ("a", "b"), ("c", "b"))} == {HELPS}
    assert len(by_pair) == 6
    harmed = verdicts(report, cohort="warm", forced=True).set_index(["source", "target"])
    assert harmed.loc[("a", "b"), "verdict"] == UNCHANGED
    assert harmed.loc[("a", "c"), "verdict"] == HURTS


def test_forced_lifts_stand_under_their_own_name(report):
    forced = rows(report, model="transfer (forced)")
    assert forced["forced"].all()
    assert not rows(report, model="transfer")["forced"].any()
    assert (forced["source"] != "").all()
    assert (forced["source"] != forced["scenario"]).all()


def test_holm_corrects_over_pairs_and_over_scenarios(report):
    lifts = report.table[report.table["metric"].str.startswith("lift_")]
    assert (lifts["p_holm"] >= lifts["p"]).all()
    pair = rows(report, model="transfer", metric="lift_ndcg", cohort="cold").query("source != ''")
    smallest = pair.sort_values("p").iloc[0]
    assert smallest["p_holm"] == pytest.approx(len(pair) * smallest["p"])
    others = report.table[~report.table["metric"].str.startswith("lift_")]
    assert others[["p", "p_holm"]].isna().all(axis=None)


def test_per_user_values_average_to_the_table(report):
    users = report.per_user
    assert tuple(users.columns) == PER_USER_COLUMNS
    assert not users.duplicated(["model", "scenario", "user_id"]).any()
    assert {"transfer", "target only"} <= set(users["model"])
    for cohort in ("warm", "cold"):
        mine = users[(users["model"] == "fixed") & (users["cohort"] == cohort)]
        means = mine[mine["scenario"] == "b"][["ndcg", "recall", "hr"]].mean()
        for metric, mean in means.items():
            where = {"model": "fixed", "cohort": cohort, "scenario": "b", "metric": metric, "k": 10}
            assert rows(report, **where)["value"].item() == pytest.approx(mean)


def test_coefficients_of_evaluated_users(report):
    table = report.coefficients
    assert tuple(table.columns) == COEFFICIENT_COLUMNS
    assert (table["source"] != table["target"]).all()
    assert (table["coefficient"] == 0.5).all()
    assert (table["source_items"] >= 0).all()
    assert (table["source_items"] > 0).mean() > 0.7
    assert (table["target_items"] == 0).any()


def test_coefficients_of_a_cohort(report):
    assert (report.coefficients_of("cold")["target_items"] == 0).all()
    assert (report.coefficients_of("warm")["target_items"] > 0).all()
    assert report.coefficients_of("warm_few")["target_items"].between(1, 5).all()
    sizes = [len(report.coefficients_of(cohort)) for cohort in ("all", "warm", "cold")]
    assert sizes[0] == len(report.coefficients) == sizes[1] + sizes[2]
    withheld = report.table.query("not (scenario == 'a' and cohort == 'cold')")
    assert "a" not in set(replace(report, table=withheld).coefficients_of("cold")["target"])


def test_coefficients_are_kept_for_a_sample_of_many_users(tasteful_split, monkeypatch):
    module = sys.modules["crossrec.evaluation.compare"]  # the package shows the function
    monkeypatch.setattr(module, "MAX_COEFFICIENT_USERS", 10)
    found = compare(tasteful_split, {"transfer": Tastes()}).coefficients
    assert found.groupby(["source", "target"]).size().to_dict() == {
        (s, t): 10 for s in "abc" for t in "abc" if s != t
    }


def test_the_summary_names_who_was_helped_and_hurt(tasteful_split, report):
    found = summary(report)
    assert found.scenarios(HURTS) == ("c",)
    assert found.scenarios(HELPS) == ("a", "b")
    assert {pair.target for pair in found.pairs_that(HURTS)} == {"c"}
    for one in found.answers:  # no headline may say less than a cell
        if one.verdict == HURTS:
            assert one.scenario in found.scenarios(HURTS)
    answer = next(a for a in found.answers if (a.scenario, a.cohort) == ("a", "cold"))
    assert answer.lift == pytest.approx(answer.value - answer.without)
    assert answer.low <= answer.lift <= answer.high
    assert json.loads(json.dumps(found.to_dict()))["helped"] == ["a", "b"]
    assert summary(compare(tasteful_split, {"fixed": Fixed()})).answers == ()


def test_the_same_seed_gives_the_same_report(tasteful_split, report):
    again = compare(tasteful_split, {"transfer": Tastes(misled=[2]), "fixed": Fixed()}, seed=1)
    pd.testing.assert_frame_equal(again.table, report.table)


def test_save_and_load(report, tmp_path):
    report.save(tmp_path / "run")
    loaded = RunReport.load(tmp_path / "run")
    for name in ("table", "per_user", "coefficients"):
        pd.testing.assert_frame_equal(getattr(loaded, name), getattr(report, name))
    for name in ("config", "seed", "split_hash", "timings", "notes"):
        assert getattr(loaded, name) == getattr(report, name)


def test_a_damaged_report_says_so(report, tmp_path):
    with pytest.raises(RunUnreadable, match=r"report\.json"):
        RunReport.load(tmp_path)
    report.save(tmp_path)
    for name, content in (("report.json", "[]"), ("per_user.parquet", "no table")):
        report.save(tmp_path)
        (tmp_path / name).write_text(content)
        with pytest.raises(RunUnreadable):
            RunReport.load(tmp_path)


def test_fits_only_what_is_not_fitted_and_takes_the_given_baseline(small_log):
    parts = split(small_log)
    fitted, fresh = Fixed().fit(parts), Fixed(-1)
    found = compare(parts, {"target only": fitted, "other": fresh}, k=7)
    assert (fitted.fits, fresh.fits) == (1, 1)
    assert found.config["models"] == ["target only", "other"]
    lifts = found.table[found.table["metric"] == "lift_ndcg"]
    assert set(lifts["model"]) == {"other"}
    assert set(lifts["k"]) == {7}
    assert found.coefficients.empty


def test_without_a_baseline_there_are_no_lifts(small_log):
    found = compare(split(small_log), {"up": Fixed(), "down": Fixed(-1)})
    assert not found.table["metric"].str.startswith("lift_").any()
    assert verdicts(found).empty
    assert found.config["baseline"] == ""


def test_progress_counts_every_ranking_to_the_end(tasteful_split):
    heard = []
    compare(
        tasteful_split,
        {"transfer": Tastes(), "fixed": Fixed()},
        progress=lambda phase, done, total, note="": heard.append((phase, done, total)),
    )
    assert {phase for phase, _, _ in heard} == {"evaluate"}
    assert heard[-1][1] == heard[-1][2]
    assert np.all(np.diff([done for _, done, _ in heard]) >= 0)


def test_notes_tell_how_the_split_limits_what_can_be_said(tasteful_split, small_log):
    models = {"fixed": Fixed()}
    assert any(note.key == "random" for note in compare(tasteful_split, models).notes)
    assert any(note.key == "cold" for note in compare(split(small_log), {"f": Fixed()}).notes)


def test_a_limit_judges_a_sample_and_says_so(tasteful_split):
    found = compare(tasteful_split, {"fixed": Fixed()}, max_users=40)
    assert found.per_user.groupby("scenario").size().to_dict() == {"a": 40, "b": 40, "c": 40}
    assert sum("a sample of 40 of" in str(note) for note in found.notes) == 3


def test_what_cannot_be_compared_says_why(small_log):
    with pytest.raises(SplitError, match="test rows"):
        compare(no_holdout(small_log), {"fixed": Fixed()})
    with pytest.raises(UnknownId, match="'EASY'"):
        compare(split(small_log), {"EASE": Fixed()}, baseline="EASY")
