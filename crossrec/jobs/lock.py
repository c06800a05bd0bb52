"""Who lives: a file lock that the system lets go of when its holder dies, however it dies."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import BaseFileLock, FileLock, Timeout


def try_lock(path: Path) -> BaseFileLock | None:
    """Take the lock without waiting; None if another process holds it. Call ``release`` after."""
    lock = FileLock(path, thread_local=False)
    try:
        lock.acquire(blocking=False)
    except Timeout:
        return None
    return lock


@contextmanager
def locked(path: Path, timeout: float = 30.0) -> Iterator[None]:
    """Hold the lock during a block; waits for it at most ``timeout`` seconds."""
    with FileLock(path, timeout=timeout, thread_local=False):
        yield
