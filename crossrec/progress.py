"""How long work tells what it is doing: one callable, passed down from the face to the loop."""

from typing import Protocol


class Progress(Protocol):
    """Called as ``progress(phase, done, total, note)`` from inside long work.

    ``phase`` is one of :data:`PHASES`; ``done`` and ``total`` count in the phase's own unit.
    An implementation may raise :class:`crossrec.errors.Cancelled` to stop the work.
    """

    def __call__(self, phase: str, done: float, total: float, note: str = "") -> None:
        """Report that ``done`` of ``total`` units of ``phase`` are finished."""
        ...


PHASES = ("import", "audit", "split", "features", "train", "evaluate", "map", "save")
"""The phases of a whole run, in order; a face may weigh them for one overall bar."""


def silent(phase: str, done: float, total: float, note: str = "") -> None:
    """Report nothing (the default)."""


def stretch(progress: Progress, start: float, end: float) -> Progress:
    """A progress for one stretch of a phase: its 0 to total becomes ``start`` to ``end`` of 1."""

    def told(phase: str, done: float, total: float, note: str = "") -> None:
        progress(phase, start + (end - start) * done / max(total, 1e-9), 1.0, note)

    return told
