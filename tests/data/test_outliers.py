"""Bots are flagged; keen people and long tails are not."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crossrec.data import IdMap, InteractionLog, TimeKind, audit
from crossrec.data.audit.outliers import find_outliers

DAY = 86_400


def _log(counts, times=None) -> InteractionLog:
    user = np.repeat(np.arange(len(counts)), counts)
    frame = pd.DataFrame({"user_id": user, "item_id": np.arange(len(user)) % 997})
    frame = frame.astype(str).assign(scenario=np.where(np.arange(len(user)) % 2, "a", "b"))
    log = InteractionLog.from_frame(frame)
    return log if times is None else replace(log, time=times, time_kind=TimeKind.CLOCK)


def _counted(counts, factor: int = 1) -> InteractionLog:
    """A log of one item with so many rows per user: enough to count by."""
    user = np.repeat(np.arange(len(counts), dtype=np.int32), np.multiply(counts, factor))
    none = np.zeros(len(user), dtype=np.int32)
    users = IdMap(f"u{at}" for at in range(len(counts)))
    weight = np.ones(len(user), dtype=np.float32)
    return InteractionLog(user, none, none, weight, None, users, IdMap(["i"]), IdMap(["s"]))


def test_a_long_tail_is_normal_and_a_crawler_is_not():
    rng = np.random.default_rng(0)
    tail = np.ceil(2 * rng.pareto(1.2, 3000) + 1).astype(int).clip(max=2000)
    assert len(find_outliers(_log(tail))) <= 1
    keen = np.ceil(rng.lognormal(2, 0.8, 3000)).astype(int)
    assert not len(find_outliers(_log(keen)))
    found = find_outliers(_log([*keen, 20_000]))
    assert (found.user.tolist(), found.rows.tolist()) == ([3000], [20_000])
    assert found.reason[0] == "many rows"


def test_nobody_makes_a_thousand_rows_in_a_day():
    counts = [50] * 40 + [1000]
    times = np.concatenate([np.arange(2000) * DAY // 4, np.full(1000, 9 * DAY)])
    found = find_outliers(_log(counts, times))
    assert (found.user.tolist(), found.busiest_day.tolist()) == ([40], [1000])
    spread = np.concatenate([np.arange(2000) * DAY // 4, np.arange(1000) * DAY])
    assert find_outliers(_log(counts, spread)).reason.tolist() in ([], ["many rows"])


def test_the_audit_tells_and_an_empty_log_has_none(small_log):
    rng = np.random.default_rng(1)
    counts = [*rng.integers(5, 40, 500), 5000]
    (found,) = [one for one in audit(_log(counts)).findings if one.rule == "bots"]
    assert found.count == 1
    assert found.examples[0]["rows"] == 5000
    assert not len(find_outliers(small_log))
    assert not len(find_outliers(small_log.select(np.array([], dtype=int))))


def test_a_machine_beside_people_who_are_all_alike():
    """Where all others have exactly 20 rows, the spread is 0 and says nothing."""
    assert find_outliers(_log([20] * 300 + [30_000])).user.tolist() == [300]
    assert find_outliers(_log([20] * 300 + [30_000, 28_000, 29_000])).user.tolist() == [
        300,
        302,
        301,
    ]
    assert not len(find_outliers(_log([20] * 300)))
    assert not len(find_outliers(_log([20] * 300 + [60, 150])))
    assert not len(find_outliers(_log([100] * 300 + [400])))


def test_twenty_machines_are_still_few():
    assert len(find_outliers(_log([20] * 300 + [30_000] * 20))) == 20


@settings(max_examples=80, deadline=None)
@given(
    st.lists(st.integers(1, 400), min_size=1, max_size=60),
    st.integers(0, 20_000),
)
def test_fifty_times_the_next_is_found_whatever_the_others_do(others, more):
    rows = max(50 * max(others), 1_001) + more
    found = find_outliers(_counted([*others, rows]))
    assert found.user[0] == len(others)


@settings(max_examples=80, deadline=None)
@given(st.lists(st.integers(1_001, 90_000), min_size=1, max_size=60), st.integers(2, 9))
def test_counting_in_other_units_changes_nothing(counts, factor):
    once, again = find_outliers(_counted(counts)), find_outliers(_counted(counts, factor))
    assert once.user.tolist() == again.user.tolist()


@pytest.mark.parametrize("seed", range(21))
@pytest.mark.parametrize(
    "draw",
    [
        pytest.param(lambda rng: rng.lognormal(2, 1, 3000), id="lognormal"),
        pytest.param(lambda rng: rng.lognormal(1, 1.6, 3000), id="wide lognormal"),
        pytest.param(lambda rng: rng.zipf(2.5, 3000), id="zipf"),
        pytest.param(
            lambda rng: 2_000 / np.arange(1, 3001) ** 0.9 * rng.uniform(0.8, 1.2, 3000),
            id="zipf by rank",
        ),
        pytest.param(lambda rng: rng.poisson(20, 3000) + 1, id="poisson"),
    ],
)
def test_keen_people_in_a_long_tail_are_people(draw, seed):
    counts = np.ceil(draw(np.random.default_rng(seed))).astype(np.int64)
    keen = int(3 * np.quantile(counts, 0.99))
    assert not len(find_outliers(_counted([*counts, keen])))
