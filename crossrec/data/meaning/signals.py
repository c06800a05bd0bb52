"""What a row says: an interaction, a mere exposure, or a no. Decided here and nowhere else.

Evidence comes from the event word, from columns of 0 and 1 (``is_click``) or of words
(``reaction``), from the rating and from the sign of the quantity. A no outweighs all others, a yes
outweighs that the item was only shown; a row without any evidence is an interaction, as a bare log
of purchases has it.
"""

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import pyarrow as pa

from crossrec.data.clean_ids import MISSING
from crossrec.data.meaning.vocabulary import (
    Kind,
    Word,
    column_word,
    event_word,
    is_worded,
    word_key,
)
from crossrec.errors import DataError

NOTHING, SHOWN, YES, NO = range(4)
"""Levels of evidence; of several the highest counts."""
LEVELS: Mapping[Kind, int] = {
    Kind.UNKNOWN: NOTHING, Kind.EXPOSURE: SHOWN, Kind.POSITIVE: YES, Kind.NEGATIVE: NO,
}  # fmt: skip
BARE = 1.0
"""Strength of a row without an event, or with an unknown one."""
RETURNED = 0.5
"""Strength, against the item, of a row with a quantity below 0."""
JOINT = "\x1f"
"""Between the cells of several signal columns in one text."""
_HALF, _MOSTLY, _ALL_BUT_FEW = 0.5, 0.9, 0.99
_FEW_VALUES = 20
"""A column of so many different values may say what happened."""
_YES = frozenset(
    ("1", "1.0", "true", "t", "yes", "y", "on", "up", "ok", "是", "有", "对", "真", "✓", "✔", "√")
)
_NO = frozenset(
    ("0", "0.0", "false", "f", "no", "n", "off", "down", "否", "无", "错", "假", "没有", "✗", "✘",
     "×")
)  # fmt: skip
_MINUS = frozenset(("-1", "-1.0"))
_NUMBER = re.compile(r"[-+]?\d+(\.\d+)?")
_WHOLE = re.compile(r"\d+(\.0+)?")

Given = Mapping[str, Mapping[str, str]]
"""What a person says values mean: column (or "event") -> value -> a :class:`Kind`."""


@dataclass(frozen=True)
class Evidence:
    """What one value says: its kind, the level of that, and its strength in (0, 1] or 0."""

    kind: Kind
    strength: float = 0.0

    @property
    def level(self) -> int:
        """Its place among :data:`NOTHING`, :data:`SHOWN`, :data:`YES`, :data:`NO`."""
        return LEVELS[self.kind]


@dataclass(frozen=True)
class SignalColumn:
    """A column that says what happened, by 0 and 1, by counts, or by words of events.

    Attributes:
        header: of the file.
        word: what a 1 says.
        opinion: whether a 0 says the contrary.
        given: value -> kind, as a person said.
        empty: what an empty cell says.
    """

    header: str
    word: Word
    opinion: bool = False
    given: Mapping[str, Kind] = None  # type: ignore[assignment]
    empty: Evidence | None = None

    def evidence(self, value: str) -> Evidence | None:
        """What one of its cells says; None where it says nothing."""
        plain = value.strip().casefold()
        if self.given and plain in self.given:
            kind = self.given[plain]
            return Evidence(kind, self.word.weight or BARE)
        if plain in MISSING:
            return self.empty
        if plain in _YES or (_NUMBER.fullmatch(plain) and float(plain) > 0):
            return Evidence(self.word.kind, self.word.weight)
        if plain in _NO or (_NUMBER.fullmatch(plain) and float(plain) == 0):
            return self._without()
        if _NUMBER.fullmatch(plain):  # below 0, as -1 beside 1
            return Evidence(Kind.NEGATIVE, self.word.weight or BARE)
        word = event_word(value)
        return Evidence(Kind.UNKNOWN, BARE) if word is None else Evidence(word.kind, word.weight)

    def _without(self) -> Evidence | None:
        """What a 0 says: of a positive column that the item was only shown."""
        if self.word.kind is Kind.NEGATIVE:
            return None
        if self.word.kind is Kind.EXPOSURE:
            return Evidence(Kind.UNKNOWN, BARE)
        return (
            Evidence(Kind.NEGATIVE, self.word.weight) if self.opinion else Evidence(Kind.EXPOSURE)
        )


