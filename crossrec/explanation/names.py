"""What a sentence calls an item: its title without product codes, one of several near alike."""

import re

from crossrec.language.text import clean

LONGEST_TITLE = 80
ALIKE = 0.75
"""Titles that share so much of their words are one thing to a reader."""

_QUOTES = str.maketrans(dict.fromkeys('“”"«»「」『』《》', "'"))
_MEASURE = re.compile(r"\d+(?:[.,]\d+)?[a-z]{1,3}", re.IGNORECASE)
_EDGES = "()[]{}#:;,.'"
_WORD = re.compile(r"[㐀-鿿]|[^\W\d_]+")
_CODE_DIGITS, _MIXED_DIGITS, _MIXED_LENGTH = 5, 3, 6


def shortened(title: str) -> str:
    """A title fit for a sentence: no control characters, no quotation marks, one line, not long."""
    plain = clean(title).translate(_QUOTES).strip()
    return plain if len(plain) <= LONGEST_TITLE else f"{plain[: LONGEST_TITLE - 1].rstrip()}…"


def spoken(title: str) -> str:
    """A title as one would say it: shortened, without product codes; "" if it is nothing else."""
    words = clean(title).translate(_QUOTES).split()
    codes = [_code(word) for word in words]
    for at in range(len(words) - 1):  # "Milk (SKU 4839201)": what announces a code goes with it
        announces = words[at].strip(_EDGES).casefold() in _ANNOUNCING
        codes[at] |= announces and codes[at + 1]
    said = " ".join(word for word, code in zip(words, codes, strict=True) if not code)
    said = said.strip(" -–/|,;:#")
    quoted = len(said) > 2 and said[0] == said[-1] == "'"  # a sentence will quote it again
    return shortened(said[1:-1] if quoted else said)


_ANNOUNCING = frozenset(["sku", "asin", "ean", "isbn", "upc", "item", "no", "art", "ref", "code"])


def alike(one: str, other: str) -> bool:
    """Whether two titles are one thing to a reader: nearly the same words, numbers apart."""
    mine, theirs = (set(_WORD.findall(title.casefold())) for title in (one, other))
    if not mine or not theirs:
        return one.casefold() == other.casefold()
    return len(mine & theirs) >= ALIKE * len(mine | theirs)


def _code(word: str) -> bool:
    """Whether a word is a product code: many digits, or digits and letters mixed."""
    plain = word.strip(_EDGES)
    digits = sum(letter.isdigit() for letter in plain)
    if _MEASURE.fullmatch(plain):
        return False
    if digits >= _CODE_DIGITS:
        return True
    letters = any(letter.isascii() and letter.isalpha() for letter in plain)
    return letters and digits >= _MIXED_DIGITS and len(plain) >= _MIXED_LENGTH
