"""What people say of recommendations: kept, taken back, exported, and heard by the model."""

import json
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from crossrec.cli import main
from crossrec.data.history import Histories
from crossrec.data.log import InteractionLog, TimeKind
from crossrec.data.split.cutting import split
from crossrec.errors import DataError, UnknownId, WorkspaceError
from crossrec.evaluation.metrics import ndcg
from crossrec.transfer.model import TransferModel
from crossrec.transfer.recommender import top_k
from crossrec.workspace import Workspace
from crossrec.workspace.agreement import agreement
from crossrec.workspace.feedback import (
    Feedback,
    FeedbackStore,
    Verdict,
    data_set_of,
    to_frame,
    with_events,
)


@pytest.fixture
def store(tmp_path) -> FeedbackStore:
    return FeedbackStore(Workspace(tmp_path / "workspace"))


def said(
    verdict: Verdict | str,
    user="u000",
    item="b00",
    scenario="books",
    *,
    project="shop",
    rank: int | None = None,
    reason="",
) -> Feedback:
    return Feedback(
        0, 0, project, "run-1", user, scenario, item, Verdict(verdict), reason, rank,
        None if rank is None else 100,
    )  # fmt: skip


def test_without_any_entry_no_file_is_made(store):
    assert store.entries() == []
    assert store.events().empty
    assert not store.path.exists()


def test_entries_are_stored_with_time_run_and_user(store):
    kept = store.add(said("like", reason="  =HYPERLINK(1)\n good "))
    (found,) = store.entries(project="shop", user="u000")
    assert found == kept
    assert (found.run, found.user, found.reason) == ("run-1", "u000", "=HYPERLINK(1) good")
    assert found.time > 1_700_000_000
    assert store.entries(project="other") == []
    assert store.entries(run="run-2") == []


def test_the_newest_entry_counts_until_it_is_taken_back(store):
    store.add(said("like"))
    second = store.add(said("dislike"))
    assert [one.verdict for one in store.entries()] == [Verdict.DISLIKE]
    assert store.undo(second.id) == second
    assert [one.verdict for one in store.entries()] == [Verdict.LIKE]
    with pytest.raises(UnknownId):
        store.undo(second.id)


def test_deleting_leaves_no_trace_of_the_item(store):
    store.add(said("like"))
    second = store.add(said("dislike"))
    other = store.add(said("like", item="b01"))
    store.undo(second.id)
    third = store.add(said("not_interested", reason="too loud"))
    assert store.delete(third.id) == third
    assert store.entries() == [other]
    assert b"too loud" not in store.path.read_bytes()
    with pytest.raises(UnknownId):
        store.delete(third.id)


def test_data_sets_do_not_hear_of_each_other(store):
    one, two = (data_set_of({"interactions": {"file": "log.csv", "sha256": x}}) for x in "ab")
    again = data_set_of(
        {"interactions": {"file": "b.csv", "sha256": "a"}, "items": {"file": "i", "sha256": "c"}}
    )
    assert one == again != two
    assert data_set_of({"items": {"file": "i", "sha256": "c"}}) == ""
    store.add(replace(said("like"), data=one))
    store.add(replace(said("dislike"), data=two))  # the same ids; neither hides the other
    assert [row[3] for row in store.rows(project="shop", data=one)] == [1.0]
    assert [row[3] for row in store.rows(project="shop", data=two)] == [-1.0]
    assert store.events(data=two)["event"].tolist() == ["dislike"]
    assert store.events(data=two)["data_set"].tolist() == [two]


def test_bad_entries_are_refused(store):
    with pytest.raises(DataError, match="expected the item"):
        store.add(said("like", item=""))
    with pytest.raises(DataError, match="UTF-8"):
        store.add(said("like", item="\ud800"))
    with pytest.raises(ValueError, match="maybe"):
        said("maybe")


def test_a_damaged_file_is_a_sentence(store):
    store.path.parent.mkdir(parents=True)
    store.path.write_bytes(b"not a database" * 100)
    with pytest.raises(WorkspaceError, match="expected a feedback file"):
        store.entries()


def test_a_newer_file_is_refused(store):
    import sqlite3

    store.add(said("like"))
    connection = sqlite3.connect(store.path)
    connection.execute("PRAGMA user_version=9")
    connection.commit()
    connection.close()
    with pytest.raises(WorkspaceError, match="version 9"):
        store.entries()


def test_rows_take_the_item_out_of_the_list_and_move_the_rest(store, small_model, small_split):
    histories = small_split.histories()
    one = histories.take(np.array([0]))
    user = str(one.users.ids[0])
    before = small_model.recommend(user, "books", 10, histories=one)
    for item, verdict in zip(
        before.item_ids[:3], ("like", "dislike", "not_interested"), strict=True
    ):
        store.add(said(verdict, user=user, item=str(item)))
    changed = one.with_rows(store.rows(project="shop", user=user), small_model.space_)
    after = small_model.recommend(user, "books", 10, histories=changed)
    assert not set(before.item_ids[:3]) & set(after.item_ids)
    common = set(before.item_ids) & set(after.item_ids)
    was = dict(zip(before.item_ids, before.scores, strict=True))
    now = dict(zip(after.item_ids, after.scores, strict=True))
    assert any(abs(was[item] - now[item]) > 1e-4 for item in common)


