"""Seen items on the command line: what is said, what lists do, and how to say otherwise."""

import json
from pathlib import Path

import pandas as pd
import pytest

from crossrec.cli import main
from crossrec.cli.options import SEEN
from crossrec.data import seen
from crossrec.evaluation import WITH_REPEATS
from crossrec.workspace import Run
from tests.repeating import repeating_files


@pytest.fixture(scope="module")
def files(tmp_path_factory) -> dict[str, Path]:
    return repeating_files(tmp_path_factory.mktemp("files"))


def typed(files) -> list[str]:
    return ["--interactions", str(files["interactions"]), "--items", str(files["items"])]


@pytest.fixture(scope="module")
def trained(files, tmp_path_factory) -> Path:
    out = tmp_path_factory.mktemp("runs") / "run"
    assert main(["run", *typed(files), "--out", str(out), "--encoder", "tfidf", "-q"]) == 0
    return out


def had(run: Path) -> pd.DataFrame:
    return Run(run).log().to_frame()[["user_id", "scenario", "item_id"]].drop_duplicates()


def listed_and_had(run: Path, lists: pd.DataFrame) -> pd.Series:
    """Per scenario how many listed items the user already had."""
    both = lists.merge(had(run), on=["user_id", "scenario", "item_id"])
    return both.groupby("scenario").size()


def test_the_words_are_those_of_the_engine():
    assert SEEN == seen.SEEN


def test_the_audit_says_what_lists_do(files, capsys):
    assert main(["audit", *typed(files), "-q"]) == 0
    said = capsys.readouterr().out
    assert "films: 0% of later rows repeat an item: lists leave seen items out" in said
    assert "of later rows repeat an item: lists may include seen items" in said


def test_a_run_says_it_and_is_judged_both_ways(trained, capsys):
    assert main(["runs", "show", str(trained)]) == 0
    said = capsys.readouterr().out
    assert "seen items: judged without and with repeats" in said
    assert "Lists may include seen items in groceries (" in said
    assert "Lists leave seen items out in films (0%)" in said
    run = Run(trained)
    assert run.info["seen"]["lists"] == {"films": "exclude", "groceries": "include"}
    assert run.info["seen"]["asked"] is None
    table = run.report().table
    assert {"all", WITH_REPEATS} <= set(table.loc[table["scenario"] == "groceries", "cohort"])
    assert len(run.split().repeats)


def test_recommend_and_export_do_as_the_run_does_unless_told(trained, tmp_path):
    users = tmp_path / "users.csv"
    known = had(trained)[["user_id", "scenario"]].drop_duplicates().head(40)
    known.to_csv(users, index=False)
    command = ["recommend", "--run", str(trained), "--users", str(users), "-q", "-k", "24"]
    export = ["export", "--run", str(trained), "-q", "-k", "24"]
    for options, scenarios in (
        ([], {"groceries"}),
        (["--seen", "exclude"], set()),
        (["--seen", "include"], {"films", "groceries"}),
    ):
        out = tmp_path / "lists.csv"
        for typed_words in (command, export):
            assert main([*typed_words, *options, "--out", str(out)]) == 0
            assert set(listed_and_had(trained, pd.read_csv(out)).index) == scenarios


def test_explain_takes_it_too(trained, capsys):
    mine = set(had(trained).query("user_id == 'u000' and scenario == 'films'")["item_id"])
    found = {}
    for rule in SEEN:
        command = ["explain", "--run", str(trained), "--user", "u000", "--scenario", "films"]
        assert main([*command, "-k", "24", "--json", "--seen", rule]) == 0
        found[rule] = {one["item_id"] for one in json.loads(capsys.readouterr().out)}
    assert found["include"] >= mine
    assert not found["exclude"] & mine


def test_a_run_may_be_told_otherwise(files, tmp_path, capsys):
    out = tmp_path / "run"
    command = ["run", *typed(files), "--out", str(out), "--encoder", "tfidf", "-q"]
    assert main([*command, "--seen", "exclude", "--no-holdout"]) == 0
    assert "was set for this run" in capsys.readouterr().out
    run = Run(out)
    assert run.info["seen"]["asked"] == "exclude"
    assert run.seen_in("groceries") == "exclude"


def test_another_word_is_refused(files, tmp_path):
    with pytest.raises(SystemExit):
        main(["run", *typed(files), "--out", str(tmp_path / "r"), "--seen", "maybe"])
