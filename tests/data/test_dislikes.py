"""Noes and exposures: never hits, never learnt from as interactions, pushed down when ranked."""

from dataclasses import replace

import numpy as np
import pytest

from crossrec.data import Histories, ItemSpace, read_log
from crossrec.data.dislikes import settled
from crossrec.data.split.cutting import split
from crossrec.workspace.datasets import read_log as load_log
from crossrec.workspace.datasets import write_log

HEAD = "user_id,item_id,scenario,event,timestamp\n"


@pytest.fixture
def shop(write):
    """Forty users, two scenarios; u1 refuses three of his items, one of them before he buys it."""
    rng = np.random.default_rng(0)
    rows = [
        f"u{user},{place}{item},{place},buy,{1_700_000_000 + 86_400 * int(rng.integers(0, 90))}"
        for user in range(40)
        for place in "ab"
        for item in rng.choice(20, 8, replace=False)
    ]
    early, late = 1_690_000_000, 1_710_000_000
    mine = [row.split(",")[1] for row in rows if row.startswith("u1,") and ",a," in row]
    rows += [f"u1,{mine[0]},a,dislike,{late}", f"u1,{mine[1]},a,dislike,{early}"]
    rows += [f"u1,a99,a,dislike,{early}", f"u2,{mine[2]},a,impression,{early}"]
    rows += [f"u3,a{item},a,buy,{early}" for item in (99,)]
    return read_log(write(HEAD + "\n".join(rows) + "\n")), mine


def test_the_newest_thing_said_of_an_item_counts(shop):
    log, mine = shop
    final = settled(log)
    items = final.items.ids[final.item[final.user == final.users.code("u1")]]
    assert mine[0] not in items
    assert mine[1] in items
    assert final.negatives is not None
    assert sorted(final.negatives.items.ids[final.negatives.item]) == sorted([mine[0], "a99"])
    histories = Histories.complete(log, ItemSpace.of(log), ["u1"])
    values = histories.by_scenario[0].toarray()[0]
    local = histories_column(log, [mine[0], mine[1], "a99"])
    assert np.sign(values[local]).tolist() == [-1, 1, -1]
    assert histories.counts()[0, 0] == (values > 0).sum()


def histories_column(log, ids):
    space = ItemSpace.of(log)
    return space.local(0, space.items.codes(np.array(ids, dtype=object)))


@pytest.mark.parametrize("kind", ["time", "order", "random"])
def test_no_dislike_is_a_hit_and_none_of_the_test_period_is_seen(shop, kind):
    log, mine = shop
    parts = split(log, kind=kind, cold_users=0)
    user, item = log.users.code("u1"), log.items.code(mine[0])
    assert not ((parts.test.user == user) & (parts.test.item == item)).any()
    visible = parts.histories(dislikes=True).by_scenario[0]
    plain = parts.histories().by_scenario[0]
    assert (plain.data > 0).all()
    assert visible.nnz - plain.nnz == (visible.data < 0).sum()
    seen = visible.toarray()[user, histories_column(log, [mine[0], "a99"])]
    assert seen[1] < 0
    if kind == "time":  # said after the cut: what was there before still counts
        assert seen[0] >= 0


def test_cold_start_users_have_no_dislikes_in_their_target(write):
    rows = [f"u{u},{p}{i},{p},buy,{1_700_000_000 + 86_400 * (u * 7 + i)}" for u in range(40)
            for p in "ab" for i in range(u % 5, u % 5 + 8)]  # fmt: skip
    rows += [f"u{u},a19,a,dislike,1690000000" for u in range(40)]
    parts = split(read_log(write(HEAD + "\n".join(rows) + "\n")), cold_users=0.3)
    visible = parts.histories(dislikes=True).by_scenario[0].toarray()
    cold = parts.cold_test[0]
    assert len(cold)
    assert not visible[cold].any()


def test_an_exposure_is_nothing_but_an_exposure(shop):
    log, _ = shop
    without = replace(log, exposures=None)
    assert log.exposures is not None
    assert len(log.exposures) == 1
    assert split(log).hash == split(without).hash


def test_rows_of_every_kind_survive_the_disk(shop, tmp_path):
    log, _ = shop
    write_log(tmp_path / "log", log)
    again = load_log(tmp_path / "log")
    assert again.rejects == log.rejects
    for one, other in ((again.exposures, log.exposures), (again.negatives, log.negatives)):
        assert one is not None
        assert one.to_frame().equals(other.to_frame())
