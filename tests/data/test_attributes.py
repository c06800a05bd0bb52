"""What stands in the cells of a catalogue: several values, markup, prices."""

import json

import numpy as np
import pytest

from crossrec.data import read_catalog, read_users
from crossrec.data.reading.many import split_column
from crossrec.data.reading.markup import plain
from crossrec.data.reading.prices import prices
from crossrec.data.values import values_of
from crossrec.explanation import ItemAttributes
from crossrec.language.attributes import stated_attributes
from crossrec.language.views import attribute_vectors


def column(*cells):
    return np.array(cells, dtype=object)


@pytest.mark.parametrize(
    ("cells", "expected"),
    [
        (("Comedy|Drama", "Drama", "War|Comedy", ""), "Comedy | Drama, Drama, War | Comedy, "),
        (("a; b", "b;c", "a"), "a | b, b | c, a"),
        (("科幻、动作", "动作", "科幻"), "科幻 | 动作, 动作, 科幻"),
        (("red,blue", "red", "blue, green", "green"), "red | blue, red, blue | green, green"),
        (("[Tea, Hot drinks]", "[Tea]", "[]"), "Tea | Hot drinks, Tea, "),
        (("['Tea', 'Cake']", '["Cake"]', ""), "Tea | Cake, Cake, "),
        (("[['Beauty', 'Face']]", "[['Beauty']]"), "Beauty | Face, Beauty"),
        (("a|a|b", "b"), "a | b, b"),
        (("剧情 / 爱情", "爱情", "剧情"), "剧情 | 爱情, 爱情, 剧情"),
        (("剧情，爱情", "爱情", "剧情"), "剧情 | 爱情, 爱情, 剧情"),
        (("Home > Tea", "Home > Cups", "Home"), "Home | Tea, Home | Cups, Home"),
        (('[{"id": 1, "name": "War"}, {"name": "Art"}]', "[]"), "War | Art, "),
    ],
)  # fmt: skip
def test_columns_of_several_values(cells, expected):
    assert ", ".join(split_column(column(*cells))) == expected


@pytest.mark.parametrize(
    "cells",
    [
        ("AC|DC", "Nike", "Puma"),
        ("Doe, John", "Doe, Jane", "Roe, Max", "Smith, John"),
        ("Nice, soft and light.", "Light, soft.", "Good"),
        ("12,5", "13,5", "12,7"),
        ("{'a': 1}", "{'a': 2}"),
        ("A/B", "A", "B"),
    ],
)
def test_columns_of_one_value_stay_as_they_are(cells):
    assert split_column(column(*cells)).tolist() == list(cells)


def test_a_value_never_turns_into_several():
    assert values_of(split_column(column("Nike | Sport", "Puma"))[0]) == ["Nike|Sport"]
    assert values_of("") == values_of(1.5) == []


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('<span id="productTitle">Tea Brew</span>', "Tea Brew"),
        ("Cup &amp; Saucer &quot;Blue&quot; 1", 'Cup & Saucer "Blue" 1'),
        ("It&#39;s <b>nice</b>", "It's nice"),
        ("<p>One</p><p>Two<br/>Three</p>", "One Two Three"),
        ("Tom &amp;amp; Jerry", "Tom & Jerry"),
        ("x<script>if (a < b) {}</script>y", "x y"),
        *[(same, same) for same in ("a < b", "I <3 you", "AT&T", "R&D; x", "x<y>z")],
    ],
)  # fmt: skip
def test_markup_is_taken_out_and_nothing_else(text, expected):
    assert plain(text) == expected


@pytest.mark.parametrize(
    ("cell", "price"),
    [
        ("$1,299.00", 1299), ("€ 12,99", 12.99), ("12.99 USD", 12.99), ("¥1299", 1299),
        ("1.299,00 €", 1299), ("1 299,00", 1299), ("1,299", 1299), ("12,5", 12.5), ("9.99元", 9.99),
        ("$10 - $20", 10), ("10~20元", 10), ("from 9.99", 9.99), ("free", 0), ("12.99", 12.99),
    ],
)  # fmt: skip
def test_prices(cell, price):
    assert prices(column(cell)).tolist() == [price]


@pytest.mark.parametrize("none", ["—", "-", "N/A", "", "sold out"])
def test_no_prices(write, none):
    catalog = read_catalog(write(f"item_id,price\na,$5.00\nb,{none}\nc,12.99 USD\n"))
    np.testing.assert_array_equal(catalog.attributes["price"], [5, np.nan, 12.99])


def test_a_column_of_words_is_none_of_prices(write):
    catalog = read_catalog(write("item_id,price\na,low\nb,high\nc,5\n"))
    assert catalog.attributes["price"].tolist() == ["low", "high", "5"]


FILMS = "item_id,title,category,brand\n" + "".join(
    f"{at},Film {at} a|b,{kind},AC|DC {at}\n"
    for at, kind in enumerate(["Comedy|Drama", "Drama", "Comedy", "Comedy|Drama", "Drama"])
)


def test_every_reader_of_attributes_counts_each_value(write):
    catalog = read_catalog(write(FILMS))
    assert catalog.title[0] == "Film 0 a|b"
    assert catalog.attributes["brand"][0] == "AC|DC 0"
    stated = stated_attributes(catalog)
    assert stated.groupby("value").size().to_dict() == {"Comedy": 3, "Drama": 4}
    shared = ItemAttributes.of_catalog(catalog, ["category"])
    assert (shared.holders("category", "Comedy"), shared.holders("category", "Drama")) == (3, 4)
    kinds = attribute_vectors({"category": catalog.attributes["category"]}, len(catalog))
    assert sorted(kinds.sum(axis=0).tolist()) == [3, 4]


def test_lists_of_json_are_values_in_attributes_and_sentences_in_texts(write):
    item = {"item_id": "a", "title": "A &amp; B", "description": ["One.", "Two."],
            "tags": ["x", "y"], "path": [["p", "q"]]}  # fmt: skip
    catalog = read_catalog(write(json.dumps(item) + "\n"))
    assert (catalog.title[0], catalog.text[0]) == ("A & B", "One.. Two.")
    assert values_of(catalog.attributes["tags"][0]) == ["x", "y"]
    assert values_of(catalog.attributes["path"][0]) == ["p", "q"]


def test_profiles_hold_several_values_too(write):
    users = read_users(write("user_id,likes\nu,tea;cake\nv,tea\nw,cake;jam\n"))
    assert users.attributes["likes"].tolist() == ["tea | cake", "tea", "cake | jam"]
