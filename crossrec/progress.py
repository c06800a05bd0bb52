"""How long work tells what it is doing: one callable, passed down from the face to the loop."""

from collections.abc import Iterable, Iterator
from typing import Protocol, TypeVar

T = TypeVar("T")


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


def track(items: Iterable[T], progress: Progress, phase: str, total: int) -> Iterator[T]:
    """Yield ``items`` and report each finished one."""
    progress(phase, 0, total)
    for done, item in enumerate(items, start=1):
        yield item
        progress(phase, done, total)
