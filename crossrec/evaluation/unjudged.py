"""Why a finished run says nothing about transfer."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from crossrec.evaluation.results import RunReport
from crossrec.evaluation.verdict import ENOUGH_USERS, USERS, Answer


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


def unjudged(report: RunReport, answers: Sequence[Answer]) -> Unjudged | None:
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
    return Unjudged(Why.TOO_FEW, most.n, most.scenario) if most.why == USERS else None
