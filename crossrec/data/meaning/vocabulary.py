"""The words of events, one file per language (``words/*.toml``), which anybody may edit."""

import re
import tomllib
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from pathlib import Path

_FOLDER = Path(__file__).with_name("words")
_TOKENS = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[\u4e00-\u9fff]+")
_LONGEST = 8
"""Chinese words are no longer than this."""


class Kind(StrEnum):
    """What a row, or one of its cells, says of the item.

    ``POSITIVE`` rows are interactions. An ``EXPOSURE`` was only shown. A ``NEGATIVE`` speaks
    against the item. ``UNKNOWN`` is a word or code of which nobody has said what it means.
    """

    POSITIVE = "positive"
    EXPOSURE = "exposure"
    NEGATIVE = "negative"
    UNKNOWN = "unknown"


_ORDER = {Kind.EXPOSURE: 0, Kind.POSITIVE: 1, Kind.NEGATIVE: 2}
"""Of several words in a phrase the highest counts."""


@dataclass(frozen=True)
class Word:
    """What a word says, and how strongly: a weight in (0, 1], 0 for an exposure."""

    kind: Kind
    weight: float


@dataclass(frozen=True)
class Vocabulary:
    """The words of all languages.

    Attributes:
        events: event word (:func:`word_key`) -> what it says.
        columns: words that name a column of 0 and 1, beside the events.
        opinions: of these columns a 0 speaks against the item, too.
        prefixes: what may stand before such a word, the longest first.
        suffixes: what may stand behind one, likewise.
        worded: names of columns that hold event words, as ``reaction`` does.
        around: words beside an event word that change nothing (``item`` in "view item").
        negations: words that take an event back ("not clicked").
    """

    events: Mapping[str, Word]
    columns: Mapping[str, Word]
    opinions: frozenset[str]
    prefixes: tuple[str, ...]
    suffixes: tuple[str, ...]
    worded: frozenset[str]
    around: frozenset[str]
    negations: frozenset[str]


def word_key(text: str) -> str:
    """What a word is looked up by: ``"Add to cart"`` and ``add_to_cart`` are ``addtocart``.

    A code without letters, such as ``4``, stays as it is.
    """
    plain = text.casefold().strip()
    return "".join(filter(str.isalpha, plain)) or plain


@cache
def vocabulary() -> Vocabulary:
    """The vocabulary; read once."""
    events: dict[str, Word] = {}
    columns: dict[str, Word] = {}
    lists: dict[str, set[str]] = {}
    for path in sorted(_FOLDER.glob("*.toml")):
        language = tomllib.loads(path.read_text(encoding="utf-8"))
        for kind in (Kind.POSITIVE, Kind.NEGATIVE):
            for weight, words in language[kind].items():
                events |= dict.fromkeys(words.split(), Word(kind, float(weight)))
        exposures = language[Kind.EXPOSURE]["words"].split()
        events |= dict.fromkeys(exposures, Word(Kind.EXPOSURE, 0.0))
        names = language["columns"]
        named = f"{names['positive']} {names['opinion']}"
        columns |= dict.fromkeys(named.split(), Word(Kind.POSITIVE, 1.0))
        for name, text in {**names, **language["phrases"]}.items():
            lists.setdefault(name, set()).update(text.split())
    return Vocabulary(
        events,
        columns,
        frozenset(lists["opinion"]),
        _longest_first(lists["prefixes"]),
        _longest_first(lists["suffixes"]),
        frozenset(lists["worded"]),
        frozenset(lists["around"]),
        frozenset(lists["negations"]),
    )


def _longest_first(words: Collection[str]) -> tuple[str, ...]:
    return tuple(sorted(words, key=lambda word: (-len(word), word)))


def event_word(text: str) -> Word | None:
    """What an event says; None where nobody has said so.

    Beside the words themselves it knows phrases of them: "view item" is a view, "order cancelled"
    a cancellation, "not clicked" an exposure.
    """
    known, key = vocabulary(), word_key(text)
    if (word := known.events.get(key)) is not None:
        # "rated 1" is a rating, and it is not known of which scale.
        return None if word is known.events["rating"] and re.search(r"\d", text) else word
    pieces = _pieces(text, known)
    if pieces is None or not pieces:
        return None
    if (word := known.events.get("".join(pieces))) is not None:
        return word
    words = [known.events.get(piece) for piece in pieces if piece not in known.negations]
    if not words or None in words:
        return None
    strongest = max(
        (word for word in words if word), key=lambda word: (_ORDER[word.kind], word.weight)
    )
    if len(words) == len(pieces):
        return strongest
    return Word(Kind.EXPOSURE, 0.0) if strongest.kind is Kind.POSITIVE else None


def _pieces(text: str, known: Vocabulary) -> list[str] | None:
    """The words of a phrase but those that change nothing; None where Chinese is not known."""
    pieces: list[str] = []
    for token in _TOKENS.findall(text):
        if token.isascii():
            pieces.append(token.casefold())
        elif (parts := _cut(token, known)) is not None:
            pieces += parts
        else:
            return None
    return [piece for piece in pieces if piece not in known.around]


def _cut(text: str, known: Vocabulary) -> list[str] | None:
    """Chinese as known words, the longest first; None where some of it is not known."""
    if not text or len(text) > 2 * _LONGEST:
        return None if text else []
    for end in range(min(len(text), _LONGEST), 0, -1):
        piece = text[:end]
        if piece in known.events or piece in known.around or piece in known.negations:
            rest = _cut(text[end:], known)
            if rest is not None:
                return [piece, *rest]
    return None


@dataclass(frozen=True)
class ColumnWord:
    """What a 1 in a column of 0 and 1 says.

    Attributes:
        word: what it says.
        opinion: whether a 0 says the contrary.
    """

    word: Word
    opinion: bool


def column_word(header: str) -> ColumnWord | None:
    """What a column says by its header, such as ``is_click`` or 是否点击; None for any other."""
    known = vocabulary()
    bare = word_key(re.split(":", header, maxsplit=1)[0])
    names = [bare, *_without(bare, known.prefixes, str.removeprefix)]
    names += [short for name in names for short in _without(name, known.suffixes, str.removesuffix)]
    for name in names:
        if (word := known.events.get(name) or known.columns.get(name)) is not None:
            return ColumnWord(word, name in known.opinions)
    return None


def is_worded(header: str) -> bool:
    """Whether a column holds event words by its header, such as ``reaction``."""
    known = vocabulary()
    bare = word_key(re.split(":", header, maxsplit=1)[0])
    return not {bare, *_without(bare, known.prefixes, str.removeprefix)}.isdisjoint(known.worded)


def _without(name: str, marks: Sequence[str], remove: Callable[[str, str], str]) -> list[str]:
    return [short for mark in marks if (short := remove(name, mark)) not in ("", name)]
