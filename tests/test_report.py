"""The report as one file, and what runs are compared by."""

import json
import re
import shutil
from dataclasses import replace

import pandas as pd
import pyarrow.parquet as pq
import pytest

from crossrec.cli import main
from crossrec.evaluation import board, row_text
from crossrec.pipeline.exports import export_lists
from crossrec.report import ENGLISH, build_report, cost, differences, settings_of
from crossrec.report.compared import same_split
from crossrec.ui.i18n import wording
from crossrec.workspace import Run, RunWriter, Workspace, rename_run
from crossrec.workspace.bridges import shown_bridges
from tests.app.fabricate import make_run
from tests.app.test_knowledge_panels import attributes_of


@pytest.fixture
def run(finished_run):
    return Run(finished_run)


def test_the_report_stands_alone(run):
    page = build_report([run])
    assert len(page) < 10_000_000
    assert page.count("plotly-graph-div") >= 2
    assert not re.search(r"<(script|link|img|iframe)[^>]+(src|href)\s*=", page)
    assert "default-src 'none'" in page
    users = run.log().users.ids
    assert not any(f">{user}<" in page or f'"{user}"' in page for user in users)


def test_the_report_opens_with_the_board_and_folds_the_rest(run):
    page = build_report([run])
    found = board(run.report())
    first, rest = page[page.index("<body>") :].split("<details>", 1)
    for row in found.rows:
        assert row_text(row, found.k).base in first
    assert first.count("<div class='board-card") == len(found.rows)
    assert f"<h2>{ENGLISH['pairs']}</h2>" in rest
    assert " + 0 without any history = " in rest  # the groups make up all who were judged


def test_a_report_is_in_one_language(run):
    page = build_report([run], lang="zh")
    body = page[page.index("<body>") :]
    assert "<html lang='zh'>" in page
    for sentence in (ENGLISH["title"], ENGLISH["verdicts"], "Switch on", "inconclusive"):
        assert sentence not in body


def test_the_report_says_which_simpler_models_beat_transfer(run, tmp_path):
    assert ENGLISH["simpler_none"].format(models="Popularity · Item kNN") in build_report([run])
    shutil.copytree(run.path, tmp_path / "other")
    report = run.report()
    rows = report.per_user
    best = rows.loc[rows["model"] == "transfer"].assign(model="Item kNN")
    best["ndcg"] += 0.1
    others = rows.loc[rows["model"] != "Item kNN"]
    per_user = pd.concat([others, best], ignore_index=True)
    RunWriter(tmp_path / "other").report(replace(report, per_user=per_user))
    page = build_report([Run(tmp_path / "other")])
    assert "Clearly better than transfer: Item kNN for warm users of books" in page
    assert "(+0.1000 [+0.1000, +0.1000]; " in page


def test_other_runs_are_compared_or_refused(run, tmp_path):
    again = tmp_path / "again"
    shutil.copytree(run.path, again)
    other = make_run(Workspace(tmp_path / "workspace"))
    page = build_report([run, Run(again), other])
    assert "again against finished" in page
    assert ENGLISH["refused"].format(run=other.id) in page
    own, others = same_split([run, Run(again), other])
    assert ([one.id for one in own], [one.id for one in others]) == (
        [run.id, "again"],
        [other.id],
    )


def test_attributes_that_connect_scenarios_are_told(run, tmp_path):
    assert ENGLISH["attributes"] not in build_report([run])
    shutil.copytree(run.path, tmp_path / "read")
    read = Run(tmp_path / "read")
    attributes_of(read)
    page = build_report([read])
    assert ENGLISH["attributes"] in page
    assert "books – films" in page
    assert "Attributes of the items: encoder:fake:1." in page
    table, reader = shown_bridges(read)
    assert (reader, set(table["users"] >= 5)) == ("encoder:fake:1", {True})
    most = int(table["users"].max())
    few, _ = shown_bridges(read, least=most + 1)
    assert few.empty


def test_hostile_names_are_text(tmp_path):
    workspace = Workspace(tmp_path)
    run = make_run(workspace)
    run = rename_run(workspace, run.id, "<script>alert(1)</script>")
    page = build_report([run])
    assert "<script>alert" not in page
    assert "&lt;script&gt;alert(1)" in page


def test_the_app_says_the_same_in_both_languages():
    told = {key.removeprefix("report."): said for key, said in wording("en").items()}
    assert {key: told.get(key) for key in ENGLISH} == ENGLISH


def test_only_what_differs_is_listed(run, tmp_path):
    one = settings_of(run)
    assert one["k"] == 10
    assert one["model.transfer"] is True
    table = differences({"a": one, "b": {**one, "seed": 5}})
    assert table.to_dict("records") == [{"setting": "seed", "a": "1", "b": "5"}]
    assert differences({"a": one, "b": one}).empty
    assert cost(run) > 0


@pytest.mark.parametrize("kind", ["parquet", "csv"])
def test_lists_for_everybody(run, tmp_path, kind):
    out = export_lists(run.path, tmp_path / f"lists.{kind}", 3, kind)
    users, scenarios = len(run.log().users), len(run.info["scenarios"])
    if kind == "parquet":
        table = pq.read_table(out).to_pandas()
        assert list(table) == ["user_id", "scenario", "rank", "item_id", "score"]
        rows = len(table)
        assert table.groupby(["user_id", "scenario"]).size().max() == 3
    else:
        lines = out.read_text(encoding="utf-8-sig").splitlines()
        assert lines[0] == "user_id,scenario,rank,item_id,score"
        rows = len(lines) - 1
    assert 0 < rows <= users * scenarios * 3
    assert [path.name for path in tmp_path.iterdir()] == [out.name]


def test_the_commands_of_runs(run, tmp_path, capsys):
    workspace = Workspace(tmp_path)
    project = workspace.create_project("Shop")
    path = workspace.new_run_path(project)
    shutil.copytree(run.path, path)

    def told(*words):
        assert main([*map(str, words)]) == 0
        return capsys.readouterr().out

    at = ("--workspace", tmp_path)
    told("runs", "rename", path.name, "mine", *at)
    listed = json.loads(told("runs", "list", "--json", *at))
    assert [(one["id"], one["name"]) for one in listed] == [(path.name, "mine")]
    told("runs", "archive", path.name, *at)
    assert told("runs", "list", *at) == ""
    told("runs", "use", path.name, *at)
    told("runs", "delete", path.name, *at)
    told("runs", "restore", path.name, *at)
    assert "lift" in told("runs", "show", path)
    compared = json.loads(told("compare", path, run.path, "--json"))
    assert {row["verdict"] for row in compared["scenarios"]} == {"unchanged"}
    assert compared["settings"] == []
    told("report", path, run.path, "--out", tmp_path / "report.html")
    assert (tmp_path / "report.html").stat().st_size > 4_000_000
