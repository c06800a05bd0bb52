"""What a reader of a run's results must know, as keys with values; every language says the same."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from crossrec.data.wording import Value, read_values, shown

NOTES: Mapping[str, str] = {
    # how was judged
    "repeats": "New items are judged: seen items, those a user already has, are neither shown nor"
    " judged.",
    "with_repeats": "With repeats lists may include seen items, and all test items are to be found,"
    " those the user already had among them: in {scenarios}.",
    "seen_exclude": "Lists leave seen items out in {scenarios}; in brackets the share of later rows"
    " that repeat an item.",
    "seen_include": "Lists may include seen items in {scenarios}; in brackets the share of later"
    " rows that repeat an item.",
    "seen_asked": "What lists do with seen items was set for this run, whatever users repeat.",
    "random": "The log has no time: test rows are random, not the last ones.",
    "order": "Times cannot be compared between users: each user's last rows are the test.",
    "cold": "Users made cold for the test are judged by their hidden target rows of any time.",
    "sample": "In {scenario} a sample of {size} of {total:test user} is judged.",
    "no_test_rows": "No test rows in scenario {scenario}: nothing is said about it.",
    "small_groups": "The figures of groups of fewer than {least:user} are withheld.",
    "all_rows": "Trained on all rows: nothing was held out, so nothing was judged.",
    # which rows were left out
    "repeat": "{n:held-out row repeats|held-out rows repeat} an item the user already had there:"
    " new items are judged without {n:~it|them}.",
    "twin": "{n:training row shows|training rows show} the same product under another id as a"
    " held-out row of the same user; {n:~it is|they are} not learnt from.",
    "nested": "{n:training row shows|training rows show} the same item as a held-out row of the"
    " same user, in a behaviour that implies it; {n:~it is|they are} not learnt from.",
    "disliked": "{n:row is|rows are} about an item that the user said no to later;"
    " {n:~it is|they are} neither learnt from nor judged.",
    # what limits the results
    "no_text": "No item has text: nothing can be carried by text, and new items not at all.",
    "blocked": "The audit blocks {scenarios}: figures there cannot be trusted.",
    "attributes_unused": "Attributes of the items were offered to the model; validation rows asked"
    " for them in no scenario, so it is the model without them.",
    "attributes_used": "Attributes of the items are used in {scenarios}, where validation rows ask"
    " for them.",
}
"""Key -> sentence; reports have the same keys, with ``note_`` before them, in each language."""


@dataclass(frozen=True)
class Note:
    """A sentence by its key of :data:`NOTES`, with the values of its placeholders."""

    key: str
    values: Mapping[str, Value] = field(default_factory=dict)

    def __str__(self) -> str:
        return NOTES[self.key].format(**shown(self.values))

    def to_json(self) -> dict[str, Any]:
        """Key, values and the sentence, as plain values."""
        return {"key": self.key, "values": dict(self.values), "text": str(self)}

    @classmethod
    def from_json(cls, held: Mapping[str, Any]) -> "Note":
        """Read what :meth:`to_json` gave."""
        return cls(held["key"], read_values(held["values"]))
