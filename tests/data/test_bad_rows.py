"""Rows that cannot be used: set aside with true line and reason, no good row lost with them."""

import pytest

from crossrec.data import read_log
from crossrec.data.reading.rejects import RejectTable
from crossrec.data.sources import staging
from crossrec.errors import TooManyRejects
from tests.data.files import HEAD, JSONL, ROWS, told, triples


def test_bad_rows_are_set_aside_with_true_line_numbers(write):
    path = write(
        "user_id,item_id,scenario,rating,timestamp\n"
        'u1,"two\nlines",a,5,2024-01-01\n'  # 2-3
        "\n"  # 4
        ",i1,a,5,2024-01-01\n"  # 5
        "u1,NaN,a,5,2024-01-01\n"  # 6
        "u1,i1,,5,2024-01-01\n"  # 7
        "u1,i1,a,good,2024-01-01\n"  # 8
        "u1,i1,a,-1,2024-01-01\n"  # 9
        "u1,i1,a,inf,2024-01-01\n"  # 10
        "u1,i1,a,4,yesterday\n"  # 11
        "u1,i1,a,4,\n"  # 12
        "u1,i1,a\n"  # 13
        "user_id,item_id,scenario,rating,timestamp\n"  # 14
        + "".join(f"u{n},i1,a,4,2024-01-02\n" for n in range(20))
        + 'u1,"i1,a,4,2024-01-01\n'  # 35
    )
    log = read_log(path)
    assert len(log) == 21
    assert log.items.ids[0] == "two\nlines"
    assert told(log) == [
        (5, "user_id", "", "no user"),
        (6, "item_id", "NaN", "no item"),
        (7, "scenario", "", "no scenario"),
        (8, "rating", "good", "not a number"),
        (9, "rating", "-1", "is not on the scale 1 to 5 of the other ratings"),
        (10, "rating", "inf", "not a number"),
        (11, "timestamp", "yesterday", "is not a time between 1970 and 2100"),
        (12, "timestamp", "", "no time"),
        (13, "", "u1,i1,a", "3 values in a row of 5 columns"),
        (14, "", "user_id", "the header once more"),
        (35, "", 'u1,"i1,a,4,2024-01-01', "a quotation mark is not closed or not doubled"),
    ]
    assert log.rejects.rows[0].file == path.name
    assert log.rejects.read == 32


def test_an_open_quotation_mark_costs_its_own_line_only(write):
    text = "user_id,item_id,scenario\n" + "".join(f"u{n},i1,a\n" for n in range(20))
    log = read_log(write(text.replace("u3,", 'u3,"')))
    assert (log.rejects.read, len(log)) == (20, 19)
    assert told(log) == [(5, "", 'u3,"i1,a', "a quotation mark is not closed or not doubled")]


def test_a_stray_header_of_another_file_is_rejected(write):
    text = (
        "user_id,item_id,scenario,event\nx1,y1,behavior,behavior\nu1,i1,play,play\nu2,i1,buy,buy\n"
    )
    log = read_log(write(text))
    assert log.scenarios.ids.tolist() == ["buy", "play"]
    assert told(log) == [(2, "", "x1", "the header once more")]


def test_lines_are_true_behind_quoted_line_breaks_in_both_ways_of_reading(write):
    text = 'user_id,item_id,rating\n"a\nb",i,1\nu,"i\r\n\r\n2",x\nv,i,0\nw,i\nx,i,3\n'
    log = read_log(write(text), max_rejects=0.9)
    assert [(row.line, row.reason) for row in log.rejects.rows] == [
        (4, "not a number"),
        (7, "is not on the scale 1 to 5 of the other ratings"),
        (8, "2 values in a row of 3 columns"),
    ]
    plain = HEAD + "".join(f"u{at},i,a\n" for at in range(9)) + "bad\n" + "z,i,a\n"
    assert told(read_log(write(plain)))[0][:3] == (11, "", "bad")


def test_a_broken_line_behind_much_that_was_read_already(write, monkeypatch):
    monkeypatch.setattr(staging, "BUFFER", "1KB")
    text = HEAD + "".join(f"u{at % 99},i{at},a\n" for at in range(300_000)) + "bad\nu1,last,a\n"
    log = read_log(write(text))
    assert told(log) == [(300_002, "", "bad", "1 values in a row of 3 columns")]
    assert (len(log), log.rejects.read) == (300_001, 300_002)


def test_types_that_change_far_behind_the_beginning(write):
    good = "".join(f"u{at % 7},i{at},{at % 5 + 1},{1_700_000_000 + at}\n" for at in range(100_000))
    text = ("user_id,item_id,rating,timestamp\n" + good
            + "u1,x,good,1700000000\nu1,y,3,2024-01-31\nu1,z,nan,1700000000\n")  # fmt: skip
    log = read_log(write(text), positive_from=0)
    assert told(log) == [
        (100_002, "rating", "good", "not a number"),
        (
            100_003,
            "timestamp",
            "2024-01-31",
            "is not like the other times; it looks like a written date",
        ),
    ]
    assert len(log) == 100_001


