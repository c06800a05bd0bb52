"""The rows of a log on their way from the file: codes and numbers, block by block."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise

import duckdb
import numpy as np
import pyarrow as pa

from crossrec.data.arrow import as_bool, is_there
from crossrec.data.meaning.rating_texts import NOT_RATED, rating_number
from crossrec.data.meaning.signals import JOINT, SignalColumn
from crossrec.data.meaning.times import TimeReading
from crossrec.data.reading.coding import NO_TIME, NOWHERE, Block, Coder, filled
from crossrec.data.reading.mapping import ColumnMap
from crossrec.data.reading.rejects import LINE
from crossrec.data.sources import Part
from crossrec.data.sources.staging import registered
from crossrec.schema import EVENT, ITEM, QUANTITY, RATING, SCENARIO, TIME, USER

CODED = (USER, ITEM, SCENARIO, EVENT)
"""Columns held as codes."""
SIGNAL = "signal"
"""All cells of a row that say what happened, as one text, held as codes, too."""
NUMBERS = (RATING, TIME)
"""Columns held as numbers."""
_WRONG = {RATING: "wrong_rating", TIME: "wrong_time"}
_MINUS = (
    r"\s*(?:[-−–]\s*[$€£¥￥]?\s*\d.*|\(\s*[$€£¥￥]?\s*\d[\d.,]*\s*\)|[$€£¥￥]\s*[-−–]\s*\d.*"
    r"|\d[\d.,]*\s*[-−–])\s*"
)
"""Numbers below 0 as table programs and till rolls write them."""
_FINITE = "COALESCE(isfinite({number}), false)"


@dataclass(frozen=True)
class Source:
    """One part of a log with what its columns mean.

    Attributes:
        part: the table.
        columns: which column is which.
        time: how its time is read.
        scenario: of all its rows; "" where a column tells.
        signals: its columns of 0 and 1 that say what happened.
        at: its place among the sources.
        note: what a person should know of this.
    """

    part: Part
    columns: ColumnMap
    time: TimeReading
    scenario: str = ""
    signals: tuple[SignalColumn, ...] = ()
    at: int = 0
    note: str = ""

    def select(self) -> str:
        """SQL for the cells to code, the numbers, and the text of those that look wrong."""
        cells = {name: self.part.cell(header) for name in CODED if (header := self.header(name))}
        wanted = [f"{cell} AS {name}" for name, cell in cells.items()]
        if self.has_signal:
            wanted.append(f"{self._signal()} AS {SIGNAL}")
        for name, good in ((RATING, _FINITE), (TIME, "{number} IS NOT NULL")):
            if header := self.header(name):
                cell = self.part.cell(header)
                number = self.number(name, cell)
                wrong = (
                    f"CASE WHEN NOT ({good.format(number=number)}) THEN COALESCE({cell}, '') END"
                )
                wanted += [f"{number} AS {name}", f"{wrong} AS {_WRONG[name]}"]
        return ", ".join(wanted)

    def number(self, name: str, cell: str) -> str:
        """SQL for the rating or the time in a cell."""
        return f"TRY_CAST({cell} AS DOUBLE)" if name == RATING else self.time.sql(cell)

    @property
    def has_signal(self) -> bool:
        """Whether its rows say what happened in other cells than the event."""
        return bool(self.signals) or bool(self.header(QUANTITY))

    def _signal(self) -> str:
        """SQL for one text: the source's number, its signal cells, "-" for a quantity below 0."""
        cells = [
            f"replace(COALESCE({self.part.cell(column.header)}, ''), '{JOINT}', ' ')"
            for column in self.signals
        ]
        quantity = self.header(QUANTITY)
        minus = "''"
        if quantity:
            minus = f"CASE WHEN {_is_below_0(self.part.cell(quantity))} THEN '-' ELSE '' END"
        return f" || '{JOINT}' || ".join([f"'{self.at}'", *cells, minus])

    def header(self, name: str) -> str | None:
        """The header of a column this source uses."""
        if name == SCENARIO and self.scenario:
            return None
        return self.columns.get(name)


def _is_below_0(cell: str) -> str:
    """SQL that is true for a number below 0, also as ``-1,000``, ``(12.50)``, ``3-`` or ``−1``."""
    return f"COALESCE(TRY_CAST({cell} AS DOUBLE) < 0, regexp_full_match({cell}, '{_MINUS}'), false)"


def _written_ratings(texts: pa.Array) -> pa.Array:
    """Cells with ratings in words as numbers ("4 stars"), null for "not rated"; others as they are.

    There are few different ones.
    """
    encoded = texts.dictionary_encode()
    numbers = [
        None
        if text.casefold() in NOT_RATED
        else text
        if (number := rating_number(text)) is None
        else f"{number:g}"
        for text in encoded.dictionary.to_pylist()
    ]
    return pa.array(numbers, pa.string()).take(encoded.indices)


@dataclass
class Wrong:
    """Values that are no good numbers: in which rows of a source, and what stands there."""

    rows: list[np.ndarray] = field(default_factory=list)
    texts: list[pa.Array] = field(default_factory=list)

    def joined(self) -> tuple[np.ndarray, pa.Array]:
        """Row numbers, and the text of each."""
        rows = np.concatenate([np.zeros(0, dtype=np.int64), *self.rows])
        return rows, pa.chunked_array(self.texts, pa.string()).combine_chunks()


