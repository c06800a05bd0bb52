"""A row of the decision board in words: the same on Home, in the report and on the command line."""

import math
from collections.abc import Callable
from dataclasses import dataclass

from crossrec.evaluation.board import (
    DECISIONS,
    HELPED,
    Board,
    BoardRow,
    Settling,
    relative,
)
from crossrec.evaluation.board_people import People, Person, judged_users
from crossrec.evaluation.power import MARGIN
from crossrec.evaluation.results import RunReport
from crossrec.evaluation.verdict import HURTS, Answer, rule, tell
from crossrec.evaluation.words import Words, english
from crossrec.schema import SCENARIO

_MARGIN = f"{100 * MARGIN:g} %"


@dataclass(frozen=True)
class GroupText:
    """One group of users of a row.

    Attributes:
        cohort: its key.
        label: who they are.
        verdict: key of the verdict.
        gain: relative gain with interval.
        said: the verdict in words, with the number of users.
    """

    cohort: str
    label: str
    verdict: str
    gain: str
    said: str


@dataclass(frozen=True, kw_only=True)
class RowText:
    """A row in words, each part on its own so that a face can lay it out; "" where there is none.

    Attributes:
        scenario: the target.
        decision: what to do.
        because: why, in a sentence.
        sources: from which sources.
        gain: relative gain with interval.
        base: the metric without and with transfer.
        whom: whose gain that is.
        hits: of 100 users, how many get a hit more or fewer.
        ratio: helped to harmed.
        person: one of them, in a sentence.
        settle: what would settle it.
        notes: what else must be known: only new users gain, a simpler model does as well ...
        groups: the groups of users with their verdicts.
        adds_up: how the groups make up all judged users.
    """

    scenario: str
    decision: str
    because: str
    sources: str
    gain: str
    base: str
    whom: str
    hits: str
    ratio: str
    person: str
    settle: str
    notes: tuple[str, ...]
    groups: tuple[GroupText, ...]
    adds_up: str


def row_text(
    row: BoardRow, k: int, words: Words = english, name: Callable[[str], str] = str
) -> RowText:
    """A row in words.

    Args:
        row: of :func:`~crossrec.evaluation.board.board`.
        k: list length.
        words: sentences of :data:`~crossrec.evaluation.words.WORDS`.
        name: makes a scenario's or model's name fit for where it is shown.
    """
    group = words(f"board_group_{row.answer.cohort}")
    return RowText(
        scenario=name(row.scenario),
        decision=words(f"board_{row.decision}"),
        because=words(f"board_why_{row.why}", group=group, margin=_MARGIN),
        sources=_sources(row, words, name),
        gain=gain(row.answer, words),
        base=f"{row.answer.without:.3f} → {row.answer.value:.3f}",
        whom=words("board_whom", group=group, n=f"{row.answer.n:,}", k=k),
        hits=_hits(row.people, words) if row.people else "",
        ratio=_ratio(row.people, words) if row.people else "",
        person=_person(row.person, k, words) if row.person else "",
        settle=_settle(row.settling, words) if row.settling else "",
        notes=tuple(_notes(row, words, name)),
        groups=tuple(_group(one, words) for one in row.groups),
        adds_up=_adds_up(row.judged, words),
    )


def board_title(found: Board, words: Words = english) -> str:
    """How many scenarios to switch on, leave off, and wait with."""
    counts = {decision: found.count(decision) for decision in DECISIONS}
    return words("board_title", total=len(found.rows), **counts)


def board_rule(words: Words = english) -> str:
    """How a decision is made."""
    return f"{words('board_rule', margin=_MARGIN)} {rule(words)}"


def counts_told(
    report: RunReport, least: int, words: Words = english, name: Callable[[str], str] = str
) -> list[str]:
    """By scenario, how the groups of users make up all that were judged.

    Args:
        report: of a run.
        least: smallest group of users that may be told.
        words: sentences of :data:`~crossrec.evaluation.words.WORDS`.
        name: makes a scenario's name fit for where it is shown.
    """
    judged = report.per_user[SCENARIO].unique()
    counts = ((one, judged_users(report, str(one), least)) for one in judged)
    return [
        words("board_counts", scenario=name(str(one)), counts=_adds_up(some, words))
        for one, some in counts
        if some
    ]


