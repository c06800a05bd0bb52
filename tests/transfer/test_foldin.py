"""New users, rows, likes and items count at once, without training."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from crossrec.data.history import Histories
from crossrec.data.ids import IdMap
from crossrec.data.space import ItemSpace
from crossrec.errors import ColumnMissing, DataError, UnknownId
from crossrec.explanation import contributions
from crossrec.language.table import FeatureTable
from crossrec.pipeline import load_model, recommend
from crossrec.transfer.decisions import DECISIONS
from crossrec.transfer.model import TransferModel


def rank_of(model, histories, scenario, item) -> int:
    target = model.space_.scenarios.code(scenario)
    scores = model.scores(histories, target)[0]
    local = int(model.space_.local(target, model.space_.items.codes([item]))[0])
    return int((scores > scores[local]).sum())


def test_a_new_user_is_the_same_as_one_of_the_log(small_model, small_split):
    rows = small_split.train.select(small_split.train.user == 5)
    frame = rows.to_frame().sort_values("timestamp")
    name = frame["user_id"].iloc[0]
    known = Histories.from_log(small_split.train, small_model.space_, [name])
    columns = ["user_id", "scenario", "item_id", "weight"]
    new = Histories.of(list(frame[columns].itertuples(index=False, name=None)), small_model.space_)
    for target in range(2):
        np.testing.assert_allclose(
            small_model.scores(new, target), small_model.scores(known, target), atol=1e-5
        )


@pytest.mark.parametrize(
    ("scenario", "others", "items"),
    [
        ("books", [("me", "films", "f01", 1.0)], ["b06", "b09", "b12"]),
        ("films", [], ["f03", "f06", "f09"]),  # without own history the other one counts
    ],
)
def test_a_like_lifts_and_a_dislike_lowers_what_is_like_it(small_model, scenario, others, items):
    """Items b00, b03, b06 ... have the same taste; so have f00, f03 ... in the other scenario."""
    liked, disliked = places_after(small_model, scenario, others, items)
    assert liked < disliked


def test_a_like_counts_beside_own_history_where_the_source_is_open(lively_model):
    others, items = [("me", "films", "f01", 1.0)], ["f03", "f06", "f09"]
    liked, disliked = places_after(lively_model, "films", others, items)
    assert liked < disliked


def places_after(model, scenario, others, items) -> tuple[float, float]:
    """Mean rank of items after a like and after a dislike of the book b03, else in order."""
    space = model.space_
    some = Histories.of([("me", "books", "b01", 1.0), *others], space)
    liked = some.with_rows([("me", "books", "b03", 1.0)], space)
    disliked = some.with_rows([("me", "books", "b03", -1.0)], space)
    places = [
        float(np.mean([rank_of(model, histories, scenario, item) for item in items]))
        for histories in (liked, some, disliked)
    ]
    assert places == sorted(places)
    return places[0], places[2]


def test_a_disliked_item_is_not_recommended_and_is_explained(small_model):
    space = small_model.space_
    me = Histories.of([("me", "books", "b03", -1.0), ("me", "films", "f01", 1.0)], space)
    best = small_model.recommend("me", "books", 40, histories=me)
    assert "b03" not in best.item_ids
    found = contributions(small_model, me, "me", "books", best.item_ids[0])
    assert found.score == pytest.approx(best.scores[0], abs=1e-5)
    assert "b03" in set(found.contributions["item_id"])


@pytest.fixture(scope="module")
def without_b99(small_split, small_features) -> TransferModel:
    """A model of the same rows whose catalogue lacks the item b99."""
    space = small_split.space
    members = (space.members[0][space.ids(0) != "b99"], space.members[1])
    smaller = ItemSpace(space.items, space.scenarios, members)
    fixed = tuple(set(DECISIONS) - {"text", "pooled"})
    model = TransferModel(seed=1, off=fixed)
    return model.fit(replace(small_split, space=smaller), small_features)


def test_a_new_item_scores_nearly_as_if_it_had_been_in_the_catalogue(
    without_b99, small_model, small_split, small_features
):
    grown = without_b99.with_items("books", ["b99"], small_features.rows(np.array(["b99"])))
    histories = grown.histories_
    assert list(grown.space_.ids(0)) == list(small_model.space_.ids(0))
    column = [*grown.space_.ids(0)].index("b99")
    fixed = {"coefficients": np.ones((len(histories), 2), dtype=np.float32)}
    mine = grown.scores(histories, 0, **fixed)
    others = [at for at in range(mine.shape[1]) if at != column]
    old = without_b99.scores(without_b99.histories_, 0, **fixed)
    np.testing.assert_allclose(mine[:, others], old, atol=1e-5)
    config = without_b99.config  # what is decided by few users must not differ
    there = TransferModel(config).fit(small_split, small_features)
    whole = there.scores(there.histories_, 0, **fixed)
    assert np.corrcoef(mine[:, column], whole[:, column])[0, 1] > 0.95
    taste = np.array([int(name[1:]) % 3 for name in histories.users.ids])  # b99 is of taste 0
    rank = (mine > mine[:, [column]]).sum(1)
    assert rank[taste == 0].mean() + 1 < rank[taste != 0].mean()


def test_new_items_are_saved_explained_and_read_from_histories(small_model, tmp_path):
    rng = np.random.default_rng(0)
    vectors = np.eye(3, 8)[[0, 1]] + 0.1 * rng.normal(size=(2, 8))
    small_model.save(tmp_path / "old")
    loaded = TransferModel.load(tmp_path / "old")
    grown = loaded.with_items("films", ["new taste 0", "new taste 1"], vectors)
    grown.save(tmp_path / "grown")
    again = TransferModel.load(tmp_path / "grown")
    me = Histories.of([("me", "films", "new taste 0", 1.0)], again.space_)
    for target in range(2):
        np.testing.assert_array_equal(again.scores(me, target), grown.scores(me, target))
    assert rank_of(again, me, "books", "b00") < rank_of(again, me, "books", "b01")
    found = contributions(again, me, "me", "films", "new taste 1")
    local = again.space_.local(1, again.space_.items.codes(["new taste 1"]))[0]
    assert found.score == pytest.approx(again.scores(me, 1)[0, local], abs=1e-5)


def test_an_item_of_another_scenario_can_be_offered_here_too(small_model, small_features):
    ids = np.array(["b00"])
    grown = small_model.with_items("films", list(ids), small_features.rows(ids))
    old = small_model.histories_
    moved = old.moved(small_model.space_, grown.space_)
    fixed = {"coefficients": np.ones((len(old), 2), dtype=np.float32)}
    before, after = small_model.scores(old, 1, **fixed), grown.scores(moved, 1, **fixed)
    place = {name: at for at, name in enumerate(grown.space_.ids(1))}
    columns = [place[name] for name in small_model.space_.ids(1)]
    np.testing.assert_allclose(after[:, columns], before, atol=1e-5)


def test_a_model_without_text_takes_new_items_too(small_split):
    model = TransferModel(seed=1).fit(small_split)
    grown = model.with_items("books", ["new"], np.zeros((1, 1)))
    assert np.isfinite(grown.scores(grown.histories_, 0)).all()


@pytest.mark.parametrize(
    ("scenario", "ids", "width", "error", "said"),
    [
        ("bokks", ["x"], 8, UnknownId, "books"),
        ("books", ["b00"], 8, DataError, "does not have yet"),
        ("books", ["x", "x"], 8, DataError, "different ids"),
        ("books", ["x"], 5, DataError, "encoder"),
    ],
)
def test_items_that_cannot_be_added(small_model, scenario, ids, width, error, said):
    with pytest.raises(error, match=said):
        small_model.with_items(scenario, ids, np.ones((len(ids), width)))


def test_vectors_with_holes_are_refused(small_model):
    with pytest.raises(DataError, match="finite"):
        small_model.with_items("books", ["x"], np.full((1, 8), np.nan))


def test_a_feature_table_serves_new_items(small_model):
    table = FeatureTable(IdMap(["x"]), np.eye(1, 8, dtype=np.float32), "fake", "1", "f")
    ids = np.array(["x"])
    grown = small_model.with_items("books", list(ids), table.rows(ids))
    assert "x" in grown.recommend("u000", "books", 40).item_ids


def test_users_that_the_run_does_not_know_are_served_from_their_rows(finished_run):
    users = pd.DataFrame({"user_id": ["newcomer", "u001"], "scenario": ["films", "films"]})
    rows = pd.DataFrame(
        {
            "user_id": ["newcomer", "newcomer", "u001"],
            "scenario": ["books", "films", "films"],
            "item_id": ["b00", "f03", "f07"],
            "weight": [1.0, 1.0, -1.0],
        }
    )
    plain, told = recommend(finished_run, users, 5), recommend(finished_run, users, 5, rows=rows)
    lists = {
        (name, user): list(part["item_id"])
        for name, found in (("plain", plain), ("told", told))
        for user, part in found.groupby("user_id")
    }
    assert "f03" not in lists["told", "newcomer"]
    assert lists["plain", "newcomer"] != lists["told", "newcomer"]
    assert "f07" not in lists["told", "u001"]
    model = load_model(finished_run)
    me = Histories.of([("newcomer", "books", "b00", 1.0), ("newcomer", "films", "f03", 1.0)],
                      model.space_)  # fmt: skip
    assert lists["told", "newcomer"] == list(
        model.recommend("newcomer", "films", 5, histories=me).item_ids
    )


def test_rows_without_a_column_are_refused(finished_run):
    users = pd.DataFrame({"user_id": ["u001"], "scenario": ["films"]})
    with pytest.raises(ColumnMissing, match="item_id"):
        recommend(finished_run, users, 5, rows=users)
