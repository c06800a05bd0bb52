"""What the reader says about files, in the language of the page."""

from collections.abc import Mapping
from typing import Final

from crossrec.data.phrases import translated
from crossrec.data.wording import Value, shown
from crossrec.ui.format import plain
from crossrec.ui.i18n import has, t

_DELIMITERS: Final = {",": "comma", "\t": "tab", ";": "semicolon", "|": "pipe", "::": "colons"}


def said(sentence: str) -> str:
    """A reason, a reading of times or a note in the language of the page.

    A caller that shows the result as markdown escapes it.
    """
    return translated(sentence, lambda word, **values: t(f"reader.{word}", **values))


def sentence(key: str, values: Mapping[str, Value]) -> str:
    """The sentence under ``key`` with its values; names are made harmless inside markdown."""
    words = shown(
        values, lambda name, value: t(f"{name}.{value}"), name=plain, comma=t("common.comma")
    )
    return t(key, **words)


def encoding(name: str) -> str:
    """What people call an encoding: UTF-8 with and without a mark is one."""
    return name.removesuffix("-sig")


def delimiter(mark: str) -> str:
    """What people call what stands between values; "" where nothing does."""
    name = _DELIMITERS.get(mark)
    return t(f"data.delimiter.{name}") if name else mark


def term(column: str, value: object) -> object:
    """A cell of an example: words of this program in the language of the page, others as is."""
    key = f"{column}.{value}".replace(" ", "_")
    if has(key):
        return t(key)
    return said(value) if column in ("reason", "reading") and isinstance(value, str) else value
