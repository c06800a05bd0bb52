"""The audit's rules on the catalogue and the user table."""

import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from itertools import islice

import numpy as np

from crossrec.data.catalog import Catalog
from crossrec.data.checks import EXAMPLES, Facts
from crossrec.data.findings import Finding, Severity, counted
from crossrec.data.users import UserTable
from crossrec.schema import ITEM, TITLE

MOSTLY = 0.5
SOME = 0.05
"""Shares of a scenario's items above which a gap limits, or is worth a warning."""
FEW = 0.01
"""Twins below this share of a scenario's items change little."""
SAME_TEXT = 5
"""More items than this with one and the same text are hard to tell apart."""
SHORT_TITLE = 6
"""Titles with fewer letters and digits are too common to mean the same product."""
_ID = re.compile(r"(.*?)(\d{1,15})")


def check_catalog(facts: Facts, catalog: Catalog | None) -> Iterator[Finding]:
    """All findings about the items."""
    if catalog is None:
        yield Finding(
            "no_text",
            Severity.WARNING,
            "",
            len(facts.log.items),
            "There is no catalogue: nothing is known about the items but their ids",
            "Add a file with item_id and title; texts carry knowledge to new items",
        )
        return
    yield from _rejected(catalog)
    if not len(catalog):
        return
    yield from _not_in_catalog(facts, catalog)
    yield from _id_shift(facts, catalog)
    yield from _no_text(facts, catalog)
    yield from _same_text(catalog)
    yield from _twins(facts, catalog)
    yield from _missing("items", catalog.attributes)


def check_users(facts: Facts, users: UserTable | None) -> Iterator[Finding]:
    """All findings about the profiles."""
    if users is None:
        return
    yield from _missing("users", users.attributes)
    if len(users):
        unknown = int((users.users.codes(facts.log.users.ids) < 0).sum())
        if unknown:
            yield Finding(
                "no_profile",
                Severity.INFO,
                "",
                unknown,
                f"{unknown:,} of {len(facts.log.users):,} users of the log have no profile",
                "Nothing to do: they are served without one",
            )


def _rejected(catalog: Catalog) -> Iterator[Finding]:
    summary = catalog.rejects
    if summary.rejected:
        yield Finding(
            "rejected_rows",
            Severity.INFO,
            "",
            summary.rejected,
            f"{summary.rejected:,} of {summary.read:,} rows of the catalogue could not be used",
            "Correct these rows in the file, or go on without them",
            tuple(
                {"line": row.line, "column": row.column, "value": row.value, "reason": row.reason}
                for row in summary.rows[:EXAMPLES]
            ),
        )


def _not_in_catalog(facts: Facts, catalog: Catalog) -> Iterator[Finding]:
    known = catalog.items.codes(facts.log.items.ids) >= 0
    for name, items in zip(facts.names, facts.items, strict=True):
        unknown = items[~known[items]]
        if len(unknown):
            yield Finding(
                "not_in_catalog",
                Severity.WARNING if len(unknown) > SOME * len(items) else Severity.INFO,
                name,
                len(unknown),
                f"{len(unknown):,} of {len(items):,} items of {name} are not in the catalogue",
                "Check that both files use the same item ids, or add the missing items",
                tuple({ITEM: facts.log.items.ids[code]} for code in unknown[:EXAMPLES]),
            )


def _id_shift(facts: Facts, catalog: Catalog) -> Iterator[Finding]:
    """One-based against zero-based ids: moving every id by one finds more of them."""
    ids = facts.log.items.ids
    parts = [found for value in ids if (found := _ID.fullmatch(value))]
    if len(parts) < len(ids):
        return
    misses = {
        step: sum(_moved(part, step) not in catalog.items for part in parts) for step in (-1, 0, 1)
    }
    best = min(misses, key=lambda step: (misses[step], abs(step)))
    if best == 0:
        return
    yield Finding(
        "id_shift",
        Severity.WARNING,
        "",
        misses[0] - misses[best],
        f"{misses[0]:,} item ids of the log are not in the catalogue, but {misses[best]:,} would"
        f" be missing if every id were {'one higher' if best > 0 else 'one lower'}",
        "Check whether one file counts from 0 and the other from 1: titles may be the neighbour's",
        tuple({ITEM: value} for value in ids[:EXAMPLES]),
    )


def _moved(part: re.Match[str], step: int) -> str:
    """The id with its number moved; ``i09`` keeps its width, ``i9`` has none to keep."""
    width = len(part[2]) if part[2].startswith("0") else 0
    return f"{part[1]}{int(part[2]) + step:0{width}d}"


