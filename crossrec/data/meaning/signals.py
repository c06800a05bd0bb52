"""What a row says: an interaction, a mere exposure, or a no. Decided here and nowhere else.

Evidence comes from the event word, from columns of 0 and 1 (``is_click``), from the rating and from
the sign of the quantity. A no outweighs all others, a yes outweighs that the item was only shown;
a row without any evidence is an interaction, as a bare log of purchases has it.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pyarrow as pa

from crossrec.data.meaning.vocabulary import Kind, Word, column_word, vocabulary, word_key
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
_MOSTLY = 0.99
_YES = frozenset(["1", "1.0", "true", "t", "yes", "y", "是", "有", "对", "✓"])
_NO = frozenset(["0", "0.0", "false", "f", "no", "n", "否", "无", "错", "✗"])
_MINUS = frozenset(("-1", "-1.0"))
_NUMBER = re.compile(r"[-+]?\d+(\.\d+)?")

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
    """A column of 0 and 1 that says what happened.

    Attributes:
        header: of the file.
        word: what a 1 says.
        opinion: whether a 0 says the contrary.
        given: value -> kind, as a person said.
    """

    header: str
    word: Word
    opinion: bool = False
    given: Mapping[str, Kind] = None  # type: ignore[assignment]

    def evidence(self, value: str) -> Evidence | None:
        """What one of its cells says; None for an empty one, or where it says nothing."""
        plain = value.strip().casefold()
        if not plain:
            return None
        if self.given and plain in self.given:
            kind = self.given[plain]
            return Evidence(kind, self.word.weight or BARE)
        if plain in _YES or (_NUMBER.fullmatch(plain) and float(plain) > 0):
            return Evidence(self.word.kind, self.word.weight)
        if plain in _NO or (_NUMBER.fullmatch(plain) and float(plain) == 0):
            return self._without()
        if _NUMBER.fullmatch(plain):  # below 0, as -1 beside 1
            return Evidence(Kind.NEGATIVE, self.word.weight)
        return Evidence(Kind.UNKNOWN, BARE)

    def _without(self) -> Evidence | None:
        """What a 0 says: of a positive column that the item was only shown, of others nothing."""
        if self.word.kind is Kind.NEGATIVE:
            return None
        if self.opinion:
            return Evidence(Kind.NEGATIVE, self.word.weight)
        return Evidence(Kind.EXPOSURE)


def signal_columns(
    columns: Sequence[str],
    sample: Mapping[str, pa.ChunkedArray],
    used: Sequence[str],
    given: Given | None = None,
) -> tuple[SignalColumn, ...]:
    """The columns that say whether anything happened.

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
        if own and named is None:
            chosen.append(SignalColumn(header, Word(Kind.POSITIVE, BARE), given=own))
        elif named and (own or _is_binary(sample.get(header))):
            chosen.append(SignalColumn(header, named.word, named.opinion, own))
    return tuple(chosen)


def unnamed_binary(
    columns: Sequence[str], sample: Mapping[str, pa.ChunkedArray], used: Sequence[str]
) -> tuple[str, ...]:
    """Headers of columns of 0 and 1 (both occur) that are not used: they may say what happened."""
    return tuple(
        header
        for header in columns
        if header not in used
        and _is_binary(sample.get(header))
        and len(_counts(sample.get(header))) == 2
    )


def event_evidence(event: str, given: Given | None = None) -> Evidence:
    """What an event word says; see ``words/*.toml``.

    Args:
        event: as it stands in the file.
        given: what a person says of the values of the column "event".
    """
    own = _given_kinds(given, "event")
    word = vocabulary().events.get(word_key(event))
    kind = own.get(_plain(event)) or own.get(word_key(event))
    if kind is not None:
        return Evidence(kind, word.weight if word and word.weight else BARE)
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


def _is_binary(values: pa.ChunkedArray | None) -> bool:
    """Whether nearly all values that are not empty say yes or no."""
    counts = _counts(values)
    good = sum(n for text, n in counts.items() if text in _YES or text in _NO or text in _MINUS)
    return bool(counts) and good >= _MOSTLY * sum(counts.values())


def _counts(values: pa.ChunkedArray | None) -> dict[str, int]:
    """How often each value stands in a column, empty ones and their case left out."""
    counts: dict[str, int] = {}
    if values is not None:
        for each in values.value_counts().to_pylist():
            if plain := _plain(each["values"]):
                counts[plain] = counts.get(plain, 0) + each["counts"]
    return counts
