"""What each row of a log says (interaction, exposure, no), how strongly, and by which values."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from crossrec.data.log import SignalFacts
from crossrec.data.meaning.events import weigh_events
from crossrec.data.meaning.ratings import Scale, bin_values, bins, scale_of
from crossrec.data.meaning.signals import (
    BARE,
    JOINT,
    LEVELS,
    NO,
    NOTHING,
    RETURNED,
    SHOWN,
    YES,
    Evidence,
    Given,
    combined,
)
from crossrec.data.meaning.vocabulary import Kind
from crossrec.data.reading.rows import Source
from crossrec.schema import EVENT, QUANTITY, RATING

MAX_VALUES = 50
"""So many values of a column are told, the most frequent ones."""
_MOST_RATINGS = 20
"""More different ratings than this are told as two ranges."""
_FAINTEST = 0.2
"""A rating just below liking speaks against the item this much; the lowest one 1."""
_KINDS = {level: kind for kind, level in LEVELS.items()}


@dataclass(frozen=True)
class Meanings:
    """What a person says that values mean, where it is not the usual.

    Attributes:
        event_weights: event -> strength of at least 0; 0 makes its rows exposures.
        signals: column (or "event") -> value -> kind.
        positive_from: lowest rating that is positive; None for the middle of the scale.
    """

    event_weights: Mapping[str, float] = field(default_factory=dict)
    signals: Given = field(default_factory=dict)
    positive_from: float | None = None


@dataclass(frozen=True)
class Ratings:
    """The ratings of a log on the scales of their scenarios.

    Attributes:
        rating: shape (n,), NaN where a row has none.
        scenario: codes, shape (n,).
        scales: scenario code -> its scale, for those with ratings.
        names: of the scenarios.
    """

    rating: np.ndarray
    scenario: np.ndarray
    scales: Mapping[int, Scale]
    names: Sequence[str]

    @classmethod
    def of(
        cls, rating: np.ndarray, scenario: np.ndarray, names: Sequence[str], meanings: Meanings,
        usable: np.ndarray,
    ) -> "Ratings":  # fmt: skip
        """Find the scales by the rows that are usable, shape (n,) bool."""
        rows = np.flatnonzero(np.isfinite(rating) & usable)
        scales: dict[int, Scale] = {}
        if len(rows):
            number = bins(rating[rows])
            distinct = np.flatnonzero(np.bincount(number))
            at = np.searchsorted(distinct, number)
            counts = np.bincount(
                scenario[rows].astype(np.int64) * len(distinct) + at,
                minlength=len(names) * len(distinct),
            ).reshape(len(names), len(distinct))
            values = bin_values(distinct)
            for code in np.flatnonzero(counts.sum(axis=1)).tolist():
                here = counts[code] > 0
                scales[code] = scale_of(
                    names[code], values[here], counts[code][here], meanings.positive_from
                )
        return cls(rating, scenario, scales, names)

    def per_row(self, value: Callable[[Scale], float]) -> np.ndarray:
        """A number of the scale of each row's scenario, shape (n,); NaN without a scale."""
        each = np.full(len(self.names) + 1, np.nan)
        for code, scale in self.scales.items():
            each[code] = value(scale)
        return each[self.scenario]

    def outside(self) -> np.ndarray:
        """Which rows have a rating beyond their scale, shape (n,), bool."""
        if not self.scales:
            return np.zeros(len(self.rating), dtype=bool)
        low = self.per_row(lambda scale: np.nextafter(0, 1) if scale.high is None else scale.low)
        high = self.per_row(lambda scale: np.inf if scale.high is None else scale.high)
        return (self.rating < low) | (self.rating > high)

    def levels(self) -> np.ndarray:
        """What the rating of each row says, shape (n,), uint8: yes, no, or nothing."""
        level = np.zeros(len(self.rating), dtype=np.uint8)
        if self.scales:
            start = self.per_row(lambda scale: scale.positive_from)
            level[self.rating >= start] = YES
            level[self.rating < start] = NO
        return level

    def take(self, rows: np.ndarray | slice) -> "Ratings":
        """The same for some of the rows."""
        return Ratings(self.rating[rows], self.scenario[rows], self.scales, self.names)

    def likes(self) -> np.ndarray:
        """Factor of each row's strength, shape (n,): rating / highest of the scale, 1 without."""
        if not self.scales:
            return np.ones(len(self.rating))
        tops = {}
        for code, scale in self.scales.items():
            top = scale.high
            if top is None:
                top = np.nanmax(self.rating[self.scenario == code], initial=0)
            tops[scale.scenario] = float(top) or 1.0
        factor = self.rating / self.per_row(lambda scale: tops[scale.scenario])
        return np.where(np.isnan(factor), 1.0, factor)

    def dislikes(self) -> np.ndarray:
        """How strongly a low rating speaks against the item, shape (n,); 0 where it does not."""
        if not self.scales:
            return np.zeros(len(self.rating))
        start = self.per_row(lambda scale: scale.positive_from)
        depth = self.per_row(lambda scale: max(scale.positive_from - scale.low, 1e-9))
        strength = np.clip((start - self.rating) / depth, _FAINTEST, 1.0)
        return np.where(self.rating < start, strength, 0.0)


