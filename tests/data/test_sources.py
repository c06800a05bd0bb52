"""Files of every kind and in every bad state: what is read, what is set aside, what is refused."""

import gzip
import io
import json
import zipfile
from datetime import datetime

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from crossrec.data import TimeKind, read_catalog, read_log
from crossrec.data.preview import look
from crossrec.data.rejects import RejectTable
from crossrec.data.sources import archive, part, staging
from crossrec.errors import CrossRecError, DataError, FileUnreadable, TooManyRejects

HEAD = "user_id,item_id,scenario\n"
BASIC = HEAD + "u1,i1,a\nu2,i2,b\nu1,i2,b\n"
ROWS = [("u1", "i1", "a"), ("u2", "i2", "b"), ("u1", "i2", "b")]


@pytest.fixture
def write(tmp_path):
    """Write text or bytes to a file and give its path."""

    def _write(content, name="log.csv", encoding="utf-8"):
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode(encoding))
        return path

    return _write


def rows(log):
    names = ("user_id", "item_id", "scenario")
    return list(zip(*(log.to_frame()[name] for name in names), strict=True))


def told(log):
    return [(row.line, row.column, row.value, row.reason) for row in log.rejects.rows]


def zipped(**members):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as file:
        for name, content in members.items():
            file.writestr(name, content)
    return buffer.getvalue()


JSONL = "".join(
    json.dumps(dict(zip(("user_id", "item_id", "scenario"), row, strict=True))) + "\n"
    for row in ROWS
)


def workbook():
    """A minimal workbook with inline strings; written by hand, so that no writer is needed."""
    cells = [HEAD.strip().split(","), *ROWS]
    sheet = "".join(
        f'<row r="{at}">' + "".join(f'<c t="inlineStr"><is><t>{cell}</t></is></c>' for cell in row)
        + "</row>"
        for at, row in enumerate(cells, 1)
    )  # fmt: skip
    main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    rel = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    package = "http://schemas.openxmlformats.org/package/2006"
    kind = "application/vnd.openxmlformats-officedocument.spreadsheetml"
    return zipped(
        **{
            "[Content_Types].xml": f'<Types xmlns="{package}/content-types">'
            '<Default Extension="rels" ContentType='
            '"application/vnd.openxmlformats-package.relationships+xml"/>'
            f'<Override PartName="/xl/workbook.xml" ContentType="{kind}.sheet.main+xml"/>'
            f'<Override PartName="/xl/s.xml" ContentType="{kind}.worksheet+xml"/></Types>',
            "_rels/.rels": f'<Relationships xmlns="{package}/relationships"><Relationship Id="r"'
            f' Type="{rel}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
            "xl/workbook.xml": f'<workbook xmlns="{main}" xmlns:r="{rel}"><sheets>'
            '<sheet name="log" sheetId="1" r:id="s"/></sheets></workbook>',
            "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{package}/relationships">'
            f'<Relationship Id="s" Type="{rel}/worksheet" Target="s.xml"/></Relationships>',
            "xl/s.xml": f'<worksheet xmlns="{main}"><sheetData>{sheet}</sheetData></worksheet>',
        }
    )


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
    assert rows(log) == ROWS
    assert (log.rejects.read, log.rejects.rejected) == (3, 0)
    assert log.rejects.files[0].kind == kind


def test_several_files_and_one_file_per_scenario(write):
    first = write("user_id,item_id,rating\nu1,i1,5\nu2,i1,x\n", "first.csv")
    second = write("用户ID\t商品ID\nu1\ti2\n", "second.tsv")
    log = read_log([first, second])
    assert rows(log) == [("u1", "i1", "all"), ("u1", "i2", "all")]
    assert [(row.file, row.line) for row in log.rejects.rows] == [("first.csv", 3)]
    assert [file.delimiter for file in log.rejects.files] == [",", "\t"]
    log = read_log({"shop": first, "web": second})
    assert rows(log) == [("u1", "i1", "shop"), ("u1", "i2", "web")]
    names = [write("item_id,title,size\na,,1\nb,B,2\n", "i.csv"),
             write("item_id,title,color\na,A,red\n", "j.csv")]  # fmt: skip
    catalog = read_catalog(names)
    assert catalog.title.tolist() == ["A", "B"]
    assert catalog.attributes["color"].tolist() == ["red", ""]
    np.testing.assert_array_equal(catalog.attributes["size"], [1, 2])


