"""A path -> the tables it holds."""

from dataclasses import replace
from pathlib import Path

from crossrec.data.formats import Head, Shape, recognise
from crossrec.data.log import FileFacts
from crossrec.data.phrases import phrase
from crossrec.data.sources.archive import ZIP, Plain, unpack
from crossrec.data.sources.delimited import delimited
from crossrec.data.sources.jsonl import json_table, looks_like_json
from crossrec.data.sources.parquet import MAGIC, parquet
from crossrec.data.sources.part import Part
from crossrec.data.sources.sheet import OLD_EXCEL, sheets
from crossrec.data.sources.staging import Staging, own_name, unchanged
from crossrec.data.sources.text import DELIMITERS, refuse_binary, survey
from crossrec.errors import FileUnreadable

_HEAD = 1 << 16
_LINES = 20
PREVIEW = 1 << 22
"""So many bytes of a file are enough for a preview."""


def open_parts(path: Path, staging: Staging, *, preview: bool = False) -> list[Part]:
    """The tables in a file; several for an archive of several files, or a workbook of sheets.

    Args:
        path: CSV, TSV, JSONL, Parquet or a workbook, as it is or packed (.gz, .zip, .tar).
            Its content decides, not its name.
        staging: where to unpack and read it.
        preview: look at the beginning only; the parts hold fewer rows then.

    Raises:
        FileUnreadable: missing, a folder, empty, damaged, or nothing of the kind.
    """
    _exists(path)
    try:
        with unchanged(path, path.name):
            head = PREVIEW if preview else None
            parts = _parts(unpack(path, staging, head=head), staging)
    except OSError as error:
        raise FileUnreadable(
            f"expected a readable file {path.name}", error.strerror or str(error)
        ) from error
    return [replace(part, member=_member(part, path.name)) for part in parts]


def _member(part: Part, file: str) -> str:
    """Where a table lies inside an archive."""
    plain = part.name.removesuffix(f"/{part.sheet}") if part.sheet else part.name
    return "" if plain == file else plain.removeprefix(f"{file}/")


def _parts(plains: list[Plain], staging: Staging) -> list[Part]:
    """The tables among plain files; a leaflet beside them is no reason to give up."""
    parts, errors = [], []
    for plain in plains:
        try:
            parts += _tables(plain, staging)
        except FileUnreadable as error:
            errors.append(error)
            note = phrase("not_read", error=error)
            staging.skipped.append(FileFacts(plain.name, note=note, skipped=True))
    if not parts:
        raise errors[0]
    return parts


def _exists(path: Path) -> None:
    if path.is_dir():
        raise FileUnreadable(
            f"expected a file, not {path.name!r}", "a folder", "Choose one file, or pack it as .zip"
        )
    if not path.exists():
        raise FileUnreadable(f"expected the file {path}", "nothing there", "Check the path")


def _tables(plain: Plain, staging: Staging) -> list[Part]:
    with plain.path.open("rb") as stream:
        head = stream.read(_HEAD)
    if not head:
        raise FileUnreadable(
            f"expected data in {plain.name}", "an empty file (0 bytes)", "Export the file again"
        )
    if head.startswith(MAGIC):
        return [parquet(plain, staging)]
    if head.startswith((ZIP, OLD_EXCEL)):
        return sheets(plain.path, plain.name, staging)
    refuse_binary(plain.name, head)
    if looks_like_json(head):
        return [json_table(plain.path, plain.name, survey(plain.path, plain.name), staging)]
    shape = _shape(plain, head, "utf-8-sig")
    found = survey(plain.path, plain.name, shape.encoding if shape else "")
    if shape is None:
        shape = _shape(plain, head, found.encoding)
    return [delimited(plain.path, plain.name, found, staging, shape)]


def _shape(plain: Plain, head: bytes, encoding: str) -> Shape | None:
    """The layout of a text table, from its name and first lines."""
    text = head.decode(encoding, errors="replace")
    whole = text if len(head) < _HEAD else text[: text.rfind("\n")]
    lines = tuple(whole.splitlines()[:_LINES])
    if not lines:
        return None
    delimiter = max(DELIMITERS, key=lines[0].count)
    columns = tuple(cell.strip().strip('"') for cell in lines[0].split(delimiter))
    return recognise(Head(own_name(plain.name), columns, lines))
