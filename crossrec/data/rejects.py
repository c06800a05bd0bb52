"""Rows that cannot be used: found in SQL, kept with their line and reason, limited in number."""

from collections.abc import Sequence
from typing import NamedTuple

import duckdb

from crossrec.data.log import Reject
from crossrec.data.table import LINE, RawTable
from crossrec.errors import TooManyRejects

_VALUE_LENGTH = 200


class Fault(NamedTuple):
    """A kind of bad row: the header at fault, the SQL test, the cell to show, the reason."""

    column: str
    test: str
    value: str
    reason: str


def fault_columns(faults: Sequence[Fault]) -> str:
    """SQL columns ``fault`` (number of the first fault that applies, or NULL) and ``value``."""
    number = " ".join(f"WHEN {fault.test} THEN {i}" for i, fault in enumerate(faults))
    value = " ".join(f"WHEN {fault.test} THEN {fault.value}" for fault in faults)
    return f"CASE {number} END AS fault, CASE {value} END AS value"


def set_aside(
    connection: duckdb.DuckDBPyConnection,
    judged: str,
    faults: Sequence[Fault],
    table: RawTable,
    max_rejects: float,
) -> tuple[Reject, ...]:
    """The rejects of a file by line: its malformed lines, and the faulty rows of ``judged``.

    Raises:
        TooManyRejects: more than ``max_rejects`` of all rows, or all of them.
    """
    counts = connection.sql(
        f"SELECT fault, count(*) FROM {judged} WHERE fault IS NOT NULL GROUP BY ALL ORDER BY 2 DESC"
    ).fetchall()
    bad = len(table.rejects) + sum(count for _, count in counts)
    read = table.cells.num_rows + len(table.rejects)
    rows = connection.sql(
        f"SELECT {LINE}, fault, value FROM {judged} WHERE fault IS NOT NULL ORDER BY {LINE}"
    )
    if bad > max_rejects * read or bad == read:
        reasons = [f"{count:,} x {_said(faults[fault])}" for fault, count in counts[:3]]
        if table.rejects:
            worst = table.rejects[0]
            reasons.append(f"{len(table.rejects):,} x {worst.reason} (line {worst.line})")
        raise TooManyRejects(
            f"expected at most {max_rejects:.0%} bad rows in {table.file}",
            f"{bad:,} of {read:,}: {'; '.join(reasons)}",
            "Check which column is which (--map), or repair the file",
        )
    found = [
        Reject(
            table.file,
            line,
            faults[fault].column,
            (value or "")[:_VALUE_LENGTH],
            faults[fault].reason,
        )
        for line, fault, value in rows.fetchall()
    ]
    return tuple(sorted([*table.rejects, *found], key=lambda reject: reject.line))


def _said(fault: Fault) -> str:
    return f"{fault.reason} (column {fault.column!r})" if fault.column else fault.reason
