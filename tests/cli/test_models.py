"""Any recommender by its name, as a person types it: judged, kept, used, fitted when asked for."""

import json
import shutil
from dataclasses import replace

import pandas as pd
import pyarrow.parquet as pq
import pytest

from crossrec.cli import main
from crossrec.errors import WorkspaceError
from crossrec.pipeline import RunConfig, RunInputs, load_recommender, models
from crossrec.pipeline import run as run_pipeline
from crossrec.pipeline.use import recommend
from crossrec.transfer.lineup import BASELINES, CHEAP, LINEUP, OWN
from crossrec.workspace import Run, RunWriter
from crossrec.workspace.kept_models import kept_folder, kept_models


@pytest.fixture(scope="module")
def judged_all(small_files, tmp_path_factory):
    """A run that judged every model; tests must not change it."""
    out = tmp_path_factory.mktemp("runs") / "all"
    config = RunConfig(encoder="tfidf", seed=1, baselines="all")
    return run_pipeline(RunInputs(**small_files), out, config)


@pytest.fixture
def users(tmp_path):
    path = tmp_path / "users.csv"
    path.write_text("user_id,scenario\nu001,books\nu004,films\nstranger,films\n")
    return path


@pytest.fixture
def usual(finished_run, tmp_path):
    """A run that judged the usual models, to be changed."""
    shutil.copytree(finished_run, tmp_path / "usual")
    return tmp_path / "usual"


def lists(run, users, out, name) -> pd.DataFrame:
    command = ["recommend", "--run", str(run), "--users", str(users), "-q", "--model", name]
    assert main([*command, "--out", str(out)]) == 0
    return pd.read_csv(out)


def test_all_models_are_judged_like_the_others_and_kept(judged_all):
    run = Run(judged_all)
    report = run.report()
    names = [LINEUP[key].report_name for key in (*OWN, *BASELINES)]
    assert set(names) <= set(report.per_user["model"])
    rows = report.table.query("metric == 'ndcg' and cohort == 'all' and source == ''")
    assert set(names) <= set(rows["model"])
    assert kept_models(run) == BASELINES


def test_the_usual_models_are_kept_too(finished_run):
    assert set(kept_models(Run(finished_run))) == set(CHEAP)


@pytest.mark.parametrize("name", LINEUP)
def test_every_model_recommends(name, judged_all, users, tmp_path):
    found = lists(judged_all, users, tmp_path / "recs.csv", name)
    assert found.groupby("user_id").size().to_dict() == {"u001": 10, "u004": 10, "stranger": 10}
    run = Run(judged_all)
    expected = load_recommender(run, name)
    told = recommend(run, pd.read_csv(users), model=expected)
    assert found["item_id"].tolist() == told["item_id"].tolist()
    assert kept_models(run) == BASELINES


def test_models_differ(judged_all, users, tmp_path):
    every = {
        tuple(lists(judged_all, users, tmp_path / "r.csv", name)["item_id"]) for name in LINEUP
    }
    assert len(every) >= len(LINEUP) - 2


def test_without_a_name_it_is_transfer(finished_run, users, tmp_path):
    command = ["recommend", "--run", str(finished_run), "--users", str(users), "-q"]
    assert main([*command, "--out", str(tmp_path / "plain.csv")]) == 0
    named = lists(finished_run, users, tmp_path / "named.csv", "transfer")
    pd.testing.assert_frame_equal(pd.read_csv(tmp_path / "plain.csv"), named)


def test_a_model_that_is_not_kept_is_fitted_once(usual, judged_all, users, tmp_path, capsys):
    command = ["recommend", "--run", str(usual), "--users", str(users), "--model", "user-knn"]
    assert main([*command, "--out", str(tmp_path / "first.csv")]) == 0
    assert "training" in capsys.readouterr().err
    assert set(kept_models(Run(usual))) == {*CHEAP, "user-knn"}
    assert main([*command, "--out", str(tmp_path / "second.csv")]) == 0
    assert "training" not in capsys.readouterr().err
    first, second = (pd.read_csv(tmp_path / f"{name}.csv") for name in ("first", "second"))
    pd.testing.assert_frame_equal(first, second)
    judged = lists(judged_all, users, tmp_path / "judged.csv", "user-knn")
    pd.testing.assert_frame_equal(first, judged)  # as the run itself would have fitted it


def test_a_folder_that_cannot_be_written_is_no_hindrance(usual, users, tmp_path, monkeypatch):
    def refused(*_):
        raise WorkspaceError("expected to be allowed to write", "read-only")

    monkeypatch.setattr(models, "_keep", refused)
    assert len(lists(usual, users, tmp_path / "recs.csv", "user-knn")) == 30
    assert set(kept_models(Run(usual))) == set(CHEAP)


