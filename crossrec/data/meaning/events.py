"""How strongly an event speaks for an item, where a person says so."""

import math
from collections.abc import Mapping, Sequence

from crossrec.data.meaning.signals import BARE, Evidence, Given, event_evidence
from crossrec.data.meaning.vocabulary import Kind, word_key
from crossrec.errors import DataError, UnknownId

_LISTED = 1_000


def weigh_events(
    events: Sequence[str], weights: Mapping[str, float] | None = None, kinds: Given | None = None
) -> list[Evidence]:
    """What each event of a log says, and at the last place a row without one.

    Args:
        events: the distinct values, n of them.
        weights: event -> strength, as a person said; 0: its rows do not count.
        kinds: what a person says of single values.

    Returns:
        n + 1 of them.

    Raises:
        UnknownId: a strength is given for an event that is not there.
    """
    own = check_event_weights(weights or {})
    keys = [word_key(event) for event in events]
    for name in weights or {}:
        if word_key(name) not in keys:
            raise UnknownId.of("kind of event", name, [event[:40] for event in events[:_LISTED]])
    evidence = []
    for event, key in zip(events, keys, strict=True):
        usual = event_evidence(event, kinds)
        if (weight := own.get(key)) is None:
            evidence.append(usual)
        else:
            evidence.append(Evidence(Kind.POSITIVE if weight else Kind.EXPOSURE, weight))
    return [*evidence, Evidence(Kind.UNKNOWN, BARE)]


def check_event_weights(given: Mapping[str, float]) -> dict[str, float]:
    """Strengths by :func:`word_key`.

    Raises:
        DataError: a strength is not a number of at least 0, an event has two.
    """
    own: dict[str, float] = {}
    for name, weight in given.items():
        key = word_key(name)
        if isinstance(weight, bool) or not isinstance(weight, (int, float)) or not key:
            raise DataError("expected a number as the weight of an event", f"{name!r}: {weight!r}")
        if not (math.isfinite(weight) and weight >= 0):
            raise DataError(
                f"expected a weight of at least 0 for the event {name!r}",
                f"{weight}",
                "0 leaves the event out; a larger number says more",
            )
        if own.get(key, weight) != weight:
            raise DataError(
                f"expected one weight for the event {name!r}", f"{own[key]:g} and {weight:g}"
            )
        own[key] = float(weight)
    return own