def signal_columns(
    columns: Sequence[str],
    sample: Mapping[str, pa.ChunkedArray],
    used: Sequence[str],
    given: Given | None = None,
) -> tuple[SignalColumn, ...]:
    """The columns that say whether anything happened.

    Known by their headers (``is_click``, ``reaction``), if their values are of that kind.

    Args:
        columns: headers of a file.
        sample: some values of each.
        used: headers that mean something else already.
        given: what a person says; a column named there is one.
    """
    chosen = []
    for header in columns:
        own = _given_kinds(given, header)
        if header in used:
            continue
        named = column_word(header)
        word, opinion = (named.word, named.opinion) if named else (Word(Kind.POSITIVE, BARE), False)
        column = SignalColumn(header, word, opinion, own)
        counts = _counts(sample.get(header))
        if own or (
            _says_yes(column, counts, sure=named is not None and _is_flag(header))
            if named and not is_worded(header)
            else is_worded(header) and _is_worded(column, counts, sure=True)
        ):
            chosen.append(replace(column, empty=_empty(column, sample.get(header), counts)))
    return tuple(chosen)


def are_opinions(values: Sequence[str]) -> bool:
    """Whether the values of a column called like a rating are words (good, True), no numbers."""
    counts = Counter(plain for value in values if (plain := _plain(value)) not in MISSING)
    return not any(map(str.isdigit, "".join(counts))) and _is_worded(
        SignalColumn("", Word(Kind.POSITIVE, BARE), opinion=True), counts, sure=True
    )


def unused_signals(
    columns: Sequence[str], sample: Mapping[str, pa.ChunkedArray], used: Sequence[str]
) -> tuple[str, ...]:
    """Headers of columns that may say what happened and are not used.

    These are columns of 0 and 1 (both occur), those of few values that are called like an event,
    and those of event words, some of which would not be interactions.
    """
    unused = []
    for header in columns:
        if header in used:
            continue
        counts = _counts(sample.get(header))
        named = column_word(header) is not None or is_worded(header)
        few = 1 < len(counts) <= _FEW_VALUES
        if (len(counts) == 2 and _is_binary(counts)) or (few and (named or _tell(counts))):
            unused.append(header)
    return tuple(unused)


def event_evidence(event: str, given: Given | None = None) -> Evidence:
    """What an event word says; see ``words/*.toml``.

    Args:
        event: as it stands in the file.
        given: what a person says of the values of the column "event".
    """
    own = _given_kinds(given, "event")
    word = event_word(event)
    kind = own.get(_plain(event)) or own.get(word_key(event))
    if kind is not None:
        weight = word.weight if word and word.weight else BARE
        return Evidence(kind, 0.0 if kind is Kind.EXPOSURE else weight)
    return Evidence(Kind.UNKNOWN, BARE) if word is None else Evidence(word.kind, word.weight)


def combined(
    cells: Sequence[str], columns: Sequence[SignalColumn]
) -> tuple[int, float, tuple[Evidence | None, ...]]:
    """What the signal columns of a row say together: level, strength, and each by itself."""
    each = tuple(column.evidence(cell) for column, cell in zip(columns, cells, strict=True))
    known = [evidence for evidence in each if evidence is not None]
    level = max((evidence.level for evidence in known), default=NOTHING)
    strengths = [evidence.strength for evidence in known if evidence.level == level]
    return level, max(strengths, default=0.0), each


