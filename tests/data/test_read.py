"""Reading an analyst's files: what is kept, what is set aside, and what is refused."""

import gzip
from datetime import UTC, datetime

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from crossrec.data import TimeKind, read_catalog, read_log, read_users
from crossrec.errors import (
    ColumnMissing,
    CrossRecError,
    DataError,
    FileUnreadable,
    TooManyRejects,
)


@pytest.fixture
def write(tmp_path):
    """Write text or bytes to a file and give its path."""

    def _write(content, name="log.csv", encoding="utf-8"):
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode(encoding))
        return path

    return _write


BASIC = "user_id,item_id,scenario\nu1,i1,a\nu2,i2,b\nu1,i2,b\n"


def _rows(log):
    return list(
        zip(*(log.to_frame()[name] for name in ("user_id", "item_id", "scenario")), strict=True)
    )


def _reasons(log):
    return [(row.line, row.column, row.value, row.reason) for row in log.rejects.rows]


BASIC_ROWS = [("u1", "i1", "a"), ("u2", "i2", "b"), ("u1", "i2", "b")]


@pytest.mark.parametrize(
    "content",
    [
        BASIC,
        BASIC.replace("\n", "\r\n"),
        BASIC.replace("\n", "\r"),
        BASIC.replace(",", "\t"),
        BASIC.replace(",", ";"),
        BASIC.rstrip("\n"),
        "\n\n" + BASIC.replace("\n", "\n\n"),
        BASIC.replace("u1", ' "u1" ').replace(' "u1" ', '"u1"'),
        BASIC.replace("u2", " u2\u3000"),
        b"\xef\xbb\xbf" + BASIC.encode(),
        BASIC.encode("utf-16"),
        gzip.compress(BASIC.encode()),
    ],
    ids=["plain", "crlf", "cr", "tab", "semicolon", "no-end", "blank-lines", "quoted", "space",
         "bom", "utf16", "gzip"],
)  # fmt: skip
def test_every_spelling_of_a_table_gives_the_same_log(write, content):
    log = read_log(write(content, "any name"))
    assert _rows(log) == BASIC_ROWS
    assert log.scenarios.ids.tolist() == ["a", "b"]
    assert (log.rejects.read, log.rejects.rejected, log.rejects.duplicates) == (3, 0, 0)
    assert log.time_kind is TimeKind.NONE


def test_chinese_headers_and_values_in_gb18030(write):
    text = (
        "用户ID,商品ID,场景,行为,时间\n"
        "张三,苹果,超市,购买,2024年1月2日\n"
        "李四,梨,网店,浏览,2024年1月3日\n"
    )
    for encoding in ("utf-8", "utf-8-sig", "gb18030"):
        log = read_log(write(text, encoding=encoding))
        assert _rows(log) == [("张三", "苹果", "超市"), ("李四", "梨", "网店")]
        assert log.weight.tolist() == [1.0, 0.25]
        assert log.time_kind is TimeKind.CLOCK


