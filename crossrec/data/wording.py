"""Sentences as templates, so that every language says the same numbers and names."""

from collections.abc import Callable, Mapping
from numbers import Integral

Value = int | float | str | tuple[str, ...]
"""What a placeholder holds: a number, a name, a word of :data:`WORDS`, or several names."""

WORDS: Mapping[str, Mapping[str, str]] = {
    "in_table": {"log": "the log", "catalogue": "the catalogue", "users": "the user table"},
    "noun": {word: word for word in ("user", "item", "scenario", "event", "title")},
    "script": {
        "arabic": "Arabic",
        "cyrillic": "Cyrillic",
        "greek": "Greek",
        "han": "Chinese",
        "hebrew": "Hebrew",
        "indic": "Indic",
        "japanese": "Japanese",
        "korean": "Korean",
        "latin": "Latin",
        "thai": "Thai",
    },
}
"""Placeholder -> value -> English; pages translate these values under ``placeholder.value``."""


class Amount:
    """A number in a sentence.

    A template says ``{n}`` for 2,000; ``{n:row}`` for "1 row" or "2,000 rows"; ``{n:row is|rows
    are}`` where an s is not enough; ``{n:~has|have}`` for the word alone; or any format of numbers,
    such as ``{share:.1%}``. Languages without plurals say ``{n}`` for all of them.
    """

    def __init__(self, number: float) -> None:
        self.number = number

    def __format__(self, spec: str) -> str:
        word = spec.removeprefix("~")
        if word and not word[0].isalpha():
            return format(self.number, spec)
        one, _, many = word.partition("|")
        noun = one if self.number == 1 else many or f"{one}s"
        if spec.startswith("~"):
            return noun
        plain = f"{self.number:,}" if isinstance(self.number, Integral) else f"{self.number:g}"
        return f"{plain} {noun}" if word else plain


def read_values(held: Mapping[str, Value | list[str]]) -> dict[str, Value]:
    """Values that were kept as JSON, which has lists for tuples."""
    return {name: tuple(one) if isinstance(one, list) else one for name, one in held.items()}


def english_word(placeholder: str, value: str) -> str:
    """The English of a word of :data:`WORDS`."""
    return WORDS[placeholder][value]


def one_line(name: str) -> str:
    """A name without line ends and runs of spaces."""
    return " ".join(name.split())


def shown(
    values: Mapping[str, Value],
    word: Callable[[str, str], str] = english_word,
    name: Callable[[str], str] = one_line,
    comma: str = ", ",
) -> dict[str, str | Amount]:
    """Values as :meth:`str.format` puts them into a template.

    Args:
        values: by placeholder.
        word: translates a value of a placeholder of :data:`WORDS`.
        name: makes a name fit for where it is shown.
        comma: between several names.
    """
    ready: dict[str, str | Amount] = {}
    for placeholder, value in values.items():
        if isinstance(value, str):
            ready[placeholder] = word(placeholder, value) if placeholder in WORDS else name(value)
        elif isinstance(value, tuple):
            ready[placeholder] = comma.join(map(name, value))
        else:
            ready[placeholder] = Amount(value)
    return ready