def check_signals(given: Given) -> None:
    """Refuse what is no kind of a value.

    Raises:
        DataError: with the kinds there are.
    """
    kinds = [kind.value for kind in (Kind.POSITIVE, Kind.EXPOSURE, Kind.NEGATIVE)]
    for column, values in given.items():
        for value, kind in values.items():
            if kind not in kinds:
                raise DataError(
                    f"expected {', '.join(kinds)} for the value {value!r} of {column!r}",
                    repr(kind),
                    f"Write it like --signal {column}:{value}=exposure",
                )


def _given_kinds(given: Given | None, header: str) -> dict[str, Kind]:
    """Plain value -> kind, as a person said of a column."""
    values = (given or {}).get(header, {})
    return {_plain(value): Kind(kind) for value, kind in values.items()}


def _plain(value: object) -> str:
    return "" if value is None else str(value).strip().casefold()


def _says_yes(column: SignalColumn, counts: Mapping[str, int], *, sure: bool) -> bool:
    """Whether the values of a column answer yes or no, or count how often.

    A count is one of this row if it is mostly 0 or 1; else it may be how often all people did it.

    Args:
        column: of which the values are.
        counts: how often each of them occurs, empty ones left out.
        sure: whether the header alone says so (``is_click``): then half of them will do.
    """
    total = sum(counts.values())
    plain = sum(n for text, n in counts.items() if _is_plain(text))
    if plain >= (_HALF if sure else _ALL_BUT_FEW) * total > 0:
        return True
    whole = sum(n for text, n in counts.items() if _is_plain(text) or _WHOLE.fullmatch(text))
    if whole >= _ALL_BUT_FEW * total > 0:
        return plain >= _HALF * total and any(text in _NO for text in counts)
    return _is_worded(column, counts, sure=sure)


def _is_worded(column: SignalColumn, counts: Mapping[str, int], *, sure: bool) -> bool:
    """Whether nearly all values are words of events, or half of them where the header is sure."""
    if not 0 < len(counts) <= _FEW_VALUES or any(_is_other_number(text) for text in counts):
        return False
    known = 0
    for text, n in counts.items():
        evidence = column.evidence(text)
        known += n if evidence is None or evidence.kind is not Kind.UNKNOWN else 0
    return known >= (_HALF if sure else _MOSTLY) * sum(counts.values())


def _tell(counts: Mapping[str, int]) -> bool:
    """Whether all values are event words, and not all of them of interactions."""
    words = [event_word(text) for text in counts]
    kinds = {word.kind for word in words if word is not None}
    return None not in words and kinds > {Kind.POSITIVE}


def _is_flag(header: str) -> bool:
    """Whether a header asks whether (``is_click``)."""
    return re.match(r"(is|has|was|did)(_|[A-Z])|是否|有无", header) is not None


def _empty(
    column: SignalColumn, values: pa.ChunkedArray | None, counts: Mapping[str, int]
) -> Evidence | None:
    """What an empty cell of a column says: where no cell says no, the empty ones do.

    Else nothing is known of it, and of a column of dislikes or opinions nothing is to be known.
    """
    if column.word.kind is not Kind.POSITIVE or column.opinion or values is None:
        return None
    if all(text in _YES for text in counts):
        return Evidence(Kind.EXPOSURE)
    return Evidence(Kind.UNKNOWN, BARE)


def _is_plain(text: str) -> bool:
    return text in _YES or text in _NO or text in _MINUS or text.lstrip("0") in ("", "1")


def _is_other_number(text: str) -> bool:
    return _NUMBER.fullmatch(text) is not None and not _is_plain(text)


def _is_binary(counts: Mapping[str, int]) -> bool:
    """Whether nearly all values that are not empty say yes or no."""
    good = sum(n for text, n in counts.items() if _is_plain(text))
    return bool(counts) and good >= _ALL_BUT_FEW * sum(counts.values())


def _counts(values: pa.ChunkedArray | None) -> dict[str, int]:
    """How often each value stands in a column, empty ones and their case left out."""
    counts: dict[str, int] = {}
    if values is not None:
        for each in values.value_counts().to_pylist():
            if (plain := _plain(each["values"])) not in MISSING:
                counts[plain] = counts.get(plain, 0) + each["counts"]
    return counts
