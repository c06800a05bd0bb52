"""How penalties are walked."""

import pytest
from crossrec.transfer.tuning import climb
from hypothesis import given
from hypothesis import strategies as st


@given(grid=st.lists(st.floats(0.1, 1e4), min_size=1, max_size=12, unique=True), data=st.data())
def test_the_top_of_one_hill_is_found_and_nothing_asked_twice(grid, data):
    ordered = sorted(grid)
    top = data.draw(st.integers(0, len(ordered) - 1))
    asked = []

    def quality(value):
        asked.append(value)
        return -abs(ordered.index(value) - top)

    found = climb(grid, quality)

    assert max(found, key=lambda value: found[value]) == ordered[top]
    assert asked[0] == ordered[len(ordered) // 2]
    assert sorted(asked) == sorted(found)
    assert len(asked) <= abs(top - len(ordered) // 2) + 3


@pytest.mark.parametrize(("top", "asked"), [(150.0, 3), (600.0, 3), (40.0, 4)])
def test_far_ends_are_not_asked(top, asked):
    values = (10.0, 40.0, 150.0, 600.0, 2400.0)
    found = climb(values, lambda value: -abs(values.index(value) - values.index(top)))
    assert len(found) == asked
