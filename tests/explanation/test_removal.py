"""What would have been without parts of the history: the same as if they had never been there."""

import numpy as np
import pandas as pd
import pytest

from crossrec.data.history import Histories
from crossrec.data.log import InteractionLog, TimeKind, concat
from crossrec.explanation import (
    REMOVAL_COLUMNS,
    ItemAttributes,
    WhatIf,
    contributions,
    deletion_curve,
    minimal_set,
    rank,
    removal_effects,
    what_if,
)
from crossrec.explanation.variants import entries, without_entries


def without_rows(log: InteractionLog, user: str, gone: set[tuple[str, str]]) -> InteractionLog:
    """The log less a user's rows of some (scenario, item)."""
    frame = log.to_frame()
    pairs = pd.Series(list(zip(frame["scenario"], frame["item_id"], strict=True)))
    return log.select(~((frame["user_id"] == user) & pairs.isin(gone)).to_numpy())


@pytest.mark.parametrize("kind", [TimeKind.CLOCK, TimeKind.ORDER])
def test_a_history_without_an_item_is_that_of_a_log_without_its_rows(small_log, small_model, kind):
    frame = small_log.to_frame()
    if kind is TimeKind.ORDER:  # positions without ties, as files without clock times have them
        frame["timestamp"] = np.arange(len(frame))
    log = InteractionLog.from_frame(frame, time_kind=kind)
    space = small_model.space_
    one = Histories.from_log(log, space, ["u007"])
    all_of_them = entries(one)
    names = [(str(space.scenarios.ids[s]), str(space.ids(s)[item])) for s, item in all_of_them]
    newest = frame.loc[frame["user_id"] == "u007"].sort_values("timestamp").iloc[-1]
    last = names.index((newest["scenario"], newest["item_id"]))
    for removal in ([0], [last], [2, 5, 9], list(range(8)), list(range(len(names)))):
        found = without_entries(one, [[all_of_them[at] for at in removal], []])
        expected = Histories.from_log(
            without_rows(log, "u007", {names[at] for at in removal}), space, ["u007"]
        )
        for scenario in range(2):
            mine, theirs = found.by_scenario[scenario][[0]], expected.by_scenario[scenario]
            assert (mine.toarray() == theirs.toarray()).all()
            assert np.allclose(found.take(np.array([0])).ages[scenario], expected.ages[scenario])
        assert found.take(np.array([1])).by_scenario[0].nnz == one.by_scenario[0].nnz


def test_how_often_the_items_left_were_taken_stays(small_log, small_model):
    twice = concat(small_log, small_log.select(np.arange(0, len(small_log), 2)))
    one = Histories.from_log(twice, small_model.space_, ["u007"])
    (first, *others) = entries(one)
    found = without_entries(one, [[first], []])
    assert max(taken.max() for taken in one.times) == 2
    fewer, whole = (found.take(np.array([row])).times for row in range(2))
    for code, taken in enumerate(one.times):
        assert whole[code].tolist() == taken.tolist()
        kept = [at for at, entry in enumerate(entries(one)) if entry in others and entry[0] == code]
        start = sum(len(times) for times in one.times[:code])
        assert fewer[code].tolist() == taken[np.array(kept, dtype=int) - start].tolist()


def test_the_stated_change_is_the_change(small_log, small_model, small_catalog):
    """Faithfulness: what is said of a removal is what a history without it gives."""
    space = small_model.space_
    one = Histories.from_log(small_log, space, ["u010"])
    item = str(rank(small_model, one, "films").item_ids[0])
    attributes = ItemAttributes.of_catalog(small_catalog)
    found = removal_effects(small_model, one, "films", item, most=4, attributes=attributes)
    table = found.table
    assert list(table.columns) == list(REMOVAL_COLUMNS)
    assert found.rank == 1
    assert found.left_out == len(entries(one)) - 4
    assert (table["kind"] == "item").sum() == 4
    assert set(table.loc[table["kind"] == "scenario", "source_scenario"]) == {"books", "films"}
    assert table["change"].abs().is_monotonic_decreasing
    kinds = small_catalog.attributes["category"]
    for row in table.to_dict("records"):
        gone = {
            (str(space.scenarios.ids[s]), str(space.ids(s)[local]))
            for s, local in entries(one)
            if (row["kind"] == "item" and (row["item_id"] == space.ids(s)[local]))
            or (row["kind"] == "scenario" and row["source_scenario"] == space.scenarios.ids[s])
            or (
                row["kind"] == "attribute"
                and kinds[small_catalog.items.code(space.ids(s)[local])] == row["value"]
            )
        }
        assert len(gone) == row["items"]
        after = Histories.from_log(without_rows(small_log, "u010", gone), space, ["u010"])
        now = contributions(small_model, after, "u010", "films", item)
        assert now.score - found.score == pytest.approx(row["change"], abs=1e-5)
        ranking = rank(small_model, after, "films", hidden=one.by_scenario[1].indices)
        assert list(ranking.item_ids).index(item) + 1 == row["rank"] == 1 - row["moved"]


