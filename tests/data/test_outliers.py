"""Bots are flagged; keen people and long tails are not."""

from dataclasses import replace

import numpy as np
import pandas as pd

from crossrec.data import InteractionLog, TimeKind, audit
from crossrec.data.audit.outliers import find_outliers

DAY = 86_400


def _log(counts, times=None) -> InteractionLog:
    user = np.repeat(np.arange(len(counts)), counts)
    frame = pd.DataFrame({"user_id": user, "item_id": np.arange(len(user)) % 997})
    frame = frame.astype(str).assign(scenario=np.where(np.arange(len(user)) % 2, "a", "b"))
    log = InteractionLog.from_frame(frame)
    return log if times is None else replace(log, time=times, time_kind=TimeKind.CLOCK)


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
