"""One rule for ids, wherever they come from: a log, a catalogue, a list of users, a person.

:func:`clean_ids` says what an id is, :func:`damage` whether ids were cut short before they came.
"""

import re
from dataclasses import dataclass
from decimal import Decimal

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
_NOBODY = "anonymous (anonymous) anon guest visitor 匿名 匿名用户 游客 访客 未登录 未登录用户"
_NOBODY_SENTENCES = "anonymous user\nguest user\nnot logged in\nlogged out"
"""What systems call users they do not know; lower case."""
_NO_ID = frozenset(_PLACEHOLDERS.split()) | frozenset(_SENTENCES.strip().split("\n"))
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
"""So many long ids that all could be rounded are no chance."""
_LOOKED_AT = 10_000
"""Long ids are judged by so many of them, from all over the list."""
_PRECISE = 8
"""A number written with so many digits was not shortened."""
_SCIENTIFIC = r"^-?[1-9](\.\d+)?[eE]\+\d{1,3}$|^-?[1-9]\.\d+[eE]\d{1,3}$"


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
        placeholder: whether a word stands in place of an id, shape (n,), bool; an empty cell and
            the words for it (:data:`MISSING`) are no placeholders.
    """

    values: pa.Array
    placeholder: np.ndarray


def clean_ids(values: pa.Array, *, users: bool = False) -> CleanIds:
    """The distinct values of a column as ids.

    Outer space is dropped; letters with marks are written one way (Unicode form NFC; full-width
    letters stay what they are); ``123.0`` and ``1.23E+02`` are ``123``, as table programs and data
    frames write whole numbers; what systems write where there is no id is none.

    Args:
        values: text, shape (n,).
        users: whether they are users: then ``guest`` and ``anonymous`` are nobody.
    """
    plain = trimmed(values, SPACE)
    if not as_bool(pc.call_function("string_is_ascii", [plain]).fill_null(True)).all():  # noqa: FBT003
        form = pc.Utf8NormalizeOptions("NFC")  # pyright: ignore[reportAttributeAccessIssue]
        plain = pc.call_function("utf8_normalize", [plain], form)
    plain = _whole_numbers(plain)
    words = lower(plain)
    empty = is_in(words, MISSING)
    placeholder = _placeholders(plain, words, users=users) & ~empty
    there = pa.array(~(empty | placeholder))
    clean = pc.call_function("if_else", [there, plain, pa.scalar(None, plain.type)])
    return CleanIds(clean, placeholder)


def _whole_numbers(plain: pa.Array) -> pa.Array:
    """Ids with ``123.0`` and ``1.23E+02`` as ``123``; few values are looked at one by one."""
    maybe = matches(plain, rf"^-?\d+\.0*$|{_SCIENTIFIC}")
    if not maybe.any():
        return plain
    texts = plain.filter(pa.array(maybe)).to_pylist()
    changed = pa.array(map(_whole_number, texts), plain.type)
    return pc.call_function("replace_with_mask", [plain, pa.array(maybe), changed])


def _whole_number(text: str) -> str:
    if not re.search("[eE]", text):
        return text.partition(".")[0]
    value = Decimal(text)
    return text if _is_cut(text) or value != int(value) else str(int(value))


def _is_cut(text: str) -> bool:
    """Whether a number in scientific notation has lost digits.

    Table programs write six digits of a number with twelve and more, data frames all there are;
    R writes ``1e+05``, which is whole.
    """
    number, exponent = re.split("[eE]", text)
    digits, exponent = len(re.findall(r"\d", number)), int(exponent)
    if exponent > _DIGITS_OF_SHEETS:
        return True
    if exponent <= 10 and digits <= 5:
        return False
    return digits <= exponent and digits < _PRECISE


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
    long = np.flatnonzero(matches(values, r"^[1-9]\d{15,18}$"))
    if len(long):
        some = long[:: -(-len(long) // _LOOKED_AT)]
        numbers = [int(text) for text in values.take(pa.array(some)).to_pylist()]
        damaged[long] = _are_rounded([number for number in numbers if number > WHOLE])
    return damaged


def _are_rounded(numbers: list[int]) -> bool:
    """Whether all of these long whole numbers look rounded."""
    zeros = [len(str(number)) - _DIGITS_OF_SHEETS for number in numbers]
    if (
        len(numbers) > 1
        and sum(zeros) >= 4
        and all(number % 10**n == 0 for number, n in zip(numbers, zeros, strict=True))
    ):
        return True
    if len(numbers) < _ENOUGH:
        return False
    # As a float prints it: all its bits, or the shortest digits that lead back to it.
    steps = [1 << (number.bit_length() - 53) for number in numbers]
    if all(number % step == 0 for number, step in zip(numbers, steps, strict=True)):
        # Ids that count in larger steps of their own, as those of Twitter may, are no floats.
        odd = sum(number // step % 2 for number, step in zip(numbers, steps, strict=True))
        return odd > len(numbers) / 8
    return all(number == int(Decimal(repr(float(number)))) for number in numbers)
