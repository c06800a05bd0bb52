"""Too little to judge is said in words; what the audit blocks is not trained on."""

import importlib
import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from crossrec import intake
from crossrec.cli import main, tables
from crossrec.data import InteractionLog, Severity, State, audit
from crossrec.data.audit.findings import Finding
from crossrec.data.privacy.withheld import withheld
from crossrec.errors import DataError
from crossrec.pipeline import RunConfig, RunInputs, run
from crossrec.report import build_report
from crossrec.workspace import Run

NOTHING = "Nothing could be judged"
ROOT = Path(__file__).parents[1]


def rows(users: int, items: int = 6, scenarios: tuple[str, ...] = ("shop", "video"), each: int = 4):
    """A log in which everybody has ``each`` items of every scenario."""
    rng = np.random.default_rng(1)
    found = [
        (f"u{user}", f"{name[0]}{item}", name, int(1_700_000_000 + rng.integers(10_000_000)))
        for user in range(users)
        for name in scenarios
        for item in rng.choice(items, each, replace=False)
    ]
    return pd.DataFrame(found, columns=["user_id", "item_id", "scenario", "timestamp"])


@pytest.fixture
def tiny(tmp_path) -> list[str]:
    rows(14).to_csv(tmp_path / "log.csv", index=False)
    return ["--interactions", str(tmp_path / "log.csv")]


