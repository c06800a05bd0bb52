"""Whatever a file holds: no crash, no good row lost, every row accounted for."""

import gzip
import json

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from crossrec.data import read_catalog, read_log, read_users
from crossrec.data.reading.preview import look
from crossrec.errors import CrossRecError, TooManyRejects
from tests.data.files import BASIC, FAST, HEAD, JSONL, triples, workbook, zipped


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
    assert summary.read == (
        len(log) + summary.exposures + summary.negatives + summary.rejected + summary.duplicates
    )
    assert np.all(log.weight > 0)
    assert np.all(log.weight <= 1)
    assert min(log.user.min(), log.item.min(), log.scenario.min()) >= 0
    if quoted:
        assert summary.read >= len(rows)


@FAST
@given(st.lists(st.tuples(*[st.sampled_from(["", "1", "2", "x"])] * 4), min_size=1, max_size=20))
def test_reading_agrees_with_a_plain_loop(tmp_path, rows):
    path = tmp_path / "plain.csv"
    frame = pd.DataFrame(rows, columns=["user_id", "item_id", "scenario", "quantity"])
    frame.to_csv(path, index=False)
    kept, bad = {}, 0
    for line, (user, item, place, _) in enumerate(rows, start=2):
        if not (user and item and place):
            bad += 1
        else:
            kept.setdefault((user, item, place), line)
    if bad == len(rows):
        with pytest.raises(TooManyRejects):
            read_log(path, {"timestamp": ""}, max_rejects=1)
        return
    log = read_log(path, max_rejects=1)
    assert triples(log) == list(kept)
    assert log.rejects.rejected == bad


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
    assert summary.read == (
        len(log) + summary.exposures + summary.negatives + summary.rejected + summary.duplicates
    )
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
    assert summary.read == (
        len(log) + summary.exposures + summary.negatives + summary.rejected + summary.duplicates
    )


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
