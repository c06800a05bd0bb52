"""What the reader noticed about ids and names, as findings."""

from collections.abc import Iterable, Iterator, Mapping

from crossrec.data.audit.findings import Finding, Severity
from crossrec.data.catalog import Catalog
from crossrec.data.log import InteractionLog, ReaderNote
from crossrec.data.reading.naming import MERGED, RENAMED
from crossrec.data.reading.noticed import DAMAGED, PLACEHOLDERS
from crossrec.data.reading.nouns import SEPARATE
from crossrec.data.two_titles import TWO_TITLES
from crossrec.data.users import UserTable
from crossrec.data.wording import Value
from crossrec.schema import EVENT, ITEM, SCENARIO, TITLE, USER

GRAVE = 0.01
"""Above this share of the rows, damaged ids stop, and placeholders are worth a warning."""
_NOUNS = {USER: "user", ITEM: "item", SCENARIO: "scenario", EVENT: "event", TITLE: "title"}
_SEVERITY: Mapping[str, tuple[Severity, Severity]] = {
    PLACEHOLDERS: (Severity.INFO, Severity.WARNING),
    DAMAGED: (Severity.WARNING, Severity.BLOCKER),
    SEPARATE: (Severity.INFO, Severity.INFO),
    TWO_TITLES: (Severity.INFO, Severity.WARNING),
    RENAMED: (Severity.INFO, Severity.INFO),
    MERGED: (Severity.INFO, Severity.INFO),
}
"""Rule -> severity up to :data:`GRAVE` of the rows, and above."""
_UNNAMED = {PLACEHOLDERS: "placeholder_ids.unnamed", DAMAGED: "damaged_ids.unnamed"}
"""Keys where the example, an id of a user, is hidden."""


def check_reading(
    log: InteractionLog, catalog: Catalog | None, users: UserTable | None
) -> Iterator[Finding]:
    """All findings about how ids and names were read, in the log and in both tables."""
    for table, read in (("log", log), ("catalogue", catalog), ("users", users)):
        if read is not None:
            yield from _findings(read.rejects.notes, table)


def _findings(notes: Iterable[ReaderNote], table: str) -> Iterator[Finding]:
    for note in notes:
        key, severity = note.rule, _SEVERITY[note.rule][note.share > GRAVE]
        values: dict[str, Value] = {"noun": _NOUNS[note.column], "in_table": table}
        if note.rule == SEPARATE:
            values["columns"] = tuple(str(example["column"]) for example in note.examples)
        if note.rule in _UNNAMED:
            values["share"] = note.share
            if note.examples:
                values["example"] = str(note.examples[0]["value"])
            else:
                key = _UNNAMED[note.rule]
        yield Finding(key, severity, "", note.count, values, note.examples)
