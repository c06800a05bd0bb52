"""The decision board: per scenario whether to switch transfer on, from the verdicts of a run.

Everything that is shown on Home, at the top of the report and by the command line is decided here;
:mod:`crossrec.evaluation.board_text` puts it into words.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

from crossrec.evaluation.board_people import (
    People,
    Person,
    changes_of,
    judged_users,
    members,
    people_of,
    person_of,
    rows_of,
)
from crossrec.evaluation.power import needed_users, no_gain
from crossrec.evaluation.results import RunReport
from crossrec.evaluation.simpler import Level, level_models
from crossrec.evaluation.summary import Summary, summary
from crossrec.evaluation.unjudged import Unjudged
from crossrec.evaluation.verdict import ENOUGH_USERS, HELPS, HURTS, UNCHANGED, Answer
from crossrec.schema import USER

SWITCH_ON, LEAVE_OFF, MORE_DATA = "switch_on", "leave_off", "more_data"
DECISIONS = (SWITCH_ON, LEAVE_OFF, MORE_DATA)

HELPED, HARMED, MIXED, SAME, NO_GAIN, OPEN, TOO_FEW = (
    "helped", "harmed", "mixed", "same", "no_gain", "open", "too_few",
)  # fmt: skip
"""Why: some users gain and none lose; some lose; some gain while others lose; nobody's result
changes; the gain is clearly too small; nothing is clear yet; there are too few users to say."""

GROUPS: Final = ("cold", "warm", "warm_few")
"""New users, known users, and those of the known who have few rows."""


class Decision(NamedTuple):
    """What to do, why, and the answer it rests on."""

    decision: str
    why: str
    answer: Answer


@dataclass(frozen=True)
class Settling:
    """What would settle an open answer.

    Attributes:
        cohort: whose.
        more: further users; None where no number worth waiting for would.
    """

    cohort: str
    more: int | None


@dataclass(frozen=True, kw_only=True)
class BoardRow:
    """One scenario.

    Attributes:
        scenario: the target.
        decision: one of :data:`DECISIONS`.
        why: one of :data:`HELPED` and its neighbours.
        answer: the cohort's lift that the decision rests on.
        groups: the answers of :data:`GROUPS` that there are; few rows are part of the known.
        helping, hurting: sources that alone clearly help or hurt some of these users.
        people: behind ``answer``; None where single users were not kept or may not be told.
        person: one of them.
        settling: of the open group that is settled first; None where none is open.
        only_new: new users clearly gain, known ones do not.
        level: a simpler model that does as well for the users of ``answer``, if one does.
        judged: users by "warm", "cold" and "empty" (no history at all); their sum is all of them.
    """

    scenario: str
    decision: str
    why: str
    answer: Answer
    groups: tuple[Answer, ...]
    helping: tuple[str, ...]
    hurting: tuple[str, ...]
    people: People | None
    person: Person | None
    settling: Settling | None
    only_new: bool
    level: Level | None
    judged: dict[str, int]


@dataclass(frozen=True)
class Board:
    """All scenarios of a run that were judged.

    Attributes:
        k: list length.
        rows: in the run's order.
        unjudged: why nothing could be judged, where nothing was.
    """

    k: int
    rows: tuple[BoardRow, ...]
    unjudged: Unjudged | None = None

    def count(self, decision: str) -> int:
        """Scenarios with this decision."""
        return sum(row.decision == decision for row in self.rows)


def board(report: RunReport, *, metric: str = "ndcg", least: int = 1) -> Board:
    """What to do in each scenario.

    Args:
        report: of :func:`~crossrec.evaluation.compare.compare`.
        metric: what is judged.
        least: smallest group of users that may be shown; above 1 no single user is named.

    Returns:
        A row per scenario with a lift; none where no transfer model was judged.
    """
    found = summary(report, metric=metric)
    by_scenario: dict[str, list[Answer]] = {}
    for one in found.answers:
        if one.n >= least:
            by_scenario.setdefault(one.scenario, []).append(one)
    tests = {one.cohort: len(_of_cohort(found, one.cohort)) for one in found.answers}
    made = {name: decide(answers, tests) for name, answers in by_scenario.items()}
    users = {
        name: set(members(rows_of(report, name), one.answer.cohort)[USER])
        for name, one in made.items()
    }
    level = level_models(report, users, metric=metric)
    rows = []
    for name, (decision, why, answer) in made.items():
        answers = {one.cohort: one for one in by_scenario[name]}
        changes = changes_of(report, name, answer.cohort, metric, found.k)
        gained = why not in (HARMED, MIXED)
        helping, hurting = (_sources(found, name, one) for one in (HELPS, HURTS))
        rows.append(
            BoardRow(
                scenario=name,
                decision=decision,
                why=why,
                answer=answer,
                groups=tuple(answers[one] for one in GROUPS if one in answers),
                helping=helping,
                hurting=hurting,
                people=people_of(changes, least),
                person=person_of(changes, gained=gained) if least <= 1 else None,
                settling=_settling(by_scenario[name], tests),
                only_new=_only_new(answers),
                level=level.get(name),
                judged=judged_users(report, name, least),
            )
        )
    return Board(found.k, tuple(rows), found.unjudged)


def decide(answers: Sequence[Answer], tests: dict[str, int] | None = None) -> Decision:
    """The rule: on where users of one group are clearly helped and of none clearly harmed.

    Off where a group is clearly harmed, or where every group with enough users clearly gains less
    than :data:`~crossrec.evaluation.power.MARGIN`; else it needs more data.

    Args:
        answers: of one scenario, one per cohort; at least one.
        tests: by cohort, over how many p-values are corrected.
    """
    hurt = [one for one in answers if one.verdict == HURTS]
    helped = [one for one in answers if one.verdict == HELPS]
    if hurt:
        return Decision(LEAVE_OFF, MIXED if helped else HARMED, _speaking(hurt))
    if helped:
        return Decision(SWITCH_ON, HELPED, _speaking(helped))
    enough = [one for one in answers if one.n >= ENOUGH_USERS]
    if not enough:
        return Decision(MORE_DATA, TOO_FEW, _widest(answers))
    if all(one.verdict == UNCHANGED for one in enough):
        return Decision(LEAVE_OFF, SAME, _widest(enough))
    if all(no_gain(one, one.without) for one in enough):
        return Decision(LEAVE_OFF, NO_GAIN, _widest(enough))
    first = _settling(answers, tests or {})
    cohort = first.cohort if first is not None else ""
    return Decision(
        MORE_DATA, OPEN, next((a for a in enough if a.cohort == cohort), _widest(enough))
    )


def relative(one: Answer) -> tuple[float, float, float] | None:
    """The lift and the ends of its interval as shares of the value without; None over nothing."""
    if not one.without > 0:
        return None
    return one.lift / one.without, one.low / one.without, one.high / one.without


def _speaking(answers: Sequence[Answer]) -> Answer:
    """The answer that says whom a verdict is about.

    Where it was given to new or to known users alone, theirs: over all users it is diluted.
    """
    halves = [one for one in answers if one.cohort in ("cold", "warm")]
    return halves[0] if len(halves) == 1 else _widest(answers)


def _widest(answers: Sequence[Answer]) -> Answer:
    """Of all users where that is among them, else of the largest group."""
    return max(answers, key=lambda one: (one.cohort == "all", one.n))


def _of_cohort(found: Summary, cohort: str) -> list[Answer]:
    return [one for one in found.answers if one.cohort == cohort]


def _is_open(one: Answer) -> bool:
    return one.verdict not in (HELPS, HURTS, UNCHANGED) and not no_gain(one, one.without)


def _settling(answers: Sequence[Answer], tests: dict[str, int]) -> Settling | None:
    """The open group that fewest further users would settle; all users only where no group is."""
    still = [one for one in answers if _is_open(one)]
    groups = [one for one in still if one.cohort != "all"] or still
    needs = [
        (one.cohort, needed_users(one, one.without, tests.get(one.cohort, 1)), one.n)
        for one in groups
    ]
    within = [(cohort, max(needed - n, 1)) for cohort, needed, n in needs if needed is not None]
    if within:
        return Settling(*min(within, key=lambda one: one[1]))
    return Settling(needs[0][0], None) if needs else None


def _only_new(answers: dict[str, Answer]) -> bool:
    new, known = answers.get("cold"), answers.get("warm")
    return (
        new is not None
        and known is not None
        and new.verdict == HELPS
        and known.verdict != HELPS
        and known.n >= ENOUGH_USERS
    )


def _sources(found: Summary, target: str, verdict: str) -> tuple[str, ...]:
    pairs = (one for one in found.pairs if one.target == target and one.verdict == verdict)
    return tuple(dict.fromkeys(one.source for one in pairs))