def _no_text(facts: Facts, catalog: Catalog) -> Iterator[Finding]:
    written = (catalog.title != "") | (catalog.text != "")
    codes = catalog.items.codes(facts.log.items.ids)
    told = (codes >= 0) & written[codes]
    for name, items in zip(facts.names, facts.items, strict=True):
        bare = items[~told[items]]
        share = len(bare) / max(len(items), 1)
        if share == 0:
            continue
        yield Finding(
            "no_text",
            Severity.WARNING if share > SOME else Severity.INFO,
            name,
            len(bare),
            f"{len(bare):,} of {len(items):,} items of {name} have neither title nor text",
            "Add titles: text is what carries knowledge to items nobody has used yet"
            if share > MOSTLY
            else "Add the missing titles; without one an item is known by its history only",
            tuple({ITEM: facts.log.items.ids[code]} for code in bare[:EXAMPLES]),
        )


def _same_text(catalog: Catalog) -> Iterator[Finding]:
    counts = Counter(zip(catalog.title, catalog.text, strict=True))
    counts.pop(("", ""), None)
    many = [(whole, n) for whole, n in counts.most_common() if n > SAME_TEXT]
    if many:
        count = sum(n for _, n in many)
        yield Finding(
            "same_text",
            Severity.WARNING if count > SOME * len(catalog) else Severity.INFO,
            "",
            count,
            f"{count:,} items share their title and text with at least {SAME_TEXT} others",
            "Add a text that tells them apart, or give variants of one product one id",
            tuple(
                {TITLE: (title or text)[:100], "items": n} for (title, text), n in many[:EXAMPLES]
            ),
        )


def _twins(facts: Facts, catalog: Catalog) -> Iterator[Finding]:
    """Items of two scenarios with one title: the same product under two ids."""
    found = _twin_pairs(facts, catalog)
    for scenario, name in enumerate(facts.names):
        twins = found[scenario]
        if not twins:
            continue
        yield Finding(
            "twins",
            Severity.WARNING if len(twins) > FEW * len(facts.items[scenario]) else Severity.INFO,
            name,
            len(twins),
            f"{counted(len(twins), 'item')} of {name} with the title of another item in another"
            " scenario",
            "If they are the same product, give them one id; else the other scenario gives the"
            " answer away",
            tuple(
                {
                    TITLE: catalog.title[code][:100],
                    ITEM: catalog.items.ids[code],
                    "twin": catalog.items.ids[twin],
                    "twin_scenario": facts.names[place],
                }
                for code, (place, twin) in islice(twins.items(), EXAMPLES)
            ),
        )


def _twin_pairs(facts: Facts, catalog: Catalog) -> list[dict[int, tuple[int, int]]]:
    """Per scenario: item code (the catalogue's) -> (scenario, item code) of its first twin."""
    codes = catalog.items.codes(facts.log.items.ids)
    places: dict[str, list[tuple[int, int]]] = defaultdict(list)
    for scenario, items in enumerate(facts.items):
        for code in codes[items][codes[items] >= 0].tolist():
            key = "".join(filter(str.isalnum, str(catalog.title[code]).casefold()))
            if len(key) >= SHORT_TITLE:
                places[key].append((scenario, code))
    found: list[dict[int, tuple[int, int]]] = [{} for _ in facts.names]
    for group in places.values():
        for scenario, code in group if len(group) > 1 else ():
            others = (at for at in group if at[0] != scenario and at[1] != code)
            if (twin := next(others, None)) is not None:
                found[scenario][code] = twin
    return found


def _missing(table: str, columns: Mapping[str, np.ndarray]) -> Iterator[Finding]:
    """Columns with gaps: one finding for those without any value, one for the half empty."""
    gaps = {}
    for name, values in columns.items():
        empty = np.isnan(values) if values.dtype.kind == "f" else values == ""
        gaps[name] = float(np.mean(empty)) if len(values) else 1.0
    for low, high, severity, what in (
        (1.0, 1.0, Severity.WARNING, "without any value"),
        (MOSTLY, 1.0, Severity.INFO, "that are mostly empty"),
    ):
        found = {
            name: share
            for name, share in gaps.items()
            if low <= share and (low == 1 or share < high)
        }
        if found:
            yield Finding(
                "missing",
                severity,
                "",
                len(found),
                f"The table of {table} has {len(found)} columns {what}",
                "Fill these columns or remove them; they are not used as they are",
                tuple(
                    {"column": name, "empty": f"{share:.0%}"}
                    for name, share in list(found.items())[:EXAMPLES]
                ),
            )
