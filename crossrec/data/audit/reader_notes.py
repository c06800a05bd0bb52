"""What the reader noticed about ids and names, as findings."""

from collections.abc import Iterable, Iterator

from crossrec.data.audit.findings import Finding, Severity, counted
from crossrec.data.catalog import Catalog
from crossrec.data.log import InteractionLog, ReaderNote
from crossrec.data.reading.naming import MERGED, RENAMED
from crossrec.data.reading.noticed import DAMAGED, PLACEHOLDERS
from crossrec.data.reading.nouns import SEPARATE
from crossrec.data.two_titles import TWO_TITLES
from crossrec.data.users import UserTable
from crossrec.schema import EVENT, ITEM, SCENARIO, TITLE, USER

GRAVE = 0.01
"""Above this share of the rows, damaged ids stop, and placeholders are worth a warning."""
_NOUNS = {USER: "user", ITEM: "item", SCENARIO: "scenario", EVENT: "event", TITLE: "title"}


def check_reading(
    log: InteractionLog, catalog: Catalog | None, users: UserTable | None
) -> Iterator[Finding]:
    """All findings about how ids and names were read, in the log and in both tables."""
    for table, read in (("the log", log), ("the catalogue", catalog), ("the user table", users)):
        if read is not None:
            yield from _findings(read.rejects.notes, table)


def _findings(notes: Iterable[ReaderNote], table: str) -> Iterator[Finding]:
    for note in notes:
        what, action, severity = _words(note, table)
        yield Finding(note.rule, severity, "", note.count, what, action, note.examples)


def _words(note: ReaderNote, table: str) -> tuple[str, str, Severity]:
    noun, grave = _NOUNS[note.column], note.share > GRAVE
    first = f", such as {note.examples[0]['value']!r}" if "value" in _first(note) else ""
    match note.rule:
        case rule if rule == PLACEHOLDERS:
            return (
                f"{counted(note.count, 'row')} of {table} ({note.share:.1%}) have a word for nobody"
                f" or nothing in place of the {noun}{first}; they were left out",
                "Nothing to do, unless the word is the id of one person or thing: rename it then",
                Severity.WARNING if grave else Severity.INFO,
            )
        case rule if rule == DAMAGED:
            return (
                f"{counted(note.count, f'{noun} id')} of {table} lost digits before the file was"
                f" written{first}: one such id may stand for several {noun}s"
                f" ({note.share:.1%} of the rows)",
                "Export the data again with ids as text; a table program keeps 15 digits of a"
                " number, and a floating-point column 15 to 17",
                Severity.BLOCKER if grave else Severity.WARNING,
            )
        case rule if rule == SEPARATE:
            columns = ", ".join(str(example["column"]) for example in note.examples)
            return (
                f"Item columns have {note.count} different names ({columns}) and share ids: the"
                " ids of each got its name as a prefix, as different things",
                "Nothing to do if they are different things; else give the columns one name",
                Severity.INFO,
            )
        case rule if rule == TWO_TITLES:
            return (
                f"{counted(note.count, 'item id')} stand in {table} with different titles; the"
                " first title is used",
                "If these are different items, give each an id of its own, in the log too",
                Severity.WARNING if grave else Severity.INFO,
            )
        case rule if rule == RENAMED:
            return (
                f"{counted(note.count, 'name')} of scenarios changed, as you said",
                "Nothing to do",
                Severity.INFO,
            )
        case rule if rule == MERGED:
            return (
                f"{counted(note.count, 'spelling')} of {noun} names differ from another one in"
                " case, spaces or dashes only: they were read as one name",
                "Nothing to do if they are the same; else rename them in the file",
                Severity.INFO,
            )
    raise ValueError(note.rule)


def _first(note: ReaderNote) -> dict[str, str | int]:
    return dict(note.examples[0]) if note.examples else {}
