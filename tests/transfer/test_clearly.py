"""The one rule of choices: what is clearly better, by all targets together and by each alone."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from crossrec.transfer.clearly import LEAST_USERS, choose, in_errors


def noisy(mean: float, users: int = 400, seed: int = 0) -> np.ndarray:
    return 0.1 + mean + 0.1 * np.random.default_rng(seed).standard_normal(users)


def values_of(chosen) -> list:
    return [one.value for one in chosen]


def test_a_small_gain_of_many_targets_is_taken_by_all():
    usual = [noisy(0.0, seed=t) for t in range(6)]
    rng = np.random.default_rng(9)
    better = [one + 0.005 + 0.1 * rng.standard_normal(400) for one in usual]
    assert max(in_errors(b - u) for b, u in zip(better, usual, strict=True)) < 2.5
    assert values_of(choose({"old": usual, "new": better}, "old")) == ["new"] * 6


@pytest.mark.parametrize(("gain", "taken"), [(0.012, "old"), (0.03, "new")])
def test_one_target_alone_needs_more(gain, taken):
    rng = np.random.default_rng(2)
    usual = [noisy(0.0, seed=t) for t in range(5)]
    others = [one - 0.01 + 0.1 * rng.standard_normal(400) for one in usual[:4]]
    mine = usual[4] + gain + 0.15 * rng.standard_normal(400)
    found = choose({"old": usual, "new": [*others, mine]}, "old")
    assert values_of(found) == ["old"] * 4 + [taken]


def test_a_target_leaves_what_all_take_where_it_is_worse_there():
    usual = [noisy(0.0, seed=t) for t in range(5)]
    others = [one + 0.02 for one in usual[:4]]
    worse = usual[4] - 0.01 + 0.05 * np.random.default_rng(7).standard_normal(400)
    found = choose({"old": usual, "new": [*others, worse]}, "old")
    assert values_of(found) == ["new"] * 4 + ["old"]


@given(st.integers(0, LEAST_USERS - 1))
def test_few_users_decide_nothing(users):
    usual, better = [np.zeros(users)], [np.ones(users)]
    (found,) = choose({0: usual, 1: better}, 0)
    assert (found.value, found.users) == (0, users)


def test_what_is_recorded_is_what_was_measured():
    usual = [noisy(0.0)]
    better = [usual[0] + 0.05 + 0.01 * np.random.default_rng(3).standard_normal(400)]
    (found,) = choose({"old": usual, "new": better}, "old")
    gain = better[0] - usual[0]
    assert found.gain == gain.mean()
    assert found.error == gain.std(ddof=1) / 20
