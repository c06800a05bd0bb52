"""Feedback as rows of the next training: learnt from, but never of what is held out."""

import pandas as pd
import pytest

from crossrec.data.split.cutting import split
from crossrec.errors import ColumnMissing, FileUnreadable
from crossrec.intake import input_hashes, read_inputs
from crossrec.pipeline import RunConfig, RunInputs, run
from crossrec.pipeline.heard import read_events, with_feedback
from crossrec.report.compared import settings_of
from crossrec.workspace import Run
from crossrec.workspace.feedback import data_set_of
from tests.repeating import repeating_files

QUICK = RunConfig(encoder="tfidf", seed=1)


def rows_of(log) -> set[tuple[str, str, str]]:
    frame = log.to_frame()
    return set(zip(frame["user_id"], frame["scenario"], frame["item_id"], strict=True))


def write(path, rows):
    columns = ["user_id", "scenario", "item_id", "weight"]
    frame = pd.DataFrame(rows, columns=columns).assign(event="like", timestamp=1_700_000_000)
    frame.to_csv(path, index=False)
    return path


def test_likes_are_learnt_from_and_refusals_taken_away(finished_run, small_files, tmp_path):
    before = Run(finished_run).split()
    trained, held = rows_of(before.train), rows_of(before.test)
    one = sorted(trained)[0]
    hidden = sorted(held)[0]
    new = ("newcomer", "books", one[2] if one[1] == "books" else "b27")
    said = write(tmp_path / "said.csv", [(*one, 0.0), (*hidden, 1.0), (*new, 1.0)])
    inputs = RunInputs(interactions=small_files["interactions"], items=small_files["items"])
    found = Run(run(inputs, tmp_path / "run", QUICK, feedback=said))
    after = found.split()
    assert one not in rows_of(after.train)
    assert new in rows_of(after.train)
    assert hidden not in rows_of(after.train)
    assert rows_of(after.test) == held
    assert after.hash == before.hash
    assert {one} & rows_of(found.log()) == set()
    told = found.info["feedback"]
    assert (told["likes"], told["refusals"], told["kept_from_training"]) == (2, 1, 1)


def test_a_like_of_an_item_that_comes_back_in_the_test_is_kept_from_training(tmp_path):
    files = repeating_files(tmp_path)
    tables = read_inputs(RunInputs(files["interactions"], files["items"]))
    parts = split(tables.log)
    back = sorted(rows_of(parts.repeats))[0]
    said = write(tmp_path / "said.csv", [(*back, 1.0)])
    found, after = with_feedback(tables, parts, said)
    assert len(after.train) == len(parts.train)
    assert rows_of(after.repeats) == rows_of(parts.repeats)
    assert found.treatment["feedback"]["kept_from_training"] == 1


def test_what_was_said_of_another_data_set_is_left_out(small_files, tmp_path):
    inputs = RunInputs(small_files["interactions"], small_files["items"])
    mine = data_set_of(input_hashes(inputs))
    path = write(tmp_path / "said.csv", [(f"new{at}", "books", "b05", 1.0) for at in range(3)])
    events = pd.read_csv(path).assign(data_set=[mine, "another", ""])
    events.to_csv(path, index=False)
    found = Run(run(inputs, tmp_path / "run", QUICK, feedback=path))
    users = set(found.log().users.ids)
    assert {"new0", "new2"} <= users
    assert "new1" not in users
    told = found.info["feedback"]
    assert (told["likes"], told["of_other_data"]) == (2, 1)
    assert {"feedback.likes", "feedback.of_other_data"} <= set(settings_of(found))


def test_a_file_that_is_no_feedback_is_named(tmp_path):
    path = tmp_path / "x.csv"
    path.write_text("a,b\n1,2\n")
    with pytest.raises(ColumnMissing, match="feedback export"):
        read_events(path)
    path.write_text("user_id,item_id,scenario,weight,timestamp\nu,i,s,much,1\n")
    with pytest.raises(FileUnreadable, match="much"):
        read_events(path)
