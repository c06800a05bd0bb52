"""The whole way: files -> run folder -> recommendations and explanations."""

import errno
import json
import shutil

import numpy as np
import pandas as pd
import pytest

from crossrec.data.history import Histories
from crossrec.errors import (
    Cancelled,
    ColumnMissing,
    DataError,
    RunUnreadable,
    SplitError,
    UnknownId,
    WorkspaceError,
)
from crossrec.evaluation import Note, summary, verdicts
from crossrec.pipeline import (
    RunConfig,
    RunInputs,
    explain,
    histories_of,
    import_data,
    load_model,
    recommend,
    recommend_one,
    run,
)
from crossrec.progress import PHASES
from crossrec.workspace import Run


def test_a_run_holds_every_part(finished_run):
    found = Run(finished_run)
    assert {
        "log",
        "catalog",
        "users",
        "split",
        "features",
        "model",
        "audit",
        "report",
    } <= found.parts
    assert {"map_items", "map_users"} <= found.parts
    assert found.info["config"]["new_items"] == 1
    assert found.info["split"]["kind"] == "time"
    assert found.report().split_hash == found.split().hash == found.info["split"]["hash"]


def test_the_report_finds_the_planted_transfer(finished_run):
    report = Run(finished_run).report()
    answers = {(a.scenario, a.cohort): a for a in summary(report).answers}
    for scenario in ("books", "films"):
        assert answers[scenario, "cold"].lift > 0.1
        # Warm users gain, or lose nothing that could be told from chance.
        warm = answers[scenario, "warm"]
        assert warm.high >= 0
        assert warm.lift > -0.0005
    pairs = verdicts(report, cohort="cold")
    assert set(zip(pairs["source"], pairs["target"], strict=True)) == {
        ("books", "films"),
        ("films", "books"),
    }


def test_report_json_can_be_read_without_parquet(finished_run):
    rows = json.loads((finished_run / "report.json").read_text())["table"]
    assert {"transfer", "target only", "Popularity"} <= {row["model"] for row in rows}


def test_phases_come_in_order(small_files, tmp_path):
    seen: list[str] = []

    def note(phase, done, total, note=""):
        if phase not in seen:
            seen.append(phase)
        assert 0 <= done <= total or total == 0

    config = RunConfig(encoder="tfidf", holdout=False)
    run(RunInputs(**small_files), tmp_path / "run", config, progress=note)
    assert seen == [phase for phase in PHASES if phase != "evaluate"]


def test_without_holdout_everything_is_learnt_and_nothing_judged(small_files, tmp_path):
    config = RunConfig(encoder="tfidf", holdout=False)
    found = Run(run(RunInputs(**small_files), tmp_path / "run", config))
    assert found.info["counts"]["test"] == 0
    assert found.report().table.empty
    assert found.report().notes == (Note("all_rows"),)
    assert len(recommend(found, pd.DataFrame({"user_id": ["u001"], "scenario": ["films"]}), 3)) == 3


def test_it_runs_without_a_catalogue(small_files, tmp_path):
    inputs = RunInputs(small_files["interactions"])
    found = Run(run(inputs, tmp_path / "run"))
    assert Note("no_text") in found.report().notes
    assert found.map_items().empty


# ----------------------------------------------------------------------------- recommending


def test_lists_are_full_ranked_and_new(finished_run):
    log = Run(finished_run).log().to_frame()
    users = pd.DataFrame(
        {
            "user_id": ["u003", "u001", "nobody", "u003"],
            "scenario": ["films", "books", "films", "books"],
        }
    )
    found = recommend(finished_run, users, 5)
    assert list(found.columns) == ["user_id", "scenario", "rank", "item_id", "score"]
    asked = list(zip(users["user_id"], users["scenario"], strict=True))
    assert list(dict.fromkeys(zip(found["user_id"], found["scenario"], strict=True))) == asked
    for user, scenario in asked:
        part = found[(found["user_id"] == user) & (found["scenario"] == scenario)]
        assert list(part["rank"]) == [1, 2, 3, 4, 5]
        assert part["score"].is_monotonic_decreasing
        have = log[(log["user_id"] == user) & (log["scenario"] == scenario)]["item_id"]
        assert not set(part["item_id"]) & set(have)


def test_batch_lists_are_those_of_single_users(finished_run):
    model = load_model(finished_run)
    histories = histories_of(finished_run, model, everything=True)
    users = pd.DataFrame({"user_id": ["u010", "u020"], "scenario": ["books", "books"]})
    many = recommend(finished_run, users, 4)
    for user in users["user_id"]:
        one = recommend_one(model, histories, user, "books", 4)
        assert list(many.query("user_id == @user")["item_id"]) == list(one.item_ids)


def test_own_coefficients_change_the_list(finished_run):
    model = load_model(finished_run)
    histories = histories_of(finished_run, model, everything=False)
    cold = histories.users.ids[(histories.counts()[:, 0] == 0) & (histories.counts()[:, 1] > 3)][0]
    off = np.array([1.0, 0.0])
    with_films = recommend_one(model, histories, cold, "books", 10)
    without = recommend_one(model, histories, cold, "books", 10, coefficients=off)
    popular = np.argsort(-model.fitted_.popularity[0].plain, kind="stable")[:10]
    assert list(without.item_ids) == list(model.space_.ids(0)[popular])
    assert list(with_films.item_ids) != list(without.item_ids)


def test_a_list_without_its_columns_is_refused(finished_run):
    with pytest.raises(ColumnMissing, match="scenario"):
        recommend(finished_run, pd.DataFrame({"user_id": ["u001"]}))


