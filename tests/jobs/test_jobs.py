"""Jobs from the outside: real processes, real signals."""

import os
import re
import signal
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from itertools import pairwise
from pathlib import Path

import pytest

from crossrec import jobs
from crossrec.errors import JobError
from crossrec.jobs import State
from crossrec.jobs.store import Store
from crossrec.jobs.supervisor import output_path
from crossrec.settings import LEAN

HERE = Path(__file__).parent
VERSION_1 = """
CREATE TABLE job(
  id TEXT PRIMARY KEY, verb TEXT NOT NULL, arguments TEXT NOT NULL, dedupe TEXT,
  state TEXT NOT NULL CHECK(state IN ('queued', 'running', 'done', 'failed', 'cancelled')),
  place REAL NOT NULL, phase TEXT NOT NULL DEFAULT '', done REAL NOT NULL DEFAULT 0,
  total REAL NOT NULL DEFAULT 0, message TEXT NOT NULL DEFAULT '',
  fraction REAL NOT NULL DEFAULT 0, run_path TEXT NOT NULL DEFAULT '',
  cancel INTEGER NOT NULL DEFAULT 0, token TEXT, pid INTEGER,
  created REAL NOT NULL, started REAL, finished REAL, result TEXT, error TEXT NOT NULL DEFAULT '');
CREATE UNIQUE INDEX one_active ON job(dedupe) WHERE state IN ('queued', 'running');
CREATE UNIQUE INDEX one_running ON job(state) WHERE state = 'running';
CREATE TABLE log(job TEXT NOT NULL, line TEXT NOT NULL);
CREATE INDEX log_of_job ON log(job);
CREATE TABLE supervisor(one INTEGER PRIMARY KEY CHECK(one = 1), pid INTEGER NOT NULL);
INSERT INTO job(id, verb, arguments, state, place, created, started, finished, fraction)
  VALUES ('0123456789ab', 'slow', '{}', 'done', 1, 1, 2, 3, 1);
PRAGMA user_version=1;
"""


def submit_slow(db, steps=10, delay=0.05, **options):
    settings = {"steps": steps, "delay": delay}
    return jobs.submit(db, "slow", {"settings": settings}, **options)


def until(condition, seconds=15):
    end = time.monotonic() + seconds
    while not (value := condition()):
        assert time.monotonic() < end, "did not happen in time"
        time.sleep(0.02)
    return value


def started(db, job_id):
    """The running job, once its process reported something."""
    return until(lambda: (job := jobs.get(db, job_id)).phase and job)


def ended(pid):
    """Whether a process is gone, or a zombie of whoever has to reap it."""
    try:
        status = Path(f"/proc/{pid}/stat").read_text()
    except FileNotFoundError:
        return True
    return status.rsplit(")", 1)[1].split()[0] == "Z"


def printed(db, job_id):
    """What a running job's process printed so far."""
    path = output_path(db, job_id)
    return path.read_text() if path.exists() else ""


def supervisor_of(db):
    with Store(db) as store:
        return store.supervisor()


def test_a_job_finishes_with_progress_eta_log_and_result(db, tmp_path):
    job_id = jobs.submit(
        db, "slow", {"settings": {"steps": 10, "delay": 0.06}, "out": tmp_path / "run"}
    )
    seen = []
    while (job := jobs.get(db, job_id)).active:
        seen.append(job)
        time.sleep(0.05)
    assert job.state is State.DONE
    assert job.fraction == 1
    assert job.result == {"steps": 10, "out": str(tmp_path / "run")}
    assert job.run_path == str(tmp_path / "run")
    fractions = [each.fraction for each in seen]
    assert fractions == sorted(fractions)
    assert len(set(fractions)) > 3
    told = [each.eta for each in seen if each.eta]
    assert told
    assert all(0 <= low <= high < 30 for low, high in told)
    assert {each.phase for each in seen} >= {"features", "train"}
    assert "features: step 0" in jobs.log_tail(db, job_id)


def test_jobs_run_one_at_a_time_in_order(db):
    ids = [submit_slow(db, 2, 0.02) for _ in range(3)]
    rows = [jobs.wait(db, job_id, 20) for job_id in ids]
    assert all(before.finished <= after.started for before, after in pairwise(rows))
    assert [job.id for job in jobs.list_jobs(db)] == ids[::-1]


def test_a_waiting_job_can_be_moved_to_the_front(db):
    first, second, third = (submit_slow(db, 4) for _ in range(3))
    started(db, first)
    jobs.move_to_front(db, third)
    assert jobs.wait(db, third, 20).finished <= jobs.wait(db, second, 20).started


