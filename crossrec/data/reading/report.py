"""How a data set was read, as plain values: printed, kept in the run, shown beside every result."""

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from crossrec.data.catalog import Catalog
from crossrec.data.log import FileFacts, InteractionLog, RejectSummary
from crossrec.data.users import UserTable


def reading_report(
    log: InteractionLog, catalog: Catalog | None = None, users: UserTable | None = None
) -> dict[str, Any]:
    """What the files were taken for.

    Returns:
        ``files``: one per table that was read or left out (``table``: "interactions", "items" or
        "users"; ``name``, ``member`` of an archive, ``sheet`` of a workbook, ``encoding``,
        ``delimiter``, ``layout``, ``rows``, ``time``, ``columns``, ``binary``, ``skipped``,
        ``note``); ``columns``: of the log, role -> ``name`` and ``confidence``; ``signals``:
        ``column, value, kind, rows, weight, source``; ``scales``: of the ratings; ``counts``:
        ``rows, positive, exposure, negative, rejected, duplicates`` of the log (the first is the
        sum of the others) and ``users, items, scenarios`` of its interactions.
    """
    summary = log.rejects
    files = [_file(facts, "interactions") for facts in summary.files]
    for table, name in ((catalog, "items"), (users, "users")):
        if table is not None:
            files += [_file(facts, name) for facts in table.rejects.files]
    return {
        "files": files,
        "columns": _columns(summary),
        "signals": [asdict(signal) for signal in summary.signals],
        "scales": [asdict(scale) for scale in summary.scales],
        "counts": {
            "rows": summary.read,
            "positive": len(log),
            "exposure": summary.exposures,
            "negative": summary.negatives,
            "rejected": summary.rejected,
            "duplicates": summary.duplicates,
            "users": len(log.users),
            "items": len(log.items),
            "scenarios": len(log.scenarios),
        },
    }


def _file(facts: FileFacts, table: str) -> dict[str, Any]:
    """One file: its own name apart from the member and the sheet that were read of it."""
    name = facts.name
    for inner in (facts.sheet, facts.member):
        name = name.removesuffix(f"/{inner}") if inner else name
    return {
        "table": table,
        **asdict(facts),
        "name": name,
        "columns": _named(facts.columns, facts.confidence),
        "binary": list(facts.binary),
    }


def _named(columns: Mapping[str, str], confidence: Mapping[str, str]) -> dict[str, Any]:
    return {
        role: {"name": header, "confidence": confidence.get(role, "")}
        for role, header in columns.items()
        if header
    }


def _columns(summary: RejectSummary) -> dict[str, Any]:
    """Role -> column of the log; where its files differ, as the first of them has it."""
    columns: dict[str, Any] = {}
    for facts in summary.files:
        for role, column in _named(facts.columns, facts.confidence).items():
            columns.setdefault(role, column)
    return columns
