"""Feedback as rows of the next training: learnt from, but never of what is held out."""

import pandas as pd
import pytest

from crossrec.errors import ColumnMissing, FileUnreadable
from crossrec.pipeline import RunConfig, RunInputs, run
from crossrec.pipeline.heard import read_events
from crossrec.workspace import Run

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


def test_a_file_that_is_no_feedback_is_named(tmp_path):
    path = tmp_path / "x.csv"
    path.write_text("a,b\n1,2\n")
    with pytest.raises(ColumnMissing, match="feedback export"):
        read_events(path)
    path.write_text("user_id,item_id,scenario,weight,timestamp\nu,i,s,much,1\n")
    with pytest.raises(FileUnreadable, match="much"):
        read_events(path)
