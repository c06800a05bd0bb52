"""One job in a process of its own: here, and only here, the pipeline is imported."""

import ctypes
import faulthandler
import json
import os
import signal
import sys
import traceback
from pathlib import Path

from crossrec.errors import Cancelled, CrossRecError
from crossrec.jobs import verbs
from crossrec.jobs.job import State
from crossrec.jobs.reporter import Reporter
from crossrec.jobs.store import Store
from crossrec.settings import read_settings

_PR_SET_PDEATHSIG = 1


def work(db: Path, job_id: str, token: str, parent: int) -> int:
    """Do one job and write how it ended; the exit status of the process.

    Args:
        db: the job database.
        job_id: the job.
        token: under which the supervisor took it.
        parent: the supervisor's process number.
    """
    _die_with(parent)
    faulthandler.enable()  # where a native library crashed goes to stderr, and so to the log
    stop = _StopFlag()
    signal.signal(signal.SIGTERM, stop)
    with Store(db) as store:
        job = store.get(job_id)
        try:
            read_settings().use()
            verb = verbs.find(job.verb)
            reporter = Reporter(store, job_id, token, verb.phases, stop=stop.is_set, parent=parent)
            result = verbs.call(verb.load(), job.arguments, progress=reporter)
            reporter.end_phase()
            done = json.dumps(result, default=os.fspath)
        except Cancelled:
            store.finish(job_id, token, State.CANCELLED)
        except CrossRecError as error:
            store.log(job_id, str(error))
            store.finish(job_id, token, State.FAILED, error=str(error))
        except Exception as error:  # noqa: BLE001 - the outermost place: it becomes the job's error
            store.log(job_id, traceback.format_exc())
            store.finish(job_id, token, State.FAILED, error=_unexpected(error))
        else:
            store.finish(job_id, token, State.DONE, result=done)
    return 0


class _StopFlag:
    """Remembers that SIGTERM came; the work stops at its next report of progress."""

    def __init__(self) -> None:
        self._set = False

    def __call__(self, *_: object) -> None:
        self._set = True

    def is_set(self) -> bool:
        return self._set


def _unexpected(error: Exception) -> str:
    advice = "The log has the details."
    if isinstance(error, MemoryError):
        advice = "Memory ran out: give it fewer rows, and start it again."
    text = str(error).strip()
    return f"unexpected error: {type(error).__name__}{': ' + text if text else ''}. {advice}"


def _die_with(parent: int) -> None:
    """Ask the system to kill this process when the supervisor dies, however it dies."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:  # it died before we asked
        raise SystemExit("the supervisor is gone")
