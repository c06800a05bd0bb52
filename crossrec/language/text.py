"""What the language model is sent: clean, bounded text.

Titles and descriptions are hostile input: any length, any script, control characters, lone
surrogates. What leaves this module is plain, bounded text that every tokenizer accepts.
"""

import re
import unicodedata
from collections.abc import Callable, Iterable, Sequence

MAX_CHARACTERS = 4_000
"""Hard cut before tokenisation: far above any encoder's window, so it never costs meaning."""

# Control characters, lone surrogates, and what reorders or hides text: zero-width space, byte
# order mark and the bidirectional overrides. The zero-width joiners stay: scripts need them.
_UNWANTED = re.compile(
    "[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f\u00ad\u200b\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff"
    "\ufff9-\ufffb\ud800-\udfff]"
)
_CJK = re.compile(
    "[\u1100-\u11ff\u2e80-\u2fdf\u3040-\u30ff\u3100-\u31ff\u3400-\u4dbf\u4e00-\u9fff\ua960-\ua97f"
    "\uac00-\ud7ff\uf900-\ufaff\uff66-\uff9f\U00020000-\U0003ffff]"
)
_ENDS_A_SENTENCE = (".", "!", "?", "…", "。", "！", "？")


def clean(text: str, most: int = MAX_CHARACTERS) -> str:
    """One text, normalised: NFC, no control characters, single spaces, ``most`` characters."""
    text = text[: 4 * most]
    if not (text.isascii() and text.isprintable()):
        text = unicodedata.normalize("NFC", _UNWANTED.sub("", text))
    return " ".join(text.split())[:most].rstrip()


def joined(parts: Iterable[str], most: int = MAX_CHARACTERS) -> str:
    """Clean parts as sentences, "" if all are empty; what repeats an earlier one is said once."""
    said = ""
    for part in dict.fromkeys(part for part in parts if part):
        joint = " " if said.endswith(_ENDS_A_SENTENCE) else ". "
        said = f"{said}{joint}{part}" if said else part
    return said[:most].rstrip()


def pieces(text: str, room: Callable[[str], int]) -> list[str]:
    """A text in parts, in order, at least one; split between words where there are any.

    Args:
        text: clean.
        room: characters of a text, from its start, that fit into one part.
    """
    parts = []
    while 0 < (end := room(text)) < len(text):
        space = text.rfind(" ", end // 2, end + 1)
        end = end if space < 0 else space
        parts.append(text[:end])
        text = text[end:].lstrip()
    return [*parts, text]


def item_text(title: str, category: str = "", text: str = "") -> str:
    """The text of one item: title, category and description as sentences, "" if all are empty."""
    return joined(map(clean, (title, category, text)))


def has_cjk(text: str) -> bool:
    """Whether a text holds any Chinese, Japanese or Korean character."""
    return not text.isascii() and _CJK.search(text) is not None


def cjk_share(texts: Sequence[str]) -> float:
    """The share of non-empty texts that hold any CJK character, 0 if there is no text."""
    said = [text for text in texts if text]
    return sum(map(has_cjk, said)) / len(said) if said else 0.0
