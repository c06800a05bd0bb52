"""The one rule of all verdicts on paired differences, and the words for them."""

from dataclasses import dataclass, field
from typing import Final, NamedTuple

import pandas as pd

from crossrec.data.audit.checks import ENOUGH_USERS
from crossrec.evaluation.words import Words, english

ALPHA: Final = 0.05

HELPS, HURTS, INCONCLUSIVE = "helps", "hurts", "inconclusive"
UNCHANGED = "unchanged"
"""Nobody's result differs from the one without, as where the source is closed."""
VERDICTS = (HELPS, HURTS, UNCHANGED, INCONCLUSIVE)

CLEAR, USERS, INTERVAL, HOLM = "clear", "users", "interval", "holm"
"""What decided: all three together, or the number of users, the interval, or Holm's p alone."""

VERSUS: Final = {HELPS: "better", HURTS: "worse"}
"""What the verdicts are called where two models or runs are compared."""


class Judgement(NamedTuple):
    """A verdict, and what decided it.

    Attributes:
        verdict: one of :data:`VERDICTS`.
        why: :data:`CLEAR` where something helps or hurts, :data:`INTERVAL` where it is 0 to 0, else
            the first of :data:`USERS`, :data:`INTERVAL` and :data:`HOLM` that leaves it open.
    """

    verdict: str
    why: str


def judge(low: float, high: float, p_holm: float, n: int) -> Judgement:
    """Whether a paired difference is clearly above or below 0.

    Args:
        low: lower end of its 95 % interval.
        high: upper end.
        p_holm: p-value after Holm's correction; NaN is not below :data:`ALPHA`.
        n: users; fewer than :data:`ENOUGH_USERS` never decide.
    """
    if n < ENOUGH_USERS:
        return Judgement(INCONCLUSIVE, USERS)
    if low == high == 0:
        return Judgement(UNCHANGED, INTERVAL)
    if not (low > 0 or high < 0):
        return Judgement(INCONCLUSIVE, INTERVAL)
    if not p_holm < ALPHA:
        return Judgement(INCONCLUSIVE, HOLM)
    return Judgement(HELPS if low > 0 else HURTS, CLEAR)


def judged(table: pd.DataFrame) -> pd.DataFrame:
    """A table with columns ``low, high, p_holm, n``, and ``verdict, why`` added."""
    columns = zip(*(table[name] for name in ("low", "high", "p_holm", "n")), strict=True)
    verdicts, whys = zip(*(judge(*row) for row in columns), strict=True) if len(table) else ((), ())
    return table.assign(verdict=list(verdicts), why=list(whys))


def tell(verdict: str, why: str, words: Words = english) -> str:
    """A verdict in words, with what leaves it open: "inconclusive: n < 20"."""
    told = words(f"verdict_{verdict}")
    if verdict != INCONCLUSIVE:
        return told
    return words("verdict_because", verdict=told, why=tell_why(why, words))


def tell_why(why: str, words: Words = english) -> str:
    """What leaves a verdict open, in two or three words."""
    return words(f"verdict_why_{why}", least=ENOUGH_USERS, alpha=ALPHA)


def rule(words: Words = english) -> str:
    """What a verdict needs, in a sentence."""
    return words("verdict_rule", least=ENOUGH_USERS, alpha=ALPHA)


@dataclass(frozen=True, kw_only=True)
class Judged:
    """A lift that carries its verdict; no other verdict can be given to it.

    Attributes:
        cohort: whose lift.
        lift: with minus without, 95 % interval ``low`` to ``high`` over ``n`` users.
        p_holm: corrected over the scenarios, or the pairs of them.
        verdict, why: of :func:`judge`.
    """

    cohort: str
    lift: float
    low: float
    high: float
    n: int
    p_holm: float
    verdict: str = field(init=False)
    why: str = field(init=False)

    def __post_init__(self) -> None:
        found = judge(self.low, self.high, self.p_holm, self.n)
        for name, value in found._asdict().items():
            object.__setattr__(self, name, value)


@dataclass(frozen=True, kw_only=True)
class Answer(Judged):
    """What transfer did to one scenario and cohort.

    Attributes:
        scenario: the target.
        value: the transfer model's metric.
        without: that of the model it is compared with.
    """

    scenario: str
    value: float
    without: float


@dataclass(frozen=True, kw_only=True)
class Pair(Judged):
    """What one source alone, with its learnt coefficients, did to a target.

    Attributes:
        source, target: the scenarios.
    """

    source: str
    target: str
