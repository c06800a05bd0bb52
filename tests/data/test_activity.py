"""Curves of activity: sorted, thin, and with both ends."""

import numpy as np

from crossrec.data.activity import activity_curves


def test_curves_hold_the_first_and_the_last_user(small_log):
    curves = activity_curves(small_log, points=10)
    for name, curve in curves.groupby("scenario"):
        code = small_log.scenarios.code(name)
        counts = np.unique(small_log.user[small_log.scenario == code], return_counts=True)[1]
        assert curve["rank"].tolist()[0] == 1
        assert curve["rank"].tolist()[-1] == len(counts)
        assert curve["count"].tolist()[0] == counts.max()
        assert curve["count"].tolist()[-1] == counts.min()
        assert len(curve) <= 10
        assert curve["count"].is_monotonic_decreasing


def test_an_empty_log_has_no_curve(small_log):
    curves = activity_curves(small_log.select(np.array([], dtype=int)))
    assert list(curves.columns) == ["scenario", "rank", "count"]
    assert curves.empty
