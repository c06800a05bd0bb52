"""How well neighbours agree with the labels a shop has: against chance, with an interval."""

import numpy as np
import pytest

from crossrec.data.catalog import Catalog
from crossrec.errors import DataError
from crossrec.language import compare_encoders, label_of, neighbour_quality
from crossrec.language.template import TextTemplate

from .conftest import FakeEncoder, catalog_of

RNG = np.random.default_rng(3)
KITCHEN, GARDEN = ["pan", "pot", "kettle", "whisk", "ladle"], ["hose", "rake", "spade", "mulch"]


def shop(n=120):
    kinds = ["kitchen" if row % 3 else "garden" for row in range(n)]
    words = [KITCHEN if kind == "kitchen" else GARDEN for kind in kinds]
    titles = [f"{' '.join(RNG.choice(group, 3))} {row}" for row, group in enumerate(words)]
    return catalog_of(titles, category=kinds)


def test_vectors_without_meaning_are_at_chance_and_planted_ones_at_one():
    labels = np.array(["a", "b", "c", "c"] * 250, dtype=object)
    noise = neighbour_quality(RNG.normal(size=(1000, 16)).astype(np.float32), labels)
    assert noise.low <= noise.chance + 0.01
    assert noise.high >= noise.chance - 0.01
    expected = (0.25 * 249 + 0.25 * 249 + 0.5 * 499) / 999
    assert noise.chance == pytest.approx(expected)
    planted = np.eye(3)[[0, 1, 2, 2] * 250] + 0.01 * RNG.normal(size=(1000, 3))
    found = neighbour_quality(planted.astype(np.float32), labels)
    assert (found.share, found.nearest, found.low, found.high) == (1, 1, 1, 1)
    assert (found.queries, found.k, found.dim) == (1000, 10, 3)


def test_queries_are_drawn_with_the_seed_and_items_without_text_or_label_left_out():
    vectors = RNG.normal(size=(300, 4)).astype(np.float32)
    vectors[:50] = 0
    labels = np.array((["a", "b"] * 150)[:280] + [""] * 20, dtype=object)
    found = neighbour_quality(vectors, labels, queries=100, seed=1)
    assert found == neighbour_quality(vectors, labels, queries=100, seed=1)
    assert found.queries == 100
    assert neighbour_quality(vectors, labels).queries == 230


def test_encoders_are_compared_on_the_same_items_with_the_first_as_measure():
    tfidf, bow, again = compare_encoders(shop(), ["tfidf", "bow", "tfidf", "word2vec"])
    assert [one.encoder for one in (tfidf, bow, again)] == ["tfidf", "bow", "word2vec"]
    assert (tfidf.gain, tfidf.gain_low, tfidf.gain_high) == (0, 0, 0)
    assert bow.gain == pytest.approx(bow.share - tfidf.share)
    assert bow.gain_low <= bow.gain <= bow.gain_high
    assert tfidf.share > tfidf.chance + 0.3


def test_the_label_is_not_in_the_text_and_twins_count_once(monkeypatch):
    fake = FakeEncoder()
    monkeypatch.setattr("crossrec.language.quality.chosen_encoder", lambda *_: fake)
    catalog = shop(40)
    catalog.title[1] = catalog.title[0]
    (found,) = compare_encoders(catalog, ["any"], template=TextTemplate(("title", "category")))
    assert not any("kitchen" in text or "garden" in text for text in fake.read)
    assert (found.queries, found.read) == (39, 39)
    (again,) = compare_encoders(catalog, ["any"])
    assert again.read == 0


def test_the_label_is_the_category_else_the_scenario():
    catalog = shop(40)
    assert label_of(catalog) == "category"
    listed = {"a": np.arange(20, dtype=np.int32), "b": np.arange(15, 40, dtype=np.int32)}
    plain = Catalog(catalog.items, catalog.title, catalog.text, listed)
    assert label_of(plain) == "scenario"
    found = compare_encoders(plain, ["tfidf"])[0]
    assert found.queries == 35  # five items stand in both
    with pytest.raises(DataError, match="belong together"):
        label_of(catalog_of(["a", "b"], category=["x", "y"]))
    with pytest.raises(DataError, match=r"'colour'.*There are: category"):
        compare_encoders(catalog, ["tfidf"], label="colour")


def test_too_little_to_judge_by_is_said():
    with pytest.raises(DataError, match="more than 10 items"):
        neighbour_quality(np.eye(5, dtype=np.float32), np.array(list("aabbb"), dtype=object))