def test_parquet_with_typed_columns(tmp_path):
    frame = pd.DataFrame(
        {
            "user_id": [1, 2],
            "item_id": ["a", "b"],
            "scenario": pd.Categorical(["x", "y"]),
            "timestamp": pd.to_datetime(["2024-01-01T00:00:00Z", "2024-01-02T00:00:00Z"]),
        }
    )
    path = tmp_path / "log.bin"
    frame.to_parquet(path)
    log = read_log(path)
    assert _rows(log) == [("1", "a", "x"), ("2", "b", "y")]
    assert log.time is not None
    assert np.diff(log.time).tolist() == [86400]


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
    assert _reasons(log) == [
        (5, "user_id", "", "no user"),
        (6, "item_id", "", "no item"),
        (7, "scenario", "", "no scenario"),
        (8, "rating", "good", "not a number"),
        (9, "rating", "-1", "not above 0"),
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
    assert _reasons(log) == [(5, "", 'u3,"i1,a', "a quotation mark is not closed or not doubled")]


def test_a_stray_header_of_another_file_is_rejected(write):
    text = (
        "user_id,item_id,scenario,event\nx1,y1,behavior,behavior\nu1,i1,play,play\nu2,i1,buy,buy\n"
    )
    log = read_log(write(text))
    assert log.scenarios.ids.tolist() == ["buy", "play"]
    assert _reasons(log) == [(2, "", "x1", "the header once more")]


def test_exact_repeats_are_dropped_and_counted(write):
    head = "user_id,item_id,scenario,event,timestamp\n"
    row, later = "u1,i1,a,buy,2024-01-01\n", "u1,i1,a,buy,2024-01-02\n"
    log = read_log(write(head + row + later + row + row))
    assert len(log) == 2
    assert (log.rejects.read, log.rejects.duplicates) == (4, 2)
    log = read_log(write(head + row + later), {"timestamp": ""})
    assert (len(log), log.rejects.duplicates) == (1, 1)


def test_scenario_argument_and_default(write):
    path = write("user_id,item_id\nu1,i1\nu2,i2\n")
    assert read_log(path).scenarios.ids.tolist() == ["all"]
    assert read_log(path, scenario="it's").scenarios.ids.tolist() == ["it's"]
    assert read_log(write(BASIC), scenario="shop").scenarios.ids.tolist() == ["shop"]


def test_a_mapping_overrides_the_guess(write):
    path = write("a,b,user_id\nu1,i1,x\nu2,i2,x\n")
    log = read_log(path, {"user_id": "a", "item_id": "b", "scenario": "user_id"})
    assert _rows(log) == [("u1", "i1", "x"), ("u2", "i2", "x")]


def test_weights_from_events_and_ratings(write):
    head = "user_id,item_id,scenario,event,rating\n"
    log = read_log(write(head + "u1,i1,a,View,\nu1,i2,a,add_to_cart,5\nu1,i3,a,??,2.5\n"))
    assert log.weight.tolist() == [0.25, 0.75, 0.5]
    log = read_log(write(head + "u1,i1,a,view,\nu1,i2,a,view,\n"))
    assert log.weight.tolist() == [1, 1]
    log = read_log(write(head + "u1,i1,a,view,1e-300\nu1,i2,a,view,1e300\n"))
    assert np.all(log.weight > 0)
    log = read_log(write(head + "u1,i1,a,buy,\nu1,i2,a,退货,\nu1,i2,a,buy,\n"))
    assert [row.reason for row in log.rejects.rows] == ["the event says no"]


def _times(write, values):
    rows = "".join(f'u{n},i{n},"{value}"\n' for n, value in enumerate(values))
    return read_log(write("user_id,item_id,timestamp\n" + rows), max_rejects=0.9)


MOMENT = datetime(2024, 2, 13, 18, 30, tzinfo=UTC)
SECONDS = int(MOMENT.timestamp())
DAY = SECONDS - SECONDS % 86400


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        (str(SECONDS), SECONDS),
        (f"{SECONDS}.75", SECONDS),
        (f"{SECONDS}123", SECONDS),
        (f"{SECONDS}123456", SECONDS),
        (f"{SECONDS}123456789", SECONDS),
        ("1.5e9", 1_500_000_000),
        ("2024-02-13", DAY),
        ("2024/2/13 18:30", SECONDS),
        ("2024-02-13T18:30:00Z", SECONDS),
        ("2024-02-13T18:30:00.999", SECONDS),
        ("2024-02-13 20:30:00+02:00", SECONDS),
        ("2024年2月13日 18:30", SECONDS),
        ("13.02.2024 18:30:00", SECONDS),
        ("02 13, 2024", DAY),
        ("Feb 13, 2024", DAY),
        ("2/13/2024 6:30 PM", SECONDS),
        ("13/2/2024 18:30", SECONDS),
        ("20240213", DAY),
        ("20240213183000", SECONDS),
    ],
)
def test_clock_times(write, value, seconds):
    log = _times(write, [value, value])
    assert log.time_kind is TimeKind.CLOCK
    assert log.time is not None
    assert log.time.tolist() == [seconds, seconds]


