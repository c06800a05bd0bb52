"""What is planted in the sample data: which scenario says what about which, and for whom."""

from dataclasses import dataclass
from itertools import permutations

TOPICS = 8
SCENARIOS = ("films", "books", "music", "groceries")


@dataclass(frozen=True)
class Link:
    """A relation between the tastes of two scenarios, the same in both directions.

    Attributes:
        first, second: scenario names.
        topics: numbers of the linked topics; a user's taste for the others is independent.
        rho: correlation of the two tastes for a linked topic, in each period.
        segment: profile column and values of the users it holds for, or None for everybody.
        verdict: what knowledge of one does to recommendations in the other.
        clear: for the directions first to second and back, whether cold-start users of the segment
            are expected to show the verdict when the source is switched on for all of them.
        why: one sentence for a reader.
    """

    first: str
    second: str
    topics: tuple[int, ...]
    rho: tuple[float, ...]
    segment: tuple[str, tuple[str, ...]] | None
    verdict: str
    clear: tuple[bool, bool]
    why: str


LINKS = (
    Link(
        "films", "books", (0, 1, 2, 3, 4), (0.97,) * 3, ("plan", ("member",)),
        "helps strongly", (True, True),
        "Members read about what they watch; the books of guests have nothing to do with it.",
    ),
    Link(
        "books", "music", (5, 6, 7), (0.92,) * 3, None, "helps weakly", (True, True),
        "Humour goes with hip hop, gardening with ambient and travel writing with world music; "
        "the other topics have nothing to do with each other.",
    ),
    Link(
        "music", "groceries", (0, 1, 2, 3, 4), (0.97, -0.5, -0.97),
        ("region", ("south", "east", "west")), "harmful", (True, False),
        "In the pilot region a promotion tied groceries to music; it ended when groceries opened "
        "everywhere, and then the opposite began, so what the pilot taught is wrong.",
    ),
)  # fmt: skip
"""All pairs not named here are independent."""


def truth(seed: int, promotion_ends: str, flip: str) -> dict:
    """The planted truth of all ordered pairs, JSON-able.

    ``promotion_ends`` and ``flip`` are the first days of the second and third period (ISO dates).

    ``strength`` is the mean correlation of the tastes in both scenarios over all topics, for the
    users of the segment, in the last period (after the flip). A segment of None means
    everybody; users outside a segment are unrelated, or of the pilot region. ``clear`` is None
    for unrelated pairs.
    """
    pairs = [
        {"source": source, "target": target, **_describe(source, target)}
        for source, target in permutations(SCENARIOS, 2)
    ]
    return {
        "format": 1,
        "seed": seed,
        "promotion_ends": promotion_ends,
        "flip": flip,
        "topics": TOPICS,
        "pairs": pairs,
    }


def _describe(source: str, target: str) -> dict:
    for link in LINKS:
        if {source, target} == {link.first, link.second}:
            column, values = link.segment or ("", ())
            return {
                "verdict": link.verdict,
                "strength": round(link.rho[-1] * len(link.topics) / TOPICS, 3),
                "segment": {"column": column, "values": list(values)} if column else None,
                "clear": link.clear[0 if source == link.first else 1],
                "why": link.why,
            }
    return {
        "verdict": "unrelated", "strength": 0.0, "segment": None, "clear": None,
        "why": "The tastes were drawn independently.",
    }  # fmt: skip