def test_a_tiny_log_is_trained_and_said_to_be_too_small(tiny, tmp_path, capsys):
    out = tmp_path / "run"
    commands = [
        ["run", *tiny, "--out", str(out), "--encoder", "tfidf", "-q"],
        ["pairs", "--run", str(out)],
        ["pairs", "--run", str(out), "--view", "forced", "--cohort", "all"],
        ["runs", "show", str(out)],
        ["audit", *tiny, "-q"],
    ]
    for command in commands:
        assert main(command) == 0, command
        told = capsys.readouterr().out
        assert NOTHING in told, command
        assert "at least 20" in told
        assert "Empty DataFrame" not in told
    assert main(["run", *tiny, "--out", str(out), "--encoder", "tfidf", "-q", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)["unjudged"]
    assert told["why"] == "too_few"
    assert 0 < told["users"] < told["needed"] == 20
    page = build_report([Run(out)])
    assert f"{NOTHING}: too few users" in page
    assert f"here the most are {told['users']} ({told['scenario']})" in page


def test_nothing_held_out_is_said_too(tiny, tmp_path, capsys):
    out = str(tmp_path / "run")
    assert main(["run", *tiny, "--out", out, "--encoder", "tfidf", "-q", "--no-holdout"]) == 0
    assert f"{NOTHING}: the run trained on all rows" in capsys.readouterr().out
    assert main(["pairs", "--run", out]) == 0
    assert NOTHING in capsys.readouterr().out
    assert main(["pairs", "--run", out, "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == []


def test_groups_too_small_to_be_shown_are_not_counted(tiny, tmp_path, capsys):
    out = str(tmp_path / "run")
    options = ["--least-group", "12", "--encoder", "tfidf", "-q"]
    assert main(["run", *tiny, "--out", out, *options]) == 0
    assert "their number is withheld" in capsys.readouterr().out
    assert main(["pairs", "--run", out]) == 0
    assert "their number is withheld" in capsys.readouterr().out
    assert "their number is withheld" in build_report([Run(out)])


def test_where_enough_were_judged_nothing_is_said(finished_run, capsys):
    assert main(["runs", "show", str(finished_run)]) == 0
    assert NOTHING not in capsys.readouterr().out


def test_no_command_prints_an_empty_table():
    """Every table goes through the one place that has words for no rows."""
    printing = {path.name for path in (ROOT / "crossrec").rglob("*.py")
                if ".to_string(" in path.read_text(encoding="utf-8")}  # fmt: skip
    assert printing == {"tables.py"}
    for empty in (pd.DataFrame(), pd.DataFrame(columns=["a"])):
        assert tables.frame(empty) == tables.NOTHING
    assert tables.plain([]) == tables.NOTHING


# --------------------------------------------------------------------------------- blockers


def log_of(frame: pd.DataFrame) -> InteractionLog:
    return InteractionLog.from_frame(frame)


def test_the_audit_says_which_scenarios_cannot_be_judged():
    found = audit(log_of(rows(14)))
    (few,) = [one for one in found.findings if one.rule == "few_users"]
    assert (few.scenario, few.count, few.severity) == ("", 14, Severity.WARNING)
    mixed = pd.concat([rows(15), rows(60, scenarios=("food",))])
    names = {one.scenario for one in audit(log_of(mixed)).findings if one.rule == "few_users"}
    assert names == {"shop", "video"}
    assert not [one for one in audit(log_of(rows(20))).findings if one.rule == "few_users"]


def test_single_blocked_scenarios_are_left_and_all_of_them_stop():
    three = pd.concat([rows(40), rows(6, scenarios=("tiny",))])
    found = audit(log_of(three))
    assert found.verdicts["tiny"].state is State.BLOCKED
    assert found.usable() == ["shop", "video"]
    assert found.stops() == found.stops(2) == ()
    assert [one.scenario for one in found.stops(3)] == ["tiny"]
    one_left = pd.concat([rows(40, scenarios=("shop",)), rows(6, scenarios=("tiny",))])
    found = audit(log_of(one_left))
    assert found.stops() == ()
    assert {one.rule for one in found.stops(2)} == {"sparse"}
    found = audit(log_of(rows(6)))
    assert {one.scenario for one in found.stops()} == {"shop", "video"}


def test_a_blocker_about_all_scenarios_stops_but_not_one_about_rows_held_out_elsewhere(small_log):
    found = audit(small_log)
    assert found.stops() == ()
    damaged = Finding("duplicates", Severity.BLOCKER, "", 3)
    assert replace(found, findings=(damaged, *found.findings)).stops() == (damaged,)
    leak = replace(damaged, key="train_test_leak.copies")
    known = replace(found, findings=(leak, *found.findings))
    assert known.stops(2) == ()
    assert known.usable() == ["books", "films"]


@pytest.mark.parametrize("rule", ["duplicates", "no_time"])
def test_a_run_stops_before_training(rule, small_files, tmp_path, monkeypatch, capsys):
    def blocking(*args, **options):
        found = audit(*args, **options)
        blocker = Finding(rule, Severity.BLOCKER, "", 3)
        return replace(found, findings=(blocker, *found.findings))

    monkeypatch.setattr(intake, "audit", blocking)
    module = importlib.import_module("crossrec.pipeline.run")  # the package has it as a function
    monkeypatch.setattr(module, "TransferModel", None)  # never reached
    inputs = RunInputs(interactions=small_files["interactions"])
    with pytest.raises(DataError, match=rule) as told:
        run(inputs, tmp_path / "run", RunConfig(encoder="tfidf"))
    blocker = Finding(rule, Severity.BLOCKER, "", 3)
    assert (told.value.found, told.value.action) == (blocker.what, blocker.action)
    assert not (tmp_path / "run").exists()
    files = ["--interactions", str(small_files["interactions"])]
    assert main(["run", *files, "--out", str(tmp_path / "run"), "-q"]) == 1
    assert blocker.action in capsys.readouterr().err


def test_too_few_users_everywhere_stop_a_run(tmp_path):
    rows(6).to_csv(tmp_path / "log.csv", index=False)
    with pytest.raises(DataError, match=r"sparse.* 6 users .*1 more blocker.*at least 10 users"):
        run(RunInputs(tmp_path / "log.csv"), tmp_path / "run", RunConfig(encoder="tfidf"))


def test_scenarios_without_common_users_are_joined_by_items():
    one = rows(60, items=30, scenarios=("shop",))
    other = rows(60, items=30, scenarios=("shop",)).assign(scenario="video")
    other["user_id"] = "v" + other["user_id"]
    found = audit(log_of(pd.concat([one, other])))
    overlap = [one for one in found.findings if one.rule == "overlap"]
    assert {one.severity for one in overlap} == {Severity.WARNING}
    assert (overlap[0].key, overlap[0].values) == ("overlap.items_only", {"items": 30})
    assert found.pairs[0].state is State.LIMITS
    assert found.stops(2) == ()
    other["item_id"] = "v" + other["item_id"]
    apart = audit(log_of(pd.concat([one, other])))
    assert {one.rule for one in apart.stops()} == {"overlap"}


def test_one_scenario_is_not_told_as_a_small_group(small_log):
    books = audit(log_of(small_log.select(small_log.scenario == 0).to_frame()))
    first = withheld(books, 5).findings[0]
    assert (first.key, first.withheld) == ("overlap.one_scenario", False)