def test_export_takes_any_model(judged_all, tmp_path):
    out = tmp_path / "lists.parquet"
    command = ["export", "--run", str(judged_all), "--out", str(out), "-k", "3", "-q"]
    assert main([*command, "--model", "item-knn"]) == 0
    table = pq.read_table(out).to_pandas()
    run = Run(judged_all)
    asked = table[["user_id", "scenario"]].drop_duplicates()
    told = recommend(run, asked, 3, model="item-knn")
    assert table["item_id"].tolist() == told["item_id"].tolist()


@pytest.mark.parametrize("verb", ["recommend", "export"])
def test_a_name_that_is_none_is_told_with_near_ones(verb, finished_run, users, tmp_path, capsys):
    command = [verb, "--run", str(finished_run), "--out", str(tmp_path / "x"), "--model", "knn"]
    more = ["--users", str(users)] if verb == "recommend" else []
    assert main([*command, *more, "-q"]) == 1
    assert "user-knn" in capsys.readouterr().err
    assert not (tmp_path / "x").exists()


def test_a_damaged_model_is_told_and_how_to_get_a_new_one(usual, users, tmp_path, capsys):
    folder = kept_folder(usual, "item-knn")
    (folder / "weights.safetensors").write_bytes(b"no")
    command = ["recommend", "--run", str(usual), "--users", str(users), "--model", "item-knn"]
    assert main([*command, "--out", str(tmp_path / "x.csv"), "-q"]) == 1
    told = capsys.readouterr().err
    assert "item-knn" in told
    assert "Delete that folder and fit the model again" in told


def test_a_model_of_other_items_is_refused(usual, users, tmp_path, capsys):
    path = kept_folder(usual, "item-knn") / "baseline.json"
    record = json.loads(path.read_text())
    record["items"][0] = "another"
    path.write_text(json.dumps(record))
    command = ["recommend", "--run", str(usual), "--users", str(users), "--model", "item-knn"]
    assert main([*command, "--out", str(tmp_path / "x.csv"), "-q"]) == 1
    assert "other items" in capsys.readouterr().err


def test_run_judges_the_models_it_is_told(small_files, tmp_path, capsys):
    out = tmp_path / "run"
    files = ["--interactions", str(small_files["interactions"])]
    command = ["run", *files, "--out", str(out), "--encoder", "tfidf", "-q"]
    assert main([*command, "--models", "user-knn,popularity", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["config"]["baselines"] == "user-knn,popularity"
    assert told["simpler"]["models"] == ["User kNN", "Popularity"]
    assert set(kept_models(Run(out))) == {"user-knn", "popularity"}
    assert main(["runs", "show", str(out)]) == 0
    assert "clearly better than transfer: none of user-knn, popularity" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("more", "said"),
    [
        (["--models", "knn"], "user-knn"),
        (["--models", "few", "--no-holdout"], "held out"),
        (["--models", "popularity,text"], "take one of user-knn"),
    ],
)
def test_models_that_cannot_be_judged_stop_a_run(more, said, small_files, tmp_path, capsys):
    command = ["run", "--interactions", str(small_files["interactions"]), "-q"]
    assert main([*command, "--out", str(tmp_path / "run"), "--encoder", "tfidf", *more]) == 1
    assert said in capsys.readouterr().err
    assert not (tmp_path / "run").exists()


def test_a_group_leaves_out_what_needs_text_where_there_is_none(small_files, tmp_path):
    inputs = RunInputs(small_files["interactions"])
    out = run_pipeline(inputs, tmp_path / "run", RunConfig(encoder="tfidf", baselines="all"))
    assert set(kept_models(Run(out))) == {*BASELINES} - {"text", "hybrid"}


def test_a_model_that_beats_transfer_is_said(usual, capsys):
    run = Run(usual)
    report = run.report()
    rows = report.per_user
    best = rows.loc[rows["model"] == "transfer"].assign(model="Item kNN")
    best["ndcg"] += 0.1
    others = rows.loc[rows["model"] != "Item kNN"]
    per_user = pd.concat([others, best], ignore_index=True)
    RunWriter(usual).report(replace(report, per_user=per_user))
    assert main(["runs", "show", str(usual)]) == 0
    told = capsys.readouterr().out
    assert "clearly better than transfer: item-knn for warm users of books, " in told
    assert "(+0.1000 [+0.1000, +0.1000], n = " in told
