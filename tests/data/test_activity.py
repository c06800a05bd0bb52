"""Curves of activity: sorted, thin, and with both ends."""

import numpy as np

from crossrec.data.audit.activity import activity_curves, head_shares, popularity_curves


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


def test_popularity_counts_items(small_log):
    curves = popularity_curves(small_log)
    for name, curve in curves.groupby("scenario"):
        rows = small_log.scenario == small_log.scenarios.code(name)
        counts = np.unique(small_log.item[rows], return_counts=True)[1]
        assert curve["count"].tolist()[0] == counts.max()
        assert curve["rank"].tolist()[-1] == len(counts)


def test_the_head_is_the_most_popular_items(small_log):
    for name, items, share in head_shares(small_log, 0.1).itertuples(index=False):
        rows = small_log.scenario == small_log.scenarios.code(name)
        counts = np.sort(np.unique(small_log.item[rows], return_counts=True)[1])[::-1]
        assert items == round(0.1 * len(counts))
        assert share == counts[:items].sum() / rows.sum()


def test_the_most_active_users_stand_at_their_mean_where_few_are_withheld(small_log):
    shown = activity_curves(small_log, least=5)
    for name, curve in shown.groupby("scenario"):
        rows = small_log.scenario == small_log.scenarios.code(name)
        counts = np.sort(np.unique(small_log.user[rows], return_counts=True)[1])[::-1]
        assert curve["count"].tolist()[0] == round(counts[:5].mean())
        assert curve["count"].is_monotonic_decreasing
    assert activity_curves(small_log, least=10_000).empty
