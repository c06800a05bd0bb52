"""Layouts that are told by their column names, or by the form of their first lines, alone."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from crossrec.data.formats.shape import Head, Shape


@dataclass(frozen=True)
class Headed:
    """A table with a header.

    Attributes:
        shape: how it is read; names of its mapping that are not there are left out. Headers are
            spelled as there, upper and lower case aside.
        needed: headers that it has at least.
        without: headers that it does not have.
    """

    shape: Shape
    needed: frozenset[str]
    without: frozenset[str] = frozenset()

    def fits(self, head: Head) -> Shape | None:
        """How to read a file, or None where it is another table."""
        columns = {column.casefold(): column for column in head.columns}
        needed, without = (
            {name.casefold() for name in names} for names in (self.needed, self.without)
        )
        if not needed <= columns.keys() or without & columns.keys():
            return None
        mapping = {
            name: columns.get(header.casefold(), "")
            for name, header in self.shape.mapping.items()
            if not header or header.casefold() in columns
        }
        marks = {
            columns[header.casefold()]: mark
            for header, mark in self.shape.marks.items()
            if header.casefold() in columns
        }
        return replace(self.shape, mapping=mapping, marks=marks)


@dataclass(frozen=True)
class Bare:
    """A table without a header, all of whose lines match a pattern."""

    shape: Shape
    pattern: re.Pattern[str]

    def fits(self, head: Head) -> Shape | None:
        """How to read a file, or None where it is another table."""
        lines = [line for line in head.lines if line]
        return self.shape if lines and all(map(self.pattern.fullmatch, lines)) else None


@dataclass(frozen=True)
class Known:
    """A layout of some tables; the first that fits is taken."""

    name: str
    tables: tuple[Headed | Bare, ...]

    def recognise(self, head: Head) -> Shape | None:
        """See :class:`~crossrec.data.formats.shape.Layout`."""
        found = (table.fits(head) for table in self.tables)
        return next((shape for shape in found if shape is not None), None)


@dataclass(frozen=True)
class Tables:
    """Collects the tables of a layout, each in a line or two."""

    name: str
    rows: list[Headed | Bare] = field(default_factory=list)

    def headed(
        self,
        role: str,
        needed: str,
        mapping: Mapping[str, str],
        *,
        without: str = "",
        **how: object,
    ) -> "Tables":
        """Add a table with a header; ``needed`` and ``without`` are headers, comma between."""
        shape = Shape(self.name, role, mapping, **how)  # type: ignore[arg-type]
        self.rows.append(Headed(shape, _names(needed), _names(without)))
        return self

    def bare(
        self, role: str, pattern: str, header: str, mapping: Mapping[str, str], **how: object
    ) -> "Tables":
        """Add a table without a header; ``header`` names its columns, comma between."""
        names = tuple(header.split(","))
        shape = Shape(self.name, role, mapping, header=names, **how)  # type: ignore[arg-type]
        self.rows.append(Bare(shape, re.compile(pattern)))
        return self

    def layout(self) -> Known:
        """The layout."""
        return Known(self.name, tuple(self.rows))


def _names(text: str) -> frozenset[str]:
    return frozenset(filter(None, text.split(",")))
