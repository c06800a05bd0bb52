"""One rule for ids, wherever they come from: a log, a catalogue, a list of users, a person.

:func:`clean_ids` says what an id is, :func:`damage` whether ids were cut short before they came.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from math import log10

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from crossrec.data.arrow import as_bool, is_in, lower, matches, trimmed

SPACE = (
    " \t\n\r\v\f\x1c\x1d\x1e\x1f\x85\u00a0\u1680\u180e\u2000\u2001\u2002\u2003\u2004\u2005\u2006"
    "\u2007\u2008\u2009\u200a\u200b\u200c\u200d\u200e\u200f\u2028\u2029\u202f\u205f\u2060\u3000"
    "\ufeff"
)
"""Outer space of a cell that does not count: every Unicode space, and marks nobody sees."""
MISSING = ("", "nan", "null", "none", "n/a", "<na>", "\\n")
"""What programs write for an empty cell; lower case."""

_PLACEHOLDERS = """
na n.a. n.a #n/a #na #ref! #value! #name? #div/0! #num! #null! #error! #error #calc! #spill!
<null> <none> <nan> <unset> [null] (null) (none) (na) (n/a) (empty) (blank) (unknown) {null}
[] {} nonetype null_id none_id [deleted] (deleted) 未指定
undefined (undefined) [undefined] unknown <unknown> unk <unk> nil nat -nan empty blank missing
notset not_set not-set unset no_id noid no_user nouser no_item noitem
- -- --- — – _ . .. ... ? ?? ??? * / \\
00000000-0000-0000-0000-000000000000
d41d8cd98f00b204e9800998ecf8427e
da39a3ee5e6b4b0d3255bfef95601890afd80709
e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855
未知 无 空 空值 缺失 缺失值 未设置 未定义 未填写 暂无 不详 没有 （空） （无） (空) (无)
"""
"""What systems write where there is no id; lower case. The long ones are the id of nothing and the
hashes of an empty text."""
_SENTENCES = """
(not set)\nnot set\n<not set>\n(not provided)\nnot provided\nnot available\n(not available)
no data\nno value\nno id\nno user\nno item\n#n/a n/a\n[object object]
"""
"""The same in several words."""
_NOBODY = (
    "anonymous (anonymous) anon guest visitor nobody not_logged_in notloggedin logged_out"
    " 匿名 匿名用户 游客 访客 未登录 未登录用户"
)
_NOBODY_SENTENCES = "anonymous user\nunknown user\nguest user\nnot logged in\nlogged out"
"""What systems call users they do not know; lower case."""
_NO_ID = frozenset([*MISSING[1:], *_PLACEHOLDERS.split(), *_SENTENCES.strip().split("\n")])
_NO_USER = _NO_ID | frozenset(_NOBODY.split()) | frozenset(_NOBODY_SENTENCES.split("\n"))
_CODES = ("-1", "-9", "-99", "-999", "-9999")
"""Numbers that stand for "none", where no other id is below 0."""
_ZERO_BESIDE = 1_000
"""0 stands for "none" where all other ids are texts, or numbers of at least this."""
_SHORT_CODE = "^[A-Za-z]{2,3}$"
"""Where most ids are codes like this, such as those of countries, ``NA`` is one of them."""

WHOLE = 1 << 53
"""Above this not every whole number has a floating-point number of its own."""
_DIGITS_OF_SHEETS = 15
"""A table program keeps so many digits of a number and writes 0 for the rest."""
_ENOUGH = 8
"""So many long ids more than by chance that look rounded are rounded."""
_SURE = -4
"""... and so are fewer, if they all are and their zeros are by chance once in 10,000 times."""
_LOOKED_AT = 10_000
"""Long ids are judged by so many of them, from all over the list."""
_PRECISE = 8
"""A number written with so many digits was not shortened."""
_SCIENTIFIC = r"^-?[1-9](\.\d+)?[eE]\+\d{1,3}$|^-?[1-9]\.\d+[eE]\d{1,3}$"

_GROUPED = r"^\d{1,3}(,\d{3})+$"
"""Thousands with commas, as table programs show numbers; so where all ids are numbers."""
_INVISIBLE = "[\u200b\u2060\ufeff\u00ad]"
_FULL_WIDTH = "^[\uff01-\uff5e]+$"
_AS_TEXT = r"^(?:'(\d+)|=\"([^\"]*)\")$"
"""``'00123`` and ``="00123"``."""


