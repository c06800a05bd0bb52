"""What a well-known public layout tells about one of its files."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol

LOG, ITEMS, USERS = "interactions", "items", "users"
"""The roles a file can have in a data set."""
NONE = ""
"""The role of a file that belongs to a layout and is left out where the others are at hand."""


@dataclass(frozen=True)
class Head:
    """The beginning of a file, enough to recognise its layout.

    Attributes:
        name: the file's own name without folders and ``.gz``; an upload may have lost it.
        columns: the values of its first line, or the keys of its objects.
        lines: its first lines as text; empty where it is not delimited text.
    """

    name: str
    columns: tuple[str, ...]
    lines: tuple[str, ...] = ()


@dataclass(frozen=True)
class Shape:
    """How to read a file of a layout.

    Attributes:
        layout: the layout's name, such as "MovieLens 100K".
        role: what the file is: :data:`LOG`, :data:`ITEMS`, :data:`USERS` or :data:`NONE`.
        mapping: schema name -> header.
        confidence: "exact" (the names leave no doubt) or "likely".
        header: the column names, where the file itself has none.
        delimiter: between values, where it is not found by looking.
        quoting: whether values may stand in quotation marks.
        encoding: of the text, where it is not UTF-8.
        scenario: of every row, where the file is one scenario; "" otherwise.
        select: SQL over ``cells`` (line, c0, c1, ...) that makes the rows that are wanted, with
            the columns line, c0, c1, ...; "" where the rows are that already.
        derived: what ``select`` calls these columns.
        note: what a person should know.
        marks: header -> what stands between the values of its cells.
    """

    layout: str
    role: str
    mapping: Mapping[str, str]
    confidence: str = "exact"
    header: tuple[str, ...] = ()
    delimiter: str = ""
    quoting: bool = True
    encoding: str = ""
    scenario: str = ""
    select: str = ""
    derived: tuple[str, ...] = field(default=())
    note: str = ""
    marks: Mapping[str, str] = field(default_factory=dict)


class Layout(Protocol):
    """One public layout; each lives in a module of its own."""

    @property
    def name(self) -> str:
        """What people call it."""
        ...

    def recognise(self, head: Head) -> Shape | None:
        """How to read the file, or None where it is not of this layout."""
        ...
