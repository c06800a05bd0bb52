"""Further views of items: their words, and their attributes."""

import numpy as np
import pytest

from crossrec.data.catalog import Catalog
from crossrec.data.ids import IdMap
from crossrec.errors import DataError
from crossrec.language.table import FeatureTable
from crossrec.language.views import attribute_vectors, item_views


def text(*values: str) -> np.ndarray:
    return np.array(values, dtype=object)


def test_a_value_that_several_items_share_is_one_column():
    colour = text("red", "red", "blue", "", "red", "blue", "blue", "green")
    vectors = attribute_vectors({"colour": colour}, 8)
    assert vectors.shape == (8, 2)  # green is the value of one item only
    assert vectors.sum() == 6
    assert np.array_equal(vectors[0], vectors[4])
    assert not vectors[3].any()


def test_numbers_become_five_groups_and_missing_ones_none():
    price = np.array([*np.arange(1.0, 51.0), np.nan])
    vectors = attribute_vectors({"price": price}, 51)
    assert vectors.shape == (51, 5)
    assert np.all(vectors[:50].sum(1) == 1)
    assert not vectors[50].any()
    assert np.all(vectors.sum(0) == 10)


def test_names_and_constants_are_no_attributes():
    n = 1000
    columns = {"sku": text(*(f"s{i}" for i in range(n))), "shop": text(*["one"] * n)}
    assert attribute_vectors(columns, n).shape == (n, 0)


def test_views_of_a_catalogue():
    titles = text("dark chocolate", "dark coffee", "green tea", "green tea", "black tea", "mug")
    columns = {"kind": text(*"xxxyyy")}
    catalog = Catalog(IdMap(list("abcdef")), titles, text(*[""] * 6), attributes=columns)
    assert item_views(catalog)["attributes"].shape == (6, 2)
    plain = Catalog(IdMap(list("abcdef")), titles, text(*[""] * 6))
    assert item_views(plain) == {}


def test_a_table_gives_rows_of_its_views_and_zeros_for_strangers():
    dense = np.arange(6, dtype=np.float32).reshape(3, 2)
    table = FeatureTable(IdMap(list("abc")), dense, "fake", "", "f", {"dense": dense})
    assert table.view("dense", np.array(["c", "x"])).tolist() == [[4, 5], [0, 0]]


def test_views_that_do_not_fit_are_refused():
    dense = np.arange(6, dtype=np.float32).reshape(3, 2)
    with pytest.raises(DataError, match="shape"):
        FeatureTable(IdMap(list("abc")), dense, "fake", "", "f", {"other": dense[:2]})
