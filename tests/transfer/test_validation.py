"""Cold-start users that hyper-parameters and coefficients are chosen by."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import sparse

from crossrec.data.history import Histories
from crossrec.data.ids import IdMap
from crossrec.transfer.validation import with_cold_users


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
