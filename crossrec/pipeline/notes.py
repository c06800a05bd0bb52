"""What a reader of a run must know of its data and of its settings."""

from collections.abc import Iterable, Mapping

from crossrec.data.audit.rules import AuditReport, State
from crossrec.data.seen import SEEN, Seen, SeenItems
from crossrec.data.split.cutting import ScenarioSplit
from crossrec.evaluation import Note
from crossrec.language.table import FeatureTable


def run_notes(
    audit: AuditReport,
    parts: ScenarioSplit,
    features: FeatureTable,
    seen: Mapping[str, Seen],
    asked: Seen | None,
) -> tuple[Note, ...]:
    """The notes of a run, before those of its evaluation.

    Args:
        audit: of its data.
        parts: of its log.
        features: of its items.
        seen: scenario -> what its lists do with seen items.
        asked: what was asked for instead of what the audit says; None for nothing.
    """
    notes = _seen_notes(audit.seen, seen, asked)
    notes += [
        Note(reason, {"n": int(parts.dropped[reason])})
        for reason in ("repeat", "twin", "nested", "disliked")
        if parts.dropped.get(reason)
    ]
    if not features.vectors.any():
        notes.append(Note("no_text"))
    blocked = tuple(name for name, one in audit.verdicts.items() if one.state is State.BLOCKED)
    if blocked:
        notes.append(Note("blocked", {"scenarios": blocked}))
    return tuple(notes)


def _seen_notes(
    found: Iterable[SeenItems], seen: Mapping[str, Seen], asked: Seen | None
) -> list[Note]:
    """What lists do with seen items, where anybody repeats one or it was asked for."""
    shares = {one.scenario: one.share for one in found}
    if asked is None and not any(shares.values()):
        return []
    notes = [] if asked is None else [Note("seen_asked")]
    for rule in SEEN:
        names = tuple(f"{name} ({shares.get(name, 0):.0%})" for name in seen if seen[name] == rule)
        if names:
            notes.append(Note(f"seen_{rule}", {"scenarios": names}))
    return notes


def attributes_note(taken: Iterable[str]) -> Note:
    """Where attributes of the items are used, if anywhere."""
    scenarios = tuple(taken)
    return (
        Note("attributes_used", {"scenarios": scenarios})
        if scenarios
        else Note("attributes_unused")
    )
