"""Further views of items: their words, and their attributes."""

import numpy as np
import pytest
from scipy import sparse

from crossrec.data.catalog import Catalog
from crossrec.data.ids import IdMap
from crossrec.errors import DataError
from crossrec.language.table import FeatureTable
from crossrec.language.tfidf import reduced
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
    catalog = Catalog(
        IdMap(list("abcdef")), titles, text(*[""] * 6), attributes={"kind": text(*"xxxyyy")}
    )
    views = item_views(catalog, list(titles))
    assert set(views) == {"words", "attributes"}
    words = reduced(sparse.csr_array(views["words"]))
    assert np.allclose(words[2], words[3])
    assert words[2] @ words[4] > words[2] @ words[5]


def test_a_table_gives_rows_of_its_views_and_zeros_for_strangers():
    dense = np.arange(6, dtype=np.float32).reshape(3, 2)
    table = FeatureTable(
        IdMap(list("abc")), dense, "fake", "", "f",
        {"dense": dense, "sparse": sparse.csr_array(dense)},
    )  # fmt: skip
    ids = np.array(["c", "nobody", "a"], dtype=object)
    expected = np.array([[4, 5], [0, 0], [0, 1]], dtype=np.float32)
    assert np.array_equal(table.view("dense", ids), expected)
    assert np.array_equal(table.view("sparse", ids).toarray(), expected)


def test_a_view_of_other_items_is_refused():
    dense = np.zeros((3, 2), dtype=np.float32)
    with pytest.raises(DataError, match="expected vectors of shape"):
        FeatureTable(IdMap(list("abc")), dense, "fake", "", "f", {"words": dense[:2]})
