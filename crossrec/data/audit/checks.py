"""The audit's rules on the log alone. Source: method page §3 "Audit before training"."""

from collections.abc import Iterator

import numpy as np

from crossrec.data.audit.facts import Facts, rows_per_code
from crossrec.data.audit.findings import EXAMPLES, Finding, Severity, counted
from crossrec.data.ids import IdMap
from crossrec.data.log import InteractionLog
from crossrec.schema import ITEM, SCENARIO, USER

FEW_SHARED = 50
FEW_SHARED_SHARE = 0.05
"""Fewer common users, in number or as a share of the scenario, are little to learn from."""
SMALLEST_USERS, SMALLEST_ITEMS = 10, 5
"""A scenario below this cannot be judged at all."""
ENOUGH_USERS = 20
"""Fewer users than this with held-out rows never decide whether transfer helps."""
FEW_ITEMS = 20
"""Fewer common items than this carry next to nothing."""
SHORT_HISTORY = 3
SPARSE_ITEMS = 0.5
"""Sparse: the median user has fewer rows, or more of the items have fewer rows, than this."""
SATURATED = 0.5
"""Share of the user x item cells above which "has it" says nothing about taste."""
BAD_ROWS = 0.01
MANY_SCENARIOS = 30
DENSE_NUMBERS = 0.99
"""Ids are a plain count if they fill this share of the numbers from the smallest to the largest."""


def check_log(facts: Facts, *, has_text: bool) -> Iterator[Finding]:
    """All findings about the log itself.

    Args:
        facts: the log.
        has_text: whether a catalogue tells what the items are.
    """
    yield from _rejected(facts.log)
    yield from _overlap(facts, has_text=has_text)
    yield from _sparse(facts)
    yield from _few_users(facts)
    yield from _saturated(facts)
    yield from _repeats(facts)
    yield from _shared_items(facts)
    yield from _counted_ids(facts)


def _rejected(log: InteractionLog) -> Iterator[Finding]:
    summary = log.rejects
    if summary.rejected:
        share = summary.rejected / summary.read
        yield Finding(
            "rejected_rows",
            Severity.WARNING if share > BAD_ROWS else Severity.INFO,
            "",
            summary.rejected,
            f"{summary.rejected:,} of {summary.read:,} rows could not be used",
            "Correct these rows in the file, or go on without them",
            tuple(
                {"file": row.file, "line": row.line, "column": row.column, "value": row.value,
                 "reason": row.reason}
                for row in summary.rows[:EXAMPLES]
            ),
        )  # fmt: skip
    if skipped := [file for file in summary.files if file.skipped]:
        n, total = len(skipped), len(summary.files)
        yield Finding(
            "skipped_files",
            Severity.WARNING,
            "",
            n,
            f"{n:,} of {counted(total, 'file')} or sheets left out",
            "Nothing to do if they are leaflets or further tables; else save them as CSV, and name"
            " their columns",
            tuple({"file": file.name, "reason": file.note} for file in skipped[:EXAMPLES]),
        )
    if summary.duplicates:
        yield Finding(
            "duplicates",
            Severity.INFO,
            "",
            summary.duplicates,
            f"{counted(summary.duplicates, 'exact repeat')} of an earlier row dropped",
            "Nothing to do, unless each of them was meant to count",
        )


def _overlap(facts: Facts, *, has_text: bool) -> Iterator[Finding]:
    if len(facts.names) < 2:
        yield Finding(
            "overlap",
            Severity.BLOCKER,
            "",
            len(facts.names),
            "The log has one scenario only; transfer needs two",
            "Name the column that tells the scenarios apart, or add the log of another scenario",
        )
        return
    if len(facts.names) > MANY_SCENARIOS:
        yield Finding(
            "many_scenarios",
            Severity.WARNING,
            "",
            len(facts.names),
            f"The log has {len(facts.names)} scenarios",
            "Check that the scenario column is the right one, or join small scenarios into groups",
            tuple({"scenario": name} for name in facts.names[:EXAMPLES]),
        )
    common = facts.item_overlap - np.diag(facts.item_overlap.diagonal())
    for code, name in enumerate(facts.names):
        shared, users = int(facts.shared[code]), len(facts.users[code])
        items = int(common[code].max())
        if shared == 0 and not has_text and items >= FEW_ITEMS:
            yield Finding(
                "overlap",
                Severity.WARNING,
                name,
                0,
                f"No user of {name} has rows in another scenario, and there is no item text; only"
                f" {items:,} shared items can transfer",
                "Expect help from shared items only, or use the same user ids in all scenarios",
            )
        elif shared == 0:
            yield Finding(
                "overlap",
                Severity.WARNING if has_text else Severity.BLOCKER,
                name,
                0,
                f"No user of {name} has rows in another scenario"
                + ("; only text can transfer" if has_text else ", and there is no item text"),
                "Expect help from item texts only, or use the same user ids in all scenarios"
                if has_text
                else "Add item titles or texts, or use the same user ids in all scenarios",
            )
        elif shared < FEW_SHARED or shared < FEW_SHARED_SHARE * users:
            yield Finding(
                "overlap",
                Severity.WARNING,
                name,
                shared,
                f"Only {shared:,} of {users:,} users of {name} have rows in another scenario",
                "Trust item texts more than shared users here, and look at the intervals",
            )


