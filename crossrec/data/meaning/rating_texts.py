"""Ratings that people or shops write in words: "4 stars", "4/5", ★★★★, "4 out of 5", "80 %"."""

import re
import unicodedata

_STARS = re.compile("[★⭐✩✭☆½\ufe0f ]+")
_LIT = re.compile("[★⭐✭]")
_NUMBER = r"([-+]?\d+(?:[.,]\d{1,2})?)"
_WRITTEN = re.compile(
    rf"{_NUMBER}\s*(?:(?:/|of|out of|von|sur|de)\s*\d+(?:[.,]0)?)?"
    r"\s*(?:%|-?\s*stars?|points?|pts|星|颗星|分)?",
    re.IGNORECASE,
)
_NAMED = re.compile(r"(\w+?)(?:[\s-]*stars?|颗?星|分)?")
_NAMES = {
    name: number
    for names in ("one two three four five six seven eight nine ten", "一二三四五六七八九十")
    for number, name in enumerate(names.split() if " " in names else names, 1)
}
NOT_RATED = frozenset(
    ("na", "n.a.", "#n/a", "-", "--", "—", "?", "unrated", "not rated", "no rating", "无", "未评分")
)
"""In place of a rating, where there is none; lower case."""


def rating_number(text: str) -> float | None:
    """The number a rating is, None where it is none.

    Of "4/5" it is 4: what the scale is, all ratings tell together.
    """
    if _STARS.fullmatch(text) and (_LIT.search(text) or "½" in text):
        return len(_LIT.findall(text)) + 0.5 * text.count("½")
    plain = unicodedata.normalize("NFKC", text).strip().replace("−", "-")
    if match := _WRITTEN.fullmatch(plain):
        return float(match[1].replace(",", "."))
    if match := _NAMED.fullmatch(plain.casefold()):
        return _NAMES.get(match[1])
    return None
