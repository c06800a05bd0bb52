"""Prices as they are written: with signs, ranges, and words for "none"."""

import re

import numpy as np

_SIGN = r"(?:US|CA|AU|HK|NT|R)?[$€£¥￥₹₽₩฿]|[A-Z]{3}|元|円|원|RMB|kr\.?|zł|руб\.?|Rs\.?"
_NUMBER = r"\d{1,3}(?:[,. '\u00a0]\d{3})+(?:[.,]\d{1,2})?|\d+(?:[.,]\d+)?"
_PRICE = re.compile(
    rf"(?:from|ab|à partir de|desde|starting at|only|now)?\s*(?:{_SIGN})?\s*(?P<low>{_NUMBER})"
    rf"\s*(?:{_SIGN})?(?:\s*(?:-|–|—|~|to|bis|至|到)\s*(?:{_SIGN})?\s*(?:{_NUMBER})\s*(?:{_SIGN})?)?"
    r"(?:\s*(?:起|each|ea\.?))?",
    re.IGNORECASE,
)
_FREE = frozenset({"free", "gratis", "免费", "kostenlos", "gratuit"})
_NONE = re.compile(r"[-–—−?.\s]*")
_LEAST = 0.5
"""A column is one of prices where at least so many of its filled cells are."""


def prices(column: np.ndarray) -> np.ndarray | None:
    """A column of text as prices, shape (n,), NaN where there is none; None where it is no such.

    Of a range (``$10 - $20``) the lower price counts: for it the thing is to be had.
    """
    known = {cell: _price(cell) for cell in dict.fromkeys(column.tolist())}
    values = np.array([known[cell] for cell in column.tolist()], dtype=np.float64)
    filled = sum(not _NONE.fullmatch(cell) for cell in column.tolist())
    return values if filled and np.isfinite(values).sum() >= _LEAST * filled else None


def _price(cell: str) -> float:
    if cell.casefold() in _FREE:
        return 0.0
    found = _PRICE.fullmatch(cell.strip())
    return float("nan") if found is None else _number(found["low"])


def _number(text: str) -> float:
    """``1,299.00``, ``1.299,00``, ``1 299,00``, ``12,99`` and ``12.99`` as numbers."""
    digits = re.sub(r"[ '\u00a0]", "", text)
    if "," in digits and "." in digits:
        decimal = max(digits.rfind(","), digits.rfind("."))
        return float(re.sub(r"[,.]", "", digits[:decimal]) + "." + digits[decimal + 1 :])
    if "," in digits:
        whole, _, last = digits.rpartition(",")
        is_decimal = len(last) != 3 or ("," not in whole and len(whole) > 3)
        return float(f"{whole}.{last}") if is_decimal else float(digits.replace(",", ""))
    return float(digits.replace(".", "") if digits.count(".") > 1 else digits)
