"""Bootstrap and Holm: right on known cases, and right as often as they say."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from crossrec.evaluation import bootstrap, bootstrap_difference, holm


def test_interval_agrees_with_the_normal_one_for_many_users():
    values = np.random.default_rng(0).normal(0.3, 1.0, (4000, 1))
    found = bootstrap(values, resamples=2000, seed=1)
    half = 1.96 * values.std() / np.sqrt(len(values))
    assert found.value == pytest.approx([values.mean()])
    assert found.low == pytest.approx([values.mean() - half], abs=0.1 * half)
    assert found.high == pytest.approx([values.mean() + half], abs=0.1 * half)


def test_the_interval_holds_the_truth_about_95_times_in_100():
    rng = np.random.default_rng(7)
    samples = rng.exponential(1.0, (100, 400))  # 400 studies of 100 users
    found = bootstrap(samples, resamples=600, seed=3)
    share = ((found.low <= 1) & (found.high >= 1)).mean()
    assert 0.91 <= share <= 0.98


def test_p_values_of_no_effect_are_uniform():
    rng = np.random.default_rng(8)
    found = bootstrap(rng.normal(0, 1, (200, 500)), resamples=600, seed=3)
    assert 0.02 <= (found.p < 0.05).mean() <= 0.09
    assert 0.4 <= (found.p < 0.5).mean() <= 0.6


def test_paired_differences_see_what_separate_means_do_not():
    rng = np.random.default_rng(2)
    taste = rng.random(300)
    better, worse = taste + 0.01 + rng.normal(0, 0.02, 300), taste
    found = bootstrap_difference(better, worse, seed=0)
    assert found.low[0] > 0
    assert found.p[0] < 0.05
    apart = bootstrap(np.stack([better, worse], axis=1), seed=0)
    assert apart.low[0] < apart.high[1], "the two intervals overlap"


def test_equal_models_differ_by_exactly_nothing():
    values = np.random.default_rng(3).random(50)
    found = bootstrap_difference(values, values, seed=0)
    assert (found.value, found.low, found.high, found.p) == (0, 0, 0, 1)


def test_a_column_has_the_same_interval_alone_and_among_others():
    values = np.random.default_rng(4).random((70, 3))
    together, alone = bootstrap(values, seed=5), bootstrap(values[:, 1:2], seed=5)
    assert together.low[1] == pytest.approx(alone.low[0])
    assert together.high[1] == pytest.approx(alone.high[0])


@pytest.mark.parametrize("n", [0, 1])
def test_too_few_users_have_no_interval(n):
    found = bootstrap(np.ones((n, 2)))
    assert np.isnan(found.low).all()
    assert np.isnan(found.high).all()
    assert (found.p == 1).all()
    assert found.n == n


def test_many_users_are_drawn_in_chunks():
    values = np.random.default_rng(6).random((100_000, 1))
    found = bootstrap(values, resamples=50, seed=1)
    assert found.low[0] < 0.5 < found.high[0]


def test_holm_by_hand():
    # Sorted: .005 * 4, .01 * 3, .03 * 2, .04 * 1 -> .02, .03, .06, and .06 again (never smaller).
    assert holm(np.array([0.01, 0.04, 0.03, 0.005])) == pytest.approx([0.03, 0.06, 0.06, 0.02])
    assert holm(np.array([0.5, 0.9])).tolist() == [1.0, 1.0]
    assert holm(np.array([])).size == 0


def test_holm_does_not_count_missing_tests():
    found = holm(np.array([0.02, np.nan, 0.03]))
    assert found[[0, 2]] == pytest.approx([0.04, 0.04])
    assert np.isnan(found[1])


@given(st.lists(st.floats(0, 1), min_size=1, max_size=20))
def test_holm_is_between_the_p_value_and_bonferroni_and_keeps_the_order(values):
    p = np.array(values)
    found = holm(p)
    assert (found >= p).all()
    assert (found <= np.minimum(1, p * len(p)) + 1e-12).all()
    assert (np.diff(found[np.argsort(p, kind="stable")]) >= 0).all()