def test_files_that_tell_time_differently_are_refused(write):
    head = "user_id,item_id,timestamp\n"
    files = [write(head + "u,i,2024-01-01\n", "a.csv"), write(head + "u,i,3\n", "b.csv")]
    with pytest.raises(DataError, match=r"same kind of time.*a\.csv: clock; b\.csv: order"):
        read_log(files)


def test_policies_for_repeats(write):
    text = "user_id,item_id,event,rating\nu,i,buy,1\nu,j,buy,4\nu,i,buy,2\n"
    found = {policy: read_log(write(text), repeats=policy) for policy in ("first", "last", "sum")}
    weights = {policy: log.weight.tolist() for policy, log in found.items()}
    assert weights == {"first": [0.25, 1], "last": [1, 0.5], "sum": [0.75, 1]}
    assert {log.rejects.duplicates for log in found.values()} == {1}


def test_history_order_and_time_zone(write):
    text = ("user_id,item_id,timestamp\nb,i,2024-01-02 08:00\na,i,2024-01-03T00:00Z\n"
            "b,j,2024-01-01 08:00\n")  # fmt: skip
    log = read_log(write(text), order="history", zone="Asia/Shanghai")
    frame = log.to_frame()
    assert frame["item_id"].tolist() == ["j", "i", "i"]
    moments = pd.to_datetime(frame["timestamp"], unit="s").dt.strftime("%d %H").tolist()
    assert moments == ["01 00", "02 00", "03 00"]
    with pytest.raises(DataError, match="name of a time zone"):
        read_log(write(text), zone="Mars")