def test_likes_on_hidden_items_raise_ndcg(store, small_model, small_split):
    """Simulated feedback of people nobody knows: half of what they want is liked, half judged."""
    space, rng = small_model.space_, np.random.default_rng(0)
    hidden = Histories.from_log(small_split.test, space)
    books = hidden.by_scenario[0]
    users = np.flatnonzero(np.diff(books.indptr) >= 4)
    assert len(users) >= 20
    wanted = []
    for row in users:
        liked, rest = np.array_split(rng.permutation(books[[row]].indices), 2)
        wanted.append(set(rest.tolist()))
        for item in liked:
            store.add(said("like", user=str(hidden.users.ids[row]), item=space.ids(0)[item]))
    heard = Histories.of(store.rows(project="shop"), space)
    empty = heard.without(0)
    values = {}
    for name, histories in (("before", empty), ("after", heard)):  # in neither list: liked items
        lists = top_k(small_model.scores(histories, 0), heard, 0, 10)[0]
        hits = np.array(
            [[item in rest for item in row] for row, rest in zip(lists, wanted, strict=True)]
        )
        values[name] = ndcg(hits, np.array([len(rest) for rest in wanted]), 10).mean()
    assert values["after"] > values["before"] + 0.05


def test_feedback_enters_the_next_training(store, small_log, small_features):
    first = small_log.to_frame().iloc[0]
    user, item = first["user_id"], first["item_id"]
    store.add(said("dislike", user=user, item=item, scenario=first["scenario"]))
    store.add(said("like", user="new user", item="b05"))
    store.add(said("like", user=user, item="gone", scenario="books"))
    before = small_log.to_frame()
    log = with_events(small_log, store.events(project="shop"))
    pd.testing.assert_frame_equal(small_log.to_frame(), before)
    frame = log.to_frame()
    gone = (before["user_id"] == user) & (before["item_id"] == item)
    assert len(frame) == len(before) - gone.sum() + 1
    assert not ((frame["user_id"] == user) & (frame["item_id"] == item)).any()
    assert frame.iloc[-1][["user_id", "item_id", "weight"]].tolist() == ["new user", "b05", 1.0]
    assert frame["timestamp"].iloc[-1] == store.entries(user="new user")[0].time
    model = TransferModel(seed=1, transfer=False).fit(split(log, seed=1), small_features)
    assert "new user" in log.users
    assert len(model.space_) == 2


@given(
    st.lists(
        st.tuples(st.sampled_from(["a", "b", "c"]), st.sampled_from(["x", "y"]), st.booleans()),
        max_size=12,
    )
)
def test_the_last_word_on_an_item_is_what_training_hears(words):
    rows = [("a", "x", "s", 1), ("a", "y", "s", 2), ("b", "x", "s", 3)]
    names = ["user_id", "item_id", "scenario", "timestamp"]
    log = InteractionLog.from_frame(pd.DataFrame(rows, columns=names), time_kind=TimeKind.ORDER)
    events = pd.DataFrame(
        [(user, item, "s", "", float(liked), 5) for user, item, liked in words],
        columns=["user_id", "item_id", "scenario", "event", "weight", "timestamp"],
    )
    found = with_events(log, events).to_frame()
    expected = {(user, item) for user, item, *_ in rows}
    for user, item, liked in words:
        expected = expected | {(user, item)} if liked else expected - {(user, item)}
    assert set(zip(found["user_id"], found["item_id"], strict=True)) == expected
    assert not found.duplicated(["user_id", "item_id"]).any()
    if any(liked for *_, liked in words) and len(found) and expected:
        assert found["timestamp"].is_monotonic_increasing


def test_agreement_counts_pairs():
    entries = [
        said("like", item="a", rank=1),
        said("like", item="b", rank=51),
        said("dislike", item="c", rank=11),
        said("not_interested", item="d", scenario="films", rank=1),
        said("like", item="e"),
    ]
    table = agreement(entries).set_index("scenario")
    assert table.loc["books", ["like", "dislike", "not_interested"]].tolist() == [3, 1, 0]
    assert table.loc["books", "liked_place"] == pytest.approx(0.25)
    assert table.loc["books", "agreement"] == 0.5
    assert np.isnan(table.loc["films", "agreement"])
    assert table.loc["", "dislike"] == 1
    assert agreement([])["like"].tolist() == [0]


def test_export_for_people_and_for_programs(store, tmp_path, capsys):
    store.add(said("like", item="=cmd()", reason="@sum", rank=3))
    store.add(said("dislike", item="b01"))
    where = ["--workspace", str(store.path.parents[1])]
    sheet, data, events = (tmp_path / name for name in ("f.csv", "f.json", "events.csv"))
    for out in (sheet, data):
        assert main(["feedback", "export", *where, "--out", str(out)]) == 0
    assert main(["feedback", "export", *where, "--events", "--out", str(events)]) == 0
    assert "'=cmd()" in sheet.read_text("utf-8-sig")
    assert [row["item_id"] for row in json.loads(data.read_text("utf-8"))] == ["=cmd()", "b01"]
    rows = pd.read_csv(events)
    assert rows["item_id"].tolist() == ["=cmd()", "b01"]
    assert rows["event"].tolist() == ["like", "dislike"]
    assert rows["weight"].tolist() == [1.0, 0.0]
    assert main(["feedback", "show", *where]) == 0
    assert "books" in capsys.readouterr().out
    assert main(["feedback", "export", *where, "--out", str(tmp_path / "f.txt")]) == 1
    assert "expected a file that ends in" in capsys.readouterr().err


def test_the_table_of_nothing_has_its_columns():
    assert {"time", "verdict", "reason"} <= set(to_frame([]).columns)
