"""One rule for ids: what an id is, what is none, and which ids lost digits."""

import random

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from crossrec.data import read_catalog, read_log, read_users
from crossrec.data.audit.rules import Severity, audit
from crossrec.data.clean_ids import SPACE, clean_id, clean_ids, damage
from crossrec.data.ids import IdMap
from crossrec.errors import UnknownId


@pytest.mark.parametrize(
    ("text", "clean"),
    [
        ("  u1\u00a0", "u1"),
        ("\ufeffu1\u200b", "u1"),
        ("123.0", "123"),
        ("123.", "123"),
        ("-7.00", "-7"),
        ("1.5", "1.5"),
        ("v1.0", "v1.0"),
        ("007", "007"),
        ("1e+05", "100000"),
        ("1.2345678E7", "12345678"),
        ("1.2E7", "12000000"),
        ("1.23E+05", "1.23E+05"),
        ("1.23457E+07", "1.23457E+07"),
        ("1e5", "1e5"),
        ("e\u0301", "\u00e9"),
        ("\uff11\uff12", "12"),
        ("\uff32\uff11", "R1"),
        ("商品\uff11", "商品\uff11"),
        ("1\u200b23", "123"),
        ("'00123", "00123"),
        ('="00123"', "00123"),
        ("O'Neil", "O'Neil"),
        ("12,0", "12"),
        ("1,000", "1000"),
        ("12E4", "12E4"),
        ("1e234567", "1e234567"),
        ("[deleted]", None),
        ("NA", None),
        ("#REF!", None),
        ("####", None),
        ("(not set)", None),
        ("未知", None),
        ("undefined", None),
        ("00000000-0000-0000-0000-000000000000", None),
        ("guest", "guest"),
        ("-1", "-1"),
        ("0", "0"),
    ],
)
def test_what_an_id_is(text, clean):
    assert clean_id(text) == clean


def _kept(*texts, users=False):
    return [text for text in clean_ids(pa.array(texts), users=users).values.to_pylist() if text]


def test_thousands_have_commas_where_all_ids_are_numbers():
    assert _kept("1,015", "1016", "1,234,567", "12.0") == ["1015", "1016", "1234567", "12"]
    assert _kept("1,015", "1016", "x-1") == ["1,015", "1016", "x-1"]


def test_minus_one_is_an_id_only_among_other_numbers_below_zero():
    assert _kept("-1", "5", "u") == ["5", "u"]
    assert _kept("-1", "-2", "5") == ["-1", "-2", "5"]


def test_zero_is_none_beside_texts_or_large_numbers_only():
    texts, large = [f"u{at}" for at in range(9)], [str(at) for at in range(1000, 1009)]
    assert _kept("0", *texts) == texts
    assert _kept("0", *large) == large
    assert _kept("0", *map(str, range(1, 10)))[0] == "0"


def test_na_is_an_id_among_codes_of_countries():
    assert _kept("NA", "DE", "CN", "US", "JP") == ["NA", "DE", "CN", "US", "JP"]
    assert _kept("NA", "u1", "u2") == ["u1", "u2"]


def test_guests_are_nobody_but_may_be_a_title():
    assert _kept("guest", "匿名用户", "u1", users=True) == ["u1"]
    assert _kept("guest", "u1") == ["guest", "u1"]


def _damaged(numbers):
    return int(damage(pa.array(list(map(str, numbers)))).sum())


def test_ids_that_lost_digits_are_told_from_whole_ones():
    draw = random.Random(3)
    whole = [draw.randrange(10**16, 9 * 10**18) for _ in range(60)]
    assert _damaged(whole) == 0
    assert _damaged(int(float(number)) for number in whole) == 60
    assert _damaged(f"{float(number):.17g}" for number in whole) == 60
    assert _damaged(number // 10 ** (len(str(number)) - 15) * 10 ** (len(str(number)) - 15)
                    for number in whole) == 60  # fmt: skip
    assert _damaged([*whole, *(int(float(number)) for number in whole)]) == 60
    assert _damaged(["7.65612E+16", "u1"]) == 1
    assert _damaged(["100000000000012", "4503599627370497"]) == 0