class Rows:
    """All rows of a log: a collector for each of its sources in turn.

    Args:
        sources: the parts to come, in order.
        connection: for a second look at numbers with space around them.
    """

    def __init__(self, sources: Sequence[Source], connection: duckdb.DuckDBPyConnection) -> None:
        self._sources, self._connection = sources, connection
        self._coders = {name: Coder() for name in (*CODED, SIGNAL)}
        self._blocks: list[list[dict[str, Block | np.ndarray]]] = [[] for _ in sources]
        self._sizes = [0 for _ in sources]
        self._lines: list[list[np.ndarray]] = [[] for _ in sources]
        self._first: list[int | None] = [None for _ in sources]
        self._wrong = [{name: Wrong() for name in NUMBERS} for _ in sources]
        self._at = -1
        self._held: dict[str, int] = {}

    def next(self) -> "Rows":
        """Go on to the next source."""
        self._at += 1
        self._held = {name: len(coder) for name, coder in self._coders.items()}
        return self

    def begin(self, first_line: int | None) -> None:
        """See :class:`~crossrec.data.sources.Collector`."""
        for name, held in self._held.items():  # of what was misread nothing is kept
            self._coders[name].forget(held)
        self._blocks[self._at] = []
        self._sizes[self._at] = 0
        self._lines[self._at] = []
        self._wrong[self._at] = {name: Wrong() for name in NUMBERS}
        self._first[self._at] = first_line

    def add(self, rows: pa.Table) -> None:
        """See :class:`~crossrec.data.sources.Collector`."""
        source, blocks = self._sources[self._at], self._blocks[self._at]
        n, done = rows.num_rows, self._sizes[self._at]
        self._sizes[self._at] += n
        block: dict[str, Block | np.ndarray] = {}
        for name in self._coders:
            if name in rows.column_names:
                block[name] = self._coders[name].add(rows[name])
        if source.scenario:
            block[SCENARIO] = self._coders[SCENARIO].repeat(source.scenario, n)
        for name in NUMBERS:
            if source.header(name):
                block[name] = self._numbers(name, rows, done)
        if LINE in rows.column_names:
            self._lines[self._at].append(rows[LINE].to_numpy())
        blocks.append(block)

    def _numbers(self, name: str, rows: pa.Table, done: int) -> np.ndarray:
        """A column of numbers; what is none even without outer space is noted as wrong."""
        column = rows[name]
        numbers = column.fill_null(NO_TIME) if name == TIME else column
        wrong = rows[_WRONG[name]]
        if wrong.null_count == len(wrong):
            return numbers.to_numpy()
        at = np.flatnonzero(is_there(wrong))
        texts = filled(wrong.drop_null().combine_chunks())
        if name == RATING:
            texts = _written_ratings(texts)
        again = self._sources[self._at].number(name, "t")
        good = "found IS NOT NULL" if name == TIME else _FINITE.format(number="found")
        with registered(self._connection, "looked", pa.table({"t": texts})):
            second = self._connection.sql(
                f"SELECT found, {good} AS good FROM (SELECT {again} AS found FROM looked)"
            ).to_arrow_table()
        right = as_bool(second["good"])
        values = numbers.to_numpy().copy()
        values[at[right]] = second["found"].filter(second["good"]).to_numpy()
        # A row may do without a rating, not without the time that the others have.
        bad = ~right if name == TIME else ~right & is_there(texts)
        if name == RATING:
            values[at[~right & ~bad]] = np.nan
        note = self._wrong[self._at][name]
        note.rows.append(at[bad] + done)
        note.texts.append(texts.filter(pa.array(bad)).fill_null(""))
        return values

    def coded(self, name: str) -> tuple[np.ndarray, pa.Array]:
        """A coded column over all sources, shape (rows,), and its distinct values; given away."""
        coder = self._coders[name]
        values, entries = coder.match()
        pieces = [
            np.full(part, NOWHERE, np.int32)
            if isinstance(part, int)
            else coder.codes(part, entries)  # type: ignore[arg-type]
            for part in self._pieces(name)
        ]
        return np.concatenate([np.zeros(0, np.int32), *pieces]), values

    def numbers(self, name: str) -> np.ndarray:
        """A column of numbers over all sources, shape (rows,); given away."""
        missing, dtype = (NO_TIME, np.int64) if name == TIME else (np.nan, np.float64)
        pieces = [
            np.full(part, missing, dtype) if isinstance(part, int) else part
            for part in self._pieces(name)
        ]
        return np.concatenate([np.zeros(0, dtype), *pieces])  # type: ignore[list-item]

    def _pieces(self, name: str) -> list["int | Block | np.ndarray"]:
        """The blocks of a column; for a source without it, its number of rows."""
        pieces: list[int | Block | np.ndarray] = []
        for n, blocks in zip(self._sizes, self._blocks, strict=True):
            found = [block.pop(name) for block in blocks if name in block]
            pieces += found or [n]
        return pieces

    @property
    def size(self) -> int:
        """Number of rows of the source at hand."""
        return self._sizes[self._at]

    def spans(self) -> list[tuple[int, int]]:
        """Where the rows of each source begin and end."""
        ends = np.cumsum([0, *self._sizes]).tolist()
        return list(pairwise(ends))

    def lines(self, source: int, rows: np.ndarray) -> np.ndarray:
        """True line numbers of rows, counted from the beginning of their source."""
        first = self._first[source]
        if first is not None:
            return rows + first
        return np.concatenate([np.zeros(0, dtype=np.int64), *self._lines[source]])[rows]

    def wrong(self, source: int, name: str) -> tuple[np.ndarray, pa.Array]:
        """The rows of a source with a wrong rating or time, and the text that stands there."""
        return self._wrong[source][name].joined()
