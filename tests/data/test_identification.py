"""Scenarios told from context: what can be learnt is found, what cannot is said."""

import numpy as np
import pandas as pd
import pytest

from crossrec.data import Catalog, IdMap
from crossrec.data.identification import assign, cluster, context_rows, identify
from crossrec.data.identification.context import baskets
from crossrec.data.identification.folds import NEW_BOTH, NEW_USERS, RANDOM_ROWS
from crossrec.data.identification.identify import (
    ALL_FEATURES,
    CONTEXT,
    FOREST,
    MAJORITY,
    SAME_ITEM,
    TREE,
)
from crossrec.data.identification.reading import read_context
from crossrec.errors import ColumnMissing, DataError

DAY = 86_400


def _rows(n: int = 1500, *, planted: bool, seed: int = 0) -> pd.DataFrame:
    """Scenario "work" by day on a desk, "home" in the evening on a phone; or by chance."""
    rng = np.random.default_rng(seed)
    home = rng.random(n) < 0.4
    item = rng.integers(0, 300, n)
    told = home if planted else rng.random(n) < 0.4
    noise = rng.random(n) < 0.1
    hour = np.where(told ^ noise, rng.integers(18, 24, n), rng.integers(8, 17, n))
    device = np.where(told ^ (rng.random(n) < 0.1), "phone", "desk")
    return pd.DataFrame(
        {
            "user_id": [f"u{u}" for u in rng.integers(0, 150, n)],
            "item_id": [f"i{i}" for i in item],
            "scenario": np.where(home, "home", "work"),
            "timestamp": 1_600_041_600 // DAY * DAY + rng.integers(0, 90, n) * DAY + hour * 3600,
            "device": device,
            "request": [f"r{i}" for i in range(n)],
        }
    )


def test_what_is_planted_is_found_and_put_in_words():
    frame = _rows(planted=True)
    before = frame.copy()
    rows = context_rows(frame)
    pd.testing.assert_frame_equal(frame, before)
    assert {feature.column for feature in rows.features} >= {
        "hour",
        "weekday",
        "basket size",
        "device",
    }
    assert "request" not in {feature.column for feature in rows.features}  # says nothing
    found = identify(rows)
    assert found.useful
    assert found.score(FOREST, ALL_FEATURES, NEW_BOTH) > 0.85
    assert found.score(TREE, ALL_FEATURES, NEW_BOTH) > 0.85
    assert found.score(MAJORITY, "none", NEW_BOTH) < 0.7
    assert found.importance["share"].sum() == pytest.approx(1)
    assert set(found.importance["column"][:2]) == {"hour", "device"}
    told = "\n".join(found.tree)
    assert "hour is 17 or" in told or "the device is" in told
    assert "home (" in told
    assert found.confusion.to_numpy().sum() == found.scores["rows"].min()
    assert found.confidence["share"].iloc[0] == 1
    assert found.giveaways == ()


def test_chance_is_called_chance():
    found = identify(context_rows(_rows(planted=False)))
    assert not found.useful
    scores = found.scores
    assert ((scores["low"] <= scores["accuracy"]) & (scores["accuracy"] <= scores["high"])).all()


def test_random_rows_flatter_and_are_marked_as_leak():
    """Item decides the scenario, and is known by its price alone: only memory helps."""
    rng = np.random.default_rng(2)
    n = 3000
    item = rng.integers(0, 200, n)
    side = rng.random(200) < 0.5
    frame = pd.DataFrame(
        {
            "user_id": [f"u{u}" for u in rng.integers(0, 300, n)],
            "item_id": [f"i{i}" for i in item],
            "scenario": np.where(side[item], "a", "b"),
        }
    )
    ids = IdMap([f"i{i}" for i in range(200)])
    empty = np.full(200, "", dtype=object)
    catalog = Catalog(ids, empty, empty, {}, {"price": rng.permutation(200) + 0.99})
    rows = context_rows(frame, catalog)
    found = identify(rows)
    assert found.score(FOREST, ALL_FEATURES, RANDOM_ROWS) > 0.9
    assert found.score(FOREST, ALL_FEATURES, NEW_BOTH) < 0.65
    assert found.score(SAME_ITEM, "item id", NEW_USERS) > 0.95
    assert not found.useful
    leaks = found.scores.set_index("folds")["leak"]
    assert leaks[RANDOM_ROWS].all()
    assert not leaks[NEW_BOTH].any()
    assert CONTEXT not in set(found.scores["features"])  # there is none but the item


def test_a_column_that_names_the_scenario_is_told():
    frame = _rows(planted=True)
    frame["page"] = frame["scenario"] + " page"
    assert identify(context_rows(frame)).giveaways == ("page",)
    assert identify(context_rows(frame, leave_out=["page"])).giveaways == ()


def test_rows_are_labelled_on_request_with_a_confidence():
    frame = _rows(planted=True)
    truth = frame["scenario"].to_numpy().copy()
    masked = np.random.default_rng(1).random(len(frame)) < 0.3
    frame.loc[masked, "scenario"] = ""
    rows = context_rows(frame)
    assert identify(rows).unlabelled == masked.sum()
    told = assign(rows)
    assert len(told) == len(frame)
    assert (told["how"] == "given").to_numpy().tolist() == (~masked).tolist()
    assert told.loc[~masked, "confidence"].eq(1).all()
    assert (told["scenario"].to_numpy() == truth)[masked].mean() > 0.8
    assert "same item" not in set(told["how"])  # items tell nothing here, though some agree
    sure = assign(rows, least=0.9)
    kept = masked & (sure["scenario"] != "").to_numpy()
    assert 0 < kept.sum() < masked.sum()
    assert (sure["scenario"].to_numpy() == truth)[kept].mean() >= (
        told["scenario"].to_numpy() == truth
    )[masked].mean()
    assert sure.loc[masked & ~kept, "how"].eq("").all()


