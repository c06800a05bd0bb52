"""The command line, as a person types it."""

import json
import os
import signal
import subprocess
import sys
import time

import pandas as pd
import pytest

from crossrec.cli import main
from crossrec.pipeline.run import resume_folder


def files(small_files) -> list[str]:
    return [
        "--interactions",
        str(small_files["interactions"]),
        "--items",
        str(small_files["items"]),
    ]


def test_run_prints_a_table_and_writes_the_contract(small_files, tmp_path, capsys):
    out = tmp_path / "run"
    assert main(["run", *files(small_files), "--out", str(out), "--encoder", "tfidf", "-q"]) == 0
    said = capsys.readouterr()
    assert "lift [95 % interval]" in said.out
    assert said.err == ""
    assert json.loads((out / "report.json").read_text())["split_hash"]
    assert (out / "model" / "config.json").is_file()


def test_run_as_json(small_files, tmp_path, capsys):
    command = ["run", *files(small_files), "--out", str(tmp_path / "r"), "--encoder", "tfidf"]
    assert main([*command, "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["k"] == 10
    assert {answer["scenario"] for answer in told["answers"]} == {"books", "films"}


def test_recommend_writes_the_contract(finished_run, tmp_path, capsys):
    users = tmp_path / "users.csv"
    users.write_text("user_id,scenario\nu001,books\nstranger,films\n")
    out = tmp_path / "recs.csv"
    command = ["recommend", "--run", str(finished_run), "--users", str(users), "-k", "7"]
    assert main([*command, "--out", str(out), "-q"]) == 0
    found = pd.read_csv(out)
    assert list(found.columns) == ["user_id", "scenario", "rank", "item_id", "score"]
    assert found.groupby("user_id").size().to_dict() == {"u001": 7, "stranger": 7}
    assert "stranger" in capsys.readouterr().err


def test_rows_since_the_run_count_at_once(finished_run, tmp_path, capsys):
    users, rows = tmp_path / "users.csv", tmp_path / "rows.csv"
    users.write_text("user_id,scenario\nu001,books\nnewcomer,books\n")
    command = ["recommend", "--run", str(finished_run), "--users", str(users), "-q"]
    plain, told = tmp_path / "plain.csv", tmp_path / "told.csv"
    assert main([*command, "--out", str(plain)]) == 0
    assert "newcomer" in capsys.readouterr().err
    before = pd.read_csv(plain).groupby("user_id")["item_id"].agg(list)
    rows.write_text(
        "user_id,scenario,item_id,weight\n"
        f"u001,books,{before['u001'][0]},1\nnewcomer,books,b27,1\nnewcomer,books,b28,-1\n"
    )
    assert main([*command, "--rows", str(rows), "--out", str(told)]) == 0
    after = pd.read_csv(told).groupby("user_id")["item_id"].agg(list)
    assert before["u001"][0] not in after["u001"]  # the user has it now
    assert before["newcomer"] != after["newcomer"]
    assert capsys.readouterr().err.count("newcomer") == 0  # the rows make the user known


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("user_id,item_id\nu001,b2\n", "scenario"),
        ("user_id,scenario,item_id,weight\nu001,books,b27,x\n", "'x'"),
    ],
)
def test_rows_that_cannot_be_used_are_named(text, word, finished_run, tmp_path, capsys):
    users, rows = tmp_path / "users.csv", tmp_path / "rows.csv"
    users.write_text("user_id,scenario\nu001,books\n")
    rows.write_text(text)
    command = ["recommend", "--run", str(finished_run), "--users", str(users), "-q"]
    assert main([*command, "--rows", str(rows), "--out", str(tmp_path / "x.csv")]) == 1
    assert word in capsys.readouterr().err


def test_explain_as_json(finished_run, capsys):
    command = ["explain", "--run", str(finished_run), "--user", "u004", "--scenario", "films"]
    assert main([*command, "--json", "-k", "3"]) == 0
    each = json.loads(capsys.readouterr().out)
    assert len(each) == 3
    for one in each:
        assert one["base"] + sum(c["amount"] for c in one["contributions"]) == pytest.approx(
            one["score"], abs=1e-5
        )
    keys = {"source_scenario", "item_id", "amount", "learnt", "text", "coefficient"}
    assert set(each[0]["contributions"][0]) == keys
    assert main([*command, "--json", "--item", each[1]["item_id"]]) == 0
    assert json.loads(capsys.readouterr().out) == each[1]


def test_explain_in_words(finished_run, capsys):
    assert (
        main(["explain", "--run", str(finished_run), "--user", "u004", "--scenario", "films"]) == 0
    )
    assert "= base" in capsys.readouterr().out


