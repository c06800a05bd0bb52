"""What a run found, in a sentence and a few more: counted from its verdicts, the same everywhere.

Home, the Transfer page, the report and the command line all say these sentences.
"""

from collections.abc import Callable
from typing import Final

from crossrec.evaluation.summary import JUDGED_COHORTS, Summary
from crossrec.evaluation.unjudged import Unjudged, Why
from crossrec.evaluation.verdict import HELPS, HURTS, INCONCLUSIVE, UNCHANGED, rule
from crossrec.evaluation.words import Words, english

MOST_NAMED: Final = 5
"""Hurting pairs that are named."""


def headline(
    found: Summary, words: Words = english, name: Callable[[str], str] = str
) -> tuple[str, list[str]]:
    """The answer, and the sentences below it.

    Nothing is said to hurt "none" while one source alone hurts: then the answer says so itself.

    Args:
        found: of :func:`~crossrec.evaluation.summary.summary`.
        words: sentences of :data:`~crossrec.evaluation.words.WORDS`.
        name: makes a scenario's name fit for where it is shown.
    """
    if found.unjudged is not None:
        return _unjudged(found.unjudged, words, name)
    if not found.answers:
        return words("headline_none"), []
    hurting, total = found.pairs_that(HURTS), len(_places(found.pairs))
    helped, hurt, unclear, unchanged = (
        len(found.scenarios(one)) for one in (HELPS, HURTS, INCONCLUSIVE, UNCHANGED)
    )
    title = words(
        "headline" if hurt or hurting else "headline_no_hurt",
        helped=helped,
        hurt=hurt,
        total=helped + hurt + unclear + unchanged,
    )
    notes = [words("headline_open", unclear=unclear, unchanged=unchanged)]
    notes += [
        words("headline_cohort", cohort=words(f"cohort_{cohort}"), **counts)
        for cohort in JUDGED_COHORTS[1:]
        if (counts := _counts(found, cohort))["total"]
    ]
    if total:
        helped = len(_places(found.pairs_that(HELPS)))
        notes.append(words("headline_pairs", helped=helped, total=total))
    if hurting:
        title += " " + words("headline_pairs_hurt", hurt=len(_places(hurting)), total=total)
        named = [
            words(
                "headline_pair",
                source=name(one.source),
                target=name(one.target),
                cohort=words(f"cohort_{one.cohort}"),
            )
            for one in hurting
        ]
        more = ["…"] if len(named) > MOST_NAMED else []
        notes.append(words("headline_named", pairs="; ".join(named[:MOST_NAMED] + more)))
    return title, notes


def method(k: int, words: Words = english) -> str:
    """What a lift is, and what a verdict needs."""
    return f"{words('headline_method', k=k)} {rule(words)}"


def _counts(found: Summary, cohort: str) -> dict[str, int]:
    verdicts = [one.verdict for one in found.answers if one.cohort == cohort]
    return {
        "helped": verdicts.count(HELPS), "hurt": verdicts.count(HURTS), "total": len(verdicts)
    }  # fmt: skip


def _places(pairs: tuple) -> set[tuple[str, str]]:
    return {(one.source, one.target) for one in pairs}


def _unjudged(none: Unjudged, words: Words, name: Callable[[str], str]) -> tuple[str, list[str]]:
    what = words(
        f"unjudged_{none.why}",
        needed=none.needed,
        users=f"{none.users:,}",
        scenario=name(none.scenario),
    )
    return what, [words("unjudged_hold_out" if none.why is Why.NO_HOLDOUT else "unjudged_more")]
