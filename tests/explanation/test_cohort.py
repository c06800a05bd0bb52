"""Many lists explained together are the mean of the lists explained one by one."""

import numpy as np
import pytest

from crossrec.explanation import cohort_explanation, list_contributions


def test_a_cohort_is_the_mean_of_its_users(small_model, small_catalog):
    some = small_model.histories_.take(slice(10, 22))
    kinds = dict(zip(small_catalog.items.ids, small_catalog.attributes["category"], strict=True))
    found = cohort_explanation(small_model, some, "films", k=4, categories=kinds, most=200)
    base, amounts, cells = [], {}, {}
    for user in some.users.ids:
        best = small_model.recommend(user, "films", 4, histories=some)
        for one in list_contributions(small_model, some, user, "films", list(best.item_ids)):
            base.append(one.base)
            for row in one.contributions.to_dict("records"):
                key = (row["source_scenario"], row["item_id"])
                amounts[key] = amounts.get(key, 0) + row["amount"] / 48
                cell = (*key, kinds[one.item_id])
                cells[cell] = cells.get(cell, 0) + row["amount"] / 48
    sources = found.sources.set_index("source_scenario")["amount"]
    assert sources[""] == pytest.approx(np.mean(base), abs=1e-6)
    for name in ("books", "films"):
        mine = sum(amount for (source, _), amount in amounts.items() if source == name)
        assert sources[name] == pytest.approx(mine, abs=1e-6)
    items = found.items.set_index(["source_scenario", "item_id"])
    assert set(items.index) == {key for key, amount in amounts.items() if amount != 0}
    for key, amount in amounts.items():
        assert items.loc[key, "amount"] == pytest.approx(amount, abs=1e-6)
    assert items["amount"].abs().is_monotonic_decreasing
    told = found.cells.set_index(["source_scenario", "item_id", "category"])["amount"]
    assert told.to_dict() == pytest.approx(cells, abs=1e-6)
    held = some.by_scenario[0].sum(axis=0)
    space = small_model.space_
    for (source, item), row in items.iterrows():
        if source == space.scenarios.ids[0]:
            local = space.local(0, np.array([space.items.code(item)]))[0]
            assert row["users"] == held[local]


def test_an_empty_cohort_has_no_items(small_model):
    nobody = small_model.histories_.take(slice(0, 0))
    found = cohort_explanation(small_model, nobody, "films")
    assert found.users == 0
    assert not len(found.items)
    assert (found.sources["amount"] == 0).all()


def test_progress_ends_at_the_number_of_users(small_model):
    seen = []
    cohort_explanation(
        small_model,
        small_model.histories_.take(slice(0, 7)),
        "films",
        progress=lambda phase, done, total, note="": seen.append((done, total)),
    )
    assert seen[-1] == (7, 7)