def test_audit_as_json_and_its_exit_code(small_files, tmp_path, capsys):
    assert main(["audit", *files(small_files), "--json", "-q"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert set(told["verdicts"]) == {"books", "films"}
    assert all(
        {"rule", "severity", "count", "examples", "action"} <= set(f) for f in told["findings"]
    )

    lone = tmp_path / "lone.csv"
    pd.read_csv(small_files["interactions"]).assign(scenario="one").to_csv(lone, index=False)
    assert main(["audit", "--interactions", str(lone), "-q"]) == 3
    assert "overlap" in capsys.readouterr().out


def test_features_writes_parquet(small_files, tmp_path, capsys):
    out = tmp_path / "vectors.parquet"
    command = ["features", "--items", str(small_files["items"]), "--encoder", "tfidf", "-q"]
    assert main([*command, "--out", str(out)]) == 0
    frame = pd.read_parquet(out)
    assert list(frame.columns) == ["item_id", "vector"]
    assert str(len(frame)) in capsys.readouterr().out


def test_sample_models_and_doctor(tmp_path, capsys):
    assert main(["sample", "--out", str(tmp_path / "sample"), "--seed", "3"]) == 0
    assert json.loads((tmp_path / "sample" / "truth.json").read_text())
    assert main(["models", "list", "--json"]) == 0
    models = json.loads(capsys.readouterr().out)
    assert {"all-MiniLM-L6-v2", "multilingual-e5-small"} <= {model["name"] for model in models}
    main(["doctor", "--json", "--workspace", str(tmp_path)])
    assert {check["state"] for check in json.loads(capsys.readouterr().out)} <= {
        "ok",
        "warning",
        "missing",
    }


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["recommend", "--run", "no", "--users", "no", "--out", "no"], "no such folder"),
        (["explain", "--run", "no", "--user", "u", "--scenario", "s"], "no such folder"),
        (["run", "--interactions", "no.csv", "--out", "no"], "no.csv"),
        (["audit", "--interactions", "."], "expected"),
        (["models", "install", "gpt"], "all-MiniLM-L6-v2"),
    ],
)
def test_errors_are_one_sentence_and_exit_code_1(arguments, said, capsys, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert main(arguments) == 1
    found = capsys.readouterr().err
    assert said in found
    assert "Traceback" not in found
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "text", ["", "user_id\nu1\n", "user_id,item_id,user_id\nu,i,u\n", "user_id,item_id\n"]
)
def test_bad_tables_are_told(text, tmp_path, capsys):
    path = tmp_path / "log.csv"
    path.write_text(text)
    assert main(["run", "--interactions", str(path), "--out", str(tmp_path / "run"), "-q"]) == 1
    assert capsys.readouterr().err.startswith("crossrec: expected")
    assert not (tmp_path / "run").exists()


def test_a_users_file_that_is_none_is_told(finished_run, tmp_path, capsys):
    (tmp_path / "users.csv").write_bytes(b"\xff\xfe\x00bad")
    command = ["recommend", "--run", str(finished_run), "--users", str(tmp_path / "users.csv")]
    assert main([*command, "--out", str(tmp_path / "r.csv")]) == 1
    assert "user_id,scenario" in capsys.readouterr().err
    assert not (tmp_path / "r.csv").exists()


def test_a_command_that_is_none_is_exit_code_2(capsys):
    with pytest.raises(SystemExit) as ended:
        main(["trian"])
    assert ended.value.code == 2
    assert "run" in capsys.readouterr().err


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_stopped_run_is_gone_on_with(number, code, small_files, tmp_path):
    out = tmp_path / "out" / "run"
    kept = resume_folder(out)
    command = [sys.executable, "-m", "crossrec", "run", *files(small_files), "--out", str(out)]
    process = subprocess.Popen(
        [*command, "--encoder", "tfidf", "--models", "all"],
        stderr=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        # Where tests run in the background, Ctrl-C is ignored, and children inherit that.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
    )
    with process:
        while not kept.exists() and process.poll() is None:  # training has begun
            time.sleep(0.01)
        process.send_signal(number)
        assert process.stderr is not None
        said = process.stderr.read().decode()
        assert process.wait(60) == code
    assert list(out.parent.iterdir()) == [kept]
    assert "no half-finished run was kept" in said
    assert "The same command goes on" in said
    assert str(kept) in said


def test_what_a_stopped_run_kept_is_used_up_or_forgotten(small_files, tmp_path):
    out = tmp_path / "run"
    forgotten, recent = resume_folder(tmp_path / "old"), resume_folder(tmp_path / "other")
    for folder in (forgotten, recent, resume_folder(out)):
        folder.mkdir()
    os.utime(forgotten, (0, 0))
    assert main(["run", *files(small_files), "--out", str(out), "--encoder", "tfidf", "-q"]) == 0
    assert sorted(tmp_path.iterdir()) == sorted([recent, out])


def test_a_command_stopped_before_it_made_anything_leaves_nothing(tmp_path, capsys, monkeypatch):
    def stopped(_: object) -> int:
        raise KeyboardInterrupt

    monkeypatch.setattr("crossrec.cli.commands.run", stopped)
    assert main(["run", "--interactions", "x.csv", "--out", str(tmp_path / "run")]) == 130
    assert "nothing half-finished was kept" in capsys.readouterr().err
