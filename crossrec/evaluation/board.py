"""What to do in each scenario: switch transfer on, leave it off, or wait for more data.

Counted from the verdicts of :mod:`crossrec.evaluation.verdict` alone: transfer is *on* where it
clearly helps all, warm or cold-start users and does not hurt all of them; *off* where it clearly
hurts, changes nothing, or can gain next to nothing; else *more* data has to tell.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import ceil, log10
from typing import Final

import numpy as np
import pandas as pd

from crossrec.evaluation.results import RunReport
from crossrec.evaluation.simpler import Better, simpler_models
from crossrec.evaluation.summary import Summary, summary
from crossrec.evaluation.verdict import HELPS, HURTS, UNCHANGED, Answer, Pair
from crossrec.evaluation.words import Words, english
from crossrec.schema import SCENARIO, USER

ON, OFF, MORE = "on", "off", "more"
LITTLE: Final = 0.01
"""Of what there is without transfer: a gain surely below it is next to nothing."""
POWER: Final = 2.8
"""Standard errors a true difference is seen at with probability 0.8 (1.96 + 0.84)."""
MOST_TIMES: Final = 20
"""More than so many times the users judged so far nobody will wait for."""


@dataclass(frozen=True)
class Decision:
    """The decision on one scenario, and what it rests on.

    Attributes:
        scenario: the target.
        decision: :data:`ON`, :data:`OFF` or :data:`MORE`.
        answers: of all, warm and cold-start users, as far as they were judged.
        main: the one of them the figures below are about: who gains most, loses most, or may gain
            most where more data has to tell.
        helped_cohorts, hurt_cohorts: of the answers.
        sources: pairs into the scenario that clearly help somebody, the largest lift first, each
            source once.
        harmful: likewise those that clearly hurt somebody.
        better, worse: share of the users of ``main`` whose list gained or lost hits.
        helped, harmed: how many of them have a better or worse NDCG.
        person: a user of ``main`` with the median gain of those who gained; "" where nobody did.
        loser: the one of them who lost most; "" where nobody did.
        needed: how many more users of ``main`` would show a difference of this size; None where
            the decision stands, or nobody can wait for so many.
        simpler: simpler models that are clearly better here.
    """

    scenario: str
    decision: str
    answers: tuple[Answer, ...]
    main: Answer
    helped_cohorts: tuple[str, ...]
    hurt_cohorts: tuple[str, ...]
    sources: tuple[Pair, ...]
    harmful: tuple[Pair, ...]
    better: float
    worse: float
    helped: int
    harmed: int
    person: str
    loser: str
    needed: int | None
    simpler: tuple[Better, ...]

    @property
    def relative(self) -> tuple[float, float, float] | None:
        """Lift of ``main`` and its interval, as shares of what there is without transfer."""
        base = self.main.without
        if base <= 0:
            return None
        return self.main.lift / base, self.main.low / base, self.main.high / base


def board(report: RunReport, *, least: int = 1) -> tuple[Decision, ...]:
    """The decision on every judged scenario, in the report's order.

    Args:
        report: of :func:`~crossrec.evaluation.compare.compare`.
        least: smallest group of users that may be told of; smaller ones are left out.
    """
    found = summary(report)
    better = simpler_models(report, least=least).better
    answers = [one for one in found.answers if one.n >= least]
    return tuple(
        _decision(report, found, name, [one for one in answers if one.scenario == name], better)
        for name in dict.fromkeys(one.scenario for one in answers)
    )


def _decision(
    report: RunReport,
    found: Summary,
    scenario: str,
    answers: Sequence[Answer],
    better: Sequence[Better],
) -> Decision:
    helped = tuple(one.cohort for one in answers if one.verdict == HELPS)
    hurt = tuple(one.cohort for one in answers if one.verdict == HURTS)
    if "all" in hurt or (hurt and not helped):
        decision = OFF
    elif helped:
        decision = ON
    else:
        decision = OFF if all(_next_to_nothing(one) for one in answers) else MORE
    main = _main(answers, decision)
    gains = _gains(report, scenario, main.cohort)
    gained, lost = (
        gains.loc[sign * gains["ndcg"] > 0].sort_values(["ndcg", USER]) for sign in (1, -1)
    )
    more = gains["precision"].to_numpy(dtype=float)  # hits over k
    return Decision(
        scenario=scenario,
        decision=decision,
        answers=tuple(answers),
        main=main,
        helped_cohorts=helped,
        hurt_cohorts=hurt,
        sources=_each_source(found.pairs_that(HELPS), scenario, 1),
        harmful=_each_source(found.pairs_that(HURTS), scenario, -1),
        better=float(np.mean(more > 0)) if len(more) else 0.0,
        worse=float(np.mean(more < 0)) if len(more) else 0.0,
        helped=len(gained),
        harmed=len(lost),
        person=str(gained[USER].iloc[len(gained) // 2]) if len(gained) else "",
        loser=str(lost[USER].iloc[0]) if len(lost) else "",
        needed=_needed(main) if decision == MORE else None,
        simpler=tuple(one for one in better if one.scenario == scenario),
    )


def _main(answers: Sequence[Answer], decision: str) -> Answer:
    """The group of users that tells why: who gains or loses most, else who may gain most."""
    if decision == MORE:
        return max(answers, key=lambda one: one.high / max(one.without, 1e-9))
    wanted = HELPS if decision == ON else HURTS
    groups = [one for one in answers if one.verdict == wanted]
    groups = [one for one in groups if one.cohort != "all"] or groups
    return max(groups, key=lambda one: abs(one.lift)) if groups else answers[0]


def _next_to_nothing(one: Answer) -> bool:
    return one.verdict == UNCHANGED or (one.high < LITTLE * one.without and one.low <= 0)


def _needed(one: Answer) -> int | None:
    """Users to be added until a difference like this one is seen in four of five cases."""
    error = (one.high - one.low) / (2 * 1.96)
    if error <= 0 or one.lift == 0:
        return None
    more = one.n * (POWER * error / abs(one.lift)) ** 2 - one.n
    if more > MOST_TIMES * one.n:
        return None
    digits = 10 ** max(int(log10(max(more, 1))) - 1, 0)
    return max(ceil(more / digits) * digits, 1)


def _gains(report: RunReport, scenario: str, cohort: str) -> pd.DataFrame:
    """Per user of a cohort NDCG and precision with transfer minus those without."""
    rows = report.per_user
    rows = rows.loc[(rows[SCENARIO] == scenario) & ((rows["cohort"] == cohort) | (cohort == "all"))]
    sides = [
        rows.loc[rows["model"] == report.config[name]].set_index(USER)[["ndcg", "precision"]]
        for name in ("transfer", "baseline")
    ]
    return sides[0].sub(sides[1]).dropna().reset_index()


def _each_source(pairs: Sequence[Pair], target: str, sign: int) -> tuple[Pair, ...]:
    """The strongest pair of every source into a target, the strongest first."""
    mine = sorted((one for one in pairs if one.target == target), key=lambda one: -sign * one.lift)
    return tuple({one.source: one for one in reversed(mine)}.values())[::-1]


def tell(one: Decision, words: Words = english) -> str:
    """A decision in words."""
    return words(f"board_{one.decision}")


def told(one: Decision, words: Words = english, name: Callable[[str], str] = str) -> list[str]:
    """What there is to know of a decision beside its figures, in a few sentences.

    Args:
        one: of :func:`board`.
        words: sentences of :data:`~crossrec.evaluation.words.WORDS`.
        name: makes a scenario's name fit for where it is shown.
    """
    groups = [each for each in one.helped_cohorts if each != "all"]
    sentences = []
    if one.decision == ON and groups == ["cold"]:
        sentences.append(words("board_only_cold"))
    if one.decision == OFF and not one.hurt_cohorts:
        unchanged = all(each.verdict == UNCHANGED for each in one.answers)
        sentences.append(words("board_unchanged" if unchanged else "board_little"))
    sentences += [
        words("board_hurts", cohort=words(f"cohort_{cohort}")) for cohort in one.hurt_cohorts
    ]
    if one.harmful:
        sources = words("board_comma").join(name(each.source) for each in one.harmful)
        sentences.append(words("board_harmful", sources=sources))
    if one.decision == MORE:
        cohort = words(f"cohort_{one.main.cohort}")
        key = "board_never" if one.needed is None else "board_needed"
        sentences.append(words(key, n=f"{one.needed or 0:,}", cohort=cohort))
    sentences += [
        words("board_simpler", model=each.model, cohort=words(f"cohort_{each.cohort}"))
        for each in one.simpler[:1]
    ]
    return sentences


def gain(one: Decision) -> str:
    """The relative gain with its interval; "" where there is nothing to relate it to."""
    if one.relative is None:
        return ""
    digits = 0 if min(map(abs, one.relative[1:])) >= 0.095 else 1
    middle, low, high = (f"{each:+.{digits}%}".replace("-", "−") for each in one.relative)
    return f"{middle} [{low}, {high}]"


def sides(one: Decision, words: Words = english) -> str:
    """The metric without and with transfer, and of whom."""
    cohort = words(f"cohort_{one.main.cohort}")
    figures = f"{one.main.without:.3f} → {one.main.value:.3f}"
    return words("board_sides", figures=figures, cohort=cohort, n=f"{one.main.n:,}")


def hits(one: Decision, words: Words = english) -> str:
    """Of a hundred users, how many get more hits and how many fewer; and all who gain or lose."""
    shares = {"more": f"{100 * one.better:.0f}", "fewer": f"{100 * one.worse:.0f}"}
    return words("board_hits", **shares, helped=f"{one.helped:,}", harmed=f"{one.harmed:,}")
