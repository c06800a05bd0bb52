"""Layout, mixing and the map of a run, on small made-up vectors."""

import numpy as np
import pytest

from crossrec.data.history import Histories
from crossrec.data.space import ItemSpace
from crossrec.language.table import FeatureTable
from crossrec.projection import (
    cluster_words,
    clusters_of,
    mixing_score,
    project,
    project_run,
)

COLUMNS = ["scenario", "x", "y", "count", "x3", "y3", "z3", "cluster"]

pytestmark = pytest.mark.timeout(300)  # the first layout compiles


def clusters(n: int, k: int, *, d: int = 16, spread: float = 0.05, seed: int = 0):
    """n vectors around k far centres, and the centre of each."""
    rng = np.random.default_rng(seed)
    centres = np.eye(d)[:k]
    label = np.arange(n) % k
    return (centres[label] + rng.normal(0, spread, (n, d))).astype(np.float32), label


def test_layout_keeps_clusters_and_is_seeded():
    vectors, label = clusters(240, 4)
    plane = project(vectors, seed=3)
    assert plane.xy.shape == (240, 2)
    assert plane.xy.dtype == np.float32
    centre = np.stack([plane.xy[label == c].mean(0) for c in range(4)])
    nearest = ((plane.xy[:, None] - centre) ** 2).sum(-1).argmin(1)
    assert (nearest == label).mean() > 0.98
    assert 0.3 < plane.neighbour_preservation <= 1
    assert np.array_equal(project(vectors, seed=3).xy, plane.xy)


def test_sample_is_laid_out_and_others_are_placed_among_it(monkeypatch):
    monkeypatch.setattr("crossrec.projection.layout.FIT_LIMIT", 100)
    vectors, label = clusters(300, 3)
    plane = project(vectors, seed=1)
    centre = np.stack([plane.xy[label == c].mean(0) for c in range(3)])
    nearest = ((plane.xy[:, None] - centre) ** 2).sum(-1).argmin(1)
    assert (nearest == label).mean() > 0.95


@pytest.mark.parametrize("n", [0, 1, 2, 3, 9, 10, 12])
def test_tiny_inputs_are_drawn(n):
    vectors = np.random.default_rng(0).normal(size=(n, 4)).astype(np.float32)
    plane = project(vectors)
    assert plane.xy.shape == (n, 2)
    assert np.isfinite(plane.xy).all()
    assert np.isnan(plane.neighbour_preservation) == (n < 3)


@pytest.mark.parametrize("value", [0.0, 1.0])
def test_equal_vectors_share_one_place(value):
    plane = project(np.full((50, 8), value, dtype=np.float32))
    assert plane.xy.shape == (50, 2)
    assert len(np.unique(plane.xy, axis=0)) == 1
    assert np.isnan(plane.neighbour_preservation)


def test_repeated_vectors_share_a_place_and_zero_rows_are_drawn():
    vectors, _ = clusters(60, 3)
    vectors = np.concatenate([vectors, vectors * 2.5, np.zeros((40, 16), np.float32)])
    plane = project(vectors)
    assert np.isfinite(plane.xy).all()
    # equal up to the last bits, so a rare one falls beside its twin
    assert (plane.xy[:60] == plane.xy[60:120]).all(axis=1).mean() > 0.9
    assert len(np.unique(plane.xy[120:], axis=0)) == 1


def test_progress_is_told_in_the_map_phase():
    told = []
    project(np.eye(5, dtype=np.float32), progress=lambda *a: told.append(a))
    assert {phase for phase, *_ in told} == {"map"}
    assert told[-1][1:3] == (5, 5)


def test_mixing_of_apart_and_of_mixed_scenarios():
    vectors, label = clusters(300, 2)
    apart = mixing_score(vectors, label)
    assert apart.share < 0.02
    assert apart.chance == pytest.approx(150 / 299)
    mixed = mixing_score(vectors, np.random.default_rng(1).integers(0, 2, 300))
    assert mixed.low < mixed.chance < mixed.high
    assert mixed.low < mixed.share < mixed.high


def test_mixing_does_not_depend_on_file_order_among_equals():
    """All vectors equal: neighbours are arbitrary, so the share must be that of chance."""
    label = np.repeat([0, 1], 150)
    mixing = mixing_score(np.ones((300, 4), np.float32), label)
    assert mixing.share == pytest.approx(mixing.chance, abs=0.12)


def test_mixing_of_one_scenario_and_of_nothing():
    one = mixing_score(np.eye(20, dtype=np.float32), np.zeros(20))
    assert (one.share, one.chance) == (0, 0)
    assert np.isnan(mixing_score(np.zeros((1, 3)), np.array(["a"])).share)


