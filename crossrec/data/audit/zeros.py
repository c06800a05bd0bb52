"""Leading zeros that one of two files has lost: ``0000000506`` there, ``506`` here."""

from collections.abc import Iterable, Iterator

from crossrec.data.audit.facts import Facts
from crossrec.data.audit.findings import EXAMPLES, Finding, Severity
from crossrec.data.catalog import Catalog
from crossrec.data.users import UserTable

LEAST = 3
"""Fewer ids that differ in zeros only may be so by chance."""
SOME = 0.05
"""... and so may be a smaller share of the ids that have zeros."""


def check_zeros(
    facts: Facts, catalog: Catalog | None, users: UserTable | None
) -> Iterator[Finding]:
    """Ids that would meet if leading zeros did not count; they are never joined by guessing."""
    log = facts.log
    tables = (
        ("item", log.items.ids, None if catalog is None else catalog.items.ids, "catalogue"),
        ("user", log.users.ids, None if users is None else users.users.ids, "users"),
    )
    for noun, own, others, table in tables:
        here = _numbers(own)
        padded = {number for number in here if number.startswith("0")}
        own_pairs = [(one, short) for one in padded if (short := one.lstrip("0")) in here]
        yield from _finding(noun, own_pairs, len(padded), "log")
        if others is not None:
            there = _numbers(others)
            zeros = sum(number.startswith("0") for number in here | there)
            bare = {number.lstrip("0"): number for number in there - here} if zeros else {}
            pairs = [
                (one, bare[short]) for one in here - there if (short := one.lstrip("0")) in bare
            ]
            yield from _finding(noun, pairs, zeros, table)


def _finding(noun: str, pairs: list[tuple[str, str]], zeros: int, table: str) -> Iterator[Finding]:
    """A finding of ids of the log and what they would meet, where it is no chance."""
    if len(pairs) < LEAST or len(pairs) < SOME * zeros:
        return
    pairs.sort()
    yield Finding(
        "lost_zeros.log" if table == "log" else "lost_zeros",
        Severity.WARNING,
        "",
        len(pairs),
        {"noun": noun, "in_table": table},
        tuple({"log_id": one, "other_id": other} for one, other in pairs[:EXAMPLES]),
    )


def _numbers(ids: Iterable[str]) -> set[str]:
    return {text for text in ids if text.isascii() and text.isdigit()}