def test_a_moved_coefficient_stays_moved_when_items_go(small_model, reader, small_catalog):
    """What is said of a removal is what the list with the same switches would say."""
    state = WhatIf(categories=frozenset({"space", "garden"})).with_coefficient("books", 0.9)
    before = what_if(small_model, reader, "films", state, catalog=small_catalog)
    item = str(before.ranking.item_ids[2])
    like = {"coefficients": {"books": 0.9}, "candidates": before.ranking.local}

    found = removal_effects(small_model, reader, "films", item, most=3, **like)

    assert found.rank == 3
    assert found.score == pytest.approx(float(before.ranking.scores[2]), abs=1e-6)
    rows = found.table.loc[found.table["kind"] == "item"].to_dict("records")
    assert len(rows) == 3
    for row in rows:
        fewer = state.switched(row["source_scenario"], row["item_id"], on=False)
        after = what_if(small_model, reader, "films", fewer, catalog=small_catalog).ranking
        assert row["rank"] == list(after.item_ids).index(item) + 1
        assert row["score"] == pytest.approx(float(after.scores[row["rank"] - 1]), abs=1e-6)
    assert minimal_set(small_model, reader, "films", item, k=3, **like).rank == 3
    closed = {"coefficients": {"books": 0.0}}
    assert minimal_set(small_model, reader, "films", item, k=20, **closed).why_none == "stays"
    table = removal_effects(small_model, reader, "films", item, **closed).table
    assert table.loc[table["kind"] == "item"].empty


def test_the_minimal_set_is_enough_and_no_part_of_it_is(small_model):
    known = small_model.histories_
    sizes = []
    for row in range(6):
        one = known.take(np.array([row]))
        for target in ("books", "films"):
            item = str(rank(small_model, one, target).item_ids[1])
            found = minimal_set(small_model, one, target, item, k=3)
            if found.why_none:
                assert not found.removed
                continue
            sizes.append(len(found.removed))
            space = small_model.space_
            seen = one.by_scenario[space.scenarios.code(target, "scenario")].indices
            codes = [
                (
                    space.scenarios.code(s, "scenario"),
                    int(
                        space.local(
                            space.scenarios.code(s, "scenario"), np.array([space.items.code(i)])
                        )[0]
                    ),
                )
                for s, i in found.removed
            ]

            def place(gone, one=one, target=target, seen=seen, item=item):
                after = without_entries(one, [gone])
                return list(rank(small_model, after, target, hidden=seen).item_ids).index(item) + 1

            assert place(codes) == found.rank_without > 3
            assert all(place(codes[:at] + codes[at + 1 :]) <= 3 for at in range(len(codes)))
    assert max(sizes) > 1


def test_what_is_not_listed_or_stays_has_no_minimal_set(small_model, reader):
    last = str(rank(small_model, reader, "films").item_ids[-1])
    found = minimal_set(small_model, reader, "films", last, k=3)
    assert found.why_none == "not_listed"
    assert found.rank == 20
    nobody = Histories.from_items({}, small_model.space_, "new")
    best = str(rank(small_model, nobody, "films").item_ids[0])
    assert minimal_set(small_model, nobody, "films", best).why_none == "stays"


def test_the_deletion_curve_is_steeper_than_random(small_model):
    table = deletion_curve(small_model, small_model.histories_, "books", steps=5, users=25)
    curves = table.pivot_table(index="removed", columns="order", values="change")
    assert (curves.loc[0] == 0).all()
    assert (curves["contribution"].loc[1:] < curves["random"].loc[1:]).all()
    shown = table.pivot_table(index="removed", columns="order", values="in_top")
    assert shown["contribution"].mean() <= shown["random"].mean()


def test_a_heavy_user_is_explained(small_model):
    """Everything there is, in both scenarios; what is asked is still answered."""
    space = small_model.space_
    rows = [("all", str(name), item, 1.0) for c, name in enumerate(space.scenarios.ids)
            for item in space.ids(c)[1:]]  # fmt: skip
    one = Histories.of(rows, space)
    ranking = rank(small_model, one, "films")
    last = str(space.ids(1)[0])
    assert list(ranking.item_ids) == [last]
    found = removal_effects(small_model, one, "films", last, most=3)
    assert found.left_out == len(rows) - 3
    assert (found.table["rank"] == 1).all()
