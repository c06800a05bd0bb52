"""Files that are no table, or not to be trusted: refused in one clear sentence."""

import gzip

import pytest

from crossrec.data import read_log
from crossrec.data.sources import archive, part
from crossrec.errors import FileUnreadable
from tests.data.files import BASIC, zipped


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "empty file"),
        (b"\n \n", "only blank lines"),
        (b"user_id,item_id\n", "only a header"),
        (b"user_id,item_id\r\n\r\n", "only a header"),
        (b"PK\x03\x04rest", "Excel or zip"),
        (b"a,b\n\x00\x01\x02", "binary data"),
        (b"[1, 2]", "one JSON object per line"),
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


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (zipped(), "an empty archive"),
        (zipped(**{"../../evil.csv": BASIC}), "points outside the archive"),
        (zipped(**{"/etc/evil.csv": BASIC}), "points outside the archive"),
        (zipped(**{"C:\\evil.csv": BASIC}), "points outside the archive"),
        (zipped(**{"log.csv": BASIC})[:-30], "Excel or zip"),
        (zipped(**{"log.csv": b""}), "empty file"),
        (gzip.compress(gzip.compress(gzip.compress(gzip.compress(b"a")))), "layers of packing"),
        (b"\xd0\xcf\x11\xe0 old", "Excel workbook"),
        (gzip.compress(b"PAR1 no parquet"), "Parquet"),
    ],
)
def test_archives_that_are_not_to_be_trusted_are_refused(write, content, said):
    with pytest.raises(FileUnreadable, match=said):
        read_log(write(content))


def test_zip_bombs_are_refused_before_the_disk_is_full(write, monkeypatch):
    monkeypatch.setattr(archive, "ALWAYS_ALLOWED", 1 << 20)
    zeros = b"0" * (1 << 23)
    for bomb in (zipped(**{"log.csv": zeros}), gzip.compress(zeros)):
        with pytest.raises(FileUnreadable, match="zip bomb"):
            read_log(write(bomb))


def test_a_leaflet_in_an_archive_is_named_but_no_error(write):
    log = read_log(write(zipped(**{"log.csv": BASIC, "manual.pdf": b"%PDF-1.4 ..."}), "a.zip"))
    assert len(log) == 3
    skipped = log.rejects.files[-1]
    assert skipped.name == "a.zip/manual.pdf"
    assert "a PDF file" in skipped.note


@pytest.mark.parametrize("gone", [True, False])
def test_a_file_that_vanishes_or_changes_while_it_is_read(write, monkeypatch, gone):
    path = write(BASIC)
    blocks = part._blocks

    def meanwhile(connection, query):
        yield from blocks(connection, query)
        if gone:
            path.unlink(missing_ok=True)
        else:
            path.write_text(BASIC * 2)

    monkeypatch.setattr(part, "_blocks", meanwhile)
    with pytest.raises(FileUnreadable, match="gone" if gone else "changed by another program"):
        read_log(path)
