"""A delimiter at the end of a line is no value: rows are read as they are meant."""

import pytest

from crossrec.data import TimeKind, read_catalog, read_log
from crossrec.data.sources import part
from tests.data.files import told

HEAD = "user_id,item_id,scenario,timestamp"
ROWS = [f"u{at % 7},i{at},a,{1_700_000_000 + 60 * at}" for at in range(60)]


def text(head, rows):
    return "\n".join([head, *rows]) + "\n"


ENDS = {
    "every line": text(HEAD + ",", [row + "," for row in ROWS]),
    "every row": text(HEAD, [row + "," for row in ROWS]),
    "the heading alone": text(HEAD + ",", ROWS),
    "some rows": text(HEAD, [row + "," * (at % 3 == 0) for at, row in enumerate(ROWS)]),
    "several marks": text(HEAD + ",,,", [row + ",,," for row in ROWS]),
    "space behind them": text(HEAD, [row + ", " for row in ROWS]),
}


@pytest.mark.parametrize("content", ENDS.values(), ids=ENDS)
@pytest.mark.parametrize("mark", [",", ";", "\t"])
def test_delimiters_at_line_ends_change_nothing(write, content, mark):
    log, plain = read_log(write(content.replace(",", mark))), read_log(write(text(HEAD, ROWS)))
    assert log.time_kind is TimeKind.CLOCK
    assert (log.rejects.read, log.rejects.rejected) == (60, 0)
    assert log.to_frame().equals(plain.to_frame())
    assert "column 5" not in log.rejects.files[0].columns.values()


def test_the_quick_way_is_taken_where_every_row_ends_so(write, monkeypatch):
    monkeypatch.setattr(part, "_fast", lambda *given: fast(*given) or pytest.fail("read twice"))
    assert len(read_log(write(ENDS["every row"]))) == 60


fast = part._fast


@pytest.mark.parametrize("end", ["", ","])
def test_a_value_behind_the_last_column_is_a_fault(write, end):
    rows = [row + end for row in ROWS]
    rows[30] = ROWS[30] + ",more"
    rows[40] = "u1,i1,a"
    log = read_log(write(text(HEAD, rows)))
    assert told(log) == [
        (32, "", ROWS[30] + ",more", "5 values in a row of 4 columns"),
        (42, "", "u1,i1,a", "3 values in a row of 4 columns"),
    ]


def test_an_unnamed_column_with_values_is_a_column(write):
    catalog = read_catalog(write("item_id,title,\na,A,red\nb,B,\n"))
    assert catalog.attributes["column 3"].tolist() == ["red", ""]


def test_an_empty_last_value_is_no_line_end(write):
    rows = [f"u{at},i{at},a," for at in range(9)] + ROWS
    log = read_log(write(text(HEAD, rows)))
    assert {reason for *_, reason in told(log)} == {"no time"}
    assert len(log) == 60
