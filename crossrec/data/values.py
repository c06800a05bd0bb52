"""Cells that hold several values, such as the genres of a film, and how they are kept."""

import re

BETWEEN = " | "
"""Between the values of a cell of a table that was read."""
LISTED = "\x1f"
"""Between the values of a list on its way from a file; no text holds it."""


def values_of(cell: object) -> list[str]:
    """The values in a cell of a catalogue or of profiles, each once: none for "" and numbers."""
    if not isinstance(cell, str) or not cell:
        return []
    return list(dict.fromkeys(filter(None, map(str.strip, cell.split(BETWEEN)))))


def as_cell(values: list[str]) -> str:
    """Values as one cell."""
    return BETWEEN.join(dict.fromkeys(map(single, values)))


def single(value: str) -> str:
    """A value that will not be taken for several."""
    return re.sub(r"\s+\|\s+", "|", value).strip()