def _sparse(facts: Facts) -> Iterator[Finding]:
    for code, name in enumerate(facts.names):
        rows = facts.rows[code]
        users, items = len(facts.users[code]), len(facts.items[code])
        if users < SMALLEST_USERS or items < SMALLEST_ITEMS:
            yield Finding(
                "sparse",
                Severity.BLOCKER,
                name,
                len(rows),
                f"{name} has {users:,} users and {items:,} items only",
                f"Add rows: at least {SMALLEST_USERS} users and {SMALLEST_ITEMS} items are needed",
            )
            continue
        history = float(np.median(rows_per_code(facts.log.user[rows])))
        per_item = rows_per_code(facts.log.item[rows])
        rare = int((per_item < SHORT_HISTORY).sum())
        if history < SHORT_HISTORY or rare > SPARSE_ITEMS * items:
            yield Finding(
                "sparse",
                Severity.WARNING,
                name,
                rare,
                f"In {name} the median user has {history:g} {'row' if history == 1 else 'rows'},"
                f" and {rare:,} of {items:,} items have fewer than {SHORT_HISTORY}",
                "Expect wide intervals and let texts help, or add more of the log",
            )


def _few_users(facts: Facts) -> Iterator[Finding]:
    """Scenarios in which no verdict is possible; those too small to be trained on are told so."""
    sizes = {name: len(users) for name, users in zip(facts.names, facts.users, strict=True)}
    few = {name: n for name, n in sizes.items() if n < ENOUGH_USERS}
    need = f"a verdict on transfer needs at least {ENOUGH_USERS} with held-out rows"
    action = "Add more users; a run trains all the same, and its lists can be used"
    if few and len(few) == len(sizes):
        most = max(few.values())
        what = f"Nothing could be judged: no scenario has more than {counted(most, 'user')}, and"
        yield Finding("few_users", Severity.WARNING, "", most, f"{what} {need}", action)
        return
    for name, n in few.items():
        if n >= SMALLEST_USERS:
            what = f"Nothing could be judged in {name}: it has {counted(n, 'user')}, and {need}"
            yield Finding("few_users", Severity.WARNING, name, n, what, action)


def _repeats(facts: Facts) -> Iterator[Finding]:
    for code, name in enumerate(facts.names):
        rows = len(facts.rows[code])
        again = rows - int(facts.common_pairs[code, code])
        if again:
            yield Finding(
                "repeats",
                Severity.INFO,
                name,
                again,
                f"{counted(again, 'row')} of {name} ({again / rows:.1%}) repeat a user"
                " and item at another time or with another event",
                "Nothing to do: they add strength, and only new items are judged",
            )


def _saturated(facts: Facts) -> Iterator[Finding]:
    """Everybody has nearly everything: what is left to rank says little."""
    for code, name in enumerate(facts.names):
        users, items = len(facts.users[code]), len(facts.items[code])
        filled = int(facts.common_pairs[code, code])
        if users < SMALLEST_USERS or items < SMALLEST_ITEMS or filled <= SATURATED * users * items:
            continue
        yield Finding(
            "saturated",
            Severity.WARNING,
            name,
            filled,
            f"In {name} {filled / (users * items):.0%} of all user-item pairs are filled: nearly"
            " everybody has nearly everything",
            "Keep only the rows that say yes (a rating of 4 or more, say); else ranking what a user"
            " does not have yet judges by the few cells left",
        )


def _shared_items(facts: Facts) -> Iterator[Finding]:
    common = facts.item_overlap
    pairs = np.argwhere(np.triu(common, 1))
    if not len(pairs):
        return
    shared = int((facts.item_in.sum(axis=1) > 1).sum())
    ordered = pairs[np.argsort(-common[pairs[:, 0], pairs[:, 1]], kind="stable")]
    yield Finding(
        "shared_items",
        Severity.INFO,
        "",
        shared,
        f"{counted(shared, 'item id')} with rows in two scenarios or more",
        "Nothing to do if one id is one product everywhere; if each scenario numbers its own items,"
        " put the scenario before the id",
        tuple(
            {
                SCENARIO: facts.names[one],
                "other": facts.names[other],
                "items": int(common[one, other]),
            }
            for one, other in ordered[:EXAMPLES]
        ),
    )


def _counted_ids(facts: Facts) -> Iterator[Finding]:
    """Ids that every scenario counts from the start: number 17 need not be the same there."""
    for kind, noun, ids, present in (
        (USER, "user", facts.log.users, facts.user_in),
        (ITEM, "item", facts.log.items, facts.item_in),
    ):
        ends = _plain_counts(ids, present)
        # One count for all scenarios would leave gaps in each, or end at one number in all.
        if len(ends) < 2 or len(set(ends.values())) < 2:
            continue
        shared = int((present[:, list(ends)].sum(axis=1) > 1).sum())
        yield Finding(
            "id_collision",
            Severity.WARNING,
            "",
            shared,
            f"The {noun} ids of {len(ends)} scenarios are each a plain count from the start, with"
            f" different ends: {counted(shared, 'id')} may mean two {noun}s",
            f"If every scenario numbers its own {noun}s, put the scenario before the id; else"
            " nothing to do",
            tuple(
                {SCENARIO: facts.names[code], "column": kind, "last": last}
                for code, last in list(ends.items())[:EXAMPLES]
            ),
        )


def _plain_counts(ids: IdMap, present: np.ndarray) -> dict[int, int]:
    """Scenario code -> last number, for scenarios whose ids are 0..n or 1..n without gaps."""
    texts = ids.ids.tolist()
    if not all(text.isascii() and text.isdigit() and len(text) < 16 for text in texts):
        return {}
    numbers = np.array(texts, dtype=np.int64)
    ends = {}
    for code, column in enumerate(present.T):
        own = numbers[column]
        if len(own) < FEW_SHARED or own.min() > 1:
            continue
        if len(own) >= DENSE_NUMBERS * (own.max() - own.min() + 1):
            ends[code] = int(own.max())
    return ends
