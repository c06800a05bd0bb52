"""Pooled factors: users with several scenarios show what goes with what."""

import numpy as np
import pytest
from crossrec.transfer.low_rank_ridge import fit_across
from crossrec.transfer.pooled import PooledFactors
from scipy import sparse

from crossrec.data.history import Histories
from crossrec.data.ids import IdMap
from crossrec.transfer.factors import FactorSize
from crossrec.transfer.preference import history_weights, spread

SIZE = FactorSize(rank=2, penalty=2.0, confidence=20.0)


@pytest.fixture
def planted() -> Histories:
    """Two tastes; items with even numbers belong to the first, in both scenarios."""
    rng = np.random.default_rng(0)
    taste = rng.integers(0, 2, 400)
    blocks = []
    for n, absent in ((20, 3), (30, 4)):
        odds = np.where(np.arange(n) % 2 == taste[:, None], 0.3, 0.02)
        odds[np.arange(400) % absent == 0] = 0  # users without this scenario
        blocks.append(sparse.csr_array((rng.random((400, n)) < odds).astype(np.float32)))
    return Histories(IdMap([f"u{i}" for i in range(400)]), tuple(blocks))


def test_the_other_scenario_follows_the_taste(planted):
    factors = PooledFactors.fit(planted, SIZE, (3.0, 10.0), seed=0)
    one = np.zeros((1, 20), np.float32)
    one[0, [0, 4, 10]] = 1.0  # items of the first taste
    scores = factors.scores(sparse.csr_array(one), 0, 1)[0]
    assert (np.argsort(-scores)[:15] % 2 == 0).all()  # all there are


def test_joined_parts_are_mixed_at_unit_spread(planted):
    source, target = (history_weights(m, 0.5) for m in planted.by_scenario)
    none = [np.zeros((n, 1), np.float32) for n in (20, 30)]
    ridge = fit_across(
        source, target, *none, penalty=5.0, text_penalty=1.0, rank=4, max_shared=400, seed=0
    )
    factors = PooledFactors.fit(planted, SIZE, (3.0,), seed=0)
    own, pooled = ridge.parts(source)[0], factors.scores(source, 0, 1)
    for share in (0.7, 1.0):
        mixed = factors.joined(ridge, 0, 1, share, source).parts(source)[0]
        expected = (1 - share) * own / spread(own) + share * pooled / spread(pooled)
        assert np.allclose(mixed, expected, atol=1e-4)


def test_nobody_at_all_gives_zero_factors():
    empty = Histories(IdMap([]), tuple(sparse.csr_array((0, n), dtype=np.float32) for n in (4, 5)))
    factors = PooledFactors.fit(empty, SIZE, (3.0, 10.0), seed=0)
    assert [part.shape[0] for part in factors.left] == [4, 5]
    assert not any(part.any() for part in (*factors.left, *factors.right))