def test_space_is_laid_out_beside_the_plane_and_does_not_change_it():
    vectors, label = clusters(120, 3)
    both, flat = project(vectors, seed=2, space=True), project(vectors, seed=2)
    assert flat.xyz is None
    assert np.array_equal(both.xy, flat.xy)
    assert both.xyz is not None
    assert both.xyz.shape == (120, 3)
    centre = np.stack([both.xyz[label == c].mean(0) for c in range(3)])
    nearest = ((both.xyz[:, None] - centre) ** 2).sum(-1).argmin(1)
    assert (nearest == label).mean() > 0.95


@pytest.mark.parametrize("n", [0, 1, 3, 12])
def test_tiny_inputs_have_a_place_in_space(n):
    vectors = np.random.default_rng(0).normal(size=(n, 2)).astype(np.float32)
    found = project(vectors, space=True)
    assert found.xyz is not None
    assert found.xyz.shape == (n, 3)
    assert np.isfinite(found.xyz).all()


def test_clusters_are_found_the_largest_first_and_others_join_them():
    vectors, label = clusters(90, 3)
    few = np.concatenate([vectors[label == 0], vectors[label == 1][:20], vectors[label == 2][:10]])
    found, theirs = clusters_of(few, vectors[label == 1][20:], k=3)
    assert found.tolist() == [0] * 30 + [1] * 20 + [2] * 10
    assert theirs.tolist() == [1] * 10


def test_clusters_of_little():
    assert [len(one) for one in clusters_of(np.zeros((0, 4)), np.zeros((3, 4)))] == [0, 3]
    found, theirs = clusters_of(np.ones((5, 4), np.float32), np.zeros((0, 4), np.float32))
    assert set(found) == {0}
    assert len(theirs) == 0


def test_clusters_are_named_by_what_sets_them_apart():
    titles = ["red wine 750", "white wine", "rosé wine", "red apple", "green apple", "apple"]
    named = cluster_words(titles, np.array([0, 0, 0, 1, 1, 1]), words=1)
    assert named == {0: ("wine",), 1: ("apple",)}
    assert cluster_words([], np.zeros(0, dtype=int)) == {}


@pytest.fixture
def mapped(small_log):
    space = ItemSpace.of(small_log)
    histories = Histories.from_log(small_log, space)
    vectors = np.random.default_rng(2).normal(size=(len(space.items), 12)).astype(np.float32)
    vectors[space.items.code("b03")] = 0
    return space, histories, FeatureTable(space.items, vectors, "fake", "", "0" * 64)


def test_map_of_a_run(mapped):
    space, histories, features = mapped
    items, users, info = project_run(space, histories, features, max_users=20)
    assert list(items.columns) == ["item_id", *COLUMNS]
    assert list(users.columns) == ["user_id", *COLUMNS]
    assert "b03" not in set(items["item_id"])
    assert info["items_without_text"] == 1
    assert (info["users_drawn"], info["users_total"]) == (20, 120)
    assert users["user_id"].nunique() == 20
    assert len(items) == sum(space.sizes) - 1
    assert items[["x", "y"]].dtypes.eq("float32").all()
    row = items[items["item_id"] == "f07"].iloc[0]
    local = space.local(1, np.array([space.items.code("f07")]))[0]
    assert row["count"] == (histories.by_scenario[1][:, [local]].toarray() > 0).sum()
    assert info["mixing_low"] <= info["mixing"] <= info["mixing_high"]
    assert info["users_mixing_low"] <= info["users_mixing"] <= info["users_mixing_high"]
    assert np.isfinite(items[["x3", "y3", "z3"]].to_numpy()).all()
    assert set(items["cluster"]) == set(range(8))
    assert set(users["cluster"]) <= set(range(8))


def test_user_with_one_item_stands_on_it(mapped):
    space, _, features = mapped
    one = Histories.from_items({"films": {"f07": 2.5}}, space, user="me")
    items, users, _ = project_run(space, one, features)
    item = items[items["item_id"] == "f07"].iloc[0]
    assert users[["x", "y"]].to_numpy() == pytest.approx(item[["x", "y"]].to_numpy(float)[None])


def test_map_without_any_text(mapped):
    space, histories, features = mapped
    bare = FeatureTable(features.items, np.zeros_like(features.vectors), "fake", "", "0" * 64)
    items, users, info = project_run(space, histories, bare)
    assert items.empty
    assert users.empty
    assert info["mixing"] is None
    assert info["items_without_text"] == sum(space.sizes)
