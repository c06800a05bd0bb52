"""Which scripts texts are written in: what decides whether an encoder can read them."""

import re
from collections import Counter
from collections.abc import Sequence
from typing import Final

SCRIPTS: Final = (
    "latin", "han", "japanese", "korean", "cyrillic", "arabic", "hebrew", "indic", "thai", "greek",
    "other", "none",
)  # fmt: skip
"""Every script told apart; "none" is a text without any letter, as numbers or emoji only."""

_RANGES = {
    "latin": "A-Za-z\u00c0-\u024f\u1e00-\u1eff",
    "han": "\u2e80-\u2fdf\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff",
    "japanese": "\u3040-\u30ff\u31f0-\u31ff\uff66-\uff9f",
    "korean": "\u1100-\u11ff\u3130-\u318f\uac00-\ud7ff",
    "cyrillic": "\u0400-\u052f",
    "arabic": "\u0600-\u06ff\u0750-\u077f\ufb50-\ufdff\ufe70-\ufefc",
    "hebrew": "\u0590-\u05ff",
    "indic": "\u0900-\u0dff",
    "thai": "\u0e00-\u0e7f",
    "greek": "\u0370-\u03ff",
}
_LETTERS = {name: re.compile(f"[{letters}]") for name, letters in _RANGES.items()}
_READ_CHARACTERS = 500


def script_of(text: str) -> str:
    """The script of most letters of a text's beginning, one of :data:`SCRIPTS`.

    A CJK character says about as much as three letters, and counts so; any kana makes a text with
    Chinese characters Japanese.
    """
    text = text[:_READ_CHARACTERS]
    if text.isascii():
        return "latin" if _LETTERS["latin"].search(text) else "none"
    counts = Counter({name: len(found.findall(text)) for name, found in _LETTERS.items()})
    if counts["japanese"]:
        counts["japanese"] += counts.pop("han", 0)
    for wide in ("han", "japanese", "korean"):
        counts[wide] *= 3
    name, most = counts.most_common(1)[0]
    if most:
        return name
    return "other" if any(map(str.isalpha, text)) else "none"


def script_shares(texts: Sequence[str]) -> dict[str, float]:
    """The share of non-empty texts by script, the largest first; {} if there is no text."""
    counts = Counter(script_of(text) for text in texts if text)
    total = sum(counts.values())
    return {name: n / total for name, n in counts.most_common()}
