"""The audit's rules on the catalogue and the user table."""

import re
from collections import Counter
from collections.abc import Iterator, Mapping

import numpy as np

from crossrec.data.audit.facts import Facts
from crossrec.data.audit.findings import EXAMPLES, Finding, Severity
from crossrec.data.catalog import Catalog
from crossrec.data.users import UserTable
from crossrec.schema import ITEM, SCENARIO, TITLE

MOSTLY = 0.5
SOME = 0.05
"""Shares of a scenario's items above which a gap limits, or is worth a warning."""
FEW = 0.01
"""Items in another script below this share change little."""
SAME_TEXT = 5
"""More items than this with one and the same text are hard to tell apart."""
_ID = re.compile(r"(.*?)(\d{1,15})")


def check_catalog(facts: Facts, catalog: Catalog | None) -> Iterator[Finding]:
    """All findings about the items."""
    if catalog is None:
        yield Finding("no_text.no_catalogue", Severity.WARNING, "", len(facts.log.items))
        return
    yield from _rejected(catalog)
    if not len(catalog):
        return
    yield from _not_in_catalog(facts, catalog)
    yield from _id_shift(facts, catalog)
    yield from _no_text(facts, catalog)
    yield from _same_text(catalog)
    yield from _cold_items(facts, catalog)
    yield from _language_mix(facts, catalog)
    yield from _missing("catalogue", catalog.attributes)


def check_users(facts: Facts, users: UserTable | None) -> Iterator[Finding]:
    """All findings about the profiles."""
    if users is None:
        return
    yield from _missing("users", users.attributes)
    if len(users):
        unknown = int((users.users.codes(facts.log.users.ids) < 0).sum())
        if unknown:
            total = {"users": len(facts.log.users)}
            yield Finding("no_profile", Severity.INFO, "", unknown, total)


def _rejected(catalog: Catalog) -> Iterator[Finding]:
    summary = catalog.rejects
    if summary.rejected:
        yield Finding(
            "rejected_rows",
            Severity.INFO,
            "",
            summary.rejected,
            {"total": summary.read, "in_table": "catalogue"},
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
                {"items": len(items)},
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
        "id_shift.higher" if best > 0 else "id_shift.lower",
        Severity.WARNING,
        "",
        misses[0] - misses[best],
        {"missing": misses[0], "left": misses[best]},
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
            "no_text.most" if share > MOSTLY else "no_text",
            Severity.WARNING if share > SOME else Severity.INFO,
            name,
            len(bare),
            {"items": len(items)},
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
            {"others": SAME_TEXT},
            tuple(
                {TITLE: (title or text)[:100], "items": n} for (title, text), n in many[:EXAMPLES]
            ),
        )


def _cold_items(facts: Facts, catalog: Catalog) -> Iterator[Finding]:
    """Listed items that nobody has used: only their text can rank them."""
    used = facts.log.items.codes(catalog.items.ids)
    written = (catalog.title != "") | (catalog.text != "")
    for code, name in enumerate(facts.names):
        listed = catalog.listed.get(name)
        if listed is None or not len(listed):
            continue
        there = used[listed]
        cold = listed[(there < 0) | ~facts.item_in[there, code]]
        if not len(cold):
            continue
        yield Finding(
            "cold_items",
            Severity.INFO,
            name,
            len(cold),
            {"listed": len(listed), "with_text": int(written[cold].sum())},
            tuple({ITEM: catalog.items.ids[item]} for item in cold[:EXAMPLES]),
        )


def _language_mix(facts: Facts, catalog: Catalog) -> Iterator[Finding]:
    """Item texts in several scripts: a model of one language connects nothing across them."""
    codes = catalog.items.codes(facts.log.items.ids)
    scripts = np.array(
        [_script(f"{catalog.title[c]} {catalog.text[c]}") if c >= 0 else "" for c in codes.tolist()]
    )
    table = []
    for code, name in enumerate(facts.names):
        own = scripts[facts.items[code]]
        counts = Counter(own[own != ""].tolist())
        table += [
            {SCENARIO: name, "script": script, "items": n} for script, n in counts.most_common()
        ]
    kinds, numbers = np.unique(scripts[scripts != ""], return_counts=True)
    if len(kinds) < 2:
        return
    other = int(numbers.sum() - numbers.max())
    if other <= FEW * numbers.sum():
        return
    main = {row[SCENARIO]: row["script"] for row in reversed(table)}
    apart = len(set(main.values())) > 1
    yield Finding(
        "language_mix.apart" if apart else "language_mix",
        Severity.WARNING if apart else Severity.INFO,
        "",
        other,
        {"texts": int(numbers.sum()), "script": str(kinds[numbers.argmax()])},
        tuple(table[:EXAMPLES]),
    )


_SCRIPTS = {
    # Kana before Han: Japanese is written in both.
    "japanese": re.compile("[\u3040-\u30ff]"),
    "korean": re.compile("[\uac00-\ud7af]"),
    "han": re.compile("[\u4e00-\u9fff]"),
    "cyrillic": re.compile("[\u0400-\u04ff]"),
    "arabic": re.compile("[\u0600-\u06ff]"),
    "greek": re.compile("[\u0370-\u03ff]"),
    "indic": re.compile("[\u0900-\u097f]"),
    "thai": re.compile("[\u0e00-\u0e7f]"),
    "hebrew": re.compile("[\u0590-\u05ff]"),
    "latin": re.compile("[a-zA-Z\u00c0-\u024f]"),
}
_SYLLABLES = ("japanese", "korean", "han")
"""One mark of these scripts says as much as three letters."""


def _script(text: str) -> str:
    """The script most of a text is in; "" if it has no letters of a known one."""
    if text.isascii():
        return "latin" if _SCRIPTS["latin"].search(text) else ""
    counts = {name: len(pattern.findall(text)) for name, pattern in _SCRIPTS.items()}
    if counts["japanese"]:
        counts["japanese"] += counts.pop("han")
    for name in _SYLLABLES:
        counts[name] = 3 * counts.get(name, 0)
    best = max(counts, key=counts.__getitem__)
    return best if counts[best] else ""


def _missing(table: str, columns: Mapping[str, np.ndarray]) -> Iterator[Finding]:
    """Columns with gaps: one finding for those without any value, one for the half empty."""
    gaps = {}
    for name, values in columns.items():
        empty = np.isnan(values) if values.dtype.kind == "f" else values == ""
        gaps[name] = float(np.mean(empty)) if len(values) else 1.0
    for low, high, severity, key in (
        (1.0, 1.0, Severity.WARNING, "missing.empty"),
        (MOSTLY, 1.0, Severity.INFO, "missing.mostly"),
    ):
        found = {
            name: share
            for name, share in gaps.items()
            if low <= share and (low == 1 or share < high)
        }
        if found:
            yield Finding(
                key,
                severity,
                "",
                len(found),
                {"in_table": table},
                tuple(
                    {"column": name, "empty": f"{share:.0%}"}
                    for name, share in list(found.items())[:EXAMPLES]
                ),
            )