def gain(one: Answer, words: Words = english) -> str:
    """The relative gain with its interval; the lift itself where there is nothing to relate to."""
    shares = relative(one)
    if shares is None:
        return words(
            "board_gain_absolute",
            lift=_sign(f"{one.lift:+.3f}"),
            low=_sign(f"{one.low:+.3f}"),
            high=_sign(f"{one.high:+.3f}"),
        )
    value, low, high = map(percent, shares)
    return f"{value} [{low}, {high}]" if math.isfinite(shares[1]) else value


def percent(share: float) -> str:
    """``0.055`` -> ``+5.5 %``; from 100 % on without a digit."""
    if not math.isfinite(share):
        return "–"
    digits = 1 if abs(share) < 0.9995 else 0
    shown = f"{100 * share:+,.{digits}f}"
    return f"{'0.0' if shown.strip('+-') == '0.0' else _sign(shown)} %"


def about(number: int) -> str:
    """A number of users to two digits, never less than it is: 437 -> 440."""
    step = 10 ** max(0, len(str(number)) - 2)
    return f"{-(-number // step) * step:,}"


def _sign(number: str) -> str:
    return number.replace("-", "−")


def _sources(row: BoardRow, words: Words, name: Callable[[str], str]) -> str:
    comma = words("board_comma")
    if row.helping:
        return words("board_from", sources=comma.join(map(name, row.helping)))
    return words("board_from_none")


def _hits(people: People, words: Words) -> str:
    more, fewer = (_of_hundred(one, people.n) for one in (people.more_hits, people.fewer_hits))
    return words("board_hits", more=more, fewer=fewer)


def _of_hundred(some: int, n: int) -> str:
    share = 100 * some / n
    return f"{share:.0f}" if share >= 1 or not share else f"{share:.1g}"


def _ratio(people: People, words: Words) -> str:
    tied = people.n - people.helped - people.harmed
    return words(
        "board_ratio", helped=f"{people.helped:,}", harmed=f"{people.harmed:,}", tied=f"{tied:,}"
    )


def _person(one: Person, k: int, words: Words) -> str:
    return words(
        "board_gained" if one.gained else "board_lost",
        hits=one.hits,
        without=one.without,
        chosen=one.chosen,
        here=one.here,
        elsewhere=one.elsewhere,
        k=k,
    )


def _settle(one: Settling, words: Words) -> str:
    group = words(f"board_group_{one.cohort}")
    if one.more is None:
        return words("board_settle_never", group=group)
    return words("board_settle", group=group, more=about(one.more))


def _notes(row: BoardRow, words: Words, name: Callable[[str], str]) -> list[str]:
    notes = [words("board_only_new")] if row.only_new and row.why == HELPED else []
    few = [one for one in row.groups if one.cohort == "warm_few" and one.verdict == HURTS]
    notes += [words("board_few_lose")] if few else []
    if row.hurting:
        comma = words("board_comma")
        notes.append(words("board_hurting", sources=comma.join(map(name, row.hurting))))
    if row.level is not None:
        values = (f"{row.level.value:.3f}", f"{row.level.transfer:.3f}")
        model = name(row.level.model)
        notes.append(words("board_level", model=model, value=values[0], transfer=values[1]))
    return notes


def _group(one: Answer, words: Words) -> GroupText:
    said = words("board_group", verdict=tell(one.verdict, one.why, words), n=f"{one.n:,}")
    label = words(f"board_group_{one.cohort}")
    return GroupText(one.cohort, label, one.verdict, gain(one, words), said)


def _adds_up(judged: dict[str, int], words: Words) -> str:
    if not judged:
        return ""
    counts = {name: f"{n:,}" for name, n in judged.items()}
    return words("board_adds_up", **counts, total=f"{sum(judged.values()):,}")