def test_an_item_that_is_always_in_one_scenario_names_it():
    rng = np.random.default_rng(3)
    item = rng.integers(0, 20, 600)
    frame = pd.DataFrame(
        {
            "user_id": [f"u{u}" for u in rng.integers(0, 60, 600)],
            "item_id": [f"i{i}" for i in item],
            "scenario": np.where(item < 10, "a", "b"),
            "timestamp": np.arange(600) * 4000,
        }
    )
    truth = frame["scenario"].to_numpy().copy()
    frame.loc[::4, "scenario"] = None
    told = assign(context_rows(frame))
    assert (told["scenario"].to_numpy() == truth).all()
    assert set(told["how"]) == {"given", "same item"}
    assert (told["confidence"] == 1).all()


def test_texts_become_topics():
    words = {"a": "milk cheese butter cream yoghurt", "b": "shampoo soap toothpaste lotion razor"}
    rng = np.random.default_rng(4)
    ids = [f"i{n}" for n in range(160)]
    side = ["ab"[n % 2] for n in range(160)]
    titles = [" ".join(rng.choice(words[s].split(), 3)) for s in side]
    empty = np.full(160, "", dtype=object)
    catalog = Catalog(IdMap(ids), np.array(titles, dtype=object), empty)
    item = rng.integers(0, 160, 2000)
    frame = pd.DataFrame(
        {
            "user_id": [f"u{u}" for u in rng.integers(0, 200, 2000)],
            "item_id": [f"i{i}" for i in item],
            "scenario": [side[i] for i in item],
        }
    )
    found = identify(context_rows(frame, catalog))
    assert found.score(FOREST, ALL_FEATURES, NEW_BOTH) > 0.9
    assert "the topic is about" in "\n".join(found.tree)


def test_clusters_without_labels():
    frame = _rows(planted=True).drop(columns="scenario")
    frame["hour_of_shop"] = np.where(frame["device"] == "phone", 100.0, 0.0)
    found = cluster(context_rows(frame, leave_out=["timestamp"]), k=2)
    assert found.useful
    assert found.stability > 0.95
    groups = found.rows["scenario"].groupby(frame["device"]).nunique()
    assert groups.tolist() == [1, 1]
    assert found.about["rows"].sum() == len(frame)
    assert found.rows["confidence"].between(0, 1).all()
    assert len(cluster(context_rows(frame)).about) >= 2


def test_noise_has_no_stable_clusters():
    rng = np.random.default_rng(6)
    frame = pd.DataFrame(rng.random((400, 6)), columns=list("abcdef"))
    frame["user_id"], frame["item_id"] = "u", [f"i{n}" for n in range(400)]
    assert not cluster(context_rows(frame)).useful


def test_baskets_end_with_a_pause():
    user = np.array([0, 0, 0, 1, 0])
    seconds = np.array([0, 100, 5000, 100, 6000])
    found = baskets(user, seconds)
    assert found[0] == found[1]
    assert found[2] == found[4]
    assert len(set(found.tolist())) == 3


@pytest.mark.parametrize(
    ("change", "error", "said"),
    [
        (lambda frame: frame.drop(columns="user_id"), ColumnMissing, "user_id"),
        (lambda frame: frame.assign(scenario="one"), DataError, "two scenarios"),
        (lambda frame: frame.drop(columns="scenario"), DataError, "labelled rows"),
        (
            lambda frame: frame[["user_id", "item_id", "scenario"]],
            DataError,
            "to tell the scenario",
        ),
    ],
)
def test_what_cannot_be_identified_is_said(change, error, said):
    with pytest.raises(error, match=said):
        identify(context_rows(change(_rows(planted=True))))


def test_a_file_is_read_with_all_its_columns(tmp_path):
    path = tmp_path / "log.csv"
    path.write_text(
        "buyer,sku,surface,when,device,amount,note\n"
        "u1,i1,shop,2024-01-01 10:00,phone,3,x\n"
        "u2,,shop,2024-01-01 11:00,desk,4,\n"
        "u2,i2,,2024-01-02 12:00,desk,5,\n"
        "u3,i3,app,not a time,desk,5,\n"
        "u3,i3,app,2024-01-03 13:00,tablet,,y\n",
        encoding="utf-8",
    )
    file = read_context(
        path, {"user_id": "buyer", "item_id": "sku", "scenario": "surface", "timestamp": "when"}
    )
    assert file.left_out == 2
    assert file.rows["scenario"].tolist() == ["shop", "", "app"]
    assert file.rows["timestamp"].tolist() == [1704103200, 1704196800, 1704286800]
    assert file.rows["device"].tolist() == ["phone", "desk", "tablet"]
    assert list(file.cells.columns) == [
        "buyer",
        "sku",
        "surface",
        "when",
        "device",
        "amount",
        "note",
    ]
    numbers = [name for name in file.rows if file.rows[name].dtype.kind == "f"]
    assert numbers == ["amount"]
    path.write_text("user_id,item_id\nu1,\n,i2\n", encoding="utf-8")
    with pytest.raises(DataError, match="expected rows"):
        read_context(path)
