"""Transfer coefficients: a linear layer, drawn from where pooling has it, with intervals."""

import subprocess
import sys
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crossrec.transfer.coefficients import INPUTS, LEAST, Coefficients, identity
from crossrec.transfer.loudness import START, STEPS, as_logit, candidates, estimated, starts

USERS = 300


def layer(seed: int = 0, scenarios: int = 3) -> Coefficients:
    rng = np.random.default_rng(seed)
    level = rng.normal(size=(scenarios, scenarios))
    slopes = np.concatenate(
        [-rng.random((scenarios, 1)), rng.normal(size=(scenarios, len(INPUTS) - 1))], axis=1
    )
    centre = rng.random((scenarios, scenarios, len(INPUTS)))
    users = np.full((scenarios, scenarios), 50)
    return Coefficients(level, level - 1, level + 1, users, slopes, centre)


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 50), st.integers(0, 2))
def test_they_lie_between_0_and_1_within_their_interval(seed, target):
    inputs = np.random.default_rng(seed).normal(size=(9, 3, len(INPUTS)))
    found = layer(seed)
    m = found.of(inputs, target)
    low, high = found.interval(inputs, target)
    others = np.arange(3) != target
    assert (m[:, target] == 1).all()
    assert ((m[:, others] >= 0) & (m[:, others] < 1)).all()
    assert ((low <= m) & (m <= high)).all()
    assert not ((m > 0) & (m < LEAST)).any()


def test_a_first_item_moves_them_a_little_and_many_items_a_lot():
    """No cliff between users with and without target history."""
    found = replace(layer(), level=np.full((3, 3), 2.0), slopes=np.tile([-1.0, 0, 0], (3, 1)))
    items = np.array([0, 1, 2, 10, 100])
    inputs = np.zeros((5, 3, len(INPUTS)))
    inputs[:, :, 0] = np.log1p(items)[:, None]
    inputs += found.centre[:, 0]
    inputs[:, :, 0] -= found.centre[:, 0, 0]
    m = found.of(inputs, 0)[:, 1]
    assert (np.diff(m) < 0).all()
    assert m[0] - m[1] < 0.2
    assert m[-1] < 0.2


def test_a_closed_source_is_0_for_everybody():
    found = layer()
    level = found.level.copy()
    level[1, 0] = -np.inf
    shut = replace(found, level=level)
    inputs = np.random.default_rng(0).normal(size=(9, 3, len(INPUTS)))
    assert (shut.of(inputs, 0)[:, 1] == 0).all()
    assert shut.closed(1, 0)
    assert not shut.closed(2, 0)


def test_they_start_where_pooling_has_them():
    spreads = np.array([[0.0, 3.0, 1.0], [2.0, 0.0, 0.0], [1.0, 1.5, 0.0]])
    found = starts(spreads)
    assert found[1, 0] == START  # the loudest source of the first scenario
    assert found[2, 0] == pytest.approx(START / 2)
    assert found[0, 2] == START
    assert (starts(np.zeros((2, 2))) == START).all()


def judged(gains: np.ndarray, noise: float = 0.05, users: int = USERS) -> np.ndarray:
    """NDCG at each candidate level with these mean gains over the start."""
    rng = np.random.default_rng(1)
    usual = rng.random(users)
    return usual + gains[:, None] + noise * rng.standard_normal((len(STEPS), users))


def test_without_evidence_the_start_stands():
    start = 0.4
    told = estimated(start, np.zeros((len(STEPS), 50)), seed=0)
    assert told.m == pytest.approx(start, rel=0.5)
    alone = estimated(start, np.zeros((len(STEPS), 0)), seed=0)
    assert (alone.m, alone.users) == (start, 0)
    assert alone.low < start < alone.high


@pytest.mark.parametrize(("best", "side"), [(0, -1), (len(STEPS) - 1, 1)])
def test_validation_users_draw_them_away(best, side):
    start = 0.3
    gains = -0.02 * np.abs(np.arange(len(STEPS)) - best)
    found = estimated(start, judged(gains), seed=0)
    assert np.sign(found.m - start) == side
    assert found.low <= found.m <= found.high
    assert found.m == pytest.approx(candidates(start)[best], rel=0.4)


def test_more_users_make_the_interval_narrower():
    gains = -0.004 * np.abs(STEPS)
    few, many = (estimated(0.4, judged(gains, users=n), seed=0) for n in (40, 4_000))
    assert many.high - many.low < few.high - few.low


def test_logits_undo_the_sigmoid():
    assert np.isneginf(as_logit(np.array([0.0]))[0])
    assert as_logit(np.array([0.5]))[0] == 0


def test_identity_is_the_target_alone():
    assert identity(2, 3, 1).tolist() == [[0, 1, 0]] * 2


def test_who_only_looks_at_a_run_loads_no_heavy_library():
    code = (
        "import sys, crossrec.transfer.model, crossrec.explanation;"
        "print([name for name in ('torch', 'numba', 'implicit') if name in sys.modules])"
    )
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "[]"
