"""`crossrec attributes, bridges, profiles, scenarios, candidates, adapt`: what items are about."""

import json
import shutil
from dataclasses import asdict

import numpy as np
import pandas as pd
import pytest

from crossrec.cli import main
from crossrec.language.table import unit_rows
from crossrec.language.tfidf import terms
from crossrec.pipeline import knowledge
from crossrec.pipeline.candidates import Gain
from crossrec.workspace import Run
from crossrec.workspace.knowledge import read_candidates, write_candidates
from tests.describing import describing as describing

TOPICS = ("space rocket stars", "garden flowers soil", "kitchen bread oven")
VOCABULARY = {
    "facets": [
        {
            "name": "use",
            "values": [{"name": topic.split()[0], "words": topic} for topic in TOPICS],
        }
    ]
}


class TopicEncoder:
    """Texts near the topic whose words they hold."""

    id, revision, dim = "topics", "1", 4

    def encode(self, texts, *, progress=None):
        held = [set(terms(text)) for text in texts]
        rows = [[*(len(one & set(topic.split())) for topic in TOPICS), 1] for one in held]
        return unit_rows(np.array(rows, dtype=np.float32))


@pytest.fixture
def own_run(finished_run, tmp_path, monkeypatch):
    """A copy of the finished run, whose items are read by three numbers."""
    monkeypatch.setenv("CROSSREC_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr(knowledge, "chosen_encoder", lambda *_: TopicEncoder())
    shutil.copytree(finished_run, tmp_path / "run")
    return tmp_path / "run"


@pytest.fixture
def read_run(own_run, tmp_path, capsys):
    path = tmp_path / "vocabulary.json"
    path.write_text(json.dumps(VOCABULARY))
    assert main(["attributes", "--run", str(own_run), "--vocabulary", str(path), "-q"]) == 0
    assert "use" in capsys.readouterr().out
    return own_run


def test_attributes_are_read_and_written(read_run, tmp_path, capsys):
    vocabulary, out = tmp_path / "vocabulary.json", tmp_path / "attributes.parquet"
    command = ["attributes", "--run", str(read_run), "--vocabulary", str(vocabulary), "-q"]
    assert main([*command, "--out", str(out), "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["items"], told["refused"]) == (51, 0)
    assert told["known"]["use"] > 0.9
    table = pd.read_parquet(out)
    assert set(table.loc[table["facet"] == "use", "value"]) == {"space", "garden", "kitchen"}


def test_a_vocabulary_is_proposed_to_be_edited(own_run, tmp_path, capsys):
    path = tmp_path / "proposal.json"
    assert main(["attributes", "--run", str(own_run), "--vocabulary-out", str(path)]) == 0
    facets = json.loads(path.read_text())["facets"]
    assert any("garden" in value["words"] for facet in facets for value in facet["values"])
    assert not (own_run / "knowledge").exists()
    assert "written to" in capsys.readouterr().err


def test_bridges_say_which_attributes_people_cross_by(read_run, capsys):
    assert main(["bridges", "--run", str(read_run), "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert {row["value"] for row in found} == {"space", "garden", "kitchen"}
    assert all(row["users"] > row["expected"] for row in found)
    assert main(["bridges", "--run", str(read_run), "-k", "1"]) == 0
    assert "books" in capsys.readouterr().out


def test_bridges_before_anything_was_read_say_what_to_do(own_run, capsys):
    assert main(["bridges", "--run", str(own_run)]) == 1
    assert "crossrec attributes --run" in capsys.readouterr().err


def test_profiles_are_made_of_the_user_s_own_rows(read_run, capsys):
    command = ["profiles", "--run", str(read_run), "--user", "u000", "u001", "--plain", "-q"]
    assert main([*command, "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert {each["user"] for each in found} == {"u000", "u001"}
    assert all(each["sentence"] and not each["writer"] for each in found)
    assert main([*command[:-4], "nobody", "--plain", "-q"]) == 1
    assert "nobody" in capsys.readouterr().err


def test_scenarios_are_described(read_run, capsys):
    assert main(["scenarios", "--run", str(read_run)]) == 0
    said = capsys.readouterr().out
    assert "books." in said
    assert "films." in said


def test_adapt_prints_before_and_after(own_run, tmp_path, capsys, monkeypatch):
    from crossrec.pipeline import adaptation

    quality = {"source": "books", "target": "films", "users": 5, "before": 0.1, "after": 0.2}
    told = {
        "quality": [{**quality, "low": 0.05, "high": 0.15, "p_holm": 0.01}],
        "helps": 1,
        "bytes": 9,
    }
    asked = []
    monkeypatch.setattr(adaptation, "adapt", lambda *args, **_: asked.append(args) or told)
    command = ["adapt", "--run", str(own_run), "--out", str(tmp_path / "adapter"), "-q"]
    assert main([*command, "--pairs", "64", "--objective", "triplet", "--layers", "1"]) == 0
    assert "[+0.0500, +0.1500] inconclusive: n < 20" in capsys.readouterr().out
    config = asked[0][2]
    assert (config.pairs, config.objective, config.layers) == (64, "triplet", 1)
    assert main([*command, "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["helps"] == 1


def test_candidates_by_description_are_measured_and_kept(own_run, describing, capsys):
    describing(Run(own_run), "b03")
    command = ["candidates", "--run", str(own_run), "--users", "12", "-k", "9", "-q"]
    assert main([*command, "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["generator"] == "says"
    assert [each["target"] for each in told["gains"]] == ["books", "films"]
    assert all(each["users"] == 12 and each["k"] == 9 for each in told["gains"])
    assert all(each["low"] <= each["union"] - each["model"] <= each["high"]
               for each in told["gains"])  # fmt: skip
    assert read_candidates(Run(own_run)) == told
    assert main(command) == 0
    table = capsys.readouterr().out
    assert "model@9" in table
    assert table.count("inconclusive: n < 20") == 2


def test_candidates_need_a_language_model(own_run, capsys):
    assert main(["candidates", "--run", str(own_run), "-q"]) == 1
    assert "read by a language model" in capsys.readouterr().err


def test_lists_with_described_items_say_so_and_what_it_is_worth(
    own_run, describing, tmp_path, capsys
):
    users, out = tmp_path / "users.csv", tmp_path / "recs.csv"
    users.write_text("user_id,scenario\nu001,films\nstranger,films\n")
    command = ["recommend", "--run", str(own_run), "--users", str(users), "-k", "6", "-q"]
    assert main([*command, "--out", str(out)]) == 0
    plain = pd.read_csv(out).set_index("user_id")["item_id"].groupby("user_id").agg(list)
    assert "described" not in pd.read_csv(out)
    log = Run(own_run).log().to_frame()
    had = set(log.loc[log["user_id"] == "u001", "item_id"])
    films = log.loc[log["scenario"] == "films", "item_id"].unique()
    wanted = next(item for item in films if item not in {*had, *plain["u001"]})
    describing(Run(own_run), wanted)
    capsys.readouterr()
    assert main([*command, "--out", str(out), "--described"]) == 0
    assert "not measured" in capsys.readouterr().err
    found = pd.read_csv(out)
    mine = found[found["user_id"] == "u001"]
    assert mine["item_id"].iloc[0] == plain["u001"][0]
    assert mine["item_id"].iloc[1] == wanted
    assert mine.set_index("item_id")["described"][wanted]
    assert set(mine.loc[~mine["described"], "item_id"]) <= set(plain["u001"])
    assert not had & set(mine["item_id"])
    stranger = found[found["user_id"] == "stranger"]
    assert stranger["item_id"].tolist() == plain["stranger"]
    assert not stranger["described"].any()
    gain = Gain("films", 9, 100, 0.3, 0.1, 0.2, -0.15, -0.05, 0.01)
    write_candidates(Run(own_run), {"generator": "says", "gains": [asdict(gain)]})
    assert main([*command, "--out", str(out), "--described"]) == 0
    assert "in films by -0.100 [-0.150, -0.050]" in capsys.readouterr().err


def test_features_names_what_stands_beside_it(capsys):
    with pytest.raises(SystemExit):
        main(["features", "--help"])
    said = " ".join(capsys.readouterr().out.split())
    assert "crossrec attributes, bridges, profiles, scenarios, candidates, adapt" in said


def test_an_encoder_that_cannot_be_adapted_is_named(own_run, tmp_path, capsys):
    command = ["adapt", "--run", str(own_run), "--out", str(tmp_path / "a"), "-q"]
    assert main([*command, "--encoder", "http://127.0.0.1:9/v1#m"]) == 1
    assert "Adapt a bundled encoder" in capsys.readouterr().err
    assert not (tmp_path / "a").exists()
