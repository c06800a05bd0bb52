"""What each table of a file is: log, catalogue, profiles, or a leaflet; and its columns."""

from collections.abc import Sequence

from crossrec.data.formats import ITEMS, LOG, USERS
from crossrec.data.log import FileFacts
from crossrec.data.phrases import phrase
from crossrec.data.reading.mapping import LIKELY, ColumnMap, Columns, resolve, suggest
from crossrec.data.sources import Part
from crossrec.schema import CATALOG_COLUMNS, ITEM, LOG_COLUMNS, TIME, USER


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
    roles = [role_of(part, given) for part in parts]
    if role not in roles:
        return list(parts)
    for part, own in zip(parts, roles, strict=True):
        if not own:
            error = phrase("no_columns")
            skipped.append(FileFacts(part.name, note=phrase("not_read", error=error), skipped=True))
    return [part for part, own in zip(parts, roles, strict=True) if own == role]


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


def facts_of(part: Part, columns: ColumnMap, rows: int, time: str = "") -> FileFacts:
    """How a table was read."""
    shape = part.shape
    return FileFacts(
        name=part.name,
        kind=part.kind,
        encoding=part.encoding,
        delimiter=part.delimiter,
        layout=shape.layout if shape else "",
        rows=rows,
        columns=dict(columns.columns),
        confidence=dict(columns.confidence),
        time=time,
        note=shape.note if shape else "",
    )
