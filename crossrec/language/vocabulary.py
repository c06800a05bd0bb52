"""The closed vocabulary of attributes: which facets an item may have, and which values each.

Nothing outside it is ever said of an item. A person may edit it as JSON::

    {"format": 1, "facets": [
      {"name": "use", "values": [{"name": "coffee", "words": "coffee, espresso, brewing"}]}]}

``words`` is what the language model compares an item's text with.
"""

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import cached_property
from importlib.resources import files
from pathlib import Path
from typing import Any

from crossrec.errors import DataError, FileUnreadable
from crossrec.language.text import cjk_share, clean, has_cjk
from crossrec.language.tfidf import terms

UNKNOWN_VALUE = ""
"""What an item's value is where the reader is not sure."""

FORMAT = 1
MAX_FACETS = 12
MAX_VALUES = 60
_NAME_LENGTH = 60
_WORDS_LENGTH = 400
_SEPARATORS = re.compile("[,;，；、]")
_MIN_NAMED = 3  # items whose text names a value, for a ready-made one to be proposed


@dataclass(frozen=True)
class Value:
    """One value of a facet.

    Attributes:
        name: what people read, e.g. "coffee".
        words: what the language model compares with, e.g. "coffee, espresso, brewing".
    """

    name: str
    words: str

    @cached_property
    def terms(self) -> frozenset[str]:
        """The words by which a text names this value outright; of "ice cream" neither alone."""
        found: set[str] = set()
        for part in _SEPARATORS.split(f"{self.name}, {self.words}"):
            held = [term for term in terms(part) if len(term) > 1]
            if len(held) == 1 or has_cjk(part):
                found.update(held)
        return frozenset(found)


@dataclass(frozen=True)
class Facet:
    """One way of describing items, with its values.

    Attributes:
        name: e.g. "use", "audience", "season".
        values: at least two, by different names.
    """

    name: str
    values: tuple[Value, ...]

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the values."""
        return tuple(value.name for value in self.values)


@dataclass(frozen=True)
class Vocabulary:
    """All facets.

    Attributes:
        facets: by different names.
    """

    facets: tuple[Facet, ...]

    def to_json(self) -> dict[str, Any]:
        """As JSON-able values."""
        return {
            "format": FORMAT,
            "facets": [
                {"name": facet.name, "values": [asdict(value) for value in facet.values]}
                for facet in self.facets
            ],
        }

    @classmethod
    def from_json(cls, found: object) -> "Vocabulary":
        """Check and build a vocabulary a person may have edited.

        Raises:
            DataError: says which facet or value is not as expected.
        """
        if not isinstance(found, Mapping) or not isinstance(found.get("facets"), list):
            raise DataError(
                'expected a vocabulary as {"facets": [{"name": ..., "values": [...]}]}',
                type(found).__name__,
            )
        facets = tuple(_facet(each) for each in found["facets"])
        _check_names("facet", [facet.name for facet in facets], 1, MAX_FACETS)
        return cls(facets)


def read_vocabulary(path: Path) -> Vocabulary:
    """Read a vocabulary from a JSON file.

    Raises:
        FileUnreadable: there is no such file, or it is not JSON.
        DataError: it holds no vocabulary.
    """
    try:
        found = json.loads(Path(path).read_text(encoding="utf-8-sig"))
    except (OSError, ValueError) as error:
        raise FileUnreadable(
            f"expected a vocabulary as a JSON file in {path}",
            getattr(error, "strerror", None) or str(error),
            "Write one to edit with: crossrec attributes --vocabulary-out FILE",
        ) from error
    return Vocabulary.from_json(found)


def ready_made(texts: Sequence[str]) -> tuple[Facet, ...]:
    """The ready-made facets (use, audience, mood, season ...) that these texts speak of.

    A value stands where at least three texts name it; a facet where two values do. The Chinese
    list is taken where most texts hold Chinese characters.
    """
    language = "zh" if cjk_share(texts) > 0.5 else "en"
    listed = json.loads(
        files("crossrec.language").joinpath("facets", f"{language}.json").read_text("utf-8")
    )
    words = [set(terms(text)) for text in texts]
    counts: dict[str, int] = {}
    for held in words:
        for term in held:
            counts[term] = counts.get(term, 0) + 1
    found = []
    for facet in Vocabulary.from_json(listed).facets:
        named = tuple(
            value
            for value in facet.values
            if sum(counts.get(term, 0) for term in value.terms) >= _MIN_NAMED
        )
        if len(named) >= 2:
            found.append(Facet(facet.name, named))
    return tuple(found)


def naming(facet: Facet, texts: Sequence[str]) -> list[int]:
    """Which value each text names outright: its place, -1 if none or several.

    A word that belongs to several values names none of them.
    """
    owners: dict[str, int] = {}
    shared: set[str] = set()
    for at, value in enumerate(facet.values):
        shared |= value.terms & owners.keys()
        owners.update(dict.fromkeys(value.terms, at))
    for term in shared:
        del owners[term]
    found = []
    for text in texts:
        named = {owners[term] for term in terms(text) if term in owners}
        found.append(named.pop() if len(named) == 1 else -1)
    return found


def _facet(found: object) -> Facet:
    if not isinstance(found, Mapping) or not isinstance(found.get("values"), list):
        raise DataError("expected a facet with a name and a list of values", f"{found!r}"[:200])
    name = _said(found.get("name"), "a facet's name", _NAME_LENGTH)
    values = tuple(_value(each, name) for each in found["values"])
    _check_names(f"value of facet {name!r}", [value.name for value in values], 2, MAX_VALUES)
    return Facet(name, values)


def _value(found: object, facet: str) -> Value:
    if isinstance(found, str):
        found = {"name": found}
    if not isinstance(found, Mapping):
        raise DataError(f"expected a value of facet {facet!r} with a name", f"{found!r}"[:200])
    name = _said(found.get("name"), f"a value's name in facet {facet!r}", _NAME_LENGTH)
    words = found.get("words") or name
    return Value(name, _said(words, f"the words of value {name!r}", _WORDS_LENGTH))


def _said(found: object, what: str, longest: int) -> str:
    text = clean(found) if isinstance(found, str) else ""
    if not text or len(text) > longest:
        raise DataError(f"expected {what} of 1 to {longest} characters", f"{found!r}"[:200])
    return text


def _check_names(what: str, names: Iterable[str], least: int, most: int) -> None:
    names = list(names)
    if not least <= len(names) <= most:
        raise DataError(f"expected {least} to {most} of: {what}", f"{len(names)}")
    lower = [name.casefold() for name in names]
    if twice := next((name for name in lower if lower.count(name) > 1), None):
        raise DataError(f"expected different names of: {what}", f"{twice!r} twice")