def test_a_double_click_is_one_job(db):
    ids = {submit_slow(db, 3, dedupe="fit:shop") for _ in range(5)}
    assert len(ids) == 1
    jobs.wait(db, ids.pop(), 20)
    assert len(jobs.list_jobs(db)) == 1
    assert submit_slow(db, 1, dedupe="fit:shop") != jobs.list_jobs(db)[-1].id


@pytest.mark.parametrize(
    ("verb", "says", "logs"),
    [
        ("segfault", "killed by SIGSEGV during 'train'", "Segmentation fault"),
        ("killed", "killed by SIGKILL.*running out of memory", ""),
        ("leaves", "exit code 3", ""),
        ("bug", "unexpected error: ValueError: negative sizes", "Traceback"),
        ("refused", r"^expected rows; found none\. Give some rows\.$", "expected rows"),
        ("gone", "unexpected error: AttributeError", "Traceback"),
        ("lost", "unexpected error: ModuleNotFoundError", "Traceback"),
    ],
)
def test_a_crash_is_a_failed_job_and_the_queue_goes_on(db, verb, says, logs):
    broken, next_one = jobs.submit(db, verb, {}), submit_slow(db, 1, 0.01)
    job = jobs.wait(db, broken, 20)
    assert job.state is State.FAILED
    assert re.search(says, job.error, re.DOTALL)
    assert logs in "\n".join(jobs.log_tail(db, broken, 50))
    assert jobs.wait(db, next_one, 20).state is State.DONE


def test_cancel_stops_a_running_job_and_drops_a_waiting_one(db):
    first, second = submit_slow(db, 500), submit_slow(db, 500)
    started(db, first)
    jobs.cancel(db, second)
    jobs.cancel(db, first)
    began = time.monotonic()
    assert jobs.wait(db, second, 5).state is State.CANCELLED
    job = jobs.wait(db, first, 5)
    assert job.state is State.CANCELLED
    assert job.error == ""
    assert time.monotonic() - began < 3
    jobs.cancel(db, first)  # again, too late: nothing happens
    assert jobs.get(db, first).state is State.CANCELLED


def test_a_job_that_ignores_the_request_is_killed(db, monkeypatch):
    monkeypatch.setenv("CROSSREC_JOBS_GRACE", "0.3")
    job_id = jobs.submit(db, "stubborn", {})
    pid = started(db, job_id).pid
    jobs.cancel(db, job_id)
    assert jobs.wait(db, job_id, 10).state is State.CANCELLED
    assert ended(pid)


def test_a_cancelled_job_can_be_started_again(db):
    job_id = submit_slow(db, 200, dedupe="a")
    started(db, job_id)
    jobs.cancel(db, job_id)
    jobs.wait(db, job_id, 10)
    again = jobs.resubmit(db, job_id)
    assert again != job_id
    assert started(db, again).arguments == jobs.get(db, job_id).arguments


def test_a_killed_job_goes_on_where_it_stopped(db, tmp_path):
    kept = tmp_path / "kept.txt"
    killed = jobs.submit(db, "careful", {"kept": kept, "steps": 40})
    until(lambda: kept.exists() and len(kept.read_text()) > 5)
    os.kill(jobs.get(db, killed).pid, signal.SIGKILL)
    job = jobs.wait(db, killed, 20)
    assert job.state is State.FAILED
    assert job.resumable
    reached = len(kept.read_text())
    again = jobs.wait(db, jobs.resume(db, killed), 20)
    assert again.state is State.DONE
    assert again.resumes == killed
    assert again.result == reached
    assert len(kept.read_text()) == 40


def test_only_a_stopped_job_is_resumed(db):
    job_id = submit_slow(db, 2, 0.02)
    with pytest.raises(JobError, match="expected a failed or cancelled job"):
        jobs.resume(db, job_id)
    assert not jobs.wait(db, job_id, 20).resumable
    with pytest.raises(JobError, match="one that is done"):
        jobs.resume(db, job_id)


def test_a_dead_supervisor_never_leaves_a_running_job(db):
    job_id = jobs.submit(db, "mute", {})
    until(lambda: "begun" in printed(db, job_id))
    pid = jobs.get(db, job_id).pid
    os.kill(supervisor_of(db), signal.SIGKILL)
    job = jobs.wait(db, job_id, 5)
    assert job.state is State.FAILED
    assert re.search("its worker process died.*Last lines:\nbegun", job.error, re.DOTALL)
    until(lambda: ended(pid), 5)


def test_a_new_supervisor_goes_on_with_the_queue(db):
    job_id, waiting = submit_slow(db, 500), submit_slow(db, 1, 0.01)
    pid = started(db, job_id).pid
    os.kill(supervisor_of(db), signal.SIGKILL)
    assert jobs.wait(db, waiting, 20).state is State.DONE
    assert jobs.get(db, job_id).state is State.FAILED
    assert ended(pid)


