"""What a job looks like to those who watch it."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any


class State(StrEnum):
    """Where a job stands. The last three are final."""

    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"


@dataclass(frozen=True)
class Job:
    """One job at one moment.

    Attributes:
        id: 12 hex digits.
        verb: what is done, a name of the registry (:mod:`crossrec.jobs.verbs`).
        arguments: of the verb, as JSON.
        dedupe: of two active jobs with one key there is only one; None for no key.
        state: see :class:`State`.
        phase: of :data:`crossrec.progress.PHASES`, "" before the first.
        done, total: units of the phase.
        message: the latest note of the work.
        fraction: of the whole job, from 0 to 1, never falling.
        elapsed: seconds since it started, up to its end.
        eta: seconds still to go, lowest and highest guess; None while it cannot be told.
        run_path: where the result shall be, "" if the verb makes no run.
        result: what the verb gave back, as JSON; None unless done.
        error: one sentence why it failed (and the last lines of a killed process), else "".
        cancelling: somebody asked to stop it.
        pid: of its process while it runs.
        created, started, finished: seconds since 1970; None where not yet.
        resumes: the failed or cancelled job whose work this one goes on with; None for none.
    """

    id: str
    verb: str
    arguments: Mapping[str, Any]
    dedupe: str | None
    state: State
    phase: str
    done: float
    total: float
    message: str
    fraction: float
    elapsed: float
    eta: tuple[float, float] | None
    run_path: str
    result: Any
    error: str
    cancelling: bool
    pid: int | None
    created: float
    started: float | None
    finished: float | None
    resumes: str | None = None

    @property
    def active(self) -> bool:
        """Whether it is queued or running."""
        return self.state in (State.QUEUED, State.RUNNING)

    @property
    def resumable(self) -> bool:
        """Whether it stopped before its end, so that it can go on from there."""
        return self.state in (State.FAILED, State.CANCELLED)
