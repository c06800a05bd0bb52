"""Min-hash and twins: exact where found, nearly complete, silent where likeness proves nothing."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import sparse

from bench.audit import planted, rates
from crossrec.data import Catalog, IdMap, InteractionLog
from crossrec.data.audit.facts import Facts
from crossrec.data.audit.similar import CROWD, similar_sets
from crossrec.data.audit.titles import title_key
from crossrec.data.audit.twins import find_twins


def _sets(members: list[set[int]], width: int) -> sparse.csr_array:
    dense = np.zeros((len(members), width), dtype=np.int8)
    for row, own in enumerate(members):
        dense[row, sorted(own)] = 1
    return sparse.csr_array(dense)


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.sets(st.integers(0, 30), max_size=12), min_size=1, max_size=25),
    st.sampled_from([0.5, 0.7, 1.0]),
    st.integers(1, 4),
)
def test_what_is_found_is_true_and_equal_sets_are_always_found(members, threshold, least):
    found = similar_sets(_sets(members, 31), threshold=threshold, least=least)
    pairs = set(zip(found.first.tolist(), found.second.tolist(), strict=True))
    assert len(pairs) == len(found)
    for one, other, common, jaccard in zip(
        found.first, found.second, found.common, found.jaccard, strict=True
    ):
        assert one < other
        both, either = members[one] & members[other], members[one] | members[other]
        assert (common, jaccard) == (len(both), pytest.approx(len(both) / len(either)))
        assert common >= least
        assert jaccard >= threshold
    for one in range(len(members)):
        for other in range(one + 1, len(members)):
            if members[one] == members[other] and len(members[one]) >= least:
                assert (one, other) in pairs


def test_similar_sets_are_found_nearly_always():
    rng = np.random.default_rng(0)
    members: list[set[int]] = []
    for _ in range(400):
        own = set(rng.choice(5000, 20, replace=False).tolist())
        copy = set(list(own)[:16]) | set(rng.choice(5000, 2).tolist())
        members += [own, copy]
    found = similar_sets(_sets(members, 5000), threshold=0.5, least=4)
    pairs = set(zip(found.first.tolist(), found.second.tolist(), strict=True))
    planted_pairs = {(2 * n, 2 * n + 1) for n in range(400)}
    assert pairs <= planted_pairs
    assert len(pairs) >= 0.98 * 400


def test_groups_keep_pairs_apart_and_crowds_are_no_twins():
    same = [set(range(10))] * 4
    found = similar_sets(_sets(same, 10), threshold=1, least=1, group=np.array([0, 0, 1, 1]))
    assert len(found) == 4
    crowd = [set(range(10))] * (CROWD + 1)
    assert not len(similar_sets(_sets(crowd, 10), threshold=1, least=1))
    assert not len(similar_sets(_sets([set(), set()], 10), threshold=1, least=0))


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("The Long Walk", "the long-walk!", True),
        ("Crème brûlée, 4 Pack", "CREME BRULEE 4-pack", True),
        ("ＦＵＬＬ ＷＩＤＴＨ", "full width", True),
        ("The Prophet", "A Prophet", False),
        ("East of Eden", "Eden of the East", False),
        ("Batteries, pack of 2", "Batteries, pack of 12", False),
        ("ガラスの仮面完全版", "カラスの仮面完全版", False),
        ("北京烤鸭预制菜", "北京烤鸭 预制菜", True),
    ],
)
def test_titles(one, other, same):
    assert (title_key(one) == title_key(other)) is same


def test_short_titles_mean_nothing():
    assert title_key("A b") == title_key("--") == ""


@pytest.mark.parametrize("titles", [False, True])
def test_planted_twins_are_found(titles):
    log, catalog, truth = planted(200_000, 20_000, 10_000, 3, 300, seed=4)
    found = find_twins(Facts(log), catalog if titles else None)
    n, precision, recall = rates(found, log.items.ids, truth)
    assert n > 0
    assert precision >= 0.95
    assert recall >= 0.95
    assert np.all(found.scenario != found.twin_scenario)
    assert np.all(found.item != found.twin)


def test_the_title_of_a_kind_is_not_that_of_a_product():
    rows = [(f"u{n % 30}", f"{s}{n % 20}", s) for n in range(400) for s in "ab"]
    log = InteractionLog.from_frame(pd.DataFrame(rows, columns=["user_id", "item_id", "scenario"]))
    titles = [
        "Gift card" if name in {"a1", "a2", "a3", "b1"} else f"Thing {name}"
        for name in log.items.ids
    ]
    titles = [
        "Blue kettle" if name in {"a7", "b9"} else t
        for name, t in zip(log.items.ids, titles, strict=True)
    ]
    empty = np.full(len(titles), "", dtype=object)
    catalog = Catalog(IdMap(log.items.ids), np.array(titles, dtype=object), empty)
    found = find_twins(Facts(log), catalog)
    assert found.id_pairs(log.items.ids) == (("a7", "b9"),)
    assert not found.by_users.any()


def test_active_users_meet_by_chance_and_everybody_in_saturated_data():
    rng = np.random.default_rng(1)
    rows = [
        (f"u{u}", f"{s}{i}", s)
        for s in "ab"
        for u in range(25)
        for i in range(12)
        if rng.random() < 0.45
    ]
    rows += [
        (f"v{u}", f"{s}{i}", s)
        for s in "cd"
        for u in range(25)
        for i in range(12)
        if rng.random() < 0.97
    ]
    log = InteractionLog.from_frame(pd.DataFrame(rows, columns=["user_id", "item_id", "scenario"]))
    assert not len(find_twins(Facts(log)))
