"""What pages and commands do with jobs. Every call may come from any process at any time."""

import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import crossrec
from crossrec.errors import JobError
from crossrec.jobs import verbs
from crossrec.jobs.job import Job
from crossrec.jobs.lock import try_lock
from crossrec.jobs.store import Store
from crossrec.jobs.supervisor import lock_path, repair
from crossrec.settings import LEAN

_started: dict[Path, "subprocess.Popen[bytes]"] = {}
_starting = threading.Lock()


def submit(
    db: Path | str, verb: str, arguments: Mapping[str, Any], dedupe: str | None = None
) -> str:
    """Queue a job and see that somebody works on the queue.

    Args:
        db: the job database, :attr:`crossrec.workspace.Workspace.jobs_db`.
        verb: a name of :data:`crossrec.jobs.verbs.VERBS`.
        arguments: of the verb: numbers, text, paths, dataclasses and lists of these.
        dedupe: while a job with this key is queued or running, no second one is made.

    Returns:
        The id of the new job, or of the active one with the same key.

    Raises:
        JobError: the verb is unknown, or an argument cannot be kept.
    """
    return _queue(db, verb, arguments, dedupe)


def resubmit(db: Path | str, job_id: str) -> str:
    """Queue a finished job's work again; what was cached or saved on the way is used again.

    Raises:
        JobError: there is no such job.
    """
    job = get(db, job_id)
    return _queue(db, job.verb, job.arguments, job.dedupe)


def resume(db: Path | str, job_id: str) -> str:
    """Go on with a failed or cancelled job, from the last stage it finished.

    The work is queued under the same arguments: training finds its checkpoint beside the run's
    place, texts that were read are in the cache.

    Returns:
        The id of the new job, whose :attr:`~Job.resumes` names the old one.

    Raises:
        JobError: there is no such job, or it is active or done.
    """
    job = get(db, job_id)
    if not job.resumable:
        raise JobError(
            "expected a failed or cancelled job to go on with",
            f"one that is {job.state.value}",
            "Wait for it, or start a new one",
        )
    return _queue(db, job.verb, job.arguments, job.dedupe, resumes=job.id)


def _queue(
    db: Path | str,
    verb: str,
    arguments: Mapping[str, Any],
    dedupe: str | None,
    resumes: str | None = None,
) -> str:
    output = verbs.find(verb).output
    text = verbs.to_json(arguments)
    run_path = str(json.loads(text).get(output) or "") if output else ""
    with Store(_path(db)) as store:
        job_id = store.add(verb, text, dedupe, run_path, resumes)
    ensure_supervisor(db)
    return job_id


def cancel(db: Path | str, job_id: str) -> None:
    """Ask a job to stop: it does at its next step, or is killed after a few seconds."""
    with Store(_path(db)) as store:
        store.cancel(job_id)


def move_to_front(db: Path | str, job_id: str) -> None:
    """Let a queued job be the next."""
    with Store(_path(db)) as store:
        store.move_to_front(job_id)


def get(db: Path | str, job_id: str) -> Job:
    """One job as it is now; a job whose process died is closed first.

    Raises:
        JobError: there is no such job.
    """
    ensure_supervisor(db)
    with Store(_path(db)) as store:
        return store.get(job_id)


def list_jobs(db: Path | str, limit: int = 20) -> list[Job]:
    """The newest jobs first; none (and no file is made) before the first was submitted."""
    if not _path(db).exists():
        return []
    ensure_supervisor(db)
    with Store(_path(db)) as store:
        return store.newest(limit)


def log_tail(db: Path | str, job_id: str, limit: int = 12) -> list[str]:
    """The last lines of a job's log, oldest first; hostile text."""
    with Store(_path(db)) as store:
        return store.log_tail(job_id, limit)


def wait(db: Path | str, job_id: str, timeout: float | None = None) -> Job:
    """Wait until a job has ended.

    Raises:
        JobError: there is no such job, or it did not end within ``timeout`` seconds.
    """
    deadline = None if timeout is None else time.monotonic() + timeout
    while (job := get(db, job_id)).active:
        if deadline is not None and time.monotonic() > deadline:
            raise JobError(
                f"expected the job to end within {timeout:g} s",
                f"it is {job.state.value}: {job.phase} {job.message}",
                "Wait longer or cancel it",
            )
        time.sleep(0.1)
    return job


def ensure_supervisor(db: Path | str) -> None:
    """Close the row of a job whose process died, and start a supervisor if work waits.

    When the lock is held, nothing is done: whoever holds it looks at the queue after letting go.
    """
    path = _path(db)
    with Store(path) as store:
        lock = try_lock(lock_path(path))
        if lock is None:
            return
        try:
            repair(path, store)
        finally:
            lock.release()
        if store.has_queued():
            _start(path)


def _start(db: Path) -> None:
    """Start a supervisor, detached; of several at once all but one end by themselves."""
    with _starting:
        for path, process in list(_started.items()):
            if process.poll() is not None:
                del _started[path]
        if db in _started:
            return
        home = str(Path(crossrec.__file__).parents[1])
        paths = [home, *filter(None, [os.environ.get("PYTHONPATH")])]
        environment = {k: v for k, v in os.environ.items() if LEAN.get(k) != v}
        with db.with_name(f"{db.name}.supervisor.out").open("ab") as out:
            # Kept in a variable of the module, so that a supervisor that ended is reaped.
            _started[db] = subprocess.Popen(
                [sys.executable, "-m", "crossrec.jobs", "supervise", str(db)],
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=out,
                start_new_session=True,
                env={**environment, "PYTHONPATH": os.pathsep.join(paths)},
            )


def _path(db: Path | str) -> Path:
    return Path(db).absolute()
