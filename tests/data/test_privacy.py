"""Pseudonyms, bands and small groups."""

import os
import stat
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from crossrec.data import IdMap, Reject, RejectSummary, UserTable
from crossrec.data.log import FileFacts, InteractionLog, ReaderNote
from crossrec.data.phrases import phrase
from crossrec.data.privacy.naming import pseudonymise_columns
from crossrec.data.privacy.plan import (
    KEY_ENVIRONMENT,
    WITHHELD,
    PrivacyPlan,
    PseudonymKey,
    coarsen,
    group_sizes,
    hide_small,
    load_key,
    parse_bands,
    pseudonymise_log,
    pseudonymise_users,
    shown_groups,
    withheld_rejects,
)
from crossrec.errors import ColumnMissing, DataError, WorkspaceError

KEY = PseudonymKey(b"k" * 32)


@pytest.fixture(autouse=True)
def _no_key_outside(monkeypatch):
    monkeypatch.delenv(KEY_ENVIRONMENT, raising=False)


def test_notes_of_the_reader_name_no_user():
    note = ReaderNote("damaged_ids", "user_id", 1, ({"value": "7.65612E+16", "rows": 9},), 0.5)
    kept = ReaderNote("merged_names", "scenario", 1, ({"name": "A", "as": "a", "rows": 1},))
    frame = pd.DataFrame({"user_id": ["u"], "item_id": ["i"], "scenario": ["a"]})
    log = InteractionLog.from_frame(frame, rejects=RejectSummary(notes=(note, kept)))
    assert pseudonymise_log(log, KEY).rejects.notes == (replace(note, examples=()), kept)


def test_log_and_profiles_still_meet_and_nothing_of_the_ids_is_left(small_log):
    row = Reject("log.csv", 3, "user_id", "u001", "no item")
    log = replace(small_log, rejects=RejectSummary(9, (row,)))
    users = UserTable(IdMap(["u001", "u000"]), {"age": np.array([1.0, 2.0])})
    hidden, profiles = pseudonymise_log(log, KEY), pseudonymise_users(users, KEY)
    assert set(hidden.users.ids).isdisjoint(log.users.ids)
    assert (
        hidden.users.codes(profiles.users.ids).tolist() == log.users.codes(users.users.ids).tolist()
    )
    assert np.array_equal(hidden.user, log.user)
    assert hidden.rejects.rejected == 1
    assert "u001" not in str([*hidden.rejects.rows])
    assert log.users.ids[0] == "u000"
    again, other = pseudonymise_log(log, KEY), pseudonymise_log(log, PseudonymKey(b"x" * 32))
    assert again.users == hidden.users
    assert set(other.users.ids).isdisjoint(hidden.users.ids)


