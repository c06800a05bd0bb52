"""What each table of a file is: log, catalogue, profiles, or a leaflet; and its columns."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

from crossrec.data.formats import ITEMS, LOG, USERS
from crossrec.data.log import FileFacts
from crossrec.data.phrases import phrase
from crossrec.data.reading.mapping import LIKELY, ColumnMap, Columns, normal, resolve, suggest
from crossrec.data.sources import Part
from crossrec.schema import (
    CATALOG_COLUMNS,
    EVENT,
    ITEM,
    LOG_COLUMNS,
    QUANTITY,
    RATING,
    TIME,
    USER,
)

_SIGNALS = (RATING, EVENT, QUANTITY)
"""Columns that say how much somebody liked or did."""
_FREE_TEXT = (
    "tag tags keyword keywords label labels comment comments note notes text remark review"
    " 标签 评论 备注 关键词"
)
"""Headers of free text that a user writes about an item."""
_MONTHS = "january february march april may june july august september october november december"
_NUMBERED = (
    "sheet tabelle feuil hoja foglio 工作表 表 part piece chunk page table data log train test valid"
    " validation val dev all random standard sept q h w week day 月 年 日 周 第 季度"
)
_PIECES = frozenset(
    [*_NUMBERED.split(), *_MONTHS.split(), *(month[:3] for month in _MONTHS.split())]
)
"""Words of names that number or date the pieces of one log."""


def role_of(part: Part, given: Columns = None) -> str:
    """What a table seems to be: "interactions", "items", "users", or "" for none of them.

    Args:
        part: the table.
        given: which column is which, where a person said so.
    """
    if part.shape is not None:
        return part.shape.role
    said = given.columns if isinstance(given, ColumnMap) else (given or {})
    here = {name: column for name, column in said.items() if column in part.columns}
    sample = part.examples()
    found = ColumnMap(here).over(suggest(part.columns, sample, names=LOG_COLUMNS))
    if found.get(USER) and (found.get(ITEM) or found.get(TIME)):
        return LOG
    # In a table of items every row has an item of its own, which no row of a log has.
    items = ColumnMap(here).over(suggest(part.columns, sample, names=CATALOG_COLUMNS))
    if items.get(ITEM) and (items.confidence.get(ITEM) != LIKELY or not found.get(USER)):
        return ITEMS
    return USERS if found.get(USER) else ""


@dataclass(frozen=True)
class Role:
    """What a table is to be read as.

    Attributes:
        name: "interactions", "items", "users", or "" where it is to be left out.
        reason: why it is left out.
    """

    name: str
    reason: str = ""


def roles_of(parts: Sequence[Part], given: Columns = None) -> list[Role]:
    """What each of the tables is that lie in one archive or workbook.

    Beside a log of ratings or events, a table of the same users and items that holds but words
    (tags, comments) is no second log; beside a catalogue, a table of nothing but ids is none.

    Args:
        parts: the tables.
        given: which column is which, where a person said so.
    """
    names = [role_of(part, given) for part in parts]
    roles = []
    for part, name in zip(parts, names, strict=True):
        others = [
            other
            for other, own in zip(parts, names, strict=True)
            if own == name and other is not part
        ]
        if not name:
            of_layout = part.shape is not None
            error = phrase("other_table" if of_layout else "no_columns")
            roles.append(Role("", phrase("not_read", error=error)))
        elif name == LOG and (rated := next(filter(partial(_rated, part), others), None)):
            error = phrase("words_only")
            roles.append(Role("", phrase("beside", error=error, other=_short(rated))))
        elif name == ITEMS and _ids_only(part) and (
            described := next((other for other in others if not _ids_only(other)), None)
        ):  # fmt: skip
            error = phrase("ids_only")
            roles.append(Role("", phrase("beside", error=error, other=_short(described))))
        else:
            roles.append(Role(name))
    return roles


def with_role(
    parts: Sequence[Part],
    role: str,
    given: Columns,
    skipped: list[FileFacts],
) -> list[Part]:
    """Of the tables of one path those of a role; all of them where none is.

    Args:
        parts: the tables.
        role: what is wanted.
        given: which column is which, where a person said so.
        skipped: gets those that are no table of any role.
    """
    if len(parts) == 1:
        return list(parts)
    roles = roles_of(parts, given)
    if role not in [own.name for own in roles]:
        return list(parts)
    for part, own in zip(parts, roles, strict=True):
        if not own.name:
            facts = FileFacts(
                part.name, member=part.member, sheet=part.sheet, note=own.reason, skipped=True
            )
            skipped.append(facts)
    return [part for part, own in zip(parts, roles, strict=True) if own.name == role]


def scenarios_of(parts: Sequence[Part]) -> list[str]:
    """The scenario that the name of each of several logs tells, "" where it tells none.

    The logs of an archive are called by what differs in their names, the sheets of a workbook by
    their own. Names that differ in numbers, months or shares of a split (``log_1``, ``2019-Oct``,
    ``train``) are pieces of one log.
    """
    if len(parts) < 2:
        return [""] * len(parts)
    books = {part.name.removesuffix(f"/{part.sheet}") for part in parts}
    if len(books) == 1 and all(part.sheet for part in parts):
        names = [part.sheet for part in parts]
        return names if _tell(names) else [""] * len(parts)
    words = [re.split(r"[/_\-. ]+", _stem(part)) for part in parts]
    while all(len(one) > 1 and one[0] == words[0][0] for one in words):
        words = [one[1:] for one in words]
    while all(len(one) > 1 and one[-1] == words[0][-1] for one in words):
        words = [one[:-1] for one in words]
    names = [" ".join(one) for one in words]
    return names if _tell(names) else [""] * len(parts)


def _stem(part: Part) -> str:
    """Where a table lies, without the endings of its file."""
    place = part.member or part.name
    return re.sub(r"(\.\w{1,7}){1,2}$", "", place) + (f"/{part.sheet}" if part.sheet else "")


def _tell(names: Sequence[str]) -> bool:
    """Whether names differ in more than a number, a month, or a share of a split."""
    words = {
        tuple(word for word in re.findall(r"[^\W\d_]+", name.casefold()) if word not in _PIECES)
        for name in names
    }
    return len(words) == len(names) and () not in words


def _short(part: Part) -> str:
    return part.sheet or part.member.rpartition("/")[2] or part.name


def _columns(part: Part, names: Sequence[str]) -> ColumnMap:
    known = ColumnMap(part.shape.mapping if part.shape is not None else {})
    return known.over(suggest(part.columns, part.examples(), names=names))


def _rated(part: Part, other: Part) -> bool:
    """Whether ``other`` rates the items that ``part`` only has words about, by the same users."""
    mine, theirs = _columns(part, LOG_COLUMNS), _columns(other, LOG_COLUMNS)
    return (
        any(normal(column) in _FREE_TEXT.split() for column in part.columns)
        and not any(mine.get(name) for name in _SIGNALS)
        and any(theirs.get(name) for name in _SIGNALS)
        and (mine.get(USER), mine.get(ITEM)) == (theirs.get(USER), theirs.get(ITEM))
    )


def _ids_only(part: Part) -> bool:
    """Whether every column beside the item's id is an id or an address."""
    item = _columns(part, CATALOG_COLUMNS).get(ITEM)
    rest = [normal(column) for column in part.columns if column != item]
    return bool(rest) and all(word.endswith(("id", "url", "link", "uri")) for word in rest)


def columns_of(
    part: Part,
    mapping: Columns,
    names: Sequence[str],
    needed: Sequence[str],
) -> ColumnMap:
    """Which column is which: what a person says, then the layout, then the headers."""
    known = ColumnMap()
    if part.shape is not None:
        of_layout = {name: header for name, header in part.shape.mapping.items() if name in names}
        known = ColumnMap(of_layout, dict.fromkeys(of_layout, part.shape.confidence))
    return resolve(
        part.columns, mapping, part.examples(), names=names, needed=needed, file=part.name,
        known=known,
    )  # fmt: skip


def facts_of(
    part: Part, columns: ColumnMap, rows: int, time: str = "", note: str = ""
) -> FileFacts:
    """How a table was read."""
    shape = part.shape
    return FileFacts(
        name=part.name,
        kind=part.kind,
        member=part.member,
        sheet=part.sheet,
        encoding=part.encoding,
        delimiter=part.delimiter,
        layout=shape.layout if shape else "",
        rows=rows,
        columns=dict(columns.columns),
        confidence=dict(columns.confidence),
        time=time,
        note=(shape.note if shape else "") or note or part.note,
    )
