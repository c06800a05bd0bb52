"""Lists worth showing: rules hold, variety costs what it says, figures mean what they say."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crossrec.data.catalog import Catalog
from crossrec.data.history import Histories
from crossrec.data.ids import IdMap
from crossrec.data.space import ItemSpace
from crossrec.errors import DataError, UnknownId
from crossrec.language.table import FeatureTable
from crossrec.lists import NO_CATEGORY, Rules, Shelf, list_figures, rerank

N = 30


@pytest.fixture(scope="module")
def shelf() -> Shelf:
    """Thirty items of five categories in three groups of like vectors; every tenth is a double."""
    rng = np.random.default_rng(0)
    group = np.arange(N) % 3
    vectors = np.eye(3, 6)[group] + 0.1 * rng.normal(size=(N, 6))
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    product = np.arange(N)
    product[[10, 20]] = 0
    return Shelf(
        0,
        np.array([f"i{at}" for at in range(N)], dtype=object),
        vectors.astype(np.float32),
        np.where(np.arange(N) == 29, NO_CATEGORY, np.arange(N) % 5),
        tuple("abcde"),
        product,
        (product,),
        np.linspace(0.5, 0.0, N),
    )


SCORES = np.linspace(3, 0, N).astype(np.float32)
ORDER = np.arange(N)


def test_without_variety_and_rules_the_order_stays(shelf):
    plain = rerank(SCORES, ORDER, shelf, 12, rules=Rules(no_doubles=False))
    assert plain.tolist() == list(range(12))
    assert rerank(SCORES, ORDER, shelf, 12).tolist() == [*range(10), 11, 12]


@settings(max_examples=80, deadline=None)
@given(
    variety=st.floats(0, 1),
    calibration=st.sampled_from([0.0, 0.5, 1.0]),
    k=st.integers(1, 15),
    most=st.none() | st.integers(1, 4),
    pinned=st.lists(st.integers(0, N - 1), max_size=3, unique=True),
    excluded=st.sets(st.integers(0, N - 1), max_size=5),
    left_out=st.sets(st.integers(0, N - 1), max_size=10),
)
def test_rules_hold_whatever_variety_is_asked(
    shelf, variety, calibration, k, most, pinned, excluded, left_out
):
    excluded -= set(pinned)
    rules = Rules(tuple(f"i{at}" for at in pinned), frozenset(f"i{at}" for at in excluded), most)
    order = np.array([at for at in ORDER if at not in left_out], dtype=np.int64)
    found = rerank(
        SCORES,
        order,
        shelf,
        k,
        variety=variety,
        rules=rules,
        pool=5,
        mix=np.full(5, 0.2),
        calibration=calibration,
    )
    assert len(set(found.tolist())) == len(found) <= k
    assert not excluded & set(found.tolist())
    kept = [at for n, at in enumerate(pinned)
            if shelf.product[at] not in {shelf.product[p] for p in pinned[:n]}][:k]  # fmt: skip
    assert found[: len(kept)].tolist() == kept
    assert set(found[len(kept) :].tolist()) <= set(order.tolist())
    assert len(set(shelf.product[found].tolist())) == len(found)
    if most is not None:
        kinds = shelf.category[found[len(kept) :]]
        assert all((kinds == kind).sum() <= most for kind in range(5))
    if len(found) < k:  # nothing else was allowed
        for at in set(order.tolist()) - set(found.tolist()) - excluded:
            double = shelf.product[at] in shelf.product[found]
            kind = shelf.category[at]
            full = most is not None and kind >= 0 and (shelf.category[found] == kind).sum() >= most
            assert double or full


def test_more_variety_is_more_diverse_and_less_relevant(shelf):
    order = np.argsort(ORDER % 3, kind="stable")  # ten like items lead
    scores = np.empty(N, dtype=np.float32)
    scores[order] = SCORES
    lists = [rerank(scores, order, shelf, 6, variety=v) for v in (0, 0.5, 1.0)]
    diverse = [list_figures(found, shelf, users=100).diversity for found in lists]
    relevant = [scores[found].sum() for found in lists]
    assert diverse[0] < diverse[1] <= diverse[2]
    assert relevant[0] > relevant[1] >= relevant[2]
    assert all(found[0] == 0 for found in lists)  # the best item leads while relevance counts


def test_a_list_is_brought_to_the_mix_of_the_history(shelf):
    history = np.array([4, 9, 14, 19, 3])  # four of "e", one of "d"
    mix = shelf.mix(history)
    assert mix.tolist() == [0, 0, 0, 0.2, 0.8]
    off = []
    for calibration in (0.0, 0.5, 1.0):
        found = rerank(SCORES, ORDER, shelf, 5, mix=mix, calibration=calibration)
        off.append(list_figures(found, shelf, users=100, history=history).calibration)
    assert off[0] >= off[1] >= off[2]
    assert off[2] == pytest.approx(0)
    same = rerank(SCORES, ORDER, shelf, 5, mix=np.zeros(5), calibration=1.0)
    assert same.tolist() == rerank(SCORES, ORDER, shelf, 5).tolist()  # nothing is known to aim at
    with pytest.raises(DataError, match="calibration"):
        rerank(SCORES, ORDER, shelf, 5, mix=mix, calibration=2.0)


def test_of_two_pins_of_one_product_the_first_stands(shelf):
    rules = Rules(pinned=("i10", "i0", "i5"))
    assert rerank(SCORES, ORDER, shelf, 4, rules=rules).tolist() == [10, 5, 1, 2]


def test_what_the_user_has_under_another_id_is_no_news(shelf):
    known = np.array([0, 10, 20])
    assert 0 not in rerank(SCORES, ORDER, shelf, 5, known=known)
    rules = Rules(no_doubles=False)
    assert rerank(SCORES, ORDER, shelf, 1, known=known, rules=rules).tolist() == [0]


@pytest.mark.parametrize("variety", [-0.1, 1.1, float("nan")])
def test_a_variety_outside_its_range_is_refused(shelf, variety):
    with pytest.raises(DataError, match="variety"):
        rerank(SCORES, ORDER, shelf, 5, variety=variety)


def test_rules_survive_json_and_refuse_nonsense():
    rules = Rules(("a", "b"), frozenset({"c"}), 2, no_doubles=False)
    assert Rules.from_dict(rules.to_dict()) == rules
    assert Rules.from_dict({}) == Rules()
    for values in ({"pinned": "abc"}, {"most_per_category": "many"}, {"excluded": 3}):
        with pytest.raises(DataError, match="rules"):
            Rules.from_dict(values)
    with pytest.raises(DataError, match="both"):
        Rules(("a",), frozenset({"a"}))
    with pytest.raises(DataError, match="category"):
        Rules(most_per_category=0)


def test_figures_by_hand():
    vectors = np.array([[1, 0], [0, 1], [1, 0], [0, 0]], dtype=np.float32)
    shelf = Shelf(
        0,
        np.array(list("wxyz"), dtype=object),
        vectors,
        np.array([0, 1, 0, NO_CATEGORY]),
        ("p", "q"),
        np.arange(4),
        (np.arange(4),),
        np.array([0.5, 0.25, 0.125, 0.0]),
    )
    found = list_figures(
        np.array([0, 1]), shelf, users=8, history=np.array([2]), relevant=np.array([1])
    )
    assert found.diversity == pytest.approx(1)  # at right angles
    assert found.novelty == pytest.approx((1 + 2) / 2)
    assert found.serendipity == pytest.approx(0.5)  # one hit of two places, unlike the history
    assert found.categories == 2
    # half p, half q against all p: (KL(list|mid) + KL(history|mid)) / 2, mid = 3/4, 1/4
    left = 0.5 * np.log2(0.5 / 0.75) + 0.5 * np.log2(0.5 / 0.25)
    assert found.calibration == pytest.approx((left + np.log2(1 / 0.75)) / 2)
    same = list_figures(np.array([0]), shelf, users=8, history=np.array([2]))
    assert same.calibration == 0
    assert np.isnan(same.diversity)
    assert np.isnan(same.serendipity)
    nobody = list_figures(np.array([3]), shelf, users=8)
    assert nobody.novelty == pytest.approx(4)  # as if half a user had it
    assert np.isnan(nobody.calibration)
    empty = list_figures(np.zeros(0, dtype=np.int64), shelf, users=8)
    assert np.isnan(empty.novelty)


def test_a_shelf_knows_products_across_scenarios():
    items = IdMap(["b1", "b2", "b3", "f1", "f2"])
    space = ItemSpace(items, IdMap(["books", "films"]), (np.array([0, 1, 2]), np.array([3, 4])))
    catalog = Catalog(
        items,
        title=np.array(["The Long Walk", "the long-walk!", "Dune", "Another", "Third one"], object),
        text=np.array([""] * 5, dtype=object),
        attributes={"category": np.array(["war", "", "sand", "war", "war"], dtype=object)},
    )
    features = FeatureTable(items, np.eye(5, dtype=np.float32), "fake", "1", "f")
    histories = Histories.of([("u", "films", "f1", 1.0), ("v", "books", "b3", 1.0)], space)
    shelf = Shelf.of(
        space, "books", histories=histories, catalog=catalog, features=features,
        twins=[("b3", "f1"), ("b3", "gone")],
    )  # fmt: skip
    assert shelf.product[0] == shelf.product[1] != shelf.product[2]
    assert shelf.categories == ("sand", "war")
    assert shelf.category.tolist() == [1, NO_CATEGORY, 0]
    assert shelf.popularity.tolist() == [0, 0, 0.5]
    assert np.allclose(np.linalg.norm(shelf.vectors, axis=1), 1)
    assert shelf.known_products(histories.take(np.array([0]))).tolist() == [2]
    alone = Shelf.of(space, "films", histories=histories)
    assert alone.categories == ()
    assert not alone.vectors.any()
    with pytest.raises(UnknownId):
        Shelf.of(space, "musik", histories=histories)
