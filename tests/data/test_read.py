"""Reading an analyst's files: every spelling of a table, the mapping, the other tables."""

import gzip

import numpy as np
import pandas as pd
import pytest

from crossrec.data import TimeKind, read_catalog, read_log, read_users
from crossrec.errors import ColumnMissing, DataError
from tests.data.files import BASIC, ROWS, triples


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
    assert triples(log) == ROWS
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
        assert triples(log) == [("张三", "苹果", "超市"), ("李四", "梨", "网店")]
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
    assert triples(log) == [("1", "a", "x"), ("2", "b", "y")]
    assert log.time is not None
    assert np.diff(log.time).tolist() == [86400]


def test_scenario_argument_and_default(write):
    path = write("user_id,item_id\nu1,i1\nu2,i2\n")
    assert read_log(path).scenarios.ids.tolist() == ["all"]
    assert read_log(path, scenario="it's").scenarios.ids.tolist() == ["it's"]
    assert read_log(write(BASIC), scenario="shop").scenarios.ids.tolist() == ["shop"]


def test_a_mapping_overrides_the_guess(write):
    path = write("a,b,user_id\nu1,i1,x\nu2,i2,x\n")
    log = read_log(path, {"user_id": "a", "item_id": "b", "scenario": "user_id"})
    assert triples(log) == [("u1", "i1", "x"), ("u2", "i2", "x")]


def test_missing_columns_are_named(write):
    with pytest.raises(ColumnMissing, match=r"item_id in log.csv; found 'user_id', 'thing'"):
        read_log(write("user_id,thing\nu1,x\n"))


def test_too_many_scenarios_are_a_wrong_column(write):
    rows = "".join(f"u{n},i{n},s{n}\n" for n in range(300))
    with pytest.raises(DataError, match="at most 200 scenarios; found 300"):
        read_log(write("user_id,item_id,scenario\n" + rows))


def test_patterns_in_a_file_name_are_only_a_name(write):
    write("user_id,item_id\nwrong,wrong\n", "log1.csv")
    assert read_log(write(BASIC, "log[1]*?.csv")).users.ids.tolist() == ["u1", "u2"]


def test_hostile_cells_are_only_text(write):
    bad = "'); DROP TABLE cells --"
    log = read_log(write(f"user_id,item_id,{bad}\n{bad},=1+1,x\nu,i,x\n"), {"scenario": bad})
    assert log.users.ids.tolist() == [bad, "u"]
    assert read_catalog(write(f"item_id,{bad}\na,{bad}\n")).attributes[bad].tolist() == [bad]


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
    assert log.items.ids.tolist() == ["a.0", "3"]
