"""Read an analyst's files: an interaction log, a catalogue, user profiles."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Literal, TypeVar, get_args

from crossrec.data.catalog import Catalog, merged_catalog
from crossrec.data.formats import ITEMS, LOG, USERS
from crossrec.data.log import FileFacts, InteractionLog, TimeKind
from crossrec.data.meaning.events import check_event_weights
from crossrec.data.meaning.signals import (
    Given,
    SignalColumn,
    check_signals,
    signal_columns,
    unused_signals,
)
from crossrec.data.meaning.times import TimeReading, recognise
from crossrec.data.names import check_new_names
from crossrec.data.phrases import phrase
from crossrec.data.reading.judge import MAX_SCENARIOS, Judge
from crossrec.data.reading.keyed import catalog_of, users_of
from crossrec.data.reading.kinds import Meanings
from crossrec.data.reading.mapping import Columns
from crossrec.data.reading.nouns import noun_of, nouns_of
from crossrec.data.reading.repeated import Repeats
from crossrec.data.reading.roles import columns_of, facts_of, scenarios_of, with_role
from crossrec.data.reading.rows import Rows, Source
from crossrec.data.sources import Part, Staging, collect, open_parts, stage
from crossrec.data.sources.part import no_rows
from crossrec.data.users import UserTable, merged_users
from crossrec.errors import DataError, UnknownId
from crossrec.progress import Progress, silent
from crossrec.schema import EVENT, ITEM, LOG_COLUMNS, SCENARIO, TIME, USER

__all__ = [
    "MAX_REJECTS",
    "MAX_SCENARIOS",
    "ONLY_SCENARIO",
    "read_catalog",
    "read_log",
    "read_users",
]

ONLY_SCENARIO = "all"
"""The scenario of every row where no column and no file tells it."""
MAX_REJECTS = 0.5
"""Default limit on the share of rejected rows."""

Table = TypeVar("Table", Catalog, UserTable)
Files = Path | str | Sequence[Path | str]
"""One file, or several that are read one after the other."""
Order = Literal["file", "history"]


@dataclass(frozen=True)
class ReadOptions:
    """How a log is read, where the usual way is not wanted; see :func:`read_log`.

    Attributes:
        max_rejects: highest share of rejected rows, in [0, 1].
        repeats: "first", "last" or "sum".
        zone: time zone of written times that do not name one.
        event_weights: event -> strength, where it is not the usual one.
        signals: column (or "event") -> value -> "positive", "exposure" or "negative", where a
            person says so.
        positive_from: lowest rating that is positive; None for the middle of the scale.
        scenario_names: name of a scenario in the files -> its new name; several may get one name.
    """

    max_rejects: float = MAX_REJECTS
    repeats: str = "first"
    zone: str = "UTC"
    event_weights: Mapping[str, float] = field(default_factory=dict)
    signals: Given = field(default_factory=dict)
    positive_from: float | None = None
    scenario_names: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.repeats not in get_args(Repeats):
            raise DataError(
                f"expected a policy for repeats: {', '.join(get_args(Repeats))}",
                repr(self.repeats),
            )
        if not 0 <= self.max_rejects <= 1:
            raise DataError(
                "expected the highest share of rejected rows in 0..1", f"{self.max_rejects}"
            )
        check_event_weights(self.event_weights)
        check_signals(self.signals)
        check_new_names(self.scenario_names)

    @property
    def meanings(self) -> Meanings:
        """What values mean, as a person said."""
        return Meanings(self.event_weights, self.signals, self.positive_from)

    def to_json(self) -> dict[str, Any]:
        """What differs from the usual, as plain values."""
        plain = {
            "event_weights": dict(self.event_weights),
            "signals": {column: dict(values) for column, values in self.signals.items()},
            "scenario_names": dict(self.scenario_names),
        }
        usual, own = vars(ReadOptions()), vars(self) | plain
        return {name: value for name, value in own.items() if value != usual[name]}


def read_log(
    path: Files | Mapping[str, Path | str],
    mapping: Columns = None,
    *,
    scenario: str | None = None,
    max_rejects: float = MAX_REJECTS,
    repeats: Repeats = "first",
    zone: str = "UTC",
    order: Order = "file",
    event_weights: Mapping[str, float] | None = None,
    signals: Given | None = None,
    positive_from: float | None = None,
    scenario_names: Mapping[str, str] | None = None,
    item_nouns: Collection[str] = (),
    progress: Progress = silent,
) -> InteractionLog:
    """Read interactions from CSV, TSV, JSONL, Parquet or a workbook, plain, gzipped or zipped.

    *Columns* are recognised by their headers (:func:`~crossrec.data.mapping.suggest`) or by the
    well-known layout the file follows (:mod:`crossrec.data.formats`); ``mapping`` overrides that.
    User and item are needed. Without a scenario column every row belongs to
    :data:`ONLY_SCENARIO`.

    *What a row says* is decided in :mod:`crossrec.data.meaning.signals`: interactions are the rows
    of the log; rows that were only shown stand in ``log.exposures``, dislikes and returns in
    ``log.negatives``; ``log.rejects.signals`` has the values it was told by, with counts.

    *Rejected* (``log.rejects.rows``, with true line numbers): rows of another width; no user, item
    or scenario; a time or rating that cannot be read; a rating beyond the scale of the others; the
    header once more.

    *Exact repeats* of (user, item, scenario, event, time), without a time column of (user, item,
    scenario, event), are dropped and counted in ``log.rejects.duplicates``. A repeat at another
    time stays and adds strength.

    *Weight* = strength of the event (:mod:`crossrec.data.meaning.vocabulary`), times rating /
    highest rating of its scale (1 where a row has no rating), divided by the strongest row of the
    log. Of the quantity only the sign is used: ten cans do not say ten times the liking of one.

    *Time* is read by :func:`~crossrec.data.times.recognise`.

    Args:
        path: the file; its content decides the format, not its name. Several files of one log, or
            an archive of them, are read one after the other; ``{scenario: file}`` names the
            scenario of each.
        mapping: schema name -> header; an empty header means "there is none".
        scenario: the scenario of every row; a scenario column of the file is then not used.
        max_rejects: highest share of rejected rows, in [0, 1].
        repeats: which of several exact repeats stays ("first", "last"), or "sum": the first, with
            the strength of all of them.
        zone: time zone of written times that do not name one.
        order: "file", or "history": by user, then time.
        event_weights: event as it stands in the file -> strength of at least 0, in place of the
            usual one; 0 makes its rows exposures.
        signals: column (or "event") -> value -> "positive", "exposure" or "negative".
        positive_from: lowest rating that is positive, lower ones are dislikes; default the middle
            of the scale of each scenario.
        scenario_names: name of a scenario in the file -> its new name; several may get one name.
            Names that differ in case, space, ``_`` or ``-`` only are one anyway.
        item_nouns: put these nouns before the ids of columns named so (``movie`` before those of
            ``movie_id``). Done anyway where columns of different nouns share ids.
        progress: told of phase "import".

    Returns:
        The log; scenarios sorted by name; how each file was read in ``log.rejects.files``.

    Raises:
        FileUnreadable: the file is missing, empty, no table, or changes while it is read.
        ColumnMissing: user or item column not found, or a column name stands twice.
        TooManyRejects: more rows are bad than ``max_rejects`` allows, or all of them.
        UnknownId: ``event_weights`` names an event, ``scenario_names`` a scenario that no row has.
        DataError: the time column holds no times, or the scenario column too many names.
    """
    if isinstance(path, Mapping):
        files = [(Path(file), own) for own, file in path.items()]
    else:
        files = [(file, scenario or "") for file in _paths(path)]
    meanings = Meanings(event_weights or {}, signals or {}, positive_from)
    check_signals(meanings.signals)
    progress("import", 0, 3, "looking at the file")
    with stage() as place:
        sources: list[Source] = []
        for file, own in files:
            parts = with_role(open_parts(file, place), LOG, mapping, place.skipped)
            for part, by_name in zip(parts, scenarios_of(parts), strict=True):
                source = _source(part, own, by_name, mapping, zone, place)
                columns = _signals_of(source, meanings)
                sources.append(replace(source, signals=columns, at=len(sources)))
        rows, malformed = Rows(sources, place.connection), []
        for at, source in enumerate(sources):
            progress("import", 0.2 + 1.8 * at / len(sources), 3, "reading rows")
            malformed.append(collect(source.part, place, source.select(), rows.next()))
            if not rows.size + len(malformed[at]):
                raise no_rows(source.part.name)
    facts = [
        replace(
            facts_of(
                source.part, source.columns, end - start + len(bad), source.time.said, source.note
            ),
            binary=_unused_signals(source),
        )
        for source, (start, end), bad in zip(sources, rows.spans(), malformed, strict=True)
    ] + place.skipped
    progress("import", 2, 3, "checking rows, numbering users and items")
    meanings = _with_layouts(meanings, sources)
    judge = Judge(rows, sources, malformed, meanings, scenario_names, item_nouns)
    log = judge.log(
        max_rejects=max_rejects,
        policy=repeats,
        name=files[0][0].name if len(files) == 1 else f"these {len(files)} files",
        facts=[_with_noun(each, nouns_of(judge.notes)) for each in facts],
        by_history=order == "history",
    )
    progress("import", 3, 3)
    return log


def read_catalog(
    path: Files,
    mapping: Columns = None,
    *,
    max_rejects: float = MAX_REJECTS,
    item_nouns: Collection[str] = (),
) -> Catalog:
    """Read what is known about items; only the item id is needed.

    An item may stand in several rows (one per scenario, say) and in several files: it is listed in
    each scenario, and the first value that is not empty wins. Columns that are not recognised
    become attributes under their own names: numbers where every value is one (``$1,299.00`` is),
    else strings.

    Args:
        path: one file or several, see :func:`read_log`.
        mapping: schema name -> header.
        max_rejects: highest share of rows without an item id, in [0, 1].
        item_nouns: as of :func:`read_log`: what stands before the ids of the log
            (:func:`~crossrec.data.reading.nouns.nouns_of`).

    Raises:
        FileUnreadable, ColumnMissing, TooManyRejects: as for :func:`read_log`.
    """
    with stage() as place:
        found = merged_catalog(
            [
                catalog_of(part, place, mapping, max_rejects, item_nouns)
                for file in _paths(path)
                for part in with_role(open_parts(file, place), ITEMS, mapping, place.skipped)
            ]
        )
    return _with_skipped(found, place)


def read_users(
    path: Files, mapping: Columns = None, *, max_rejects: float = MAX_REJECTS
) -> UserTable:
    """Read user profiles: the user id, and every other column as an attribute.

    A user in several rows or files keeps the first value of each column that is not empty.

    Args:
        path: one file or several, see :func:`read_log`.
        mapping: ``{"user_id": header}``.
        max_rejects: highest share of rows without a user id, in [0, 1].

    Raises:
        FileUnreadable, ColumnMissing, TooManyRejects: as for :func:`read_log`.
    """
    with stage() as place:
        found = merged_users(
            [
                users_of(part, place, mapping, max_rejects)
                for file in _paths(path)
                for part in with_role(open_parts(file, place), USERS, mapping, place.skipped)
            ]
        )
    return _with_skipped(found, place)


def _with_skipped(table: Table, place: Staging) -> Table:
    """The table, with the files that lay beside it and are none."""
    files = (*table.rejects.files, *place.skipped)
    return replace(table, rejects=replace(table.rejects, files=files))


def _with_noun(facts: FileFacts, nouns: Collection[str]) -> FileFacts:
    """What is known of a file, with what stands before its item ids."""
    noun = noun_of(facts.columns.get(ITEM, ""))
    if noun not in nouns or facts.note:
        return facts
    return replace(facts, note=phrase("own_items", prefix=f"{noun}:"))


def _paths(path: Files) -> list[Path]:
    return [Path(path)] if isinstance(path, (str, Path)) else [Path(file) for file in path]


def _source(
    part: Part, scenario: str, by_name: str, mapping: Columns, zone: str, place: Staging
) -> Source:
    """A part of a log with what its columns mean.

    Args:
        part: the table.
        scenario: of all its rows, where a person said so.
        by_name: the scenario that its name tells, where no column does.
        mapping: which column is which, where a person said so.
        zone: of written times.
        place: where it is read.
    """
    note = ""
    names = [name for name in LOG_COLUMNS if name != SCENARIO or not scenario]
    columns = columns_of(part, mapping, names, (USER, ITEM))
    if columns.get(SCENARIO) is None:
        of_layout = part.shape.scenario if part.shape is not None else ""
        note = phrase("by_place") if by_name and not (scenario or of_layout) else ""
        scenario = scenario or of_layout or by_name or ONLY_SCENARIO
    reading = TimeReading(TimeKind.NONE)
    if header := columns.get(TIME):
        values = part.sample[part.cell(header)]
        reading = recognise(place.connection, values, column=header, file=part.name, zone=zone)
        if reading.kind is TimeKind.NONE:
            columns = columns.without(TIME)
    return Source(part, columns, reading, scenario, note=note)


def _with_layouts(meanings: Meanings, sources: Sequence[Source]) -> Meanings:
    """What values mean, with what the layouts of the files say of events.

    Raises:
        UnknownId: a person says what the values of a column mean that no file has.
        DataError: the column is used for something else.
    """
    kinds: dict[str, str] = {}
    headers = {source.header(EVENT) for source in sources}
    for source in sources:
        kinds |= {} if source.part.shape is None else source.part.shape.kinds
    columns = dict.fromkeys(header for source in sources for header in source.part.columns)
    signals = {column.header for source in sources for column in source.signals}
    for column in meanings.signals:
        if column in headers:
            kinds |= meanings.signals[column]
        elif column != EVENT and column not in columns:
            raise UnknownId.of("column", column, list(columns))
        elif column != EVENT and column not in signals:
            raise DataError(
                f"expected a column whose values say what happened, not {column!r}",
                "one that is used for something else",
                "For ratings say from which one on people like an item: --positive-from RATING",
            )
    events = {**kinds, **meanings.signals.get(EVENT, {})}
    return replace(meanings, signals={**meanings.signals, EVENT: events}) if events else meanings


def _signals_of(source: Source, meanings: Meanings) -> tuple[SignalColumn, ...]:
    """Its columns of 0 and 1 that say what happened."""
    used = [header for header in source.columns.columns.values() if header]
    part = source.part
    return signal_columns(part.columns, part.examples(), used, meanings.signals)


def _unused_signals(source: Source) -> tuple[str, ...]:
    """Columns that may say what happened, and are not used."""
    used = [header for header in source.columns.columns.values() if header]
    used += [column.header for column in source.signals]
    return unused_signals(source.part.columns, source.part.examples(), used)
