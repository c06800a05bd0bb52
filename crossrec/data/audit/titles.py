"""One spelling for titles that name the same thing."""

import re
import unicodedata

SHORT = 6
"""Titles with fewer letters and digits are too common to mean one product."""
# Accents of Latin, Greek and Cyrillic only: in Japanese and Indic scripts marks tell words apart.
_ACCENT = re.compile("[\u0300-\u036f]")
_WORD = re.compile(r"[^\W_]+")


def title_key(title: str) -> str:
    """The words of a title without case, accents and marks; "" where too little is left.

    ``"The Long   Walk!"`` and ``"the long-walk"`` have one key. Words, their order and numbers
    stay: *The Prophet* is not *A Prophet*, *East of Eden* not *Eden of the East*, and a pack of
    two not a pack of twelve.
    """
    plain = _ACCENT.sub("", unicodedata.normalize("NFKD", title).casefold())
    plain = unicodedata.normalize("NFC", plain)
    key = "".join(_WORD.findall(plain))
    return key if len(key) >= SHORT else ""
