"""Files of every kind give the same log: formats, packing, several files, a first look."""

import gzip
from datetime import datetime

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from crossrec.data import TimeKind, audit, read_catalog, read_log
from crossrec.data.reading.preview import look
from tests.data.files import BASIC, HEAD, JSONL, ROWS, told, triples, workbook, zipped


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (JSONL, "jsonl"),
        ("\ufeff" + JSONL.replace("\n", "\r\n"), "jsonl"),
        (gzip.compress(JSONL.encode()), "jsonl"),
        (zipped(**{"a/log.csv": BASIC}), "csv"),
        (zipped(**{"log.csv.gz": gzip.compress(BASIC.encode())}), "csv"),
        (zipped(**{"1.csv": HEAD + "u1,i1,a\n", "2.jsonl": "\n".join(JSONL.split("\n")[1:])}),
         "csv"),
        (BASIC.encode("utf-16-le"), "csv"),
        (BASIC.encode("utf-16-be"), "csv"),
        (workbook(), "xlsx"),
    ],
    ids=["jsonl", "bom-crlf", "jsonl.gz", "zip", "zip-gz", "zip-of-two", "utf-16-le", "utf-16-be",
         "xlsx"],
)  # fmt: skip
def test_every_kind_of_file_gives_the_same_log(write, content, kind):
    log = read_log(write(content, "any name"))
    assert triples(log) == ROWS
    assert (log.rejects.read, log.rejects.rejected) == (3, 0)
    assert log.rejects.files[0].kind == kind


def test_several_files_and_one_file_per_scenario(write):
    first = write("user_id,item_id,rating\nu1,i1,5\nu2,i1,x\n", "first.csv")
    second = write("用户ID\t商品ID\nu1\ti2\n", "second.tsv")
    log = read_log([first, second])
    assert triples(log) == [("u1", "i1", "all"), ("u1", "i2", "all")]
    assert [(row.file, row.line) for row in log.rejects.rows] == [("first.csv", 3)]
    assert [file.delimiter for file in log.rejects.files] == [",", "\t"]
    log = read_log({"shop": first, "web": second})
    assert triples(log) == [("u1", "i1", "shop"), ("u1", "i2", "web")]
    names = [write("item_id,title,size\na,,1\nb,B,2\n", "i.csv"),
             write("item_id,title,color\na,A,red\n", "j.csv")]  # fmt: skip
    catalog = read_catalog(names)
    assert catalog.title.tolist() == ["A", "B"]
    assert catalog.attributes["color"].tolist() == ["red", ""]
    np.testing.assert_array_equal(catalog.attributes["size"], [1, 2])


def test_parquet_with_lists_dates_and_twin_names(tmp_path):
    table = pa.table(
        {"user_id": [1, 2], "ITEM_ID": ["a", None], "timestamp": [datetime(2024, 1, 1)] * 2}
    )
    pq.write_table(table, tmp_path / "log.parquet")
    log = read_log(tmp_path / "log.parquet")
    assert told(log) == [(2, "ITEM_ID", "", "no item")]
    assert log.time_kind is TimeKind.CLOCK


def test_a_look_at_a_file_says_what_the_page_needs(write):
    values = [f"2024-01-0{at % 9 + 1},k{at % 13},p{at % 17 * 3},{at % 5 + 1}" for at in range(40)]
    found = look(write("wann,wer,x,stars\n" + "\n".join(values) + "\nbad\n"))[0]
    assert (len(found.rows), found.kind, found.delimiter, found.role) == (
        20, "csv", ",", "interactions",
    )  # fmt: skip
    assert found.mapping.columns == {
        "rating": "stars", "timestamp": "wann", "user_id": "wer", "item_id": "x",
    }  # fmt: skip
    assert found.mapping.confidence["rating"] == "exact"
    assert found.mapping.confidence["user_id"] == "ask"
    assert found.rejects[0].line == 42


def test_an_archive_gives_each_table_its_own_files(write):
    items = "item_id,title\ni1,One\ni2,Two\n"
    note = "Thank you, dear reader\nfor looking, and good luck\n"
    path = write(
        zipped(**{"read me.txt": note, "a/items.csv": items, "a/log.csv": BASIC}), "export.zip"
    )
    log, catalog = read_log(path), read_catalog(path)
    assert triples(log) == ROWS
    assert catalog.title.tolist() == ["One", "Two"]
    assert set(catalog.attributes) == set()
    for table in (log, catalog):
        (skipped,) = [file for file in table.rejects.files if file.skipped]
        assert skipped.name == "export.zip/read me.txt"
        assert "neither users nor items" in skipped.note
    (found,) = [one for one in audit(log).findings if one.rule == "skipped_files"]
    assert (found.count, found.examples[0]["file"]) == (1, "export.zip/read me.txt")
    assert [one.role for one in look(path)] == ["", "items", "interactions"]


@pytest.mark.parametrize("mark", [";", "\t"])
def test_a_line_that_names_the_separator_is_no_heading(write, mark):
    text = f"sep={mark}\r\n" + BASIC.replace(",", mark).replace("\n", "\r\n") + f"{mark}i1{mark}a"
    log = read_log(write(text))
    assert triples(log) == ROWS
    assert [row.line for row in log.rejects.rows] == [6]
