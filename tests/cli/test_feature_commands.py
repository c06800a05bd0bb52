"""`crossrec features`: reading, the cost before, the exact text, and encoders compared."""

import json

import pandas as pd
import pyarrow.parquet as pq
import pytest

from crossrec.cli import main


@pytest.fixture
def items(tmp_path, monkeypatch):
    monkeypatch.setenv("CROSSREC_CACHE", str(tmp_path / "cache"))
    path = tmp_path / "items.csv"
    words = {"kitchen": ["pan", "pot", "kettle"], "garden": ["hose", "rake", "spade"]}
    rows = [
        (f"i{at}", f"{kind} {words[kind][at % 3]} {at}", kind, f"{at}.5", "Acme")
        for at in range(40)
        for kind in [("kitchen", "garden")[at % 2]]
    ]
    frame = pd.DataFrame(rows, columns=["item_id", "title", "category", "price", "brand"])
    frame.to_csv(path, index=False)
    return str(path)


def test_vectors_as_parquet_with_a_template_and_fewer_numbers(items, tmp_path, capsys):
    out = tmp_path / "vectors.parquet"
    command = ["features", "--items", items, "--encoder", "tfidf", "-q", "--out", str(out)]
    assert main([*command, "--columns", "title,brand,price", "--dim", "5", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["items"], told["dim"], told["columns"]) == (40, 5, ["title", "brand", "price"])
    table = pq.read_table(out)
    assert table.schema.metadata[b"encoder"] == b"tfidf"
    assert len(table["vector"][0]) == 5
    assert main([*command, "--dim", "999"]) == 1
    assert "dimensions" in capsys.readouterr().err


def test_the_exact_text_of_an_item(items, capsys):
    command = ["features", "--items", items, "--encoder", "bow", "--columns", "title,price"]
    assert main([*command, "--show", "i0"]) == 0
    assert "kitchen pan 0. price: very low" in capsys.readouterr().out
    assert main([*command, "--show", "i1", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["tokens"][:2] == ["garden", "rake"]
    assert main([*command, "--show", "nobody"]) == 1


def test_encoders_compared(items, capsys):
    command = ["features", "--items", items, "--columns", "title", "--compare", "tfidf,bow", "-q"]
    assert main([*command, "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["label"] == "category"
    assert [one["encoder"] for one in told["encoders"]] == ["tfidf", "bow"]
    assert main(command) == 0
    said = capsys.readouterr().out
    assert "by chance 48.7%" in said
    assert "bow" in said


def test_the_cost_of_a_server_is_known_without_asking_it(items, capsys):
    command = ["features", "--items", items, "--encoder", "http://127.0.0.1:9/v1#m", "--cost"]
    assert main(command) == 0
    assert "40 different texts" in capsys.readouterr().out
    assert main([*command, "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["new"] == 40


def test_a_command_without_anything_to_do_says_so(items, capsys):
    assert main(["features", "--items", items]) == 1
    assert "--out, --cost, --show or --compare" in capsys.readouterr().err
