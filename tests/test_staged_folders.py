"""Folders and files that are whole or not there, whatever stops the writing in between."""

import errno
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from crossrec.data.ids import IdMap
from crossrec.errors import Cancelled, WorkspaceError
from crossrec.language.table import FeatureTable
from crossrec.workspace import Run, RunWriter, staged_folder, write_file, write_json
from tests.test_workspace import written


def leftovers(folder):
    return [path.name for path in folder.iterdir() if path.name.startswith(".")]


def marked(target, number):
    """A run that can be told from another one."""
    with staged_folder(target, replace=True) as stage:
        RunWriter(stage).info({"mark": number})
    return Run(target)


def interrupted(target, error):
    """The writing of a run that something stops."""
    with staged_folder(target, replace=True) as stage:
        RunWriter(stage).info({})
        raise error


@pytest.mark.parametrize("error", [ValueError, Cancelled, KeyboardInterrupt, SystemExit])
@pytest.mark.parametrize("older", [True, False])
def test_nothing_is_left_half_written(tmp_path, error, older):
    target = tmp_path / "runs" / "one"
    if older:
        marked(target, 1)
    with pytest.raises(error):
        interrupted(target, error)
    assert [path.name for path in target.parent.iterdir()] == (["one"] if older else [])
    if older:
        assert Run(target).info["mark"] == 1


def test_a_run_is_replaced_only_on_request(tmp_path):
    marked(tmp_path / "run", 1)
    with pytest.raises(WorkspaceError, match="an older run there"), staged_folder(tmp_path / "run"):
        pytest.fail("the work must not start")
    run = marked(tmp_path / "run", 2)
    assert run.info["mark"] == 2
    assert [path.name for path in tmp_path.iterdir()] == ["run"]


def test_an_empty_folder_is_used(tmp_path):
    (tmp_path / "run").mkdir()
    with staged_folder(tmp_path / "run") as stage:
        RunWriter(stage).info({})
    assert Run(tmp_path / "run").parts == frozenset()


@pytest.mark.parametrize("replace", [True, False])
def test_a_folder_of_somebody_else_is_never_touched(tmp_path, replace):
    thesis = tmp_path / "thesis.txt"
    thesis.write_text("years of work")
    with pytest.raises(WorkspaceError, match="not a CrossRec run"):
        staged_folder(tmp_path, replace=replace).__enter__()
    with pytest.raises(WorkspaceError, match="a file"):
        staged_folder(thesis, replace=replace).__enter__()
    assert thesis.read_text() == "years of work"


def test_a_folder_that_was_taken_meanwhile_stays(tmp_path):
    stage = staged_folder(tmp_path / "run", replace=True)
    RunWriter(stage.__enter__()).info({})
    (tmp_path / "run").mkdir()
    (tmp_path / "run" / "thesis.txt").touch()
    with pytest.raises(WorkspaceError, match="not a CrossRec run"):
        stage.__exit__(None, None, None)
    assert leftovers(tmp_path) == []
    assert (tmp_path / "run" / "thesis.txt").exists()


def test_the_older_run_comes_back_when_the_new_one_cannot_be_placed(tmp_path, monkeypatch):
    target = tmp_path / "run"
    marked(target, 1)
    rename = Path.rename

    def refuse(self, place):
        if self.name.endswith(".part"):
            raise OSError(errno.EIO, "broken disk")
        return rename(self, place)

    monkeypatch.setattr(Path, "rename", refuse)
    with pytest.raises(OSError, match="broken disk"):
        marked(target, 2)
    assert Run(target).info["mark"] == 1
    assert leftovers(tmp_path) == []


def test_what_a_killed_process_left_is_swept(tmp_path):
    code = """
import os, signal, sys
from crossrec.workspace import staged_folder
with staged_folder(sys.argv[1]) as stage:
    (stage / "half").touch()
    os.kill(os.getpid(), signal.SIGKILL)
"""
    older = written(tmp_path / "older")
    home = str(Path(__file__).parents[1])
    dead = subprocess.run(
        [sys.executable, "-c", code, str(tmp_path / "run")],
        env={**os.environ, "PYTHONPATH": home},
        check=False,
    )
    assert dead.returncode == -signal.SIGKILL
    assert len(leftovers(tmp_path)) == 1
    moved = tmp_path / leftovers(tmp_path)[0].replace(".part", ".old")  # killed while replacing
    moved.mkdir()
    older.path.rename(moved / "older")
    alien = tmp_path / ".crossrec-00000000-1-00000000.part"  # of another machine
    alien.mkdir()
    with staged_folder(tmp_path / "run") as stage:
        assert sorted(leftovers(tmp_path)) == sorted([alien.name, stage.name])
    assert Run(tmp_path / "older").info["seed"] == 3
    long_ago = time.time() - 30 * 24 * 3600
    os.utime(alien, (long_ago, long_ago))
    written(tmp_path / "again")
    assert leftovers(tmp_path) == []


# ------------------------------------------------------------------------------ the disk says no


def full_disk(*_, **__):
    raise OSError(errno.ENOSPC, "No space left on device")


def test_a_full_disk_is_one_sentence(tmp_path, monkeypatch, small_log):
    monkeypatch.setattr("crossrec.workspace.tables.pq.write_table", full_disk)
    with pytest.raises(WorkspaceError, match=r"expected room on the disk.*MB free.*Free some"):
        written(tmp_path / "run", log=small_log)
    assert list(tmp_path.iterdir()) == []


def test_a_full_disk_for_vectors(tmp_path, monkeypatch):
    features = FeatureTable(
        IdMap(["a"]), np.ones((1, 4), dtype=np.float32), "tiny", "abc", "its mark"
    )

    def save(*_):
        raise RuntimeError("I/O error: No space left on device (os error 28)")

    monkeypatch.setattr("crossrec.workspace.tables.save_file", save)
    with pytest.raises(WorkspaceError, match="expected room on the disk"):
        written(tmp_path / "run", features=features)


def test_a_full_disk_leaves_the_older_file(tmp_path, monkeypatch):
    write_json(tmp_path / "a.json", {"a": 1})
    monkeypatch.setattr(os, "fsync", full_disk)
    with pytest.raises(WorkspaceError, match="expected room"):
        write_file(tmp_path / "a.json", "new")
    assert [path.name for path in tmp_path.iterdir()] == ["a.json"]
    assert json.loads((tmp_path / "a.json").read_text()) == {"a": 1}


def test_a_refused_folder_is_one_sentence(tmp_path, monkeypatch):
    def refuse(self, *_, **__):
        raise PermissionError(errno.EACCES, "Permission denied", str(self))

    monkeypatch.setattr(Path, "mkdir", refuse)
    with (
        pytest.raises(WorkspaceError, match=r"allowed to write.*Permission denied.*Choose another"),
        staged_folder(tmp_path / "a" / "run"),
    ):
        pytest.fail("the work must not start")


def test_a_file_where_a_folder_is_needed(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(WorkspaceError, match="expected to be allowed to write"):
        staged_folder(tmp_path / "file" / "run").__enter__()


def test_errors_of_other_files_pass_unchanged(tmp_path):
    with pytest.raises(PermissionError), staged_folder(tmp_path / "run"):
        raise PermissionError(errno.EACCES, "Permission denied", "/elsewhere/input.csv")
