"""In whatever form a log comes, its rows say the same: same counts of each kind, same split."""

import io
import json
import random
import zipfile

import numpy as np
import pandas as pd
from hypothesis import given
from hypothesis import strategies as st

from crossrec.data import read_log
from crossrec.data.reading.report import reading_report
from crossrec.data.split.cutting import split
from crossrec.schema import EVENT, ITEM, RATING, SCENARIO, TIME, USER
from tests.data.files import FAST, workbook

WORDS = {
    "": ("{}", "{}"), "latin": ("José{}", "café{}"), "chinese": ("用户{}", "商品{}"),
}  # fmt: skip
FORMS = ("click", "event", "rating", "quantity", "reaction")


def frame_of(seed, *, form, words=""):
    """A log of every kind of row: clicks or not, events, ratings, returns, reactions."""
    draw = random.Random(seed)
    user, item = WORDS[words]
    column, values = {
        "click": ("is_click", ("0", "1", "1")),
        "event": (EVENT, ("view", "buy", "impression", "dislike")),
        "rating": (RATING, tuple("12345")),
        "quantity": ("quantity", ("1", "2", "-1")),
        "reaction": ("reaction", ("like", "dislike", "love")),
    }[form]
    rows = [
        (user.format(draw.randint(1, 20)), item.format(draw.randint(1, 12)), draw.choice("ab"),
         draw.choice(values), str(1_700_000_000 + 3_600 * at))
        for at in range(150)
    ]  # fmt: skip
    rows += [rows[at] for at in draw.sample(range(150), 20)]
    rows += [("NA", *rows[0][1:]), (rows[1][0], "", *rows[1][2:])]
    return pd.DataFrame(rows, columns=[USER, ITEM, SCENARIO, column, TIME])


def said_of(path):
    """Counts, signals by kind, dislikes and the hash of the split, which knows rows by ids."""
    log = read_log(path)
    report = reading_report(log)
    signals = {}
    for each in report["signals"]:
        key = (each["column"], each["value"].casefold().replace(" ", "_"), str(each["kind"]))
        signals[key] = signals.get(key, 0) + each["rows"]
    kinds = [
        sorted(map(tuple, rows.to_frame().round(5).astype(str).to_numpy()))
        for rows in (log, log.exposures, log.negatives)
        if rows is not None
    ]
    return report["counts"], signals, kinds, split(log).hash


def _csv(frame, encoding="utf-8", mark=",", **options):
    return frame.to_csv(index=False, sep=mark, **options).encode(encoding)


def _jsonl(frame):
    return "".join(json.dumps(row) + "\n" for row in frame.to_dict("records")).encode()


def _parquet(frame):
    buffer = io.BytesIO()
    frame.astype({USER: "category"}).to_parquet(buffer)
    return buffer.getvalue()


def _sheet(frame):
    return workbook([list(frame.columns), *frame.to_numpy().tolist()])