def test_ids_made_of_a_clock_and_zeros_are_whole():
    """Ids of some systems end in twelve zero bits: a float holds them, and nothing is lost."""
    draw = random.Random(4)
    assert _damaged(draw.randrange(1 << 40, 1 << 41) << 22 for _ in range(60)) == 0


def test_a_person_may_write_an_id_as_a_table_program_does():
    known = IdMap(["1001", "NA", "u1"])
    assert known.as_here(["1001.0", " u1 ", "NA", "n/a", "u2\u00a0"]) == [
        "1001", "u1", "NA", "n/a", "u2",
    ]  # fmt: skip
    assert known.code("1001.0") == 0
    with pytest.raises(UnknownId):
        known.code("1002.0")


def test_placeholders_are_rejected_with_their_word_and_a_finding(write):
    rows = "".join(f"u{at % 7},i{at % 11},a\n" for at in range(40))
    log = read_log(
        write("user_id,item_id,scenario\n" + rows + "NA,i1,NA\n(not set),i2,a\nu1,-1,a\n")
    )
    told = [(row.column, row.value, row.reason) for row in log.rejects.rows]
    assert told == [
        ("user_id", "NA", "no user"),
        ("user_id", "(not set)", "no user"),
        ("item_id", "-1", "no item"),
    ]
    notes = {(note.rule, note.column): note for note in log.rejects.notes}
    assert notes["placeholder_ids", "user_id"].count == 2
    assert notes["placeholder_ids", "item_id"].examples == ({"value": "-1", "rows": 1},)
    found = [one for one in audit(log).findings if one.rule == "placeholder_ids"]
    assert [one.count for one in found] == [2, 1]


def test_a_scenario_may_be_called_na(write):
    log = read_log(write("user_id,item_id,scenario\nu1,i1,NA\nu2,i2,unknown\n"))
    assert log.scenarios.ids.tolist() == ["NA", "unknown"]


@pytest.mark.parametrize(("damaged", "severity"), [(30, "blocker"), (1, "warning")])
def test_damaged_ids_stop_where_they_are_many(write, damaged, severity):
    rows = [f"{'7.65612E+16' if at < damaged else f'u{at}'},i{at % 9},a" for at in range(200)]
    log = read_log(write("user_id,item_id,scenario\n" + "\n".join(rows) + "\n"))
    (found,) = [one for one in audit(log).findings if one.rule == "damaged_ids"]
    assert found.severity == Severity(severity)
    assert found.values["example"] == "7.65612E+16"


def test_the_catalogue_and_the_profiles_follow_the_same_rule(write):
    catalog = read_catalog(write("item_id,title\n 1.0,Tea\n2,Pot\nN/A,None\n#REF!,x\n"))
    assert catalog.items.ids.tolist() == ["1", "2"]
    assert [(row.value, row.reason) for row in catalog.rejects.rows] == [
        ("N/A", "no item"),
        ("#REF!", "no item"),
    ]
    assert [note.count for note in catalog.rejects.notes] == [2]
    users = read_users(write("user_id,age\nu1,3\nguest,4\ne\u0301,5\n"))
    assert users.users.ids.tolist() == ["u1", "\u00e9"]


@given(st.text(max_size=12))
def test_cleaning_twice_changes_nothing(text):
    once = clean_id(text)
    assert once is None or clean_id(once) == once


@given(st.lists(st.text(max_size=8), max_size=6), st.sampled_from(SPACE), st.booleans())
def test_outer_space_never_counts(texts, space, users):
    plain = clean_ids(pa.array(texts, pa.string()), users=users)
    padded = clean_ids(
        pa.array([f"{space}{text}{space}" for text in texts], pa.string()), users=users
    )
    assert padded.values.equals(plain.values)
