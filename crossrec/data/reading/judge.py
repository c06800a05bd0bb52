"""Coded rows -> the log: which are kept, set aside or repeated, and what they weigh."""

from collections.abc import Collection, Mapping, Sequence
from functools import partial
from typing import Literal

import numpy as np
import pyarrow as pa

from crossrec.data.arrow import is_in, trimmed
from crossrec.data.clean_ids import SPACE, clean_ids
from crossrec.data.ids import IdMap
from crossrec.data.log import (
    EventFacts,
    FileFacts,
    InteractionLog,
    ReaderNote,
    RejectSummary,
    TimeKind,
)
from crossrec.data.meaning.events import strengths
from crossrec.data.phrases import phrase
from crossrec.data.reading.cells import header_words
from crossrec.data.reading.coding import NOWHERE, Meaning, compact, meaning, repeats
from crossrec.data.reading.naming import named
from crossrec.data.reading.noticed import id_notes
from crossrec.data.reading.nouns import separated
from crossrec.data.reading.rejects import RejectList, RejectTable, check_share, joined
from crossrec.data.reading.rows import CODED, NUMBERS, Rows, Source
from crossrec.errors import DataError
from crossrec.schema import EVENT, ITEM, RATING, SCENARIO, TIME, USER

Repeats = Literal["first", "last", "sum"]
"""Which of several equal rows stays, or that their strengths are added."""
MAX_SCENARIOS = 200
"""More names than this are not scenarios but something else, such as products."""
MAX_EVENTS = 50
"""So many kinds of events are told, the most frequent ones."""
_BLOCK = 1_000_000
# A rating far below the highest must not become 0 as float32: a weight is positive.
_WEAKEST = 1e-6
_HEADER, _USER, _ITEM, _SCENARIO, _EVENT, _RATING, _TIME = range(1, 8)
_EMPTY = {_USER: USER, _ITEM: ITEM, _SCENARIO: SCENARIO}
_NO = {USER: "no_user", ITEM: "no_item", SCENARIO: "no_scenario"}