class RowKinds:
    """What the distinct values of a log's event and signal columns say.

    Args:
        sources: where the rows come from.
        events: the distinct events, n of them.
        signals: the distinct texts of :data:`~crossrec.data.reading.rows.SIGNAL`.
        meanings: what a person says.

    Raises:
        UnknownId: an event weight names an event that is not there.
    """

    def __init__(
        self, sources: Sequence[Source], events: Sequence[str], signals: Sequence[str],
        meanings: Meanings,
    ) -> None:  # fmt: skip
        self._sources = sources
        self._names = events
        self._events = weigh_events(events, meanings.event_weights, meanings.signals)
        self._texts = [text.split(JOINT) for text in signals]
        joint = [self._joint(cells) for cells in self._texts] + [(NOTHING, 0.0)]
        self._event_level = np.array([each.level for each in self._events], dtype=np.uint8)
        self._event_strength = np.array([each.strength for each in self._events])
        self._signal_level = np.array([level for level, _ in joint], dtype=np.uint8)
        self._signal_strength = np.array([strength for _, strength in joint])

    @property
    def texts(self) -> int:
        """Number of distinct texts of signal cells."""
        return len(self._texts)

    def _joint(self, cells: list[str]) -> tuple[int, float]:
        """Level and strength of one text of signal cells."""
        number, *own, minus = cells
        level, strength, _ = combined(own, self._sources[int(number)].signals)
        return (NO, max(RETURNED, strength if level == NO else 0)) if minus else (level, strength)

    def levels(self, event: np.ndarray, signal: np.ndarray, ratings: Ratings) -> np.ndarray:
        """The level of each row, shape (n,), uint8: :data:`SHOWN`, :data:`YES` or :data:`NO`.

        Args:
            event: codes, shape (n,); -1 where a row has none (the last place).
            signal: codes, shape (n,), likewise.
            ratings: of the same rows.
        """
        level = np.maximum(self._event_level[event], self._signal_level[signal])
        if ratings.scales:
            level = np.maximum(level, ratings.levels())
        level[level == NOTHING] = YES
        return level

    def strengths(
        self, event: np.ndarray, signal: np.ndarray, ratings: Ratings, level: int
    ) -> np.ndarray:
        """How strongly each row says what its level is, shape (n,), float64 in (0, 1].

        The arguments are those of :meth:`levels`, of rows of one ``level``; exposures weigh 1.
        """
        if level == SHOWN:
            return np.ones(len(event))
        by_event = np.where(self._event_level == level, self._event_strength, 0.0)
        by_signal = np.where(self._signal_level == level, self._signal_strength, 0.0)
        strength = np.maximum(by_event[event], by_signal[signal])
        if level == NO:
            return np.maximum(strength, ratings.dislikes())
        strength[strength == 0] = BARE
        strength *= ratings.likes()
        return strength / strength.max(initial=0) if strength.any() else strength

    # ------------------------------------------------------------------------ what to tell

    def facts(
        self, events: np.ndarray, signals: np.ndarray, ratings: Ratings
    ) -> tuple[SignalFacts, ...]:
        """What every value says and how often it stands there.

        Args:
            events: rows of each distinct event, shape (n,).
            signals: rows of each distinct text of signal cells.
            ratings: of all rows.
        """
        return (
            *self._event_facts(events),
            *self._column_facts(signals),
            *_rating_facts(self._header(RATING), ratings),
        )

    def _header(self, name: str) -> str:
        """What the files call a column; the first name of several."""
        return next((own for source in self._sources if (own := source.header(name))), name)

    def _event_facts(self, counts: np.ndarray) -> Iterator[SignalFacts]:
        header = self._header(EVENT)
        ordered = np.argsort(-counts, kind="stable")
        for at in [int(at) for at in ordered[:MAX_VALUES] if counts[at]]:
            evidence = self._events[at]
            yield SignalFacts(
                header, self._names[at], evidence.kind, int(counts[at]), evidence.strength, "event"
            )

    def _column_facts(self, counts: np.ndarray) -> Iterator[SignalFacts]:
        rows: dict[tuple[str, str], int] = {}
        said: dict[tuple[str, str], Evidence] = {}
        returned = 0
        for cells, n in zip(self._texts, counts.tolist(), strict=True):
            number, *own, minus = cells
            returned += n if minus else 0
            columns = self._sources[int(number)].signals
            for column, cell, evidence in zip(columns, own, combined(own, columns)[2], strict=True):
                if evidence is not None:
                    key = (column.header, cell.strip())
                    rows[key] = rows.get(key, 0) + n
                    said[key] = evidence
        for (header, value), evidence in said.items():
            yield SignalFacts(
                header, value, evidence.kind, rows[header, value], evidence.strength, "column"
            )
        if returned:
            header = self._header(QUANTITY)
            yield SignalFacts(header, "< 0", Kind.NEGATIVE, returned, RETURNED, "quantity")


def _rating_facts(header: str, ratings: Ratings) -> Iterator[SignalFacts]:
    """The ratings, one by one where they are few, and what each says."""
    rated = np.isfinite(ratings.rating)
    if not ratings.scales or not rated.any():
        return
    levels = np.where(ratings.outside(), NOTHING, ratings.levels())[rated]
    number = bins(ratings.rating[rated])
    distinct = np.flatnonzero(np.bincount(number))
    if len(distinct) <= _MOST_RATINGS:
        at = np.searchsorted(distinct, number)
        counts = np.bincount(at * len(_KINDS) + levels, minlength=len(distinct) * len(_KINDS))
        for place in np.flatnonzero(counts).tolist():
            value, level = divmod(place, len(_KINDS))
            if level != NOTHING:
                text = f"{bin_values(distinct[value]):g}"
                yield SignalFacts(header, text, _KINDS[level], int(counts[place]), source="rating")
        return
    starts = {scale.positive_from for scale in ratings.scales.values()}
    start = f"{starts.pop():g}" if len(starts) == 1 else "?"
    counts = np.bincount(levels, minlength=len(_KINDS))
    for level, text in ((YES, f">= {start}"), (NO, f"< {start}")):
        if counts[level]:
            yield SignalFacts(header, text, _KINDS[level], int(counts[level]), source="rating")
