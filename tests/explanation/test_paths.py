"""Shared attributes between a history and an item."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from crossrec.data.catalog import Catalog
from crossrec.data.ids import IdMap
from crossrec.explanation import (
    ATTRIBUTE_COLUMNS,
    PATH_COLUMNS,
    ItemAttributes,
    attribute_paths,
    contributions,
    rank,
)


@pytest.fixture
def told(small_model, reader):
    item = str(rank(small_model, reader, "films").item_ids[0])
    return contributions(small_model, reader, "me", "films", item)


def test_paths_lead_over_shared_attributes(told, small_catalog):
    attributes = ItemAttributes.of_catalog(small_catalog)
    found = attribute_paths(told, attributes)
    assert list(found.columns) == list(PATH_COLUMNS)
    assert len(found)
    kinds = dict(zip(small_catalog.items.ids, small_catalog.attributes["category"], strict=True))
    amounts = told.contributions.set_index("item_id")["amount"]
    for path in found.to_dict("records"):
        assert path["target_item_id"] == told.item_id
        assert kinds[path["item_id"]] == kinds[told.item_id] == path["value"]
        assert path["amount"] == pytest.approx(amounts[path["item_id"]])
        assert path["amount"] > 0
        assert path["holders"] == list(kinds.values()).count(path["value"])
        assert 0 <= path["strength"] <= path["share"] <= 1
    assert found["strength"].is_monotonic_decreasing
    assert len(attribute_paths(told, attributes, most=1)) == 1


def test_the_strongest_of_many_paths_are_found_without_looking_at_all(monkeypatch, told):
    """A long history is cut short as soon as nothing stronger can come."""
    rng = np.random.default_rng(0)
    n = 300
    items = [f"h{at}" for at in range(n)]
    amounts = rng.pareto(1.0, n) * rng.choice([1, 1, -1], n)
    table = pd.DataFrame({"source_scenario": "books", "item_id": items, "amount": amounts})
    many = replace(told, contributions=table)
    known = Catalog(
        IdMap([*items, told.item_id]),
        title=np.array([""] * (n + 1), dtype=object),
        text=np.array([""] * (n + 1), dtype=object),
        attributes={
            "kind": np.array([f"kind {at % 7}" for at in range(n + 1)], dtype=object),
            "mood": np.array([f"mood {at % 5}" for at in range(n + 1)], dtype=object),
        },
    )
    attributes = ItemAttributes.of_catalog(known)
    everything = attribute_paths(many, attributes, most=10_000)
    assert len(everything) == everything["item_id"].isin(items).sum() > 50
    looked: list[int] = []
    rows = ItemAttributes.of
    monkeypatch.setattr(
        ItemAttributes,
        "of",
        lambda one, ids: looked.append(len(ids := list(ids))) or rows(one, ids),
    )
    few = attribute_paths(many, attributes, most=3)
    assert sum(looked) < n / 2
    pd.testing.assert_frame_equal(few, everything.head(3))


def test_cells_may_hold_several_values():
    catalog = Catalog(
        IdMap(["a", "b", "c", "d"]),
        title=np.array([""] * 4, dtype=object),
        text=np.array([""] * 4, dtype=object),
        attributes={
            "genre": np.array(["Drama | Comedy", "Drama", "", "Comedy | Drama"], dtype=object),
            "isbn": np.array(["1", "2", "3", "4"], dtype=object),
            "same": np.array(["x"] * 4, dtype=object),
            "price": np.arange(4.0),
        },
    )
    found = ItemAttributes.of_catalog(catalog)
    assert list(found.table.columns) == list(ATTRIBUTE_COLUMNS)
    assert set(found.table["attribute"]) == {"genre"}  # no names, no constants, no numbers
    assert found.holders("genre", "Drama") == 3
    assert found.holders("genre", "Horror") == 0
    assert list(found.of(["d", "nobody", "d"])["value"]) == ["Comedy", "Drama"]


def test_what_a_model_read_links_where_it_is_sure(told, small_catalog):
    nearest = told.contributions["item_id"].iloc[0]
    read = pd.DataFrame(
        {
            "item_id": [nearest, told.item_id, nearest, told.item_id],
            "facet": ["mood", "mood", "use", "use"],
            "value": ["calm", "calm", "gift", "gift"],
            "confidence": [0.8, 0.5, 0.9, 0.3],
        }
    )
    attributes = ItemAttributes.of_catalog(small_catalog, columns=[]).with_read(read)
    found = attribute_paths(told, attributes)
    assert list(found["attribute"]) == ["mood"]
    assert found["confidence"].iloc[0] == pytest.approx(0.4)
    assert found["evidence"].iloc[0] == found["target_evidence"].iloc[0] == "read"


def test_without_attributes_there_is_no_path(told, small_catalog):
    nothing = ItemAttributes.of_catalog(small_catalog, columns=[])
    found = attribute_paths(told, nothing)
    assert list(found.columns) == list(PATH_COLUMNS)
    assert not len(found)