def clean_id(text: object) -> str | None:
    """One id as the readers would have it, None where it is a word for "none".

    For ids that a person types or a file of a few rows holds; :func:`clean_ids` is for columns,
    and sees from the others whether ``-1`` or ``0`` is an id.
    """
    return clean_ids(pa.array([str(text)], pa.string())).values[0].as_py()


@dataclass(frozen=True)
class CleanIds:
    """The ids of a column.

    Attributes:
        values: the ids, null where there is none; shape (n,).
        placeholder: whether a word stands in place of an id, shape (n,), bool; an empty cell is no
            placeholder.
    """

    values: pa.Array
    placeholder: np.ndarray


def clean_ids(values: pa.Array, *, users: bool = False) -> CleanIds:
    """The distinct values of a column as ids.

    Outer space and marks nobody sees are dropped; letters with marks are written one way (Unicode
    form NFC), and ids all in full-width letters as plain ones; ``123.0``, ``123,0`` and
    ``1.23E+02`` are ``123``, and ``'00123`` and ``="00123"`` are ``00123``, as table programs and
    data frames write them; what systems write where there is no id is none.

    Args:
        values: text, shape (n,).
        users: whether they are users: then ``guest`` and ``anonymous`` are nobody.
    """
    plain = trimmed(values, SPACE)
    if not as_bool(pc.call_function("string_is_ascii", [plain]).fill_null(True)).all():  # noqa: FBT003
        plain = _one_way(plain)
    plain = _unquoted(plain)
    plain = _whole_numbers(plain)
    words = lower(plain)
    empty = is_in(words, [""])
    placeholder = _placeholders(plain, words, users=users)
    there = pa.array(~(empty | placeholder))
    clean = pc.call_function("if_else", [there, plain, pa.scalar(None, plain.type)])
    return CleanIds(clean, placeholder)


def _one_way(plain: pa.Array) -> pa.Array:
    """Ids with letters of one Unicode form, without invisible marks inside."""
    if matches(plain, _INVISIBLE).any():
        marks = pc.ReplaceSubstringOptions(_INVISIBLE, "")
        plain = pc.call_function("replace_substring_regex", [plain], marks)
    wide = matches(plain, _FULL_WIDTH)
    for form, chosen in (("NFC", None), ("NFKC", wide)):
        if chosen is None or chosen.any():
            options = pc.Utf8NormalizeOptions(form)  # pyright: ignore[reportAttributeAccessIssue]
            changed = pc.call_function("utf8_normalize", [plain], options)
            if chosen is not None:
                changed = pc.call_function("if_else", [pa.array(chosen), changed, plain])
            plain = changed
    return plain


def _unquoted(plain: pa.Array) -> pa.Array:
    """Ids without the marks by which a table program takes a number as text."""
    if not matches(plain, _AS_TEXT).any():
        return plain
    options = pc.ReplaceSubstringOptions(_AS_TEXT, r"\1\2")
    return pc.call_function("replace_substring_regex", [plain], options)


def _whole_numbers(plain: pa.Array) -> pa.Array:
    """Ids with ``123.0`` and ``1.23E+02`` as ``123``; few values are looked at one by one."""
    maybe = matches(plain, rf"^-?\d+(\.0*|,00?)$|{_SCIENTIFIC}")
    grouped = matches(plain, _GROUPED)
    if grouped.any() and (grouped | matches(plain, r"^\d*(\.0*)?$")).all():
        maybe |= grouped
    if not maybe.any():
        return plain
    texts = plain.filter(pa.array(maybe)).to_pylist()
    changed = pa.array(map(_whole_number, texts), plain.type)
    return pc.call_function("replace_with_mask", [plain, pa.array(maybe), changed])


def _whole_number(text: str) -> str:
    if not re.search("[eE]", text):
        return (
            re.sub(r"[.,]0*$", "", text, count=1)
            if not re.fullmatch(_GROUPED, text)
            else (text.replace(",", ""))
        )
    value = Decimal(text)
    return text if _is_cut(text) or value != int(value) else str(int(value))


def _is_cut(text: str) -> bool:
    """Whether a number in scientific notation has lost digits.

    Table programs write ``1.23E+05`` and keep what they show; R writes ``1e+05`` and Java ``1.2E5``
    where that is all of the number.
    """
    number, exponent = re.split("[eE]", text)
    digits, power = len(re.findall(r"\d", number)), int(exponent)
    if power > _DIGITS_OF_SHEETS:
        return True
    whole = not exponent.startswith("+") or ("e" in text and power <= 10 and digits <= 5)
    return not whole and digits <= power and digits < _PRECISE