def test_every_row_of_the_log_counts_when_recommending(finished_run):
    """Also held-out rows: an item bought last week is not new."""
    model = load_model(finished_run)
    test = Run(finished_run).split().test.to_frame().iloc[0]
    users = pd.DataFrame([{"user_id": test["user_id"], "scenario": test["scenario"]}])
    found = recommend(finished_run, users, 30)
    assert test["item_id"] not in set(found["item_id"])
    before = histories_of(finished_run, model, everything=False)
    seen = model.recommend(test["user_id"], test["scenario"], 30, histories=before)
    assert test["item_id"] in set(seen.item_ids)


# ----------------------------------------------------------------------------- explaining


def test_explanations_add_up(finished_run):
    found = explain(finished_run, "u004", "films", k=4)
    listed = recommend(finished_run, pd.DataFrame({"user_id": ["u004"], "scenario": ["films"]}), 4)
    assert [one.item_id for one in found] == list(listed["item_id"])
    for one, score in zip(found, listed["score"], strict=True):
        assert one.base + one.contributions["amount"].sum() == pytest.approx(score, abs=1e-5)


def test_an_unknown_user_is_answered_with_the_nearest(finished_run):
    with pytest.raises(UnknownId, match="u004"):
        explain(finished_run, "u0004", "films")


# ----------------------------------------------------------------------------- what goes wrong


def one_scenario(frame):
    return frame.assign(scenario="books")


def no_overlap(frame):
    return frame.assign(user_id=frame["user_id"] + frame["scenario"])


def two_items(frame):
    return frame[(frame["scenario"] == "books") | frame["item_id"].isin(["f00", "f01"])]


def rewritten(small_files, tmp_path, change) -> RunInputs:
    path = tmp_path / "changed.csv"
    change(pd.read_csv(small_files["interactions"])).to_csv(path, index=False)
    return RunInputs(path, small_files["items"])


def test_one_scenario_needs_two(small_files, tmp_path):
    with pytest.raises(SplitError, match=r"at least two scenarios.*found 1 \(books\)"):
        run(rewritten(small_files, tmp_path, one_scenario), tmp_path / "run")
    assert not (tmp_path / "run").exists()


@pytest.mark.parametrize("change", [no_overlap, two_items])
def test_thin_data_gives_a_sensible_result(small_files, tmp_path, change):
    inputs = rewritten(small_files, tmp_path, change)
    found = Run(run(inputs, tmp_path / "run", RunConfig(encoder="tfidf")))
    assert np.isfinite(found.report().table["value"].dropna()).all()
    ids = found.log().users.ids[:2]
    listed = recommend(found, pd.DataFrame({"user_id": ids, "scenario": "books"}), 5)
    assert listed.groupby("user_id").size().eq(5).all()


def test_a_cancelled_run_leaves_nothing(small_files, tmp_path):
    def stop(phase, done, total, note=""):
        if phase == "train":
            raise Cancelled

    with pytest.raises(Cancelled):
        run(
            RunInputs(**small_files),
            tmp_path / "out" / "run",
            RunConfig(encoder="tfidf"),
            progress=stop,
        )
    assert list((tmp_path / "out").iterdir()) == []


def test_a_full_disk_is_said_and_leaves_nothing(small_files, tmp_path, monkeypatch):
    def full(*_args, **_kwargs):
        raise OSError(errno.ENOSPC, "No space left on device", str(tmp_path / "run"))

    monkeypatch.setattr("crossrec.transfer.storage.save_file", full)
    with pytest.raises(WorkspaceError, match="disk"):
        run(RunInputs(**small_files), tmp_path / "run", RunConfig(encoder="tfidf"))
    assert not (tmp_path / "run").exists()


def test_somebody_elses_folder_is_not_touched(small_files, tmp_path):
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "letter.txt").write_text("keep")
    with pytest.raises(WorkspaceError, match="not"):
        run(RunInputs(**small_files), tmp_path / "mine", RunConfig(encoder="tfidf"))
    assert (tmp_path / "mine" / "letter.txt").read_text() == "keep"


def test_a_run_without_model_says_so(small_files, tmp_path):
    checked = import_data(RunInputs(**small_files), tmp_path / "check")
    with pytest.raises(RunUnreadable, match="with a model"):
        load_model(checked)


def test_a_damaged_model_says_so(finished_run, tmp_path):
    shutil.copytree(finished_run, tmp_path / "run")
    (tmp_path / "run" / "model" / "weights.safetensors").write_bytes(b"short")
    with pytest.raises(RunUnreadable, match="undamaged"):
        load_model(tmp_path / "run")


def test_a_mapping_is_used_where_the_header_is(small_files, tmp_path):
    frame = pd.read_csv(small_files["interactions"])
    frame.rename(columns={"item_id": "thing", "user_id": "who"}).to_csv(
        tmp_path / "i.csv", index=False
    )
    inputs = RunInputs(
        tmp_path / "i.csv", small_files["items"], mapping={"item_id": "thing", "user_id": "who"}
    )
    checked = Run(import_data(inputs, tmp_path / "check"))
    assert checked.info["counts"]["users"] == 120
    assert len(checked.catalog()) > 0


def test_impossible_settings_are_refused():
    with pytest.raises(DataError, match="from 0 for new items"):
        RunConfig(new_items=-1)
    with pytest.raises(DataError, match="at least 1"):
        RunConfig(k=0)


def test_made_up_histories_can_be_explained(finished_run):
    model = load_model(finished_run)
    me = Histories.from_items({"films": {"f00": 1.0}}, model.space_, "me")
    assert len(recommend_one(model, me, "me", "books", 5).item_ids) == 5
