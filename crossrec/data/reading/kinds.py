"""What each row of a log says (interaction, exposure, no), how strongly, and by which values."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from crossrec.data.log import SignalFacts
from crossrec.data.meaning.events import weigh_events
from crossrec.data.meaning.signals import (
    BARE,
    JOINT,
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
from crossrec.data.reading.rated import Ratings, rating_facts
from crossrec.data.reading.rows import Source
from crossrec.schema import EVENT, QUANTITY, RATING

MAX_VALUES = 50
"""So many values of a column are told, the most frequent ones."""


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
            *rating_facts(self._header(RATING), ratings),
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
