"""One item id with several titles: two things under one id, or one that was renamed."""

from collections.abc import Iterable

from crossrec.data.audit.titles import title_key
from crossrec.data.log import ReaderNote
from crossrec.schema import ITEM, TITLE

TWO_TITLES = "two_titles"
_EXAMPLES = 5


def titles_note(listed: Iterable[tuple[str, Iterable[str]]], total: int) -> tuple[ReaderNote, ...]:
    """A note of the items with several titles; () where there is none.

    Args:
        listed: item ids and the titles each has, in their order. Titles that differ in case, marks
            and spaces only are one; an empty one is none.
        total: number of all items.
    """
    several = []
    for item, titles in listed:
        different = {title_key(title) or title.casefold(): title for title in titles if title}
        if len(different) > 1:
            several.append((item, list(different.values())))
    examples = tuple(
        {ITEM: item, "titles": " | ".join(title[:60] for title in titles[:3])}
        for item, titles in several[:_EXAMPLES]
    )
    if not several:
        return ()
    return (ReaderNote(TWO_TITLES, TITLE, len(several), examples, len(several) / max(total, 1)),)
