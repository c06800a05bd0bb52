"""Coded rows -> the log: which are kept, set aside or repeated, and what they weigh."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from functools import partial

import numpy as np
import pyarrow as pa

from crossrec.data.arrow import is_in, trimmed
from crossrec.data.clean_ids import SPACE, clean_ids
from crossrec.data.ids import IdMap
from crossrec.data.log import (
    FileFacts,
    InteractionLog,
    ReaderNote,
    RejectSummary,
    SignalFacts,
    TimeKind,
)
from crossrec.data.meaning.signals import NO, SHOWN, YES
from crossrec.data.phrases import phrase
from crossrec.data.reading.cells import header_words
from crossrec.data.reading.coding import NOWHERE, Meaning, compact, meaning
from crossrec.data.reading.kinds import Meanings, RowKinds
from crossrec.data.reading.naming import named
from crossrec.data.reading.noticed import id_notes
from crossrec.data.reading.nouns import separated
from crossrec.data.reading.rated import Ratings
from crossrec.data.reading.rejects import RejectList, RejectTable, check_share, joined
from crossrec.data.reading.repeated import Repeats, history_order, one_of_each
from crossrec.data.reading.rows import CODED, NUMBERS, SIGNAL, Rows, Source
from crossrec.errors import DataError
from crossrec.schema import EVENT, ITEM, RATING, SCENARIO, TIME, USER

MAX_SCENARIOS = 200
"""More names than this are not scenarios but something else, such as products."""
_BLOCK = 1_000_000
# A rating far below the highest must not become 0 as float32: a weight is positive.
_WEAKEST = 1e-6
_HEADER, _USER, _ITEM, _SCENARIO, _OFF_SCALE, _RATING, _TIME = range(1, 8)
_EMPTY = {_USER: USER, _ITEM: ITEM, _SCENARIO: SCENARIO}
_NO = {USER: "no_user", ITEM: "no_item", SCENARIO: "no_scenario"}


class Judge:
    """Turns coded rows into a log.

    Args:
        rows: all rows of the sources; used up.
        sources: where they come from.
        malformed: per source, the lines that are no rows.
        meanings: what a person says that values mean.
        scenario_names: old name of a scenario -> its new one.
        item_nouns: see :func:`~crossrec.data.reading.nouns.separated`.

    Attributes:
        notes: what is to be said of ids and names.

    Raises:
        UnknownId: ``meanings`` name an event, or ``scenario_names`` a scenario, that is not there.
    """

    def __init__(
        self,
        rows: Rows,
        sources: Sequence[Source],
        malformed: Sequence[RejectTable],
        meanings: Meanings | None = None,
        scenario_names: Mapping[str, str] | None = None,
        item_nouns: Collection[str] = (),
    ) -> None:
        self._rows, self._sources, self._malformed = rows, sources, malformed
        self._meanings = meanings or Meanings()
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
        signal, signals = rows.coded(SIGNAL)
        self._raw[SIGNAL] = signal
        self._rating, self._time = rows.numbers(RATING), rows.numbers(TIME)
        events = self._means[EVENT].values.to_pylist()
        self._kinds = RowKinds(sources, events, signals.to_pylist(), self._meanings)

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
        time_kind = self._time_kind()
        fault = self._faults()
        clean = {each: self._means[each].code[self._raw[each]] for each in self._means}
        ratings = self._ratings(clean[SCENARIO], fault)
        fault[ratings.outside() & (fault == 0)] = _OFF_SCALE
        facts_of_values = self._facts(fault, ratings)
        rejects = self._rejects(fault, ratings)
        read = len(fault) + sum(map(len, self._malformed))
        check_share(rejects, read, max_rejects, name)
        # Nothing is copied where every row is good.
        good = slice(None) if not fault.any() else fault == 0
        clean[SIGNAL] = self._raw.pop(SIGNAL)
        self._raw.clear()
        clean = {each: codes[good] for each, codes in clean.items()}
        ratings, time = ratings.take(good), self._time[good]
        self._rating = self._time = np.zeros(0)
        level = self._kinds.levels(clean[EVENT], clean[SIGNAL], ratings)
        logs, duplicates = {}, 0
        for each in (YES, SHOWN, NO):
            rows = np.flatnonzero(level == each)
            alone = len(rows) == len(level)
            own = clean if alone else {name: codes[rows] for name, codes in clean.items()}
            log, dropped = self._log(
                dict(own),
                ratings if alone else ratings.take(rows),
                time if alone else time[rows],
                each,
                policy,
                time_kind,
            )
            duplicates += dropped
            logs[each] = log.select(history_order(log)) if by_history else log
        if not len(logs[YES]):
            raise _no_interactions(name, len(logs[SHOWN]), len(logs[NO]))
        summary = RejectSummary(
            read,
            rejects,
            duplicates,
            tuple(facts),
            facts_of_values,
            tuple(ratings.scales[code] for code in sorted(ratings.scales)),
            len(logs[SHOWN]),
            len(logs[NO]),
            tuple(self.notes),
        )
        return replace(
            logs[YES],
            rejects=summary,
            exposures=logs[SHOWN] if len(logs[SHOWN]) else None,
            negatives=logs[NO] if len(logs[NO]) else None,
        )

    def _log(
        self,
        clean: dict[str, np.ndarray],
        ratings: Ratings,
        time: np.ndarray,
        level: int,
        policy: Repeats,
        time_kind: TimeKind,
    ) -> tuple[InteractionLog, int]:
        """The log of the rows of one level, and how many exact repeats were dropped from it."""
        weight = self._kinds.strengths(clean[EVENT], clean.pop(SIGNAL), ratings, level)
        stays, doubled = one_of_each([*clean.values(), time], weight, policy)
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
            time=None if time_kind is TimeKind.NONE else time,
            users=users,
            items=items,
            scenarios=scenarios,
            time_kind=time_kind,
        )
        return log, duplicates

    def _ratings(self, scenario: np.ndarray, fault: np.ndarray) -> Ratings:
        names = self._means[SCENARIO].values.to_pylist()
        start = self._meanings.positive_from
        return Ratings.of(self._rating, scenario, names, start, fault == 0)

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

    def _time_kind(self) -> TimeKind:
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
        for number in (_SCENARIO, _ITEM, _USER):
            each = _EMPTY[number]
            empty = self._means[each].code == NOWHERE
            if empty[:-1].any() or self._has_gaps(each):
                fault[empty[self._raw[each]]] = number
        fault[self._headers_again(fault)] = _HEADER
        return fault

    def _facts(self, fault: np.ndarray, ratings: Ratings) -> tuple[SignalFacts, ...]:
        """What the values say, counted over all rows of the files but headers."""
        event = _counts(self._raw[EVENT], fault == _HEADER, len(self._means[EVENT].code) - 1)
        known = len(self._means[EVENT].values)
        code = self._means[EVENT].code[:-1]
        events = np.bincount(code[code >= 0], event[code >= 0], known).astype(np.int64)
        signals = _counts(self._raw[SIGNAL], fault == _HEADER, self._kinds.texts)
        return self._kinds.facts(events, signals, ratings)

    def _has_gaps(self, name: str) -> bool:
        return bool((self._raw[name] == NOWHERE).any())

    def _headers_again(self, fault: np.ndarray) -> np.ndarray:
        """Rows with a column name in two cells or more: the header of a file put behind another."""
        counts = np.zeros(len(fault), dtype=np.uint8)
        for name in self._means:
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

    def _rejects(self, fault: np.ndarray, ratings: Ratings) -> RejectTable:
        tables = []
        for at, (start, end) in enumerate(self._rows.spans()):
            part = self._sources[at].part
            rejects = RejectList(part.name)
            own = fault[start:end]
            for number in (_HEADER, _USER, _ITEM, _SCENARIO):
                rows = np.flatnonzero(own == number)
                if len(rows):
                    self._coded_rejects(rejects, at, rows, start, number)
            self._number_rejects(rejects, at, own)
            rows = np.flatnonzero(own == _OFF_SCALE)
            self._off_scale(rejects, at, rows, start, ratings)
            tables += [joined([rejects.table(), self._malformed[at]]).by_line()]
        return joined(tables)

    def _coded_rejects(
        self, rejects: RejectList, at: int, rows: np.ndarray, start: int, number: int
    ) -> None:
        lines = self._rows.lines(at, rows)
        source = self._sources[at]
        name = USER if number == _HEADER else _EMPTY[number]
        codes = self._raw[name][rows + start]
        shown = trimmed(self._written[name].take(pa.array(codes, mask=codes == NOWHERE)), SPACE)
        column = "" if number == _HEADER else source.header(name) or ""
        reason = phrase("header" if number == _HEADER else _NO[name])
        rejects.extend(lines, column, shown, reason)

    def _number_rejects(self, rejects: RejectList, at: int, own: np.ndarray) -> None:
        source = self._sources[at]
        for name, number in ((RATING, _RATING), (TIME, _TIME)):
            rows, texts = self._rows.wrong(at, name)
            mine = own[rows] == number
            rows, texts = rows[mine], texts.filter(pa.array(mine))
            if not len(rows):
                continue
            if name == RATING:
                reasons = np.full(len(rows), phrase("no_number"), dtype=object)
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

    def _off_scale(
        self, rejects: RejectList, at: int, rows: np.ndarray, start: int, ratings: Ratings
    ) -> None:
        """Reject ratings beyond the scale of their scenario; rows of one source."""
        lines, rating = self._rows.lines(at, rows), self._rating[rows + start]
        column = self._sources[at].header(RATING) or ""
        scenario = self._means[SCENARIO].code[self._raw[SCENARIO][rows + start]]
        for code, scale in ratings.scales.items():
            chosen = scenario == code
            if not chosen.any():
                continue
            values = pa.array([f"{value:g}" for value in rating[chosen]], pa.string())
            reason = phrase("not_positive")
            if scale.high is not None:
                reason = phrase("off_scale", low=f"{scale.low:g}", high=f"{scale.high:g}")
            rejects.extend(lines[chosen], column, values, reason)

    # ---------------------------------------------------------------------------- good rows

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


def _counts(codes: np.ndarray, but: np.ndarray, n: int) -> np.ndarray:
    """How many rows have each raw code, shape (n,), int64; some rows left out."""
    counts = np.zeros(n + 1, dtype=np.int64)
    for start in range(0, len(codes), _BLOCK):
        counts += np.bincount(codes[start : start + _BLOCK] + 1, minlength=n + 1)
    return (counts - np.bincount(codes[but] + 1, minlength=n + 1))[1:]


def _no_interactions(name: str, shown: int, against: int) -> DataError:
    return DataError(
        f"expected rows in {name} that say somebody used an item",
        f"{shown:,} that were only shown, {against:,} that speak against the item",
        "Say which values are positive: --signal COLUMN:VALUE=positive, or --positive-from NUMBER",
    )
