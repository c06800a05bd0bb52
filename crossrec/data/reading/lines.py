"""How a data set was read, in a few lines, in any language."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from crossrec.data.meaning.vocabulary import Kind
from crossrec.data.wording import Amount

ENGLISH: Mapping[str, str] = {
    "table_interactions": "Interactions",
    "table_items": "Items",
    "table_users": "Users",
    "file": "{table}: {name}, {rows:row} ({details})",
    "sheet": "sheet {sheet}",
    "member": "{name} in {archive}",
    "delimiter": "delimiter {mark}",
    "layout": "layout of {layout}",
    "tab": "tab",
    "columns": "Columns of the log: {columns}",
    "column": "{role} = {header} ({confidence})",
    "confidence_exact": "recognised",
    "confidence_likely": "a guess",
    "confidence_ask": "a guess",
    "confidence_given": "as given",
    "time": "Times: {time}",
    "no_time": "Times: none",
    "signal": "What {column} says: {values}",
    "value": "{value} {kind} ({rows})",
    "value_empty": "(empty)",
    "kind_positive": "positive",
    "kind_exposure": "only shown",
    "kind_negative": "against the item",
    "kind_unknown": "not known",
    "open_scale": "Ratings of {scenarios}: liked from {start} on ({why}), lower ones are dislikes",
    "scale": "Ratings of {scenarios}, {low} to {high}: liked from {start} on ({why}),"
    " lower ones are dislikes",
    "no_scale": "Ratings of {scenarios} are on no scale: all above 0 are positive",
    "mixed_scale": "Ratings of {scenarios} are on two scales: none is taken as a dislike",
    "why_middle": "the middle of the scale",
    "why_given": "as given",
    "counts": "{rows:row}: {positive:interaction}, {exposure} only shown, {negative} against an"
    " item, {rejected} rejected, {duplicates} repeated",
    "people": "The interactions: {users:user}, {items:item}, {scenarios:scenario}",
    "left_out": "Left out: {name} ({note})",
    "note": "{name}: {note}",
    "comma": ", ",
}
"""Key -> sentence; pages have the same keys, with ``how.`` before them, in each language."""

_VALUES = 12
"""So many values of a column are told."""

Say = Callable[..., str]


def english(key: str, **values: object) -> str:
    """An English sentence with its placeholders filled."""
    return ENGLISH[key].format(**values)


def reading_lines(
    report: Mapping[str, Any], say: Say = english, said: Callable[[str], str] = str
) -> list[str]:
    """The lines.

    Args:
        report: of :func:`~crossrec.data.reading.report.reading_report`.
        say: gives the sentence of a key of :data:`ENGLISH`, with its values.
        said: translates what the reader says of times and of files left out.
    """
    return [*file_lines(report, say, said), *meaning_lines(report, say, said)]


def meaning_lines(
    report: Mapping[str, Any], say: Say = english, said: Callable[[str], str] = str
) -> list[str]:
    """What columns and values were taken for, and what that gives; see :func:`reading_lines`."""
    return [
        *_columns(report["columns"], say),
        *_times(report, say, said),
        *_signals(report["signals"], say),
        *_scales(report["scales"], say),
        *_counts(report["counts"], say),
    ]


def file_lines(
    report: Mapping[str, Any], say: Say = english, said: Callable[[str], str] = str
) -> list[str]:
    """Each file, and what was left out; see :func:`reading_lines`."""
    # An archive may stand for two tables: what it holds beside them is told once.
    return list(dict.fromkeys(_files(report["files"], say, said)))


def _files(files: list[dict[str, Any]], say: Say, said: Callable[[str], str]) -> Iterator[str]:
    for file in files:
        name = file["name"]
        if file["member"]:
            name = say("member", name=file["member"], archive=name)
        if file["skipped"]:
            yield say("left_out", name=_inner(name, file, say), note=said(file["note"]))
            continue
        details = [file["encoding"].removesuffix("-sig") or file["kind"]]
        if file["sheet"]:
            details.append(say("sheet", sheet=file["sheet"]))
        if file["delimiter"]:
            mark = say("tab") if file["delimiter"] == "\t" else file["delimiter"]
            details.append(say("delimiter", mark=mark))
        if file["layout"]:
            details.append(say("layout", layout=file["layout"]))
        table = say(f"table_{file['table']}")
        rows = Amount(file["rows"])
        yield say("file", table=table, name=name, rows=rows, details=say("comma").join(details))
        if file["note"]:
            yield say("note", name=name, note=said(file["note"]))


def _inner(name: str, file: Mapping[str, Any], say: Say) -> str:
    """A name with the sheet behind it."""
    return f"{name}{say('comma')}{say('sheet', sheet=file['sheet'])}" if file["sheet"] else name


def _columns(columns: Mapping[str, Any], say: Say) -> Iterator[str]:
    parts = [
        say(
            "column",
            role=role,
            header=column["name"],
            confidence=say(f"confidence_{column['confidence'] or 'likely'}"),
        )
        for role, column in columns.items()
    ]
    yield say("columns", columns=say("comma").join(parts))


def _times(report: Mapping[str, Any], say: Say, said: Callable[[str], str]) -> Iterator[str]:
    log_files = [file for file in report["files"] if file["table"] == "interactions"]
    times = dict.fromkeys(said(file["time"]) for file in log_files if file["time"])
    yield say("time", time=say("comma").join(times)) if times else say("no_time")


def _signals(signals: list[dict[str, Any]], say: Say) -> Iterator[str]:
    columns: dict[str, list[str]] = {}
    for signal in signals:
        columns.setdefault(signal["column"], []).append(
            say(
                "value",
                value=signal["value"] or say("value_empty"),
                kind=say(f"kind_{Kind(signal['kind']).value}"),
                rows=Amount(signal["rows"]),
            )
        )
    for column, values in columns.items():
        shown = values[:_VALUES] + (["..."] if len(values) > _VALUES else [])
        yield say("signal", column=column, values=say("comma").join(shown))


def _scales(scales: list[dict[str, Any]], say: Say) -> Iterator[str]:
    alike: dict[tuple[str, tuple[tuple[str, object], ...]], list[str]] = {}
    for scale in scales:
        start = {"start": f"{scale['positive_from']:g}"}
        why = say("why_given" if scale["given"] else "why_middle")
        if scale["mixed"] and not scale["given"]:
            key, values = "mixed_scale", {}
        elif scale["high"] is None and not scale["given"]:
            key, values = "no_scale", {}
        elif scale["high"] is None:
            key, values = "open_scale", {"why": why, **start}
        else:
            key, ends = "scale", {end: f"{scale[end]:g}" for end in ("low", "high")}
            values = {**ends, "why": why, **start}
        alike.setdefault((key, tuple(values.items())), []).append(scale["scenario"])
    for (key, values), scenarios in alike.items():
        yield say(key, scenarios=say("comma").join(scenarios), **dict(values))


def _counts(counts: Mapping[str, int], say: Say) -> Iterator[str]:
    numbers = {name: Amount(n) for name, n in counts.items()}
    rows = ("rows", "positive", "exposure", "negative", "rejected", "duplicates")
    yield say("counts", **{name: numbers[name] for name in rows})
    people = ("users", "items", "scenarios")
    yield say("people", **{name: numbers[name] for name in people})
