"""Why a finished run says nothing about transfer, and what to do about it."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from crossrec.data.audit.checks import ENOUGH_USERS
from crossrec.evaluation.results import RunReport


class Why(StrEnum):
    """What kept anything from being judged."""

    TOO_FEW = "too_few"
    WITHHELD = "withheld"
    NO_HOLDOUT = "no_holdout"


@dataclass(frozen=True)
class Unjudged:
    """Nothing could be judged.

    Attributes:
        why: too few users, too few to be shown at all, or nothing held out.
        users: users with held-out interactions in the scenario that has most of them.
        scenario: that scenario, "" where it may not be told.
        needed: users that a verdict needs.
    """

    why: Why
    users: int = 0
    scenario: str = ""
    needed: int = ENOUGH_USERS

    @property
    def what(self) -> str:
        """Why, in a sentence."""
        if self.why is Why.NO_HOLDOUT:
            return "Nothing could be judged: the run trained on all rows and held none out."
        start = f"Nothing could be judged: too few users. A verdict needs at least {self.needed}"
        start += " users with held-out interactions in a scenario"
        if self.why is Why.WITHHELD:
            return f"{start}; here they are so few that their number is withheld."
        return f"{start}; here the most are {self.users:,} ({self.scenario})."

    @property
    def action(self) -> str:
        """What to do, in a sentence."""
        if self.why is Why.NO_HOLDOUT:
            return "Train again with rows held out to see whether transfer helps."
        return (
            "Add more of the log, a longer time or more users, and run again; the model itself is"
            " trained and can be used."
        )


class _Answered(Protocol):
    @property
    def scenario(self) -> str: ...
    @property
    def cohort(self) -> str: ...
    @property
    def n(self) -> int: ...


def unjudged(report: RunReport, answers: Iterable[_Answered]) -> Unjudged | None:
    """Why nothing could be judged; None where something was, or no transfer model was there.

    Args:
        report: of the run.
        answers: one per scenario and cohort with a lift.
    """
    if not (report.config["transfer"] and report.config["baseline"]):
        return Unjudged(Why.NO_HOLDOUT) if report.per_user.empty else None
    most = max(answers, key=lambda one: one.n, default=None)
    if most is None:  # with figures but without a lift, there was nothing to compare
        shown = {"all", "warm", "cold"} & set(report.table["cohort"])
        return None if shown else Unjudged(Why.WITHHELD)
    return Unjudged(Why.TOO_FEW, most.n, most.scenario) if most.n < ENOUGH_USERS else None
