"""Parquet as other programs write it: strings without their mark, old times, nested columns."""

from datetime import datetime

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from crossrec.data import TimeKind, read_catalog, read_log
from tests.data.files import ROWS, triples


@pytest.mark.parametrize("kind", [pa.binary(), pa.large_binary(), pa.string(), pa.large_string()])
def test_strings_with_and_without_the_mark_of_utf_8(tmp_path, kind):
    columns = zip(*[*ROWS, ("张三", "苹果", "超市")], strict=True)
    arrays = [pa.array([text.encode() for text in one]).cast(kind) for one in columns]
    table = pa.table(arrays, names=["user_id", "item_id", "scenario"])
    pq.write_table(table, tmp_path / "log.parquet")
    assert triples(read_log(tmp_path / "log.parquet")) == [*ROWS, ("张三", "苹果", "超市")]


def test_old_times_flags_and_nested_columns(tmp_path):
    table = pa.table(
        {
            "user_id": ["u1", "u2"],
            "item_id": ["a", "b"],
            "timestamp": [datetime(2024, 1, 1), datetime(2024, 1, 2)],
            "new": [True, None],
            "tags": [["red", "round"], []],
            "raw": [[b"x", b"y"], None],
            "context": [{"page": 1}, None],
        }
    )
    pq.write_table(table, tmp_path / "log.parquet", use_deprecated_int96_timestamps=True)
    log = read_log(tmp_path / "log.parquet")
    assert log.time_kind is TimeKind.CLOCK
    assert (log.time[1] - log.time[0], log.rejects.rejected) == (86400, 0)
    catalog = read_catalog(tmp_path / "log.parquet")
    assert catalog.attributes["new"].tolist() == ["true", ""]
    assert catalog.attributes["tags"].tolist() == ["red | round", ""]
    assert catalog.attributes["raw"].tolist() == ["x | y", ""]
    assert catalog.attributes["context"].tolist() == ['{"page":1}', ""]


def test_bytes_that_are_no_text_do_no_harm(tmp_path):
    table = pa.table({"item_id": ["a"], "title": ["A"], "picture": [b"\x89PNG\xff\xfe"]})
    pq.write_table(table, tmp_path / "items.parquet")
    assert read_catalog(tmp_path / "items.parquet").title.tolist() == ["A"]