class Judge:
    """Turns coded rows into a log.

    Args:
        rows: all rows of the sources; used up.
        sources: where they come from.
        malformed: per source, the lines that are no rows.
        event_weights: event -> strength, where it is not the usual one.
        scenario_names: old name of a scenario -> its new one.
        item_nouns: see :func:`~crossrec.data.reading.nouns.separated`.

    Attributes:
        notes: what is to be said of ids and names.

    Raises:
        UnknownId: ``event_weights`` names an event, or ``scenario_names`` a scenario, that is not
            there.
    """

    def __init__(
        self,
        rows: Rows,
        sources: Sequence[Source],
        malformed: Sequence[RejectTable],
        event_weights: Mapping[str, float] | None = None,
        scenario_names: Mapping[str, str] | None = None,
        item_nouns: Collection[str] = (),
    ) -> None:
        self._rows, self._sources, self._malformed = rows, sources, malformed
        self._raw: dict[str, np.ndarray] = {}
        self._means: dict[str, Meaning] = {}
        self._written: dict[str, pa.Array] = {}
        self.notes: list[ReaderNote] = []
        for name in CODED:
            self._raw[name], values = rows.coded(name)
            self._written[name] = values
            if name in (USER, ITEM):
                self._means[name] = self._of_ids(name, values, item_nouns)
                continue
            self._means[name], notes = named(
                name,
                meaning(values, self._headers(name)),
                self._raw[name],
                scenario_names if name == SCENARIO else None,
            )
            self.notes += notes
        self._rating, self._time = rows.numbers(RATING), rows.numbers(TIME)
        self._strengths = strengths(self._means[EVENT].values.to_pylist(), event_weights)

    def log(
        self,
        *,
        max_rejects: float,
        policy: Repeats,
        name: str,
        facts: Sequence[FileFacts],
        by_history: bool,
    ) -> InteractionLog:
        """The log of the good rows.

        Raises:
            TooManyRejects: more than ``max_rejects`` of the rows are bad, or all of them.
            DataError: too many scenarios, or files that tell time in different ways.
        """
        kind = self._kind()
        fault = self._faults()
        events = self._events(fault)
        rejects = self._rejects(fault)
        read = len(fault) + sum(map(len, self._malformed))
        check_share(rejects, read, max_rejects, name)
        # Nothing is copied where every row is good.
        good = slice(None) if not fault.any() else fault == 0
        clean = {}
        for each in CODED:
            clean[each] = self._means[each].code[self._raw.pop(each)[good]]
        weight = self._weight(clean[EVENT], self._rating[good])
        time = self._time[good]
        self._rating = self._time = np.zeros(0)
        stays, doubled = _one_of_each([*clean.values(), time], weight, policy)
        del clean[EVENT]
        duplicates = len(weight) - len(stays)
        if duplicates:
            clean = {each: column[stays] for each, column in clean.items()}
            weight, time = doubled[stays], time[stays]
        user, users = self._numbered(USER, clean)
        item, items = self._numbered(ITEM, clean)
        scenario, scenarios = self._scenarios(clean)
        log = InteractionLog(
            user=user,
            item=item,
            scenario=scenario,
            weight=np.maximum(weight, _WEAKEST).astype(np.float32),
            time=None if kind is TimeKind.NONE else time,
            users=users,
            items=items,
            scenarios=scenarios,
            time_kind=kind,
            rejects=RejectSummary(
                read, rejects, duplicates, tuple(facts), events, tuple(self.notes)
            ),
        )
        return log.select(_history_order(log)) if by_history else log

    def _headers(self, name: str) -> frozenset[str]:
        own = [found for source in self._sources if (found := source.header(name))]
        return header_words(name, *own)

    def _of_ids(self, name: str, values: pa.Array, item_nouns: Collection[str]) -> Meaning:
        """The meaning of the ids of users or items; what is to be said of them is noted."""
        ids = clean_ids(values, users=name == USER)
        if name == ITEM:
            headers = [source.header(ITEM) or "" for source in self._sources]
            self._raw[ITEM], values, ids, note = separated(
                self._raw[ITEM], values, ids, self._rows.spans(), headers, item_nouns
            )
            self.notes += [note] if note else []
        raw = self._raw[name]
        count = partial(np.bincount, raw[raw != NOWHERE], minlength=len(values))
        self.notes += id_notes(name, values, ids, count)
        self._written[name] = values
        return meaning(values, self._headers(name), ids=ids)

    def _kind(self) -> TimeKind:
        kinds = {source.time.kind for source in self._sources}
        if len(kinds) > 1:
            told = [f"{source.part.name}: {source.time.kind}" for source in self._sources]
            raise DataError(
                "expected the same kind of time in all files",
                "; ".join(told[:4]),
                "Read them apart, or without times: --map timestamp=",
            )
        return kinds.pop()

    # ---------------------------------------------------------------------------- bad rows

    def _faults(self) -> np.ndarray:
        """What is wrong with each row, 0 for nothing; shape (rows,), uint8.

        Of several faults of a row the first in the order of the constants is told.
        """
        fault = np.zeros(len(self._time), dtype=np.uint8)
        for at, (start, _) in enumerate(self._rows.spans()):
            fault[self._rows.wrong(at, TIME)[0] + start] = _TIME
            fault[self._rows.wrong(at, RATING)[0] + start] = _RATING
        fault[self._of_event(self._strengths <= 0)] = _EVENT
        for number in (_SCENARIO, _ITEM, _USER):
            each = _EMPTY[number]
            empty = self._means[each].code == NOWHERE
            if empty[:-1].any() or self._has_gaps(each):
                fault[empty[self._raw[each]]] = number
        fault[self._headers_again(fault)] = _HEADER
        return fault

    def _events(self, fault: np.ndarray) -> tuple[EventFacts, ...]:
        """How often each event stands in the files, and its strength; headers are none."""
        names = self._means[EVENT].values
        if not len(names):
            return ()
        raw = np.zeros(len(self._means[EVENT].code), dtype=np.int64)
        for start in range(0, len(self._raw[EVENT]), _BLOCK):
            raw += np.bincount(self._raw[EVENT][start : start + _BLOCK] + 1, minlength=len(raw))
        headers = self._raw[EVENT][fault == _HEADER]
        raw -= np.bincount(headers + 1, minlength=len(raw))
        counts = np.bincount(self._means[EVENT].code + 1, np.roll(raw, -1), len(names) + 1)[1:]
        most = [at for at in np.argsort(-counts, kind="stable")[:MAX_EVENTS] if counts[at]]
        return tuple(
            EventFacts(names[int(at)].as_py(), int(counts[at]), float(self._strengths[at]))
            for at in most
        )

    def _has_gaps(self, name: str) -> bool:
        return bool((self._raw[name] == NOWHERE).any())

    def _of_event(self, chosen: np.ndarray) -> np.ndarray:
        """Row numbers whose event is one of ``chosen``, shape (events + 1,) bool."""
        if not chosen.any():
            return np.zeros(0, dtype=np.int64)
        return np.flatnonzero(chosen[self._means[EVENT].code[self._raw[EVENT]]])

    def _headers_again(self, fault: np.ndarray) -> np.ndarray:
        """Rows with a column name in two cells or more: the header of a file put behind another."""
        counts = np.zeros(len(fault), dtype=np.uint8)
        for name in CODED:
            header = self._means[name].header
            if header.any():
                counts += header[self._raw[name]]
        for at, (start, _) in enumerate(self._rows.spans()):
            source = self._sources[at]
            for name in NUMBERS:
                rows, texts = self._rows.wrong(at, name)
                words = header_words(name, source.header(name) or "")
                counts[rows[is_in(texts, words)] + start] += 1
        return np.flatnonzero(counts >= 2)

    def _rejects(self, fault: np.ndarray) -> RejectTable:
        tables = []
        for at, (start, end) in enumerate(self._rows.spans()):
            part = self._sources[at].part
            rejects = RejectList(part.name)
            own = fault[start:end]
            for number in (_HEADER, _USER, _ITEM, _SCENARIO, _EVENT):
                rows = np.flatnonzero(own == number)
                if len(rows):
                    self._coded_rejects(rejects, at, rows, start, number)
            self._number_rejects(rejects, at, own)
            tables += [joined([rejects.table(), self._malformed[at]]).by_line()]
        return joined(tables)

    def _coded_rejects(
        self, rejects: RejectList, at: int, rows: np.ndarray, start: int, number: int
    ) -> None:
        lines = self._rows.lines(at, rows)
        source = self._sources[at]
        name = USER if number == _HEADER else EVENT if number == _EVENT else _EMPTY[number]
        codes = self._raw[name][rows + start]
        shown = trimmed(self._written[name].take(pa.array(codes, mask=codes == NOWHERE)), SPACE)
        column = "" if number == _HEADER else source.header(name) or ""
        words = {_HEADER: "header", _EVENT: "event_no"}
        reason = phrase(words.get(number) or _NO[name])
        rejects.extend(lines, column, shown, reason)

    def _number_rejects(self, rejects: RejectList, at: int, own: np.ndarray) -> None:
        source = self._sources[at]
        start = self._rows.spans()[at][0]
        for name, number in ((RATING, _RATING), (TIME, _TIME)):
            rows, texts = self._rows.wrong(at, name)
            mine = own[rows] == number
            rows, texts = rows[mine], texts.filter(pa.array(mine))
            if not len(rows):
                continue
            if name == RATING:
                value = self._rating[rows + start]
                low = np.isfinite(value) & (value <= 0)
                reasons = np.where(low, phrase("not_positive"), phrase("no_number"))
            else:
                encoded = texts.dictionary_encode()
                told = [source.time.why_not(text) for text in encoded.dictionary.to_pylist()]
                reasons = np.array(told, dtype=object)[
                    encoded.indices.to_numpy(zero_copy_only=False)
                ]
            lines = self._rows.lines(at, rows)
            for reason in dict.fromkeys(reasons.tolist()):
                chosen = reasons == reason
                rejects.extend(
                    lines[chosen], source.header(name) or "", texts.filter(pa.array(chosen)), reason
                )

    # ---------------------------------------------------------------------------- good rows

    def _weight(self, event: np.ndarray, rating: np.ndarray) -> np.ndarray:
        """Strength of each row, shape (rows,), float64 in (0, 1]."""
        strength = self._strengths[event]
        weight = strength / strength.max()
        rated = ~np.isnan(rating)
        if rated.any():
            weight[rated] *= rating[rated] / rating[rated].max()
        return weight

    def _numbered(self, name: str, clean: dict[str, np.ndarray]) -> tuple[np.ndarray, IdMap]:
        values = self._means[name].values
        codes, old = compact(clean.pop(name), len(values))
        return codes, IdMap(values.take(pa.array(old)).to_pylist())

    def _scenarios(self, clean: dict[str, np.ndarray]) -> tuple[np.ndarray, IdMap]:
        values = self._means[SCENARIO].values
        codes, old = compact(clean.pop(SCENARIO), len(values))
        names = values.take(pa.array(old)).to_pylist()
        if len(names) > MAX_SCENARIOS:
            raise DataError(
                f"expected at most {MAX_SCENARIOS} scenarios",
                f"{len(names):,}, such as {names[0][:40]!r} and {names[1][:40]!r}",
                "Choose another scenario column, or none: --map scenario=",
            )
        by_name = sorted(range(len(names)), key=names.__getitem__)
        rank = np.empty(len(names), dtype=np.int32)
        rank[by_name] = np.arange(len(names), dtype=np.int32)
        return rank[codes], IdMap(names[at] for at in by_name)


def _one_of_each(
    columns: list[np.ndarray], weight: np.ndarray, policy: Repeats
) -> tuple[np.ndarray, np.ndarray]:
    """The rows that stay, in order, and the weights (changed where strengths are added)."""
    rows, starts = repeats(columns)
    if len(rows) == len(starts):
        return np.arange(len(weight)), weight
    firsts = rows[starts]
    if policy == "sum":
        weight = weight.copy()
        weight[firsts] = np.add.reduceat(weight[rows], starts)
    keep = np.ones(len(weight), dtype=bool)
    keep[rows] = False
    keep[rows[np.append(starts[1:], len(rows)) - 1] if policy == "last" else firsts] = True
    return np.flatnonzero(keep), weight


def _history_order(log: InteractionLog) -> np.ndarray:
    """Row numbers by user, then time, then as they stand; shape (n,)."""
    if log.time is None:
        return np.argsort(log.user, kind="stable")
    since = log.time - log.time.min(initial=0)
    bits = int(since.max(initial=0)).bit_length()
    if bits + int(log.user.max(initial=0)).bit_length() < 63:
        # One number per row sorts faster than two.
        return np.argsort((log.user.astype(np.int64) << bits) | since, kind="stable")
    return np.lexsort((log.time, log.user))