def _placeholders(plain: pa.Array, words: pa.Array, *, users: bool) -> np.ndarray:
    """Whether each value is a word for "no id", shape (n,), bool."""
    placeholder = is_in(words, _NO_USER if users else _NO_ID) | matches(words, r"^#{2,}$")
    if placeholder.any() and _are_short_codes(plain):
        placeholder &= ~matches(plain, _SHORT_CODE)
    if len(plain) > 1:
        negative = is_in(plain, _CODES)
        if negative.any() and not (matches(plain, r"^-\d+(\.0+)?$") & ~negative).any():
            placeholder |= negative
        zero = is_in(plain, ["0"])
        if zero.any() and _stands_apart(plain.filter(pa.array(~(zero | placeholder)))):
            placeholder |= zero
    return placeholder


def _are_short_codes(plain: pa.Array) -> bool:
    return int(matches(plain, _SHORT_CODE).sum()) > max(2, len(plain) / 2)


def _stands_apart(others: pa.Array) -> bool:
    """Whether a 0 is none of these ids: they are all texts, or all large numbers."""
    others = others.drop_null()
    if len(others) < _ENOUGH:
        return False
    numbers = matches(others, r"^-?\d+$")
    if not numbers.any():
        return True
    small = matches(others, rf"^-?\d{{1,{len(str(_ZERO_BESIDE)) - 1}}}$")
    return bool(numbers.all() and not small.any())


def damage(values: pa.Array) -> np.ndarray:
    """Which ids lost digits before they came, so that one id may stand for several.

    These are numbers in scientific notation that do not give all digits; and long whole numbers
    that all end as if they had gone through a floating-point number (by their last bits) or
    through a table program (zeros from the 16th digit).

    Args:
        values: distinct ids, as :func:`clean_ids` gives them; shape (n,).

    Returns:
        Shape (n,), bool.
    """
    damaged = np.zeros(len(values), dtype=bool)
    maybe = np.flatnonzero(matches(values, r"[eE]\+?\d{1,3}$"))
    for at in maybe.tolist():
        text = values[at].as_py()
        damaged[at] = bool(re.fullmatch(_SCIENTIFIC, text)) and _is_cut(text)
    long = np.flatnonzero(matches(values, r"^[1-9]\d{15,23}$"))
    numbers = [int(text) for text in values.take(pa.array(long)).to_pylist()]
    big = [number > WHOLE for number in numbers]
    some = [number for number in numbers[:: -(-len(numbers) // _LOOKED_AT) or 1] if number > WHOLE]
    for is_rounded in (_ends_in_zeros, _ends_in_bits, _is_shortest):
        if _is_no_chance(some, is_rounded):
            for at, number, own in zip(long.tolist(), numbers, big, strict=True):
                damaged[at] |= own and is_rounded(number)
    return damaged


def _ends_in_zeros(number: int) -> bool:
    """As table programs write a number: zeros from the 16th digit."""
    return number % 10 ** (len(str(number)) - _DIGITS_OF_SHEETS) == 0


def _ends_in_bits(number: int) -> bool:
    """As a floating-point number is written with all its digits."""
    return number % _step(number) == 0


def _is_shortest(number: int) -> bool:
    """As many programs write a floating-point number: no more digits than it needs."""
    return number == int(Decimal(repr(float(number))))


def _step(number: int) -> int:
    """How far floating-point numbers are apart here."""
    return 1 << (number.bit_length() - 53)


def _is_no_chance(numbers: list[int], is_rounded: Callable[[int], bool]) -> bool:
    """Whether more of these long whole numbers look rounded than would by chance."""
    rounded = [number for number in numbers if is_rounded(number)]
    if is_rounded is _ends_in_zeros:
        chances = [10.0 ** (_DIGITS_OF_SHEETS - len(str(number))) for number in numbers]
        if len(rounded) == len(numbers) > 1 and sum(map(log10, chances)) <= _SURE:
            return True
    else:
        chances = [1 / _step(number) for number in numbers]
    expected = sum(chances)
    if len(rounded) < expected + 5 * expected**0.5 + _ENOUGH:
        return False
    if is_rounded is _ends_in_bits:
        # Ids that count in larger steps of their own, as those of Twitter may, are no floats.
        return sum(number // _step(number) % 2 for number in rounded) > len(rounded) / 8
    return True