def test_small_whole_numbers_are_positions(write):
    log = _times(write, ["0", "1", "2", "1700000000"])
    assert log.time_kind is TimeKind.ORDER
    assert log.time is not None
    assert log.time.tolist() == [0, 1, 2]
    assert log.rejects.rejected == 1


def test_a_column_that_holds_no_times_is_an_error_and_an_empty_one_no_time(write):
    with pytest.raises(DataError, match=r"times in column 'timestamp'.*100% of values.*'soon'"):
        _times(write, ["soon", "later"])
    assert _times(write, ["", "null"]).time_kind is TimeKind.NONE


def test_dates_that_do_not_tell_day_from_month_are_refused(write):
    with pytest.raises(DataError, match="tell day from month"):
        _times(write, ["03/04/2024", "05/06/2024"])


def test_too_many_rejects(write):
    path = write("user_id,item_id,scenario\nu1,i1,a\n,i1,a\n,i2,a\nu1\n")
    with pytest.raises(TooManyRejects, match=r"50% bad rows.*3 of 4: 2 x no user.*line 5"):
        read_log(path)
    assert len(read_log(path, max_rejects=0.8)) == 1
    with pytest.raises(TooManyRejects):
        read_log(write("user_id,item_id\n,i1\n"), max_rejects=1)


def test_too_many_scenarios_are_a_wrong_column(write):
    rows = "".join(f"u{n},i{n},s{n}\n" for n in range(300))
    with pytest.raises(DataError, match="at most 200 scenarios; found 300"):
        read_log(write("user_id,item_id,scenario\n" + rows))


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "empty file"),
        (b"\n \n", "only blank lines"),
        (b"user_id,item_id\n", "only a header"),
        (b"user_id,item_id\r\n\r\n", "only a header"),
        (b"PK\x03\x04rest", "Excel or zip"),
        (b"a,b\n\x00\x01\x02", "binary data"),
        (b'[{"user_id": 1}]', "a JSON list"),
        (b"{user_id: 1}", "one JSON object per line"),
        (b"<html>", "web page"),
        (b"PAR1 not parquet", "Parquet"),
        (gzip.compress(BASIC.encode())[:-9], "gzip"),
        (b"\x1f\x8bnot gzip at all", "gzip"),
        (b"user_id,item_id\n\xff\xff\xff\n", "another encoding"),
        (b'"user_id,item_id\nu,i\n', "column names"),
    ],
)
def test_files_that_are_no_table_are_refused(write, content, said):
    with pytest.raises(FileUnreadable, match=said):
        read_log(write(content))


def test_missing_files_and_folders(tmp_path):
    with pytest.raises(FileUnreadable, match="nothing there"):
        read_log(tmp_path / "nowhere.csv")
    with pytest.raises(FileUnreadable, match="a folder"):
        read_log(tmp_path)


def test_patterns_in_a_file_name_are_only_a_name(write):
    write("user_id,item_id\nwrong,wrong\n", "log1.csv")
    assert read_log(write(BASIC, "log[1]*?.csv")).users.ids.tolist() == ["u1", "u2"]


def test_hostile_cells_are_only_text(write):
    bad = "'); DROP TABLE cells --"
    log = read_log(write(f"user_id,item_id,{bad}\n{bad},=1+1,x\nu,i,x\n"), {"scenario": bad})
    assert log.users.ids.tolist() == [bad, "u"]
    assert read_catalog(write(f"item_id,{bad}\na,{bad}\n")).attributes[bad].tolist() == [bad]


def test_missing_columns_are_named(write):
    with pytest.raises(ColumnMissing, match=r"item_id in log.csv; found 'user_id', 'thing'"):
        read_log(write("user_id,thing\nu1,x\n"))