def test_lines_are_true_behind_quoted_line_breaks_in_both_ways_of_reading(write):
    text = 'user_id,item_id,rating\n"a\nb",i,1\nu,"i\r\n\r\n2",x\nv,i,0\nw,i\nx,i,3\n'
    log = read_log(write(text), max_rejects=0.9)
    assert [(row.line, row.reason) for row in log.rejects.rows] == [
        (4, "not a number"),
        (7, "not above 0"),
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
    log = read_log(write(text))
    assert told(log) == [
        (100_002, "rating", "good", "not a number"),
        (100_003, "timestamp", "2024-01-31", "is not a time between 1970 and 2100 like the others"),
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


def test_ordinal_time_is_accepted_and_said(write):
    log = read_log(write("user_id,item_id,timestamp\nu,a,0\nu,b,1\n"))
    assert log.time_kind is TimeKind.ORDER
    assert log.rejects.files[0].time == "positions, not clock times"


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
    assert rows(log) == ROWS


def test_a_limit_on_rejects_stops_with_an_explanation(write):
    text = HEAD + "u,i,a\n" * 9 + ",i,a\n"
    assert read_log(write(text), max_rejects=0.1).rejects.rejected == 1
    with pytest.raises(TooManyRejects, match=r"at most 5% bad rows in log\.csv.*1 x no user"):
        read_log(write(text), max_rejects=0.05)


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


def test_parquet_with_lists_dates_and_twin_names(tmp_path):
    table = pa.table(
        {"user_id": [1, 2], "ITEM_ID": ["a", None], "timestamp": [datetime(2024, 1, 1)] * 2}
    )
    pq.write_table(table, tmp_path / "log.parquet")
    log = read_log(tmp_path / "log.parquet")
    assert told(log) == [(2, "ITEM_ID", "", "no item")]
    assert log.time_kind is TimeKind.CLOCK


@settings(max_examples=60, deadline=None,
          suppress_health_check=[HealthCheck.function_scoped_fixture])  # fmt: skip
@given(st.data())
def test_a_damaged_file_of_any_kind_never_crashes(tmp_path, data):
    frame = pd.DataFrame({"user_id": ["u", "v"] * 9, "item_id": ["i"] * 18, "rating": range(1, 19)})
    contents = [frame.to_parquet(), workbook(), zipped(a=BASIC, b=JSONL), JSONL.encode(),
                gzip.compress(BASIC.encode()), BASIC.encode("utf-16")]  # fmt: skip
    content = bytearray(data.draw(st.sampled_from(contents)))
    at = data.draw(st.integers(0, len(content) - 1))
    content[at] ^= data.draw(st.sampled_from([0xFF, 0x01, 0x80]))
    path = tmp_path / "damaged"
    path.write_bytes(content)
    for read in (read_log, look):
        try:
            read(path)
        except CrossRecError:
            continue


def test_a_look_at_a_file_says_what_the_page_needs(write):
    values = [f"2024-01-0{at % 9 + 1},k{at},p{at * 3},{at % 5 + 1}" for at in range(40)]
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


def test_rejects_read_like_a_tuple_and_are_written_for_people(write, tmp_path):
    body = "".join(f"u{at},i,a\n" for at in range(9))
    rejects = read_log(write(HEAD + "=1+1\n,i,a\n" + body)).rejects.rows
    assert isinstance(rejects, RejectTable)
    assert (len(rejects), rejects[-1].line, len(rejects[:1])) == (2, 3, 1)
    assert rejects == tuple(rejects)
    rejects.write_csv(tmp_path / "rejects.csv")
    text = (tmp_path / "rejects.csv").read_text(encoding="utf-8-sig")
    assert "'=1+1" in text.splitlines()[1]


FAST = settings(
    max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
BROKEN = st.one_of(
    st.sampled_from(
        [
            "",
            "only",
            "a,b",
            'x,"open,a',
            'x,i"y,a',
            '"q"z,i,a',
            ",,",
            'x,"two\nlines",a',
            '"',
            "a,b,c,d",
        ]
    ),
    st.text(st.characters(codec="utf-8", exclude_characters="\0\r\n"), max_size=12),
)


@FAST
@given(st.lists(st.one_of(BROKEN, st.none()), min_size=1, max_size=25))
def test_no_good_row_is_lost_among_broken_ones(tmp_path, lines):
    """None stands for a good row."""
    path = tmp_path / "mixed.csv"
    good = [f"good{at}" for at, line in enumerate(lines) if line is None]
    text = [f"good{at},i,a" if line is None else line for at, line in enumerate(lines)]
    path.write_text(HEAD + "first,i,a\n" + "\n".join(text), encoding="utf-8", newline="")
    log = read_log(path, max_rejects=1)
    summary = log.rejects
    assert summary.read == len(log) + summary.rejected + summary.duplicates
    # Two quotation marks far apart may rightly hold what stands between them; one may not.
    if sum('"' in line for line in lines if line is not None) <= 1:
        assert set(good) <= set(log.users.ids)


@FAST
@given(st.lists(st.one_of(
    st.dictionaries(st.sampled_from(["user_id", "item_id", "rating", "x"]),
                    st.one_of(st.none(), st.text(max_size=4), st.integers(), st.floats(),
                              st.lists(st.text(max_size=3), max_size=2)), max_size=4)
    .map(lambda value: json.dumps(value)),
    st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=8),
    st.just('{"user_id": "u", "item_id": "i"}'),
), min_size=1, max_size=12))  # fmt: skip
def test_random_jsonl_never_crashes_and_every_row_is_accounted_for(tmp_path, lines):
    path = tmp_path / "random.jsonl"
    path.write_text("\n".join(['{"user_id": "u0", "item_id": "i0"}', *lines]), encoding="utf-8",
                    newline="")  # fmt: skip
    try:
        log = read_log(path, max_rejects=1)
    except CrossRecError:
        return
    summary = log.rejects
    assert summary.read == len(log) + summary.rejected + summary.duplicates


@FAST
@given(
    st.binary(max_size=200),
    st.sampled_from([b"PK\x03\x04", b"PAR1", b"\xff\xfe", b"{", b"\x1f\x8b\x08"]),
)
def test_random_bytes_of_every_kind_never_crash(tmp_path, content, magic):
    path = tmp_path / "random"
    path.write_bytes(magic + content)
    for read in (read_log, look):
        try:
            read(path)
        except CrossRecError:
            continue
