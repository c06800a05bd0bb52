"""HTML out of titles and texts: real tags and entities, nothing else."""

import html
import re

import numpy as np

from crossrec.data.values import LISTED

_INLINE = "a abbr b big cite code em font i mark q s small span strike strong sub sup tt u"
_BLOCK = (
    "article blockquote body br center dd div dl dt figure h1 h2 h3 h4 h5 h6 head hr html iframe"
    " img input label li link main meta nav object ol option p param pre section select table tbody"
    " td tfoot th thead title tr ul video"
)
_HIDDEN = re.compile(r"<(script|style)\b[^>]*>.*?</\1\s*>|<!--.*?-->", re.DOTALL | re.IGNORECASE)


def _tag(names: str) -> re.Pattern[str]:
    return re.compile(rf"</?(?:{'|'.join(names.split())})(?:\s[^<>]*)?/?>", re.IGNORECASE)


_INLINE_TAG, _BLOCK_TAG = _tag(_INLINE), _tag(_BLOCK)
_ENTITY = re.compile(r"&(?:#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,30});")
_TWICE = 2
"""Entities are resolved so many times: ``&amp;#39;`` was escaped twice."""


def plain(text: str) -> str:
    """A text without tags and entities; ``a < b`` stays as it is."""
    if "<" not in text and "&" not in text:
        return text
    clean = text
    for _ in range(_TWICE):
        clean = _BLOCK_TAG.sub(" ", _INLINE_TAG.sub("", _HIDDEN.sub(" ", clean)))
        clean = _ENTITY.sub(lambda found: html.unescape(found[0]), clean)
    return text if clean == text else " ".join(clean.split())


def plain_column(column: np.ndarray, between: str = LISTED) -> np.ndarray:
    """A column of text without markup, shape (n,); lists with ``between`` between their values."""
    known = {cell: plain(cell).replace(LISTED, between) for cell in dict.fromkeys(column.tolist())}
    return np.array([known[cell] for cell in column.tolist()], dtype=object)
