"""The audit's rules on the log alone. Source: method page §3 "Audit before training"."""

from collections.abc import Iterator

import numpy as np

from crossrec.data.audit.facts import Facts, rows_per_code
from crossrec.data.audit.findings import EXAMPLES, Finding, Severity
from crossrec.data.ids import IdMap
from crossrec.data.log import InteractionLog
from crossrec.data.seen import INCLUDE, INCLUDED_FROM
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
            {"total": summary.read, "in_table": "log"},
            tuple(
                {"file": row.file, "line": row.line, "column": row.column, "value": row.value,
                 "reason": row.reason}
                for row in summary.rows[:EXAMPLES]
            ),
        )  # fmt: skip
    if skipped := [file for file in summary.files if file.skipped]:
        yield Finding(
            "skipped_files",
            Severity.WARNING,
            "",
            len(skipped),
            {"total": len(summary.files)},
            tuple({"file": file.name, "reason": file.note} for file in skipped[:EXAMPLES]),
        )
    if summary.duplicates:
        yield Finding("duplicates", Severity.INFO, "", summary.duplicates)


def _overlap(facts: Facts, *, has_text: bool) -> Iterator[Finding]:
    if len(facts.names) < 2:
        yield Finding("overlap.one_scenario", Severity.BLOCKER, "", len(facts.names))
        return
    if len(facts.names) > MANY_SCENARIOS:
        yield Finding(
            "many_scenarios",
            Severity.WARNING,
            "",
            len(facts.names),
            examples=tuple({"scenario": name} for name in facts.names[:EXAMPLES]),
        )
    common = facts.item_overlap - np.diag(facts.item_overlap.diagonal())
    for code, name in enumerate(facts.names):
        shared, users = int(facts.shared[code]), len(facts.users[code])
        items = int(common[code].max())
        if shared == 0 and not has_text and items >= FEW_ITEMS:
            yield Finding("overlap.items_only", Severity.WARNING, name, 0, {"items": items})
        elif shared == 0 and has_text:
            yield Finding("overlap.text_only", Severity.WARNING, name, 0)
        elif shared == 0:
            yield Finding("overlap.nothing", Severity.BLOCKER, name, 0)
        elif shared < FEW_SHARED or shared < FEW_SHARED_SHARE * users:
            yield Finding("overlap.few", Severity.WARNING, name, shared, {"users": users})


def _sparse(facts: Facts) -> Iterator[Finding]:
    for code, name in enumerate(facts.names):
        rows = facts.rows[code]
        users, items = len(facts.users[code]), len(facts.items[code])
        if users < SMALLEST_USERS or items < SMALLEST_ITEMS:
            needed = {"needed": SMALLEST_USERS, "needed_items": SMALLEST_ITEMS}
            size = {"users": users, "items": items}
            yield Finding("sparse.small", Severity.BLOCKER, name, len(rows), size | needed)
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
                {"history": history, "items": items, "needed": SHORT_HISTORY},
            )


def _few_users(facts: Facts) -> Iterator[Finding]:
    """Scenarios in which no verdict is possible; those too small to be trained on are told so."""
    sizes = {name: len(users) for name, users in zip(facts.names, facts.users, strict=True)}
    few = {name: n for name, n in sizes.items() if n < ENOUGH_USERS}
    needed = {"needed": ENOUGH_USERS}
    if few and len(few) == len(sizes):
        yield Finding("few_users.all", Severity.WARNING, "", max(few.values()), needed)
        return
    for name, n in few.items():
        if n >= SMALLEST_USERS:
            yield Finding("few_users", Severity.WARNING, name, n, needed)


def _repeats(facts: Facts) -> Iterator[Finding]:
    for code, seen in enumerate(facts.seen):
        rows = len(facts.rows[code])
        again = rows - int(facts.common_pairs[code, code])
        if again:
            key = "repeats.include" if seen.lists == INCLUDE else "repeats"
            share = {"share": again / rows, "later": seen.share, "limit": INCLUDED_FROM}
            yield Finding(key, Severity.INFO, seen.scenario, again, share)


def _saturated(facts: Facts) -> Iterator[Finding]:
    """Everybody has nearly everything: what is left to rank says little."""
    for code, name in enumerate(facts.names):
        users, items = len(facts.users[code]), len(facts.items[code])
        filled = int(facts.common_pairs[code, code])
        if users < SMALLEST_USERS or items < SMALLEST_ITEMS or filled <= SATURATED * users * items:
            continue
        share = {"share": filled / (users * items)}
        yield Finding("saturated", Severity.WARNING, name, filled, share)


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
        examples=tuple(
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
    for column, noun, ids, present in (
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
            {"scenarios": len(ends), "noun": noun},
            tuple(
                {SCENARIO: facts.names[code], "column": column, "last": last}
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
