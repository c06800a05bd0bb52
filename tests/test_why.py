"""Explaining many users of a run, and what variety costs."""

import json

import numpy as np
import pandas as pd
import pytest

from crossrec.cli import main
from crossrec.data.history import Histories
from crossrec.errors import ColumnMissing, DataError, UnknownId
from crossrec.explanation import BATCH_COLUMNS
from crossrec.lists import Rules, Shelf
from crossrec.pipeline import explain, explain_users, load_model, recommend
from crossrec.pipeline.lists import TRADEOFF_COLUMNS, tradeoff
from crossrec.workspace import Run


@pytest.fixture
def asked() -> pd.DataFrame:
    users = ["u001", "u004", "stranger", "u001", "u001"]
    return pd.DataFrame({"user_id": users, "scenario": ["films"] * 3 + ["books", "films"]})


@pytest.mark.parametrize("suffix", [".parquet", ".csv"])
def test_many_users_are_explained_as_rows(finished_run, asked, tmp_path, suffix):
    out = tmp_path / "new" / f"why{suffix}"
    told = explain_users(finished_run, asked, out, k=4, most=3)
    found = pd.read_parquet(out) if suffix == ".parquet" else pd.read_csv(out)
    assert list(found.columns) == list(BATCH_COLUMNS)
    assert told == (found["kind"] == "base").sum() == 16
    lists = recommend(finished_run, asked.drop_duplicates(), 4)
    keys = ["user_id", "scenario", "rank", "item_id"]
    sums = found.groupby(keys, sort=False).agg(score=("score", "first"), sum=("amount", "sum"))
    assert np.allclose(sums["score"], sums["sum"], atol=1e-5)
    both = lists.merge(sums["score"].reset_index(), on=keys, suffixes=("", "_told"))
    assert len(both) == len(lists) == 16
    assert np.allclose(both["score"], both["score_told"], atol=1e-5)


@pytest.mark.parametrize("suffix", [".json", ".jsonl"])
def test_many_users_are_explained_as_objects(finished_run, asked, tmp_path, suffix):
    out = tmp_path / f"why{suffix}"
    explain_users(finished_run, asked, out, k=2, most=3)
    text = out.read_text()
    each = json.loads(text) if suffix == ".json" else [json.loads(t) for t in text.splitlines()]
    assert len(each) == 8
    for one in each:
        terms = sum(part["amount"] for part in one["contributions"]) + one["other"]["amount"]
        assert one["base"] + terms == pytest.approx(one["score"], abs=1e-5)
    first = explain(finished_run, "u001", "films", k=2)[0].to_dict()
    mine = next(one for one in each if one["user_id"] == "u001" and one["scenario"] == "films")
    for told, known in zip(mine["contributions"], first["contributions"], strict=False):
        assert told == pytest.approx(known)
    stranger = next(one for one in each if one["user_id"] == "stranger")
    assert stranger["contributions"] == []
    assert stranger["other"] == {"items": 0, "amount": 0}


def test_what_cannot_be_explained_leaves_no_file(finished_run, asked, tmp_path):
    for users, name, error in (
        (asked, "why.xls", DataError),
        (asked.drop(columns="scenario"), "why.csv", ColumnMissing),
        (asked.assign(scenario="music"), "why.csv", UnknownId),
    ):
        with pytest.raises(error):
            explain_users(finished_run, users, tmp_path / name)
    assert not list(tmp_path.iterdir())


def test_an_empty_list_of_users_gives_an_empty_file(finished_run, asked, tmp_path):
    for suffix in (".csv", ".parquet", ".json"):
        out = tmp_path / f"why{suffix}"
        assert explain_users(finished_run, asked.head(0), out) == 0
    assert json.loads((tmp_path / "why.json").read_text()) == []
    assert list(pd.read_parquet(tmp_path / "why.parquet").columns) == list(BATCH_COLUMNS)


def test_the_command_explains_many_users(finished_run, tmp_path, capsys):
    users, out = tmp_path / "users.csv", tmp_path / "why.parquet"
    users.write_text("user_id\nu001\nstranger\n")
    command = ["explain", "--run", str(finished_run), "--users", str(users), "-q"]
    assert main([*command, "--scenario", "films", "-k", "3", "--out", str(out)]) == 0
    said = capsys.readouterr().err
    assert "stranger" in said
    assert "6 recommendations explained" in said
    assert set(pd.read_parquet(out)["user_id"]) == {"u001", "stranger"}
    assert main([*command, "--scenario", "films"]) == 1
    assert "--out" in capsys.readouterr().err
    assert main(["explain", "--run", str(finished_run), "--user", "u001"]) == 1
    assert "--scenario" in capsys.readouterr().err


def test_variety_costs_what_the_curve_says(finished_run):
    found = Run(finished_run)
    model, split = load_model(found), found.split()
    histories = split.histories()
    hidden = Histories.from_log(split.test, split.space, histories.users.ids)
    shelf = Shelf.of(
        split.space, "books", histories=histories, catalog=found.catalog(),
        features=found.features(),
    )  # fmt: skip
    rules = Rules(no_doubles=False)
    table = tradeoff(model, histories, hidden, shelf, k=5, varieties=(0.0, 0.5, 1.0), rules=rules)
    assert list(table.columns) == list(TRADEOFF_COLUMNS)
    assert table["diversity"].is_monotonic_increasing
    assert table["ndcg"].iloc[0] > table["ndcg"].iloc[-1]
    per_user = found.report().per_user
    mine = per_user.loc[(per_user["model"] == "transfer") & (per_user["scenario"] == "books")]
    assert (table["users"] == len(mine)).all()
    assert table[["coverage", "novelty"]].gt(0).to_numpy().all()
