"""What the work says on its way: progress into the job's row, at most a few times a second."""

import os
import time
from collections.abc import Callable, Sequence

from crossrec.errors import Cancelled
from crossrec.jobs.pace import Pace
from crossrec.jobs.store import Store

WEIGHTS = {
    "import": 4.0,
    "audit": 1.0,
    "split": 1.0,
    "features": 16.0,
    "train": 50.0,
    "evaluate": 18.0,
    "map": 9.0,
    "save": 1.0,
}
"""Shares of the whole time, as seen in ordinary runs: only for one bar over all phases."""

_WRITE_EVERY = 0.2
_NOTE_EVERY = 1.0


class Reporter:
    """A :class:`crossrec.progress.Progress` that writes to the job's row.

    Called a million times it writes a few times a second, and at every change of phase. This is
    where a cancelled job stops: between two units of work, never inside one.

    Args:
        store: an open connection.
        job_id: the job.
        token: the token it was taken under; after it is taken away, writes do nothing.
        phases: the phases this verb goes through, in order.
        stop: whether somebody asked to stop.
        parent: number of the parent process; the work stops when it is gone.
    """

    def __init__(
        self,
        store: Store,
        job_id: str,
        token: str,
        phases: Sequence[str],
        *,
        stop: Callable[[], bool],
        parent: int,
    ) -> None:
        self._store = store
        self._id = job_id
        self._token = token
        self._overall, self._pace = Overall(phases), Pace()
        self._stop = stop
        self._parent = parent
        self._phase = ""
        self._note = ""
        self._began = self._wrote = self._noted = 0.0
        self._complete = False

    def __call__(self, phase: str, done: float, total: float, note: str = "") -> None:
        """Report; see :class:`crossrec.progress.Progress`.

        Raises:
            Cancelled: the job was cancelled, or the supervisor is gone.
        """
        if self._stop() or os.getppid() != self._parent:
            raise Cancelled
        now = time.monotonic()
        if phase != self._phase:
            self.end_phase()
            self._phase, self._began, self._complete = phase, now, False
        elif not self._due(now, done, total):
            return
        self._wrote, self._complete = now, done >= total
        fraction = self._overall.at(phase, done, total)
        low, high = self._pace.left(now, fraction) or (None, None)
        self._store.report(
            self._id,
            self._token,
            {
                "phase": phase,
                "done": float(done),
                "total": float(total),
                "message": note,
                "fraction": fraction,
                "eta_low": low,
                "eta_high": high,
            },
        )
        if note and note != self._note and now - self._noted >= _NOTE_EVERY:
            self._note, self._noted = note, now
            self.log(f"{phase}: {note}")

    def log(self, text: str) -> None:
        """Add lines to the job's log."""
        self._store.log(self._id, text)

    def end_phase(self) -> None:
        """Log how long the phase took."""
        if self._phase:
            self.log(f"{self._phase}: {time.monotonic() - self._began:.1f} s")
            self._phase = ""

    def _due(self, now: float, done: float, total: float) -> bool:
        completes = done >= total and not self._complete
        return completes or now - self._wrote >= _WRITE_EVERY


class Overall:
    """Turns progress inside phases into one fraction from 0 to 1 that never falls.

    Args:
        phases: those of the verb, in order; others do not move the fraction.
    """

    def __init__(self, phases: Sequence[str]) -> None:
        weights = [WEIGHTS.get(phase, 1.0) for phase in phases]
        whole = sum(weights) or 1.0
        self._span: dict[str, tuple[float, float]] = {}
        before = 0.0
        for phase, weight in zip(phases, weights, strict=True):
            self._span[phase] = (before / whole, weight / whole)
            before += weight
        self._reached = 0.0

    def at(self, phase: str, done: float, total: float) -> float:
        """The fraction after ``done`` of ``total`` units of ``phase``."""
        start, share = self._span.get(phase, (0.0, 0.0))
        inside = min(1.0, max(0.0, done / total)) if total > 0 else 0.0
        self._reached = max(self._reached, min(1.0, start + share * inside))
        return self._reached
