"""What the language model is sent: one text per item, made from title, category and description.

Titles and descriptions are hostile input: any length, any script, control characters, lone
surrogates. What leaves this module is plain, bounded text that every tokenizer accepts.
"""

import re
import unicodedata
from collections.abc import Sequence

import numpy as np

from crossrec.data.catalog import Catalog
from crossrec.schema import CATEGORY

MAX_CHARACTERS = 4_000
"""Hard cut before tokenisation: far above any encoder's window, so it never costs meaning."""

_RAW_CUT = 4 * MAX_CHARACTERS
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


def clean(text: str) -> str:
    """Normalise one text: NFC, no control characters, single spaces, at most 4,000 characters."""
    text = text[:_RAW_CUT]
    if not (text.isascii() and text.isprintable()):
        text = unicodedata.normalize("NFC", _UNWANTED.sub("", text))
    return " ".join(text.split())[:MAX_CHARACTERS].rstrip()


def item_text(title: str, category: str = "", text: str = "") -> str:
    """The text of one item: title, category and description as sentences, "" if all are empty.

    A part that repeats an earlier one word for word is said once.
    """
    parts = dict.fromkeys(part for part in map(clean, (title, category, text)) if part)
    said = ""
    for part in parts:
        joint = " " if said.endswith(_ENDS_A_SENTENCE) else ". "
        said = f"{said}{joint}{part}" if said else part
    return said[:MAX_CHARACTERS].rstrip()


def item_texts(catalog: Catalog) -> list[str]:
    """The text of every item in catalogue order, "" where nothing is known."""
    category = catalog.attributes.get(CATEGORY)
    if category is None:
        category = np.full(len(catalog), "", dtype=object)
    return [
        item_text(title, kind if isinstance(kind, str) else "", text)
        for title, kind, text in zip(catalog.title, category, catalog.text, strict=True)
    ]


def has_cjk(text: str) -> bool:
    """Whether a text holds any Chinese, Japanese or Korean character."""
    return not text.isascii() and _CJK.search(text) is not None


def cjk_share(texts: Sequence[str]) -> float:
    """The share of non-empty texts that hold any CJK character, 0 if there is no text."""
    said = [text for text in texts if text]
    return sum(map(has_cjk, said)) / len(said) if said else 0.0
