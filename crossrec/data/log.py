"""The interaction log: who did what, where and when, coded and immutable."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum

import numpy as np
import pandas as pd

from crossrec.data.ids import IdMap
from crossrec.data.meaning.ratings import Scale
from crossrec.errors import DataError
from crossrec.schema import ITEM, SCENARIO, TIME, USER, WEIGHT


class TimeKind(StrEnum):
    """What the time column means.

    ``CLOCK`` is seconds since 1970 (UTC). ``ORDER`` is only the position inside the user's own
    history and cannot be compared between users. ``NONE`` means there is no time.
    """

    CLOCK = "clock"
    ORDER = "order"
    NONE = "none"


@dataclass(frozen=True)
class Reject:
    """One row that could not be used: where it stands and why."""

    file: str
    line: int
    column: str
    value: str
    reason: str


@dataclass(frozen=True)
class FileFacts:
    """How one file was read.

    Attributes:
        name: of the file; ``archive.zip/member.csv`` inside an archive.
        kind: "csv", "jsonl", "parquet" or "xlsx".
        member: its path inside an archive, "" where it is in none.
        sheet: its name inside a workbook, "" where it is in none.
        encoding: of its text; the kind where it is not text.
        delimiter: between values, "" where it is not delimited.
        layout: the well-known layout it follows, or "".
        rows: number of rows, the rejected ones included.
        columns: schema name -> header.
        confidence: schema name -> how sure that was.
        time: how the time was read, in words.
        note: what else a person should know.
        binary: columns that are not used and may say whether anything happened: of 0 and 1, of
            event words, or called like an event.
        skipped: it lies in an archive beside the tables and is none; ``note`` says why.
    """

    name: str
    kind: str = ""
    member: str = ""
    sheet: str = ""
    encoding: str = ""
    delimiter: str = ""
    layout: str = ""
    rows: int = 0
    columns: Mapping[str, str] = field(default_factory=dict)
    confidence: Mapping[str, str] = field(default_factory=dict)
    time: str = ""
    note: str = ""
    binary: tuple[str, ...] = ()
    skipped: bool = False


@dataclass(frozen=True)
class SignalFacts:
    """What one value says of the items, and how often it stands in the files.

    Attributes:
        column: header of the file.
        value: as it stands there; for numbers that are many a range such as "< 3".
        kind: a :class:`~crossrec.data.meaning.vocabulary.Kind`.
        rows: how many rows have it, rejected ones included.
        weight: how strongly, in the units of the vocabulary; 0 for an exposure.
        source: where it is from: "event", "column" (of 0 and 1), "rating" or "quantity".
    """

    column: str
    value: str
    kind: str
    rows: int
    weight: float = 0.0
    source: str = "event"


@dataclass(frozen=True)
class ReaderNote:
    """Something the reader noticed about all rows; the audit makes a finding of it.

    Attributes:
        rule: the finding's rule, see :mod:`crossrec.data.audit.reader_notes`.
        column: the schema column it is about.
        count: rows, ids or names; the rule says which.
        examples: a few cases, each a dict of plain values.
        share: of the rows, in [0, 1], where that tells how grave it is.
    """

    rule: str
    column: str
    count: int
    examples: tuple[Mapping[str, str | int], ...] = ()
    share: float = 0.0


@dataclass(frozen=True)
class RejectSummary:
    """What became of the rows of a file.

    ``read`` = interactions + ``exposures`` + ``negatives`` + ``rejected`` + ``duplicates``.

    Attributes:
        read: rows of the file, without the header and blank lines.
        rows: the rejected ones, each with its line and reason; there may be millions, which are
            then held as columns (:class:`~crossrec.data.rejects.RejectTable`).
        duplicates: exact repeats of another row that were dropped or added to it.
        files: how each file was read.
        signals: what its values say of the items, column by column, the most frequent first.
        scales: how the ratings of each scenario were read; () where there are none.
        exposures: rows that say an item was only shown.
        negatives: rows that speak against an item.
        notes: what the reader noticed about ids and names.
    """

    read: int = 0
    rows: Sequence[Reject] = ()
    duplicates: int = 0
    files: tuple[FileFacts, ...] = ()
    signals: tuple[SignalFacts, ...] = ()
    scales: tuple[Scale, ...] = ()
    exposures: int = 0
    negatives: int = 0
    notes: tuple[ReaderNote, ...] = ()

    @property
    def rejected(self) -> int:
        """Number of rejected rows."""
        return len(self.rows)

    def followed_by(self, other: "RejectSummary") -> "RejectSummary":
        """What became of the rows of two files together."""
        return RejectSummary(
            self.read + other.read,
            (*self.rows, *other.rows),
            self.duplicates + other.duplicates,
            self.files + other.files,
            self.signals + other.signals,
            self.scales + other.scales,
            self.exposures + other.exposures,
            self.negatives + other.negatives,
            self.notes + other.notes,
        )


@dataclass(frozen=True)
class InteractionLog:
    """One row per interaction, as codes into shared id maps.

    Attributes:
        user: codes into ``users``, shape (n,), int32.
        item: codes into ``items``, shape (n,), int32. An item id may occur in several scenarios.
        scenario: codes into ``scenarios``, shape (n,), int32.
        weight: event strength, > 0, shape (n,), float32.
        time: shape (n,), int64 seconds or positions (see ``time_kind``), or None.
        users, items, scenarios: the id maps.
        time_kind: what ``time`` means.
        rejects: what the reader could not use.
        exposures: rows that say an item was only shown, as a log with id maps of its own; None
            where there are none. They are never interactions.
        negatives: rows that speak against an item, likewise; their weight says how strongly.
    """

    user: np.ndarray
    item: np.ndarray
    scenario: np.ndarray
    weight: np.ndarray
    time: np.ndarray | None
    users: IdMap
    items: IdMap
    scenarios: IdMap
    time_kind: TimeKind = TimeKind.NONE
    rejects: RejectSummary = field(default_factory=RejectSummary)
    exposures: "InteractionLog | None" = None
    negatives: "InteractionLog | None" = None

    def __post_init__(self) -> None:
        n = len(self.user)
        columns = [self.item, self.scenario, self.weight]
        if self.time is not None:
            columns.append(self.time)
        if any(len(column) != n for column in columns):
            raise DataError("expected log columns of one length", f"{[n, *map(len, columns)]}")
        if (self.time is None) != (self.time_kind is TimeKind.NONE):
            raise DataError("expected a time column exactly when time_kind is not 'none'")

    def __len__(self) -> int:
        return len(self.user)

    def select(self, rows: np.ndarray) -> "InteractionLog":
        """The rows given by a boolean mask or by row numbers, sharing the id maps."""
        return replace(
            self,
            user=self.user[rows],
            item=self.item[rows],
            scenario=self.scenario[rows],
            weight=self.weight[rows],
            time=None if self.time is None else self.time[rows],
        )

    def to_frame(self) -> pd.DataFrame:
        """The log with outside ids, one row per interaction."""
        columns = {
            USER: self.users.ids[self.user],
            ITEM: self.items.ids[self.item],
            SCENARIO: self.scenarios.ids[self.scenario],
            WEIGHT: self.weight,
        }
        if self.time is not None:
            columns[TIME] = self.time
        return pd.DataFrame(columns)

    @classmethod
    def from_frame(
        cls,
        frame: pd.DataFrame,
        *,
        time_kind: TimeKind = TimeKind.NONE,
        scenarios: Sequence[str] | None = None,
        rejects: RejectSummary | None = None,
    ) -> "InteractionLog":
        """Build a log from a clean frame with the column names of :mod:`crossrec.schema`.

        Args:
            frame: ``user_id, item_id, scenario`` and optionally ``weight, timestamp``; not changed.
            time_kind: what ``timestamp`` means; ``NONE`` ignores the column.
            scenarios: the scenario order; default is sorted names.
            rejects: what was left out before.
        """
        names = sorted(frame[SCENARIO].unique()) if scenarios is None else scenarios
        users, items = IdMap(frame[USER].unique()), IdMap(frame[ITEM].unique())
        scenario_map = IdMap(names)
        n = len(frame)
        has_time = time_kind is not TimeKind.NONE
        weight = frame[WEIGHT].to_numpy() if WEIGHT in frame else np.ones(n)
        return cls(
            user=users.codes(frame[USER].to_numpy()),
            item=items.codes(frame[ITEM].to_numpy()),
            scenario=scenario_map.codes(frame[SCENARIO].to_numpy()),
            weight=weight.astype(np.float32),
            time=frame[TIME].to_numpy().astype(np.int64) if has_time else None,
            users=users,
            items=items,
            scenarios=scenario_map,
            time_kind=time_kind,
            rejects=rejects or RejectSummary(),
        )


def concat(first: InteractionLog, second: InteractionLog) -> InteractionLog:
    """The rows of two logs that share their id maps (parts of one split), first then second."""
    return replace(
        first,
        user=np.concatenate([first.user, second.user]),
        item=np.concatenate([first.item, second.item]),
        scenario=np.concatenate([first.scenario, second.scenario]),
        weight=np.concatenate([first.weight, second.weight]),
        time=None
        if first.time is None or second.time is None
        else np.concatenate([first.time, second.time]),
    )
