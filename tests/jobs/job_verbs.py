"""The verbs of the job tests: work that ends in every way there is."""

import os
import signal
import time
from dataclasses import dataclass
from pathlib import Path

from crossrec.errors import DataError
from crossrec.jobs.verbs import Verb

PHASES = ("features", "train")


@dataclass(frozen=True)
class Settings:
    steps: int = 10
    delay: float = 0.1


def slow(settings: Settings, out: Path | None = None, *, progress):
    for phase in PHASES:
        for step in range(settings.steps):
            progress(phase, step, settings.steps, f"step {step}")
            time.sleep(settings.delay)
        progress(phase, settings.steps, settings.steps)
    return {"steps": settings.steps, "out": out}


def segfault(*, progress):
    progress("train", 1, 10, "about to crash")
    os.kill(os.getpid(), signal.SIGSEGV)


def killed(*, progress):
    os.kill(os.getpid(), signal.SIGKILL)


def leaves(*, progress):
    raise SystemExit(3)


def bug(*, progress):
    raise ValueError("negative sizes")


def refused(*, progress):
    raise DataError("expected rows", "none", "Give some rows")


def stubborn(*, progress):
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    progress("train", 0, 10)
    time.sleep(60)


def mute(*, progress):
    print("begun", flush=True)
    time.sleep(60)


def careful(kept: Path, steps: int, *, progress):
    """One letter per step, kept at once; gives the step it began at."""
    begun = len(kept.read_text()) if kept.exists() else 0
    for step in range(begun, steps):
        progress("train", step, steps)
        with kept.open("a") as file:
            file.write(".")
        time.sleep(0.05)
    return begun


def environment(*, progress):
    return dict(os.environ)


VERBS = {
    function.__name__: Verb(__name__, function.__name__, PHASES, output="out")
    for function in (
        slow,
        segfault,
        killed,
        leaves,
        bug,
        refused,
        stubborn,
        mute,
        careful,
        environment,
    )
} | {"gone": Verb(__name__, "gone"), "lost": Verb("no_such_module", "gone")}
