"""Columns that look like names, e-mail addresses, phone or card numbers: seen, never shown.

A finding names the column, the kind and the share of values; the values stay where they are.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np

from crossrec.data.audit.findings import EXAMPLES, Finding, Severity
from crossrec.data.catalog import Catalog
from crossrec.data.log import InteractionLog
from crossrec.data.reading.mapping import normal
from crossrec.data.users import UserTable
from crossrec.schema import ITEM, TEXT, TITLE, USER

LOOKED_AT = 2_000
"""Most distinct values of a column that are looked at, spread evenly."""
MOST = 0.5
SOME = 0.01
"""Share of the values that must look so; addresses are told from the smaller share on."""

_EMAIL = re.compile(r"(?<![\w.+-])[\w.+-]+@[\w-]+(\.[\w-]+)+")
_PHONE = re.compile(r"\+\d[\d ()./-]{6,18}\d|\(?0?\d{2,4}\)?[ ./-]\d{3,4}[ ./-]?\d{3,5}")
_MOBILE = re.compile(r"1[3-9]\d{9}")  # mainland China
_DIGITS = re.compile(r"[\d ()+./-]+")
_CITIZEN = re.compile(r"\d{17}[\dXx]")  # mainland China
_NAME = re.compile(r"[A-Z][a-z'’-]+(?: [A-Z]\.?)?(?: [A-Z][a-z'’-]+){1,2}")
_HAN_NAME = re.compile(r"[\u4e00-\u9fff]{2,4}")
_NAME_HEADERS = frozenset(
    [
        "name",
        "fullname",
        "firstname",
        "lastname",
        "surname",
        "givenname",
        "familyname",
        "realname",
        "username",
        "nickname",
        "customername",
        "contact",
        "contactname",
        "姓名",
        "名字",
        "真实姓名",
        "用户名",
        "昵称",
        "联系人",
        "收货人",
    ]
)
_PHONE_HEADERS = frozenset(
    [
        "phone",
        "phonenumber",
        "telephone",
        "tel",
        "mobile",
        "mobilephone",
        "cell",
        "cellphone",
        "电话",
        "手机",
        "手机号",
        "电话号码",
        "联系电话",
        "手机号码",
    ]
)
_CITIZEN_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)


@dataclass(frozen=True)
class PersonalColumn:
    """A column that looks personal.

    Attributes:
        table: "interactions", "items" or "users".
        column: its name.
        kind: "e-mail", "phone", "card", "citizen id" or "name".
        share: of the values looked at that look so, in (0, 1].
    """

    table: str
    column: str
    kind: str
    share: float


def luhn(digits: str) -> bool:
    """Whether the last digit is the check digit of the others, as on payment cards."""
    total = 0
    for at, mark in enumerate(reversed(digits)):
        value = int(mark) * (1 + at % 2)
        total += value - 9 if value > 9 else value
    return total % 10 == 0


def personal_kind(column: str, values: Iterable[object]) -> tuple[str, float] | None:
    """What personal data a column seems to hold, and in which share of its values.

    Args:
        column: its header; it decides where the values alone cannot (names, bare digits).
        values: distinct values, as text or numbers.

    Returns:
        The kind and the share, or None.
    """
    texts = [text for value in values if (text := _text(value))]
    if not texts:
        return None
    header = normal(column)
    shares = {
        kind: sum(map(test, texts)) / len(texts)
        for kind, test in (
            ("e-mail", lambda text: _EMAIL.search(text) is not None),
            ("citizen id", _is_citizen),
            ("card", _is_card),
            ("phone", lambda text: _is_phone(text, named=header in _PHONE_HEADERS)),
        )
    }
    for kind, share in shares.items():
        if share >= (SOME if kind == "e-mail" else MOST):
            return kind, share
    if header in _NAME_HEADERS:
        share = sum(bool(_NAME.fullmatch(t) or _HAN_NAME.fullmatch(t)) for t in texts) / len(texts)
        if share >= MOST:
            return "name", share
    return None


def personal_columns(
    log: InteractionLog | None = None,
    catalog: Catalog | None = None,
    users: UserTable | None = None,
) -> tuple[PersonalColumn, ...]:
    """The columns of a data set that look personal.

    Names are looked for among the user profiles only: authors and makers are no secret.
    """
    columns: list[tuple[str, str, np.ndarray]] = []
    if log is not None:
        columns += [("interactions", USER, log.users.ids), ("interactions", ITEM, log.items.ids)]
    if catalog is not None:
        columns += [("items", TITLE, catalog.title), ("items", TEXT, catalog.text)]
        columns += [("items", name, values) for name, values in catalog.attributes.items()]
    if users is not None:
        columns += [("users", name, values) for name, values in users.attributes.items()]
    found = []
    for table, name, values in columns:
        told = personal_kind(name, _some(values))
        if told is not None and not (told[0] == "name" and table != "users"):
            found.append(PersonalColumn(table, name, *told))
    return tuple(found)


def check_personal(
    log: InteractionLog, catalog: Catalog | None, users: UserTable | None
) -> Iterator[Finding]:
    """At most one finding, of rule ``personal_data``; its examples hold no value."""
    found = personal_columns(log, catalog, users)
    if not found:
        return
    yield Finding(
        "personal_data",
        Severity.WARNING,
        "",
        len(found),
        {"columns": tuple(one.column for one in found)},
        tuple(
            {
                "table": one.table,
                "column": one.column,
                "kind": one.kind,
                "share": f"{one.share:.0%}",
            }
            for one in found[:EXAMPLES]
        ),
    )


def _some(values: np.ndarray) -> list[object]:
    """Up to :data:`LOOKED_AT` values that are not empty, spread over the column."""
    empty = np.isnan(values) if values.dtype.kind == "f" else values == ""
    filled = values[~empty]
    step = max(len(filled) // LOOKED_AT, 1)
    return list(dict.fromkeys(filled[::step][:LOOKED_AT].tolist()))


def _text(value: object) -> str:
    """The value as it stands in the file: numbers were read as floats."""
    if isinstance(value, float):
        return f"{value:.0f}" if value.is_integer() and abs(value) < 2**53 else ""
    return str(value).strip()


def _bare(text: str) -> str:
    return re.sub(r"\D", "", text) if _DIGITS.fullmatch(text) else ""


def _is_card(text: str) -> bool:
    """Thirteen to nineteen digits that pass the Luhn check, begun as cards begin."""
    digits = _bare(text)
    return 13 <= len(digits) <= 19 and digits[0] in "23456" and luhn(digits)


def _is_phone(text: str, *, named: bool) -> bool:
    if named:
        return 6 <= len(_bare(text)) <= 15
    return bool(_MOBILE.fullmatch(text) or _PHONE.fullmatch(text))


def _is_citizen(text: str) -> bool:
    """A mainland Chinese resident id: 17 digits and the right check mark (GB 11643)."""
    if not _CITIZEN.fullmatch(text):
        return False
    rest = sum(int(mark) * weight for mark, weight in zip(text, _CITIZEN_WEIGHTS, strict=False))
    return "10X98765432"[rest % 11] == text[17].upper()
