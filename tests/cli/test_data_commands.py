"""Cleaning, privacy and scenario identification on the command line."""

import json
import stat

import numpy as np
import pandas as pd
import pytest

from crossrec.cli import main
from crossrec.data.cleaning.plan import CleaningPlan
from crossrec.data.privacy.plan import KEY_ENVIRONMENT, PrivacyPlan
from crossrec.data.reading.mapping import ColumnMap
from crossrec.data.reading.readers import ReadOptions
from crossrec.intake import RunInputs, import_data
from crossrec.workspace import Run


@pytest.fixture(autouse=True)
def _own_workspace(tmp_path, monkeypatch):
    monkeypatch.setenv("CROSSREC_WORKSPACE", str(tmp_path / "workspace"))
    monkeypatch.delenv(KEY_ENVIRONMENT, raising=False)


@pytest.fixture
def shop(tmp_path):
    """Rows by day on a desk ("work") or in the evening on a phone ("home"), and profiles."""
    rng = np.random.default_rng(0)
    n = 800
    home = rng.random(n) < 0.4
    day = rng.integers(0, 60, n).astype("timedelta64[D]")
    hour = np.where(home, rng.integers(18, 23, n), rng.integers(8, 16, n)).astype("timedelta64[h]")
    log = pd.DataFrame(
        {
            "user_id": [f"user{u}@example.org" for u in rng.integers(0, 80, n)],
            "item_id": [f"i{i}" for i in rng.integers(0, 40, n)],
            "scenario": np.where(home, "home", "work"),
            "timestamp": np.datetime64("2024-01-01T00") + day + hour,
            "device": np.where(home, "phone", "desk"),
        }
    )
    log.to_csv(tmp_path / "log.csv", index=False)
    users = pd.DataFrame({"user_id": sorted(set(log["user_id"]))})
    users = users.assign(age=np.arange(len(users)) + 10, phone="+44 20 7946 0958")
    users.to_csv(tmp_path / "users.csv", index=False)
    return {"log": tmp_path / "log.csv", "users": tmp_path / "users.csv"}


def _audit(shop, capsys, *more) -> dict:
    code = main(
        [
            "audit",
            "--interactions",
            str(shop["log"]),
            "--users",
            str(shop["users"]),
            "--json",
            "-q",
            *more,
        ]
    )
    assert code == 0
    return json.loads(capsys.readouterr().out)


