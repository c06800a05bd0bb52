"""Personal data is recognised by what it is, and never shown."""

import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from crossrec.data import Catalog, IdMap, UserTable, audit
from crossrec.data.audit.personal import luhn, personal_columns, personal_kind


def _with_check(digits: str) -> str:
    return next(digits + str(n) for n in range(10) if luhn(digits + str(n)))


CARDS = [_with_check(f"4{n:014d}") for n in range(100, 160)]


@given(st.text("0123456789", min_size=1, max_size=18), st.integers(0, 17), st.integers(1, 9))
def test_luhn_sees_every_single_wrong_digit(digits, at, step):
    right = _with_check(digits)
    at %= len(right)
    wrong = right[:at] + str((int(right[at]) + step) % 10) + right[at + 1 :]
    assert not luhn(wrong)


@pytest.mark.parametrize(
    ("header", "values", "kind"),
    [
        ("contact", [f"person{n}@example.org" for n in range(20)], "e-mail"),
        ("note", ["nothing"] * 50 + ["write to ann@example.org"], "e-mail"),
        ("payment", CARDS, "card"),
        ("payment", [" ".join(c[i : i + 4] for i in range(0, 16, 4)) for c in CARDS], "card"),
        ("tel", ["+44 20 7946 0958", "+1 (212) 555-0100"], "phone"),
        ("x", ["13912345678", "18612345678"], "phone"),
        ("手机号", [13912345678.0, 18612345678.0], "phone"),
        ("id", ["11010519491231002X"], "citizen id"),
        ("Full Name", ["Ann Lee", "Bob A. Smith", "Carla Diaz"], "name"),
        ("姓名", ["张伟", "王小明"], "name"),
        ("city", ["New York", "San Marino"], None),
        ("plan", ["member", "guest"], None),
        ("timestamp", [1_600_000_000.0 + n for n in range(50)], None),
        ("milliseconds", [1_600_000_000_000.0 + n for n in range(50)], None),
        ("barcode", [f"{590000000000 + n}" for n in range(50)], None),
        ("price", [1.5, 2.25], None),
        ("date", ["2024-01-02", "2024-02-03"], None),
        ("empty", [], None),
    ],
)
def test_kinds(header, values, kind):
    found = personal_kind(header, values)
    assert (found[0] if found else None) == kind


def test_the_audit_names_the_columns_and_shows_no_value(small_log):
    n = len(small_log.users)
    secret = np.array([f"secret{i}@example.org" for i in range(n)], dtype=object)
    users = UserTable(
        small_log.users,
        {
            "mail": secret,
            "age": np.arange(n, dtype=float),
            "card": np.resize(CARDS, n).astype(object),
        },
    )
    report = audit(small_log, None, users)
    (found,) = [one for one in report.findings if one.rule == "personal_data"]
    assert [(one["column"], one["kind"]) for one in found.examples] == [
        ("mail", "e-mail"),
        ("card", "card"),
    ]
    told = json.dumps(report.to_json(), default=str)
    assert "secret" not in told
    assert CARDS[0] not in told


def test_addresses_as_user_ids_and_authors_of_books(small_log):
    frame = small_log.to_frame()
    frame["user_id"] += "@example.org"
    log = type(small_log).from_frame(frame, time_kind=small_log.time_kind)
    assert [(one.table, one.column) for one in personal_columns(log)] == [
        ("interactions", "user_id")
    ]
    empty = np.full(2, "", dtype=object)
    authors = np.array(["Ann Lee", "Bob Smith"], dtype=object)
    catalog = Catalog(IdMap(["b1", "b2"]), empty, empty, {}, {"name": authors})
    assert personal_columns(None, catalog) == ()
