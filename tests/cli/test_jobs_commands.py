"""``crossrec jobs`` on a queue of small jobs."""

import json

import pytest

from crossrec import jobs
from crossrec.cli import main
from crossrec.jobs import State
from crossrec.workspace import Workspace
from tests.jobs.conftest import stop_all


@pytest.fixture
def queue(tmp_path):
    """A workspace whose one job failed: its file is not there."""
    workspace = Workspace(tmp_path)
    missing = {"inputs": {"interactions": str(tmp_path / "no.csv")}, "out": tmp_path / "check"}
    job_id = jobs.submit(workspace.jobs_db, "import_data", missing)
    assert jobs.wait(workspace.jobs_db, job_id, 60).state is State.FAILED
    yield tmp_path, job_id
    stop_all(workspace.jobs_db)


def told(capsys, *arguments):
    assert main(["jobs", *map(str, arguments)]) == 0
    return capsys.readouterr().out


def test_list_show_and_resume(queue, capsys):
    root, job_id = queue
    assert f"{job_id}  failed" in told(capsys, "list", "--workspace", root)
    shown = told(capsys, "show", "--workspace", root)
    assert "no.csv" in shown
    assert f"crossrec jobs resume {job_id}" in shown
    again = json.loads(told(capsys, "resume", job_id, "--workspace", root, "--json"))
    assert again["resumes"] == job_id
    jobs.wait(Workspace(root).jobs_db, again["id"], 60)
    every = json.loads(told(capsys, "list", "--workspace", root, "--json"))
    assert [one["id"] for one in every] == [again["id"], job_id]


def test_cancel_of_an_ended_job_says_so(queue, capsys):
    root, job_id = queue
    assert "has ended before" in told(capsys, "cancel", job_id, "--workspace", root)


def test_an_empty_workspace_and_an_unknown_id(tmp_path, capsys):
    assert told(capsys, "list", "--workspace", tmp_path) == ""
    assert main(["jobs", "show", "--workspace", str(tmp_path)]) == 1
    assert "expected a job in this workspace" in capsys.readouterr().err
    assert main(["jobs", "cancel", "nope", "--workspace", str(tmp_path)]) == 1