@pytest.fixture
def coloured(shop, tmp_path):
    """The shop with a catalogue that tells the colour of its items, and one colour per taste."""
    log = pd.read_csv(shop["log"])
    taste = log["user_id"].str.len() % 2
    log["item_id"] = "i" + (2 * (log["item_id"].str[1:].astype(int) // 2) + taste).astype(str)
    log.to_csv(shop["log"], index=False)
    items = pd.DataFrame({"item_id": sorted(log["item_id"].unique())})
    odd = items["item_id"].str[1:].astype(int) % 2
    items = items.assign(title="Thing " + items["item_id"], colour=odd.map({0: "red", 1: "blue"}))
    items.to_csv(tmp_path / "items.csv", index=False)
    return {**shop, "items": tmp_path / "items.csv"}


def test_the_audit_tells_which_attributes_connect_scenarios(coloured, tmp_path, capsys):
    assert _audit(coloured, capsys)["attribute_bridges"] is None
    items = ("--items", str(coloured["items"]))
    found = _audit(coloured, capsys, *items)["attribute_bridges"]
    assert {row["value"] for row in found} == {"red", "blue"}
    assert {row["facet"] for row in found} == {"colour"}
    assert all(row["users"] > row["expected"] > 0 for row in found)
    hidden = _audit(coloured, capsys, *items, "--least-group", "60")
    assert all(row["users"] >= 60 for row in hidden["attribute_bridges"])
    assert len(hidden["attribute_bridges"]) < len(found)
    assert main(["audit", "--interactions", str(coloured["log"]), *items, "-q"]) == 0
    assert "colour red, " in capsys.readouterr().out
    assert main(["audit", "--interactions", str(coloured["log"]), "-q"]) == 0
    assert "none known (map a category" in capsys.readouterr().out


def test_the_audit_takes_attributes_that_were_read(coloured, tmp_path, capsys):
    items = pd.read_csv(coloured["items"])
    read = items[["item_id"]].assign(facet="use", value=items["colour"] + " use", confidence=0.9)
    path = tmp_path / "attributes.parquet"
    read.to_parquet(path)
    found = _audit(coloured, capsys, "--attributes", str(path))["attribute_bridges"]
    assert {row["value"] for row in found} == {"red use", "blue use"}
    command = ["audit", "--interactions", str(coloured["log"]), "-q", "--attributes"]
    read.assign(confidence="sure").to_parquet(path)
    assert main([*command, str(path)]) == 1
    assert "expected numbers" in capsys.readouterr().err
    read.drop(columns="facet").to_parquet(path)
    assert main([*command, str(path)]) == 1
    assert "'facet'" in capsys.readouterr().err
    for other in (coloured["log"], tmp_path / "gone.parquet"):
        assert main([*command, str(other)]) == 1
        assert "crossrec attributes --run" in capsys.readouterr().err


def test_pseudonyms_leave_no_id_behind_and_the_key_stays_apart(shop, tmp_path, capsys):
    told = _audit(shop, capsys)
    (found,) = [one for one in told["findings"] if one["rule"] == "personal_data"]
    assert {one["column"] for one in found["examples"]} == {"user_id", "phone"}
    hidden = _audit(
        shop, capsys, "--pseudonymise", "--drop-profile", "phone", "--band", "age=30/60"
    )
    assert "personal_data" not in {one["rule"] for one in hidden["findings"]}
    assert "example.org" not in json.dumps(hidden)
    key = tmp_path / "workspace" / "keys" / "pseudonym.key"
    assert stat.S_IMODE(key.stat().st_mode) == 0o600

    assert main(["pseudonym", "user3@example.org"]) == 0
    user, name = capsys.readouterr().out.split()
    run = tmp_path / "run"
    plan = PrivacyPlan(pseudonymise=True, drop=("phone",), band={"age": (30, 60)})
    import_data(RunInputs(shop["log"], users=shop["users"], privacy=plan), run)
    found = Run(run)
    assert name in found.log().users
    assert set(found.users().attributes["age"]) == {"<30", "30 to <60", ">=60"}
    kept = b"".join(path.read_bytes() for path in run.rglob("*") if path.is_file())
    assert user.encode() not in kept
    assert key.read_bytes().strip() not in kept
    assert found.info["privacy"]["pseudonymise"] is True


def test_the_cleaning_plan_is_recorded_with_the_hash_of_the_file(shop, tmp_path):
    run = tmp_path / "run"
    plan = CleaningPlan(repeats="last", user_core=2, item_core=2)
    import_data(RunInputs(shop["log"], cleaning=plan), run)
    info = Run(run).info
    assert CleaningPlan.from_json(info["cleaning"]["plan"]) == plan
    assert {step["step"] for step in info["cleaning"]["steps"]} == {"repeats", "core"}
    assert len(info["inputs"]["interactions"]["sha256"]) == 64
    assert not Run(run).log().to_frame().duplicated(["user_id", "item_id", "scenario"]).any()


def test_cleaning_options_and_plan_files(shop, tmp_path, capsys):
    plain = _audit(shop, capsys)["counts"]
    once = _audit(shop, capsys, "--repeats", "first")["counts"]
    assert sum(row["rows"] for row in once) < sum(row["rows"] for row in plain)
    plan = tmp_path / "plan.json"
    plan.write_text('{"repeats": "first"}')
    assert _audit(shop, capsys, "--clean", str(plan))["counts"] == once
    for text, said in (("{", "as JSON"), ("[]", "JSON object"), ('{"colour": 1}', "colour")):
        plan.write_text(text)
        assert main(["audit", "--interactions", str(shop["log"]), "--clean", str(plan), "-q"]) == 1
        assert said in capsys.readouterr().err


def test_held_out_rows_inside_the_log(shop, tmp_path, capsys):
    test = tmp_path / "test.csv"
    pd.read_csv(shop["log"]).tail(50).to_csv(test, index=False)
    command = ["audit", "--interactions", str(shop["log"]), "--test", str(test), "-q"]
    assert main(command) == 3
    assert "train_test_leak" in capsys.readouterr().out


def test_identify_tells_and_applies_only_on_request(shop, tmp_path, capsys):
    command = ["identify", "--interactions", str(shop["log"]), "-q"]
    assert main(command) == 0
    said = capsys.readouterr().out
    assert "majority" in said
    assert "if " in said
    frame = pd.read_csv(shop["log"])
    frame.loc[::3, "scenario"] = ""
    frame.to_csv(shop["log"], index=False)
    out = tmp_path / "told.csv"
    assert main([*command, "--apply", "--out", str(out), "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["useful"], told["unlabelled"]) == (True, len(frame.iloc[::3]))
    written = pd.read_csv(out)
    assert written["scenario"].notna().all()
    assert written["scenario_confidence"].between(0, 1).all()
    assert set(written["scenario_from"]) <= {"given", "model", "same item"}
    assert written["device"].tolist() == frame["device"].tolist()
    assert main(["audit", "--interactions", str(out), "-q"]) == 0
    assert main([*command, "--apply"]) == 1
    assert "--out" in capsys.readouterr().err


def test_identify_on_masked_labels_and_without_any(shop, tmp_path, capsys):
    command = ["identify", "--interactions", str(shop["log"]), "-q", "--json"]
    assert main([*command, "--mask", "0.3"]) == 0
    masked = json.loads(capsys.readouterr().out)["masked"]
    assert sum(row["rows"] for row in masked) > 200
    assert all(row["accuracy"] > 0.6 for row in masked)
    out = tmp_path / "groups.parquet"
    more = ["--map", "scenario=", "--clusters", "2", "--apply", "--out", str(out)]
    assert main([*command, *more]) == 0
    told = json.loads(capsys.readouterr().out)
    assert len(told["groups"]) == 2
    assert set(pd.read_parquet(out)["scenario"]) == {"group 1", "group 2"}


def test_several_files_and_one_file_per_scenario(shop, tmp_path, capsys):
    frame = pd.read_csv(shop["log"])
    parts = []
    for name, part in frame.groupby("scenario"):
        parts.append(tmp_path / f"{name}.csv")
        part.drop(columns="scenario").to_csv(parts[-1], index=False)
    named = [f"--scenario-file={path.stem}={path}" for path in parts]
    assert main(["audit", *named, "--json", "-q"]) == 0
    counts = json.loads(capsys.readouterr().out)["counts"]
    assert {one["scenario"] for one in counts} == {"home", "work"}
    halves = [tmp_path / "a.csv", tmp_path / "b.csv"]
    frame.iloc[:400].to_csv(halves[0], index=False)
    frame.iloc[400:].to_csv(halves[1], index=False)
    assert main(["audit", "--interactions", *map(str, halves), "--json", "-q"]) == 0
    assert json.loads(capsys.readouterr().out)["counts"] == counts
    assert main(["audit", "-q"]) == 1
    assert "--interactions FILE" in capsys.readouterr().err
    assert main(["audit", "--scenario-file", "home", "-q"]) == 1
    assert "NAME=FILE" in capsys.readouterr().err


def test_a_saved_map_and_the_list_of_rejected_rows(shop, tmp_path, capsys):
    frame = pd.read_csv(shop["log"]).rename(columns={"item_id": "x7"})
    frame.loc[[3, 9], "x7"] = ""
    frame.to_csv(shop["log"], index=False)
    saved, bad = tmp_path / "map.json", tmp_path / "bad.csv"
    ColumnMap.given({"item_id": "x7"}).save(saved)
    _audit(shop, capsys, "--map", str(saved), "--rejects", str(bad))
    assert pd.read_csv(bad)["line"].tolist() == [5, 11]
    assert main(
        ["audit", "--interactions", str(shop["log"]), "--map", str(saved), "-q",
         "--max-rejects", "0.001"]
    ) == 1  # fmt: skip
    assert "at most 0.1%" in capsys.readouterr().err


def test_small_groups_are_withheld_in_json(shop, capsys):
    told = _audit(shop, capsys)
    assert any(row["users"] == 80 for row in told["counts"])
    hidden = _audit(shop, capsys, "--least-group", "500")
    assert all(row["users"] is None for row in hidden["counts"])
    assert all(pair["shared_users"] is None for pair in hidden["pairs"])
    assert "user3@" not in json.dumps(hidden)


def test_event_weights_are_used_and_recorded(shop, tmp_path, capsys):
    frame = pd.read_csv(shop["log"])
    frame["event"] = np.where(np.arange(len(frame)) % 4, "view", "purchase")
    frame.to_csv(shop["log"], index=False)
    command = ["audit", "--interactions", str(shop["log"]), "-q"]
    assert main([*command, "--event-weight", "view=1", "--event-weight", "purchase=5"]) == 0
    assert main([*command, "--event-weight", "view=1,buy=5"]) == 1
    assert "kind of event of this data; found 'buy'" in capsys.readouterr().err
    for wrong in ("view", "view=much", "=3", "view=1,view=2"):
        assert main([*command, "--event-weight", wrong]) == 1
        assert "--event-weight EVENT=NUMBER" in capsys.readouterr().err
    run = tmp_path / "run"
    weights = {"view": 1.0, "purchase": 5.0}
    import_data(RunInputs(shop["log"], reading=ReadOptions(event_weights=weights)), run)
    found = Run(run)
    np.testing.assert_allclose(np.unique(found.log().weight), [0.2, 1])
    assert found.info["read_options"] == {"event_weights": weights}
    told = {one.value: (one.rows, one.weight) for one in found.log().rejects.signals}
    assert told == {"view": (600, 1.0), "purchase": (200, 5.0)}
