"""However ids and words are written, a log means the same: same rows, same codes, same split."""

import random
import unicodedata

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from crossrec.data import read_log
from crossrec.data.audit.rules import audit
from crossrec.data.split.cutting import split
from crossrec.schema import EVENT, ITEM, SCENARIO, USER
from tests.data.files import FAST

IDS = (USER, ITEM)
EVENTS = ("view", "add to cart", "purchase", "return")


def _log(seed: int, *, words: bool = False) -> pd.DataFrame:
    """Rows of 25 users and 15 items; ids are whole numbers, or words with accents."""
    draw = random.Random(seed)
    name = "é{}ü" if words else "{}"
    rows = [
        (name.format(draw.randint(1, 25)), name.format(draw.randint(1, 15)), draw.choice("ab"),
         draw.choice(EVENTS), 1_700_000_000 + 3_600 * at)
        for at in range(200)
    ]  # fmt: skip
    rows += rows[:40]
    rows += [("NA", "1", "a", "view", 1_700_000_000), ("1", "", "b", "view", 1_700_000_000)]
    return pd.DataFrame(rows, columns=[USER, ITEM, SCENARIO, EVENT, "timestamp"])


def _some(change, draw, share=0.5):
    """A change of some values of a column, as a function of the frame."""

    def changed(frame, columns):
        return frame.assign(
            **{
                name: [change(text) if draw.random() < share else text for text in frame[name]]
                for name in columns
            }
        )

    return changed


def _meaning(path, frame):
    """Codes, counts and split of a log; what its ids are called is left out."""
    frame.to_csv(path, index=False)
    log = read_log(path)
    found = {one.rule: one.count for one in audit(log).findings if one.rule != "merged_names"}
    columns = (log.user, log.item, log.scenario, log.weight, log.time)
    events = [(one.rows, one.weight, one.kind) for one in log.rejects.signals]
    counts = (log.rejects.read, log.rejects.rejected, log.rejects.duplicates, events)
    parts = split(log)
    held = [np.stack([part.user, part.item]) for part in (parts.train, parts.valid, parts.test)]
    return log, parts.hash, (*columns, *held), counts, found


def _assert_same(tmp_path, one, other, *, names=True):
    first, second = _meaning(tmp_path / "one.csv", one), _meaning(tmp_path / "other.csv", other)
    for left, right in zip(first[2], second[2], strict=True):
        np.testing.assert_array_equal(left, right)
    assert first[3:] == second[3:]
    if names:
        assert (first[0].users, first[0].items) == (second[0].users, second[0].items)
        assert first[1] == second[1]


def _number(text):
    return f"{text}.0" if text.isdigit() else text


def _upper(text):
    return text.upper().replace(" ", "_")


def _wide(text):
    return f"\u00a0{text}\u3000 "


@FAST
@given(st.integers(0, 10_000))
@pytest.mark.parametrize(
    ("change", "columns"),
    [(_number, IDS), (_wide, (*IDS, SCENARIO, EVENT)), (_upper, (EVENT,))],
    ids=["decimals", "space", "case"],
)
def test_writing_some_cells_otherwise_changes_nothing(tmp_path, change, columns, seed):
    frame = _log(seed)
    _assert_same(tmp_path, frame, _some(change, random.Random(seed))(frame, columns))


@FAST
@given(st.integers(0, 10_000))
def test_letters_with_accents_may_be_written_in_two_ways(tmp_path, seed):
    frame = _log(seed, words=True)
    apart = _some(lambda text: unicodedata.normalize("NFD", text), random.Random(seed))
    _assert_same(tmp_path, frame, apart(frame, IDS))


@FAST
@given(st.integers(0, 10_000), st.sampled_from(["x", "用户", "a:", "0-"]))
def test_ids_with_something_before_them_mean_the_same(tmp_path, seed, prefix):
    frame = _log(seed)
    named = _some(
        lambda text: prefix + text if text not in ("", "NA") else text, random.Random(0), 1
    )
    _assert_same(tmp_path, frame, named(frame, IDS), names=False)