def test_catalogue(write):
    catalog = read_catalog(
        write(
            "item_id,scenario,name,description,brand,price,code\n"
            "i1,a,,,Acme,\"$1,200.50\",1\n"
            "i1,b,Chair,,,3,\n"
            "i2,b,Table,\"Oak,\nround\",Other,,2\n"
            ",b,Nobody,,,,\n"
            "i3,,42,,,€5,\n"
        )
    )  # fmt: skip
    assert catalog.items.ids.tolist() == ["i1", "i2", "i3"]
    assert catalog.title.tolist() == ["Chair", "Table", "42"]
    assert catalog.text.tolist() == ["", "Oak,\nround", ""]
    assert {name: codes.tolist() for name, codes in catalog.listed.items()} == {
        "a": [0],
        "b": [0, 1],
    }
    np.testing.assert_array_equal(catalog.attributes["price"], [1200.5, np.nan, 5])
    np.testing.assert_array_equal(catalog.attributes["code"], [1, 2, np.nan])
    assert catalog.attributes["brand"].tolist() == ["Acme", "Other", ""]
    assert (catalog.rejects.read, catalog.rejects.rows[0].line) == (5, 6)
    assert catalog.to_frame()[["item_id", "scenario"]].to_numpy().tolist() == [
        ["i1", "a"],
        ["i1", "b"],
        ["i2", "b"],
        ["i3", ""],
    ]


def test_users(write):
    users = read_users(write("用户ID,Age,city\n1.0,20,\n2.0,x,Brno\n1.0,,Praha\n"))
    assert users.users.ids.tolist() == ["1", "2"]
    assert users.attributes["Age"].tolist() == ["20", "x"]
    assert users.attributes["city"].tolist() == ["Praha", "Brno"]


def test_ids_that_became_decimals_are_whole_again(write):
    log = read_log(write("user_id,item_id\n1.0,a.0\n2.0,3.0\n,4.0\n"))
    assert log.users.ids.tolist() == ["1", "2"]
    assert log.items.ids.tolist() == ["a.0", "3.0"]


FAST = settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


@FAST
@given(st.binary(max_size=300), st.sampled_from([b"", b"user_id,item_id,timestamp\n", b"\x1f\x8b"]))
def test_random_bytes_never_crash(tmp_path, content, head):
    path = tmp_path / "random"
    path.write_bytes(head + content)
    for read in (read_log, read_catalog, read_users):
        try:
            read(path)
        except CrossRecError:
            continue


CELL = st.one_of(
    st.sampled_from(
        ["", "u1", "u2", "1", "0", "5", "view", "2024-01-01", "nan", "user_id", '"', "\n"]
    ),
    st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=6),
)


@FAST
@given(
    st.lists(st.lists(CELL, min_size=4, max_size=7), min_size=1, max_size=12),
    st.booleans(),
)
def test_every_row_is_kept_rejected_or_a_repeat(tmp_path, rows, quoted):
    lines = ["user_id,item_id,scenario,event,rating,timestamp"]
    for row in rows:
        cells = [f'"{cell.replace(chr(34), chr(34) * 2)}"' if quoted else cell for cell in row]
        lines.append(",".join(cells))
    path = tmp_path / "random.csv"
    path.write_text("\n".join(lines), encoding="utf-8", newline="")
    try:
        log = read_log(path, max_rejects=1)
    except CrossRecError:
        return
    summary = log.rejects
    assert summary.read == len(log) + summary.rejected + summary.duplicates
    assert np.all(log.weight > 0)
    assert np.all(log.weight <= 1)
    assert min(log.user.min(), log.item.min(), log.scenario.min()) >= 0
    if quoted:
        assert summary.read >= len(rows)


@FAST
@given(st.lists(st.tuples(*[st.sampled_from(["", "1", "2", "x"])] * 4), min_size=1, max_size=20))
def test_reading_agrees_with_a_plain_loop(tmp_path, rows):
    path = tmp_path / "plain.csv"
    frame = pd.DataFrame(rows, columns=["user_id", "item_id", "scenario", "rating"])
    frame.to_csv(path, index=False)
    kept, bad = {}, 0
    for line, (user, item, place, rating) in enumerate(rows, start=2):
        if not (user and item and place) or rating == "x":
            bad += 1
        else:
            kept.setdefault((user, item, place), line)
    if bad == len(rows):
        with pytest.raises(TooManyRejects):
            read_log(path, {"timestamp": ""}, max_rejects=1)
        return
    log = read_log(path, max_rejects=1)
    assert _rows(log) == list(kept)
    assert log.rejects.rejected == bad
