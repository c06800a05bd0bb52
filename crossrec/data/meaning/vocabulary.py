"""The words of events, one file per language (``words/*.toml``), which anybody may edit."""

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from pathlib import Path

_FOLDER = Path(__file__).with_name("words")


class Kind(StrEnum):
    """What a row, or one of its cells, says of the item.

    ``POSITIVE`` rows are interactions. An ``EXPOSURE`` was only shown. A ``NEGATIVE`` speaks
    against the item. ``UNKNOWN`` is a word or code of which nobody has said what it means.
    """

    POSITIVE = "positive"
    EXPOSURE = "exposure"
    NEGATIVE = "negative"
    UNKNOWN = "unknown"


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
    """

    events: Mapping[str, Word]
    columns: Mapping[str, Word]
    opinions: frozenset[str]
    prefixes: tuple[str, ...]


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
    opinions: set[str] = set()
    prefixes: set[str] = set()
    for path in sorted(_FOLDER.glob("*.toml")):
        language = tomllib.loads(path.read_text(encoding="utf-8"))
        for kind in (Kind.POSITIVE, Kind.NEGATIVE):
            for weight, words in language[kind].items():
                events |= dict.fromkeys(words.split(), Word(kind, float(weight)))
        exposures = language[Kind.EXPOSURE]["words"].split()
        events |= dict.fromkeys(exposures, Word(Kind.EXPOSURE, 0.0))
        names = language["columns"]
        columns |= dict.fromkeys(names["positive"].split(), Word(Kind.POSITIVE, 1.0))
        opinions |= set(names["opinion"].split())
        prefixes |= set(names["prefixes"].split())
    longest_first = tuple(sorted(prefixes, key=lambda prefix: (-len(prefix), prefix)))
    return Vocabulary(events, columns, frozenset(opinions), longest_first)


@dataclass(frozen=True)
class ColumnWord:
    """What a 1 in a column of 0 and 1 says; ``opinion``: a 0 says the contrary."""

    word: Word
    opinion: bool


def column_word(header: str) -> ColumnWord | None:
    """What a column says by its header, such as ``is_click`` or 是否点击; None for any other."""
    known = vocabulary()
    bare = word_key(re.split(":", header, maxsplit=1)[0])
    names = [bare]
    names += [bare.removeprefix(prefix) for prefix in known.prefixes if bare.startswith(prefix)]
    for name in names:
        if (word := known.events.get(name) or known.columns.get(name)) is not None:
            return ColumnWord(word, name in known.opinions)
    return None
