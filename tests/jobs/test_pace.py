"""How long it still takes, as a range."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crossrec.jobs.pace import Pace


def told(seen):
    pace, last = Pace(), None
    for now, fraction in seen:
        last = pace.left(now, fraction)
    return last


def test_an_even_pace_is_told_within_the_doubt():
    low, high = told([(second, second / 100) for second in range(51)])
    assert (low, high) == (pytest.approx(42.5), pytest.approx(57.5))


def test_work_that_became_slower_widens_the_range():
    fast = [(second, second / 100) for second in range(41)]
    slow = [(40 + second, 0.4 + second / 1000) for second in range(1, 41)]
    low, high = told(fast + slow)
    assert low < 150
    assert high > 500


def test_nothing_is_told_at_the_beginning():
    assert told([(0.0, 0.0), (5.0, 0.01)]) is None


steps = st.lists(st.tuples(st.floats(0.01, 60), st.floats(0, 0.2)), min_size=1, max_size=60)


@given(steps)
def test_the_range_is_ordered_and_never_negative(increments):
    pace, now, fraction = Pace(), 0.0, 0.0
    for seconds, more in increments:
        now, fraction = now + seconds, min(1.0, fraction + more)
        if found := pace.left(now, fraction):
            assert 0 <= found[0] <= found[1]
