"""The one process that starts jobs, one after the other, and sees how each ends.

It holds a lock for its whole life: who wants to know whether it lives, tries the lock. It outlives
the process that started it, and ends by itself when nothing is left to do.
"""

import os
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path
from secrets import token_hex

from filelock import BaseFileLock

from crossrec.errors import JobError
from crossrec.jobs.job import Job, State
from crossrec.jobs.lock import try_lock
from crossrec.jobs.store import Store

IDLE_ENVIRONMENT = "CROSSREC_JOBS_IDLE"
"""Seconds without work after which the supervisor ends."""

GRACE_ENVIRONMENT = "CROSSREC_JOBS_GRACE"
"""Seconds a cancelled job has to stop by itself before it is killed."""

_IDLE, _GRACE = 30.0, 5.0
_LOOK_EVERY = 0.1
_START_WAIT = 2.0
_TAIL_BYTES = 2_000
_TAIL_LINES = 8
_LOG_BYTES = 20_000

_KILLED_ADVICE = {
    "SIGKILL": "This is often the system running out of memory: close other programs, or "
    "give it fewer rows, and start it again",
    "SIGTERM": "Somebody stopped it from outside; start it again",
}
_CRASH_ADVICE = "A native library crashed; the log shows where. Start it again"


def lock_path(db: Path) -> Path:
    """The lock that the living supervisor of ``db`` holds."""
    return db.with_name(f"{db.name}.lock")


def output_path(db: Path, job_id: str) -> Path:
    """Where a job's process writes what it prints."""
    return db.with_name(f"{db.name}.{job_id}.out")


def supervise(db: Path) -> int:
    """Run queued jobs until none came for a while; the exit status of the process."""
    for name in ("SIGHUP", "SIGINT"):
        if hasattr(signal, name):
            signal.signal(getattr(signal, name), signal.SIG_IGN)
    idle = float(os.environ.get(IDLE_ENVIRONMENT, _IDLE))
    while lock := _lock_patiently(db):
        try:
            with Store(db) as store:
                store.set_supervisor(os.getpid())
                repair(db, store)
                _serve(db, store, idle)
        finally:
            lock.release()
        # Somebody may have queued a job after the last look and, seeing the lock held, relied on
        # this process: look again, now that the lock is free.
        with Store(db) as store:
            if not store.has_queued():
                break
    return 0


def repair(db: Path, store: Store) -> None:
    """Close the row of a job whose supervisor died. The caller holds the lock."""
    if job := store.running():
        error = JobError(
            "expected the job to finish",
            "its worker process died: killed, out of memory, or the machine was restarted",
            "Start it again",
        )
        _close(db, store, job, None, str(error))


def _lock_patiently(db: Path) -> BaseFileLock | None:
    """The lock, or None if another supervisor has it; readers hold it for a moment only."""
    deadline = time.monotonic() + _START_WAIT
    while (lock := try_lock(lock_path(db))) is None and time.monotonic() < deadline:
        time.sleep(0.05)
    return lock


def _serve(db: Path, store: Store, idle: float) -> None:
    last = time.monotonic()
    while time.monotonic() - last < idle:
        token = token_hex(8)
        if job_id := store.take_next(token):
            _watch(db, store, job_id, token)
            last = time.monotonic()
        else:
            time.sleep(_LOOK_EVERY)


def _watch(db: Path, store: Store, job_id: str, token: str) -> None:
    """Run one job in a child process to its end, whatever that is."""
    command = [sys.executable, "-m", "crossrec.jobs", "work"]
    with output_path(db, job_id).open("wb") as out:
        child = subprocess.Popen(
            [*command, str(db), job_id, token, str(os.getpid())],
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=out,
            start_new_session=True,  # a group of its own, to be killed as a whole
        )
    store.set_pid(job_id, child.pid)
    grace = float(os.environ.get(GRACE_ENVIRONMENT, _GRACE))
    kill_at = None
    while child.poll() is None:
        time.sleep(_LOOK_EVERY)
        job = store.get(job_id)
        if kill_at is None and (job.cancelling or not job.active):
            kill_at = time.monotonic() + grace
            if job.active:
                child.send_signal(signal.SIGTERM)
        elif kill_at is not None and time.monotonic() > kill_at:
            _kill_group(child)
    job = store.get(job_id)
    _close(db, store, job, token, "" if job.cancelling else _how(child.returncode, job.phase))


def _close(db: Path, store: Store, job: Job, token: str | None, error: str) -> None:
    """Keep what the process printed, and give the row a final state if it has none."""
    output = output_path(db, job.id)
    printed = _tail(output, _LOG_BYTES)
    store.log(job.id, printed)
    if error:
        last = printed[-_TAIL_BYTES:].splitlines()[-_TAIL_LINES:]
        last = last or store.log_tail(job.id, _TAIL_LINES)
        error = "\n".join([error, *(["Last lines:", *last] if last else [])])
    state = State.CANCELLED if job.cancelling else State.FAILED
    store.finish(job.id, token, state, error="" if job.cancelling else error)
    output.unlink(missing_ok=True)


def _how(code: int, phase: str) -> str:
    """The sentence for a process that ended without writing how."""
    during = f" during {phase!r}" if phase else ""
    if code < 0:
        name = signal.Signals(-code).name
        found, action = (
            f"its process killed by {name}{during}",
            _KILLED_ADVICE.get(name, _CRASH_ADVICE),
        )
    else:
        found, action = f"its process ended with exit code {code}{during}", "Start it again"
    return str(JobError("expected the job to finish", found, action))


def _tail(path: Path, size: int) -> str:
    with suppress(FileNotFoundError), path.open("rb") as file:
        file.seek(max(0, path.stat().st_size - size))
        return file.read().decode("utf-8", "replace").strip()
    return ""


def _kill_group(child: subprocess.Popen[bytes]) -> None:
    if hasattr(os, "killpg"):
        with suppress(ProcessLookupError):
            os.killpg(child.pid, signal.SIGKILL)
    else:
        child.kill()
