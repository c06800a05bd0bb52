"""Work on several things at once, where there are cores."""

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable
from concurrent.futures import ThreadPoolExecutor
from os import cpu_count
from threading import Lock
from typing import TypeVar

MOST_WORKERS = 4

Argument = TypeVar("Argument")
Key = TypeVar("Key", bound=Hashable)
Result = TypeVar("Result")


def each(work: Callable[[Argument], Result], over: Iterable[Argument]) -> list[Result]:
    """``work`` for each of several, in order of the arguments; side by side where there are cores.

    The work is single-threaded and lets go of Python's lock, so that a second core helps and
    waiting costs nothing: threads inside a product would spin beside another busy process.
    """
    workers = min(cpu_count() or 1, MOST_WORKERS)
    if workers == 1:
        return [work(one) for one in over]
    with ThreadPoolExecutor(workers) as pool:
        return list(pool.map(work, over))


def once(work: Callable[[Key], Result]) -> Callable[[Key], Result]:
    """``work`` that is done once per argument, also where several ask for it side by side."""
    done: dict[Key, Result] = {}
    locks: defaultdict[Key, Lock] = defaultdict(Lock)

    def asked(argument: Key) -> Result:
        with locks[argument]:
            if argument not in done:
                done[argument] = work(argument)
            return done[argument]

    return asked
