"""Numbers and user text as a person reads them."""

import math

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from crossrec.ui import format as fmt


@pytest.mark.parametrize(
    ("shown", "wanted"),
    [
        (fmt.number(0.0812), "0.081"),
        (fmt.number(436127), "436,127"),
        (fmt.number(math.nan), "–"),
        (fmt.number(-0.5), "−0.500"),
        (fmt.signed(0.0112), "+0.011"),
        (fmt.signed(-0.0001, 2), "0.00"),
        (fmt.number(-0.0004, 1), "0.0"),
        (fmt.number(0), "0"),
        (fmt.interval(0.081, 0.074, 0.089), "0.081 [0.074, 0.089]"),
        (fmt.interval(-0.004, -0.01, 0.002, sign=True), "−0.004 [−0.010, +0.002]"),
        (fmt.interval(0.083, math.nan, math.nan), "0.083"),
        (fmt.percent(0.337), "34%"),
        (fmt.duration(0.2), "under a second"),
        (fmt.duration(80), "1 min 20 s"),
        (fmt.duration(7260), "2 h 1 min"),
        (fmt.size(3304435), "3.2 MB"),
        (fmt.size(0), "0 B"),
    ],
)
def test_numbers(shown, wanted):
    assert shown == wanted


@given(st.text())
def test_escaped_text_holds_no_live_markdown(text):
    escaped = fmt.plain(text)
    assert "\n" not in escaped
    for mark in "`*_[]<>$|!":
        assert escaped.count(mark) == escaped.count(f"\\{mark}")


def test_an_image_in_a_title_stays_text():
    assert fmt.plain("![x](http://evil/a.png)") == r"\!\[x\](http\://evil/a.png)"


def test_csv_starts_with_a_byte_order_mark_and_keeps_chinese():
    data = fmt.csv_bytes(pd.DataFrame({"标题": ["茶"]}))
    assert data.startswith(b"\xef\xbb\xbf")
    assert "茶" in data.decode("utf-8-sig")


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r"])
def test_csv_defuses_formulas(start):
    frame = pd.DataFrame({"title": [f"{start}1+1"], "score": [-1.5]})
    text = fmt.csv_bytes(frame).decode("utf-8-sig")
    assert f"'{start}1+1" in text
    assert "-1.5" in text
    assert "'-1.5" not in text


def test_csv_defuses_headers_and_leaves_the_frame_alone():
    frame = pd.DataFrame({"=cmd": ["=1"]})
    before = frame.copy()
    assert b"'=cmd" in fmt.csv_bytes(frame)
    pd.testing.assert_frame_equal(frame, before)
