"""What the Transfer and the Map page show, typed."""

import json

import pandas as pd
import pytest

from crossrec.cli import main


def test_pairs_are_those_of_the_page(finished_run, tmp_path, capsys):
    assert main(["pairs", "--run", str(finished_run), "--cohort", "all", "--json"]) == 0
    found = pd.DataFrame(json.loads(capsys.readouterr().out))
    assert set(zip(found["source"], found["target"], strict=True)) == {
        ("books", "films"), ("films", "books"),
    }  # fmt: skip
    assert {"lift", "low", "high", "n", "p_holm", "verdict"} <= set(found.columns)
    page = tmp_path / "pairs.html"
    command = ["pairs", "--run", str(finished_run), "--view", "coefficient", "--out", str(page)]
    assert main(command) == 0
    assert page.read_text(encoding="utf-8").startswith("<!doctype html>")


def test_pairs_nobody_judged_are_refused(finished_run, capsys):
    assert main(["pairs", "--run", str(finished_run), "--metric", "charm"]) == 1
    assert "ndcg" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--colour", "cluster", "--find", "b01"], "coloured by cluster"),
        (["--what", "users", "--colour", "cohort"], "cold"),
    ],
)
def test_the_map_in_words(finished_run, options, said, capsys):
    assert main(["map", "--run", str(finished_run), *options]) == 0
    told = capsys.readouterr().out
    assert said in told
    assert "fully mixed" in told


def test_the_map_as_a_file(finished_run, tmp_path, capsys):
    places, page = tmp_path / "places.csv", tmp_path / "map.html"
    assert main(["map", "--run", str(finished_run), "--out", str(places)]) == 0
    assert {"item_id", "scenario", "x", "y"} <= set(pd.read_csv(places).columns)
    assert main(["map", "--run", str(finished_run), "--dim", "3d", "--out", str(page)]) == 0
    assert "scatter3d" in page.read_text(encoding="utf-8")
    assert main(["map", "--run", str(finished_run), "--out", str(tmp_path / "map.png")]) == 1
    assert main(["map", "--run", str(finished_run), "--colour", "mood"]) == 1
    assert "mood" in capsys.readouterr().err
