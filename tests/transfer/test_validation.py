"""Cold-start users that hyper-parameters and coefficients are chosen by."""

import numpy as np
import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import sparse

from crossrec.data.history import Histories
from crossrec.data.ids import IdMap
from crossrec.data.log import InteractionLog, TimeKind
from crossrec.data.split.cutting import split
from crossrec.transfer.validation import with_cold_users, without_revealing


def histories(rng: np.random.Generator, users: int, density: float) -> Histories:
    blocks = [
        sparse.csr_array((rng.random((users, n)) < density).astype(np.float32)) for n in (5, 7, 3)
    ]
    ages = tuple(np.arange(block.nnz, dtype=np.float32) for block in blocks)
    return Histories(IdMap([f"u{i}" for i in range(users)]), tuple(blocks), ages)


@settings(max_examples=40, deadline=None)
@given(seed=st.integers(0, 10_000), share=st.sampled_from([0.0, 0.2, 1.0]))
def test_rows_move_whole_and_none_is_lost(seed, share):
    rng = np.random.default_rng(seed)
    train = histories(rng, 30, 0.2)
    nothing = tuple(sparse.csr_array(m.shape, dtype=np.float32) for m in train.by_scenario)
    kept, held = with_cold_users(train, Histories(train.users, nothing), share, seed)

    before, left, moved = train.counts(), kept.counts(), held.counts()
    assert np.array_equal(left + moved, before)
    assert not np.any((left > 0) & (moved > 0))  # a scenario is lost altogether or not at all
    assert np.all((moved > 0).sum(1) <= 1)
    losers = (moved > 0).any(1)
    shared = (before > 0).sum(1) > 1
    assert not np.any(losers & ~shared)
    assert losers.sum() == round(share * shared.sum())
    assert np.all((left[losers] > 0).any(1))  # something is left to transfer from
    for old, new, age, older in zip(
        train.by_scenario, kept.by_scenario, kept.ages, train.ages, strict=True
    ):
        assert len(age) == new.nnz
        dense = sparse.csr_array((older + 1, old.indices, old.indptr), shape=old.shape).toarray()
        again = sparse.csr_array((age + 1, new.indices, new.indptr), shape=new.shape).toarray()
        assert np.array_equal(again, np.where(again > 0, dense, 0))


def test_the_draw_depends_on_the_seed_only():
    train = histories(np.random.default_rng(0), 60, 0.3)
    first, second, other = (with_cold_users(train, train, 0.5, seed)[0] for seed in (1, 1, 2))
    assert np.array_equal(first.counts(), second.counts())
    assert not np.array_equal(first.counts(), other.counts())


def behaviours() -> tuple[InteractionLog, list[tuple[str, str]], list[tuple[str, str]]]:
    """What is used was bought; "a0" and "b0" are one product."""
    rng = np.random.default_rng(4)
    rows = []
    for user in range(60):
        bought = rng.choice(20, 8, replace=False)
        rows += [(f"u{user}", f"{'ab'[at % 2]}{at // 2}", "bought") for at in bought]
        rows += [(f"u{user}", f"{'ab'[at % 2]}{at // 2}", "used") for at in bought[:4]]
        rows += [(f"u{user}", f"c{at}", "read") for at in rng.choice(9, 3, replace=False)]
    frame = pd.DataFrame(rows, columns=["user_id", "item_id", "scenario"])
    return InteractionLog.from_frame(frame), [("a0", "b0")], [("used", "bought")]


def test_what_gives_a_lost_scenario_away_is_lost_too():
    log, twins, nested = behaviours()
    cut = split(log, kind="random", cold_users=0.1, seed=3, twins=twins, nested=nested)
    train = Histories.from_log(cut.train, cut.space)
    valid = Histories.from_log(cut.valid, cut.space, train.users.ids)
    cold, held = with_cold_users(train, valid, 0.5, 1)
    kept = without_revealing(cold, held, cut)
    used, bought, read = (cut.space.scenarios.code(name) for name in ("used", "bought", "read"))
    product = {name: "a0" if name == "b0" else name for name in cut.space.items.ids}

    def things(histories: Histories, scenario: int, user: int) -> set[str]:
        names = cut.space.ids(scenario)[histories.by_scenario[scenario][[user]].indices]
        return {product[name] for name in names}

    removed = 0
    for user in range(len(train)):
        for one, other in ((used, bought), (bought, used)):
            revealed = things(held, one, user) & things(cold, other, user)
            removed += len(revealed)
            assert things(kept, other, user) == things(cold, other, user) - revealed
        assert things(kept, read, user) == things(cold, read, user)
    assert removed > 10
    assert np.array_equal(kept.counts()[:, read], cold.counts()[:, read])
    plain = split(log, kind="random", cold_users=0.1, seed=3)
    assert without_revealing(cold, held, plain) is cold


def test_ages_stay_with_their_rows():
    log, _, nested = behaviours()
    frame = log.to_frame()
    frame["timestamp"] = np.arange(len(frame)) % 97
    timed = InteractionLog.from_frame(frame, time_kind=TimeKind.ORDER)
    cut = split(timed, cold_users=0.1, seed=3, nested=nested)
    train = Histories.from_log(cut.train, cut.space)
    valid = Histories.from_log(cut.valid, cut.space, train.users.ids)
    cold, held = with_cold_users(train, valid, 0.5, 1)
    kept = without_revealing(cold, held, cut)
    assert sum(m.nnz for m in kept.by_scenario) < sum(m.nnz for m in cold.by_scenario)
    for before, after, age, older in zip(
        cold.by_scenario, kept.by_scenario, kept.ages, cold.ages, strict=True
    ):
        dense = sparse.csr_array((older + 1, before.indices, before.indptr), shape=before.shape)
        again = sparse.csr_array((age + 1, after.indices, after.indptr), shape=after.shape)
        there = again.toarray() > 0
        assert np.array_equal(again.toarray(), np.where(there, dense.toarray(), 0))
