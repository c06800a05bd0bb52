"""JSON: an object per line, or a list of objects."""

import ast
import json
from collections.abc import Iterator
from dataclasses import replace
from itertools import islice
from pathlib import Path
from typing import Any

import pyarrow as pa

from crossrec.data.formats import Head, recognise
from crossrec.data.phrases import phrase
from crossrec.data.reading.rejects import RejectList
from crossrec.data.sources.careful import ESCAPED, UNDECODED, as_table
from crossrec.data.sources.jsonlist import is_list, objects
from crossrec.data.sources.part import Part, Repaired, shaped
from crossrec.data.sources.staging import Staging, open_text, own_name, quoted
from crossrec.data.sources.text import Survey, survey
from crossrec.data.values import LISTED
from crossrec.errors import FileUnreadable

_HEAD = 2_000
_ROWS = 50_000
_MAX_LINE = 16 << 20
_ENOUGH = 20_000
_NO_LINE = "\x1f"
"""A separator that JSON text cannot hold, so that every line is one cell."""


def looks_like_json(head: bytes) -> bool:
    """Whether a text begins like JSON."""
    return head.removeprefix(b"\xef\xbb\xbf").lstrip()[:1] in (b"{", b"[")


def json_table(path: Path, name: str, found: Survey, staging: Staging) -> Part:
    """A file of JSON objects as a part: one per line, or a list of them, however it is printed.

    Of a list the number of an object stands for its line.

    Raises:
        FileUnreadable: it holds no object.
    """
    with open_text(path, found.encoding, errors="replace") as text:
        if not is_list(text):
            return jsonl(path, name, found, staging)
        text.seek(0)
        lines = staging.new(".jsonl")
        with lines.open("w", encoding="utf-8", newline="") as out:
            out.writelines(f"{one}\n" for one in objects(text))
    part = jsonl(lines, name, survey(lines, name), staging)
    return replace(part, encoding=found.encoding)


def jsonl(path: Path, name: str, found: Survey, staging: Staging) -> Part:
    """A JSONL file as a part; its columns are the keys of many lines from all over the file.

    Lists become many values of one cell, other nested values stay JSON.

    Raises:
        FileUnreadable: no line holds an object.
    """
    with open_text(path, found.encoding) as text:
        head = list(islice(text, _HEAD))
    rest = [line.decode(found.encoding, errors="replace") for line in found.sample[_HEAD:]]
    known = [held for line in [*head, *rest] if isinstance(held := _parse(line), dict)]
    if not known:
        raise FileUnreadable(
            f"expected one JSON object per line in {name}",
            f"{head[0].strip()[:60]!r}" if head else "only blank lines",
            "Save it as JSONL, CSV or Parquet",
        )
    keys = tuple(key for key in dict.fromkeys(str(key) for held in known for key in held)
                 if not ESCAPED.search(key))  # fmt: skip
    rows = [[0, *_cells(held, keys)] for held in known[: _HEAD + _ENOUGH]]

    def repair(rejects: RejectList) -> Repaired:
        with open_text(path, found.encoding) as text:
            blocks = _read(text, keys, rejects)
            return Repaired(*staging.write(blocks, as_table([], len(keys)).schema))

    part = Part(
        name=name,
        path=path,
        columns=keys,
        kind="jsonl",
        encoding=found.encoding,
        delimiter="",
        sample=as_table(rows, len(keys)).drop_columns(["line"]),
        fast=_relation(path, keys) if found.plain else "",
        rows=found.lines,
        first_line=1,
        repair=repair,
    )
    return shaped(part, recognise(Head(own_name(name), keys)), staging)


def _relation(path: Path, keys: tuple[str, ...]) -> str:
    paths = ", ".join(
        "'" + ('$."' + key.replace('"', '\\"') + '"').replace("'", "''") + "'" for key in keys
    )
    # A line that is no object must fail here: the careful way then names it.
    checked = "CASE WHEN json_type(j) = 'OBJECT' THEN j ELSE error('not an object') END"
    cells = ", ".join(f"{_plain(f'v[{i}]')} AS c{i - 1}" for i in range(1, len(keys) + 1))
    return (
        f"(SELECT {cells} FROM (SELECT json_extract({checked}, [{paths}]) AS v FROM"
        f" read_csv({quoted(path)}, columns={{'j': 'VARCHAR'}}, auto_detect=false, header=false,"
        f" delim='{_NO_LINE}', quote='', escape='', all_varchar=true, compression='none',"
        f" max_line_size={_MAX_LINE})))"
    )


def _plain(value: str) -> str:
    words = f"list_filter(TRY_CAST({value} AS VARCHAR[]), lambda w: w IS NOT NULL)"
    return (
        f"CASE json_type({value}) WHEN 'NULL' THEN NULL WHEN 'VARCHAR' THEN {value} ->> '$'"
        f" WHEN 'ARRAY' THEN array_to_string({words}, '{LISTED}') ELSE CAST({value} AS VARCHAR) END"
    )


def _read(text: Iterator[str], keys: tuple[str, ...], rejects: RejectList) -> Iterator[pa.Table]:
    rows: list[list[int | str | None]] = []
    for number, line in enumerate(text, start=1):
        if not line.strip("\ufeff \t\r\n"):
            continue
        held = _parse(line)
        if isinstance(held, dict):
            rows.append([number, *_cells(held, keys)])
        else:
            reason = phrase("no_json" if held is None else "no_object")
            reason = UNDECODED if ESCAPED.search(line) else reason
            rejects.add(number, "", line.strip(), reason)
        if len(rows) == _ROWS:
            yield as_table(rows, len(keys))
            rows = []
    yield as_table(rows, len(keys))


def _parse(line: str) -> Any:
    """The value a line holds, numbers as they are written; None where it is no JSON."""
    line = line.strip("\ufeff \t\r\n")
    if ESCAPED.search(line):
        return None
    try:
        return json.loads(line, parse_float=str, parse_int=str, parse_constant=str)
    except (ValueError, RecursionError):
        pass
    if not line.startswith("{"):
        return None
    try:
        # Literals of Python, also of its version 2 ({u'a': u'b'}), as older data sets have them.
        return ast.literal_eval(line)
    except (ValueError, SyntaxError, RecursionError, MemoryError):
        return None


def _cells(held: dict[str, Any], keys: tuple[str, ...]) -> list[str | None]:
    return [_text(held.get(key)) for key in keys]


def _text(value: Any) -> str | None:
    match value:
        case None:
            return None
        case str():
            found = value
        case bool():
            found = "true" if value else "false"
        case list():
            found = LISTED.join(filter(None, map(_text, value)))
        case dict():
            found = json.dumps(value, ensure_ascii=False)
        case _:
            found = str(value)
    return found.encode(errors="replace").decode()
