"""Long work: a verb of the pipeline in a process of its own, watched from anywhere.

A queue in SQLite, one supervisor, one job at a time. Nothing lives in the process that submits: a
page may be reloaded, a server may be killed, the job goes on.
"""

from crossrec.jobs.client import (
    cancel,
    ensure_supervisor,
    get,
    list_jobs,
    log_tail,
    move_to_front,
    resubmit,
    resume,
    submit,
    wait,
)
from crossrec.jobs.job import Job, State

__all__ = [
    "Job",
    "State",
    "cancel",
    "ensure_supervisor",
    "get",
    "list_jobs",
    "log_tail",
    "move_to_front",
    "resubmit",
    "resume",
    "submit",
    "wait",
]