def test_impossible_times_and_ratings_say_why(write):
    text = ("user_id,item_id,rating,timestamp\nu,a,3,2024-01-01\nu,b,inf,2024-01-01\n"
            "u,c,NaN,2024-01-01\nu,d,3,1970-01-01\nu,e,3,2999-01-01\nu,f,3,\nu,g,1e999,2024-1-1\n"
            "u,h,4,2024-01-02\nu,i,4,2024-01-02\nu,j,4, 2024-01-02 \n")  # fmt: skip
    log = read_log(write(text))
    assert told(log) == [
        (3, "rating", "inf", "not a number"),
        (
            5,
            "timestamp",
            "1970-01-01",
            "is 1970-01-01, which programs write where there is no time",
        ),
        (6, "timestamp", "2999-01-01", "is not a time between 1970 and 2100"),
        (7, "timestamp", "", "no time"),
        (8, "rating", "1e999", "not a number"),
    ]
    assert log.items.ids.tolist() == ["a", "c", "h", "i", "j"]


def test_a_few_damaged_bytes_cost_their_own_lines_only(write):
    lines = [f"用户{at},商品{at},店".encode() for at in range(30)]
    lines[7] = lines[7][:4] + b"\xff" + lines[7][4:]
    log = read_log(write(HEAD.encode() + b"\n".join(lines) + b"\n"))
    assert log.rejects.files[0].encoding == "utf-8-sig"
    assert [(row.line, row.reason) for row in log.rejects.rows] == [
        (9, "bytes that are no text in the encoding of the file")
    ]
    assert len(log) == 29


def test_rows_swallowed_between_two_open_quotation_marks_are_rows(write):
    body = [f"u{at},i,a" for at in range(20)]
    body[4], body[15] = 'u4,"i,a', 'u15,i",a'
    log = read_log(write(HEAD + "\n".join(body) + "\n"))
    assert len(log) == 19
    assert [row.line for row in log.rejects.rows] == [6]


def test_jsonl_lines_that_are_no_objects_are_named(write):
    text = JSONL.replace("\n", "\n\nnot json\n[1]\n", 1)
    log = read_log(write(text), max_rejects=0.9)
    assert [(row.line, row.value, row.reason) for row in log.rejects.rows] == [
        (3, "not json", "no JSON"),
        (4, "[1]", "no JSON object"),
    ]
    assert triples(log) == ROWS


def test_a_limit_on_rejects_stops_with_an_explanation(write):
    text = HEAD + "u,i,a\n" * 9 + ",i,a\n"
    assert read_log(write(text), max_rejects=0.1).rejects.rejected == 1
    with pytest.raises(TooManyRejects, match=r"at most 5% bad rows in log\.csv.*1 x no user"):
        read_log(write(text), max_rejects=0.05)


def test_too_many_rejects(write):
    path = write("user_id,item_id,scenario\nu1,i1,a\n,i1,a\n,i2,a\nu1\n")
    with pytest.raises(TooManyRejects, match=r"50% bad rows.*3 of 4: 2 x no user.*line 5"):
        read_log(path)
    assert len(read_log(path, max_rejects=0.8)) == 1
    with pytest.raises(TooManyRejects):
        read_log(write("user_id,item_id\n,i1\n"), max_rejects=1)


def test_rejects_read_like_a_tuple_and_are_written_for_people(write, tmp_path):
    body = "".join(f"u{at},i,a\n" for at in range(9))
    rejects = read_log(write(HEAD + "=1+1\n,i,a\n" + body)).rejects.rows
    assert isinstance(rejects, RejectTable)
    assert (len(rejects), rejects[-1].line, len(rejects[:1])) == (2, 3, 1)
    assert rejects == tuple(rejects)
    rejects.write_csv(tmp_path / "rejects.csv")
    text = (tmp_path / "rejects.csv").read_text(encoding="utf-8-sig")
    assert "'=1+1" in text.splitlines()[1]


def test_a_zero_byte_costs_its_own_line_only(write):
    lines = [f"u{at},i{at},a" for at in range(200)]
    lines[7] = "u7,i\x007,a"
    log = read_log(write(HEAD + "\n".join(lines)))
    assert [(row.line, row.reason) for row in log.rejects.rows] == [
        (9, "bytes that are no text in the encoding of the file")
    ]
    assert len(log) == 199


def test_why_an_import_stops_names_a_value(write):
    text = "user_id;item_id;rating\n" + "".join(f"u{at};i;so {at % 5}\n" for at in range(9))
    with pytest.raises(
        TooManyRejects, match=r"9 of 9: 9 x not a number \(column 'rating', such as"
    ):
        read_log(write(text))
