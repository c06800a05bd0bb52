"""A job database of its own for every test, and no process left behind."""

import os
import signal
import time
from contextlib import suppress
from pathlib import Path

import pytest

from crossrec.jobs import client, supervisor
from crossrec.jobs.store import Store


@pytest.fixture
def db(tmp_path, monkeypatch):
    here = str(Path(__file__).parent)
    monkeypatch.setenv("PYTHONPATH", here)
    monkeypatch.syspath_prepend(here)
    monkeypatch.setenv("CROSSREC_JOB_VERBS", "job_verbs")
    monkeypatch.setenv("CROSSREC_JOBS_IDLE", "20")
    path = tmp_path / "jobs" / "jobs.sqlite"
    yield path
    stop_all(path)


def stop_all(path):
    """Kill the living supervisor (its child dies with it) and reap those this process started."""
    if path.exists():
        end = time.monotonic() + 10
        while (lock := supervisor.try_lock(supervisor.lock_path(path))) is None:
            with Store(path) as store:
                pid = store.supervisor()
            if pid:
                with suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
            assert time.monotonic() < end
            time.sleep(0.02)
        lock.release()
    if process := client._started.pop(path, None):
        process.kill()
        process.wait()