def test_the_key_is_made_once_for_its_owner_alone(tmp_path):
    path = tmp_path / "keys" / "key"
    made = load_key(path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert load_key(path).check == made.check
    assert made.secret.decode() not in repr(made)
    path.chmod(0o644)
    with pytest.raises(WorkspaceError, match="chmod 600"):
        load_key(path)


def test_the_environment_goes_first_and_a_short_key_is_refused(tmp_path, monkeypatch):
    monkeypatch.setenv(KEY_ENVIRONMENT, "a key that is long enough")
    assert load_key(tmp_path / "key").secret == b"a key that is long enough"
    assert not (tmp_path / "key").exists()
    monkeypatch.setenv(KEY_ENVIRONMENT, "short")
    with pytest.raises(DataError, match="at least 16 bytes"):
        load_key(tmp_path / "key")


@pytest.mark.skipif(os.name != "posix", reason="needs a folder in the place of a file")
def test_a_key_that_cannot_be_read(tmp_path):
    (tmp_path / "key").mkdir(mode=0o700)
    with pytest.raises(WorkspaceError, match="key file"):
        load_key(tmp_path / "key")


def test_columns_are_dropped_and_banded():
    users = UserTable(
        IdMap(list("abcd")),
        {"age": np.array([17, 18, 70, np.nan]), "name": np.array(list("wxyz"), dtype=object)},
    )
    found = coarsen(users, PrivacyPlan(drop=("name",), band={"age": (18, 65)}))
    assert {name: column.tolist() for name, column in found.attributes.items()} == {
        "age": ["<18", "18 to <65", ">=65", ""]
    }
    assert "name" in users.attributes
    with pytest.raises(ColumnMissing, match="'nome'"):
        coarsen(users, PrivacyPlan(drop=("nome",)))
    with pytest.raises(DataError, match="expected numbers"):
        coarsen(users, PrivacyPlan(band={"name": (1,)}))


def test_bands_as_text():
    assert parse_bands("age=18/35.5, income=1000") == {"age": (18, 35.5), "income": (1000,)}
    for wrong in ("age", "age=", "=3", "age=x", "age=1/nan"):
        with pytest.raises(DataError, match="bands like"):
            parse_bands(wrong)
    with pytest.raises(DataError, match="ascending"):
        PrivacyPlan(band=parse_bands("age=35/18"))


@given(st.dictionaries(st.text(min_size=1, max_size=3), st.integers(1, 30)), st.integers(1, 12))
def test_no_small_group_is_shown_and_none_can_be_told_from_the_total(counts, least):
    shown = shown_groups(counts, least)
    assert all(size >= least for size in shown.values())
    rest = sum(counts.values()) - sum(shown.values())
    assert rest == 0 or (not shown and rest < least)


def test_small_groups_in_tables():
    users = UserTable(
        IdMap(map(str, range(13))), {"city": np.array([*"aaaaaabbbbcc", ""], dtype=object)}
    )
    assert group_sizes(users, "city", least=5).to_dict("records") == [
        {"group": "a", "users": 6},
        {"group": "other", "users": 6},
    ]
    table = pd.DataFrame({"cohort": ["x", "y"], "n": [3, 50], "value": [0.1, 0.2]})
    hidden = hide_small(table, "n", ("value",))
    assert hidden.isna().to_numpy().tolist() == [[False, True, True], [False, False, False]]
    assert table["n"].tolist() == [3, 50]


def test_a_column_that_repeats_the_ids_is_replaced_too():
    """Also as numbers; ages and categories that equal somebody's number by chance stay."""
    key = PseudonymKey(b"k" * 32)
    numbers = [str(70_000_000_000 + at) for at in range(20)]
    table = UserTable(
        IdMap(numbers),
        {
            "uid": np.array(numbers, dtype=float),
            "again": np.array(numbers, dtype=object),
            "group": np.array(["1", "2"] * 10, dtype=object),
            "age": np.arange(20.0),
        },
    )
    users = IdMap([*numbers, "1", "2"])
    hidden = pseudonymise_columns(table, users, key)
    names = [key.pseudonym(one) for one in numbers]
    assert hidden.attributes["uid"].tolist() == names
    assert hidden.attributes["again"].tolist() == names
    assert hidden.attributes["group"].tolist() == ["1", "2"] * 10
    assert hidden.attributes["age"].tolist() == list(range(20))


def test_reasons_and_notes_quote_nothing():
    rows = [Reject("a.csv", at, "", "anna", reason) for at, reason in enumerate(
        [phrase("width", found=3, width=4), phrase("no_user"), "anna is no number"])]  # fmt: skip
    skipped = FileFacts("b.csv", note=phrase("not_read", error="found 'anna'"), skipped=True)
    told = withheld_rejects(
        RejectSummary(9, rows, files=(skipped, FileFacts("a.csv", note="kept")))
    )
    assert [row.reason for row in told.rows] == [rows[0].reason, rows[1].reason, WITHHELD]
    assert "anna" not in str([*told.rows, *told.files])
    assert told.files[1].note == "kept"
    assert len(withheld_rejects(RejectSummary()).rows) == 0