def test_a_job_survives_the_process_that_submitted_it(db):
    code = """
import os, signal, sys
from crossrec import jobs
db = sys.argv[1]
print(jobs.submit(db, "slow", {"settings": {"steps": 10}}), flush=True)
while jobs.list_jobs(db)[0].state != "running":
    pass
os.killpg(0, signal.SIGKILL)
"""
    dead = subprocess.run(
        [sys.executable, "-c", code, str(db)],
        env={**os.environ, "PYTHONPATH": f"{HERE}{os.pathsep}{HERE.parents[1]}"},
        capture_output=True,
        text=True,
        start_new_session=True,
        check=False,
    )
    assert dead.returncode == -signal.SIGKILL
    assert jobs.wait(db, dead.stdout.strip(), 20).state is State.DONE


def test_racing_clients_start_one_supervisor(db):
    code = """
import sys
from crossrec import jobs
jobs.submit(sys.argv[1], "slow", {"settings": {"steps": 2, "delay": 0.01}})
"""
    environment = {**os.environ, "PYTHONPATH": f"{HERE}{os.pathsep}{HERE.parents[1]}"}
    command = [sys.executable, "-c", code, str(db)]
    clients = [subprocess.Popen(command, env=environment) for _ in range(5)]
    assert [client.wait() for client in clients] == [0] * 5
    rows = jobs.list_jobs(db)
    assert len(rows) == 5
    rows = sorted((jobs.wait(db, row.id, 30) for row in rows), key=lambda row: row.started)
    assert {row.state for row in rows} == {State.DONE}
    assert all(before.finished <= after.started for before, after in pairwise(rows))


def test_the_supervisor_ends_when_idle_and_a_new_one_takes_over(db, monkeypatch):
    monkeypatch.setenv("CROSSREC_JOBS_IDLE", "0.2")
    jobs.wait(db, submit_slow(db, 1, 0.01), 20)
    first = supervisor_of(db)
    until(lambda: ended(first))
    jobs.wait(db, submit_slow(db, 1, 0.01), 20)
    assert supervisor_of(db) != first


def test_only_verbs_of_the_registry_are_taken(db, monkeypatch):
    with pytest.raises(JobError, match=r"expected a job of bug, .*found 'os:system'"):
        jobs.submit(db, "os:system", {"command": "true"})
    monkeypatch.delenv("CROSSREC_JOB_VERBS")
    with pytest.raises(JobError, match="found 'slow'"):
        jobs.submit(db, "slow", {})
    assert not db.exists()


def test_wrong_arguments_are_said(db):
    job = jobs.wait(db, jobs.submit(db, "slow", {"speed": 1}), 20)
    assert "expected the arguments of 'slow'; found speed" in job.error
    with pytest.raises(JobError, match="a set"):
        jobs.submit(db, "slow", {"settings": {1, 2}})


def test_unknown_jobs_and_an_empty_queue(db):
    assert jobs.list_jobs(db) == []
    assert not db.parent.exists()
    with pytest.raises(JobError, match="found 'nope'"):
        jobs.get(db, "nope")


def test_waiting_has_a_limit(db):
    job_id = submit_slow(db, 200)
    with pytest.raises(JobError, match=r"expected the job to end within 0\.2 s"):
        jobs.wait(db, job_id, 0.2)


def test_a_job_list_of_the_first_version_is_brought_up(db):
    db.parent.mkdir()
    with closing(sqlite3.connect(db)) as connection:
        connection.executescript(VERSION_1)
    old = jobs.get(db, "0123456789ab")
    assert old.state is State.DONE
    assert (old.eta, old.resumes) == (None, None)
    assert jobs.wait(db, submit_slow(db, 1, 0.01), 20).state is State.DONE
    assert len(jobs.list_jobs(db)) == 2


def test_a_newer_job_list_is_refused(db):
    db.parent.mkdir()
    with closing(sqlite3.connect(db)) as connection:
        connection.execute("PRAGMA user_version=99")
    with pytest.raises(JobError, match="version 99"):
        jobs.list_jobs(db)


def test_a_job_does_not_save_memory_as_the_server_does(db, monkeypatch):
    for name, value in LEAN.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("MALLOC_ARENA_MAX", "7")  # a person's own choice
    job = jobs.wait(db, jobs.submit(db, "environment", {}), timeout=30)
    seen = {name: value for name, value in job.result.items() if name in LEAN}
    assert seen == {"MALLOC_ARENA_MAX": "7"}