def _pieces(frame):
    """Two files of one archive."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as file:
        for at, part in enumerate((frame[:70], frame[70:])):
            file.writestr(f"log_{at}.csv", _csv(part))
    return buffer.getvalue()


WAYS = {
    "utf-16.csv": lambda frame: _csv(frame, "utf-16"),
    "semicolon.csv": lambda frame: _csv(frame, mark=";"),
    "tab.tsv": lambda frame: _csv(frame, mark="\t"),
    "pipe.txt": lambda frame: _csv(frame, mark="|"),
    "returns.csv": lambda frame: _csv(frame, lineterminator="\r\n"),
    "quoted.csv": lambda frame: _csv(frame, quoting=1),
    "rows.jsonl": _jsonl,
    "list.json": lambda frame: json.dumps(frame.to_dict("records")).encode(),
    "rows.parquet": _parquet,
    "book.xlsx": _sheet,
    "pieces.zip": _pieces,
}


@FAST
@given(seed=st.integers(0, 10_000), form=st.sampled_from(FORMS), way=st.sampled_from([*WAYS]))
def test_the_form_of_a_file_changes_nothing(tmp_path, seed, form, way):
    frame = frame_of(seed, form=form)
    plain, other = tmp_path / "plain.csv", tmp_path / way
    plain.write_bytes(_csv(frame))
    other.write_bytes(WAYS[way](frame))
    assert said_of(plain) == said_of(other)


@FAST
@given(
    seed=st.integers(0, 10_000),
    form=st.sampled_from(FORMS),
    encoded=st.sampled_from(
        [("latin", "cp1252"), ("latin", "utf-16"), ("chinese", "gb18030"), ("chinese", "utf-16")]
    ),
)
def test_the_encoding_changes_nothing(tmp_path, seed, form, encoded):
    words, encoding = encoded
    frame = frame_of(seed, form=form, words=words)
    plain, other = tmp_path / "plain.csv", tmp_path / "other.csv"
    plain.write_bytes(_csv(frame))
    other.write_bytes(_csv(frame, encoding))
    assert said_of(plain) == said_of(other)


@FAST
@given(seed=st.integers(0, 10_000), form=st.sampled_from(FORMS))
def test_the_order_of_rows_changes_nothing(tmp_path, seed, form):
    """Exact repeats are equal, so it does not matter which of them stays."""
    frame = frame_of(seed, form=form)
    plain, other = tmp_path / "plain.csv", tmp_path / "other.csv"
    plain.write_bytes(_csv(frame))
    other.write_bytes(_csv(frame.sample(frac=1, random_state=seed % 2**31)))
    assert said_of(plain) == said_of(other)


@FAST
@given(seed=st.integers(0, 10_000), form=st.sampled_from(FORMS))
def test_how_words_and_numbers_are_written_changes_nothing(tmp_path, seed, form):
    """``1.0`` for 1, ``BUY`` for buy, ``ID.0`` for ids, in some of the cells."""
    frame, draw = frame_of(seed, form=form), random.Random(seed)
    changed = frame.copy()
    column = frame.columns[3]
    written = {
        "0": "0.0", "1": "1.0", "-1": "-1.00", "2": "2.0", "3": "3.0", "buy": "BUY",
        "view": "View", "like": "Like ", "love": "LOVE", "dislike": "DISLIKE",
    }  # fmt: skip
    changed[column] = [
        written.get(text, text) if draw.random() < 0.5 else text for text in frame[column]
    ]
    for name in (USER, ITEM):
        changed[name] = [
            f"{text}.0" if text.isdigit() and draw.random() < 0.5 else text for text in frame[name]
        ]
    plain, other = tmp_path / "plain.csv", tmp_path / "other.csv"
    plain.write_bytes(_csv(frame))
    other.write_bytes(_csv(changed))
    first, second = said_of(plain), said_of(other)
    assert first[0] == second[0]
    assert first[2:] == second[2:]
    assert _by_kind(first[1]) == _by_kind(second[1])


def _by_kind(signals):
    kinds = {}
    for (_, _, kind), rows in signals.items():
        kinds[kind] = kinds.get(kind, 0) + rows
    return kinds


@FAST
@given(seed=st.integers(0, 10_000), form=st.sampled_from(FORMS))
def test_what_stands_before_ids_changes_no_count(tmp_path, seed, form):
    frame = frame_of(seed, form=form)
    named = frame.assign(
        **{
            name: [text if text in ("", "NA") else f"用户-{text}" for text in frame[name]]
            for name in (USER, ITEM)
        }
    )
    plain, other = tmp_path / "plain.csv", tmp_path / "other.csv"
    plain.write_bytes(_csv(frame))
    other.write_bytes(_csv(named))
    first, second = read_log(plain), read_log(other)
    assert reading_report(first)["counts"] == reading_report(second)["counts"]
    for one, two in zip(_rows(first), _rows(second), strict=True):
        np.testing.assert_array_equal(one, two)


def _rows(log):
    parts = split(log)
    return [
        np.stack([part.user, part.item, part.scenario])
        for part in (log, log.negatives, log.exposures, parts.train, parts.valid, parts.test)
        if part is not None
    ]
