"""Dislikes in logs made to trip the split: at the same second, beside a purchase, without any."""

from dataclasses import replace

import numpy as np
import pandas as pd
from hypothesis import HealthCheck, assume, given, reject, settings
from hypothesis import strategies as st

from crossrec.data import Histories, ItemSpace
from crossrec.data.dislikes import settled
from crossrec.data.log import InteractionLog, TimeKind
from crossrec.data.split.cutting import split
from crossrec.errors import SplitError
from crossrec.schema import ITEM, SCENARIO, TIME, USER, WEIGHT

FEW = settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.filter_too_much, HealthCheck.too_slow],
)
KEY = [USER, ITEM, SCENARIO]


def _frame(draw, rows, span, extra=0):
    users, items = draw.integers(0, 12, rows), draw.integers(0, 8 + extra, rows)
    return pd.DataFrame(
        {
            USER: [f"u{user}" for user in users],
            ITEM: [f"i{item}" for item in items],
            SCENARIO: draw.choice(["a", "b"], rows),
            WEIGHT: draw.uniform(0.1, 1, rows).astype(np.float32),
            TIME: draw.integers(0, span, rows),
        }
    )


def _rows(log):
    return log.to_frame().assign(**{} if log.time is not None else {TIME: 0})


@st.composite
def logs(draw):
    """A log and its dislikes; few times, so that many are the same."""
    random = np.random.default_rng(draw(st.integers(0, 100_000)))
    span = draw(st.sampled_from([5, 60, 2_000]))
    kind = draw(st.sampled_from(list(TimeKind)))
    liked = _frame(random, draw(st.integers(80, 250)), span)
    against = _frame(random, draw(st.integers(1, 120)), span, extra=draw(st.sampled_from([0, 3])))
    again = liked.sample(frac=draw(st.sampled_from([0, 0.3])), random_state=0)
    moved = again.assign(**{TIME: again[TIME] + draw(st.sampled_from([-1, 0, 1]))})
    against = pd.concat([against, moved], ignore_index=True)
    # Users that have refused items of one scenario, and bought in the other only.
    liked = liked[~((liked[USER] == "u0") & (liked[SCENARIO] == "b"))]
    log = InteractionLog.from_frame(liked.reset_index(drop=True), time_kind=kind)
    dislikes = InteractionLog.from_frame(against, time_kind=kind)
    return replace(log, negatives=dislikes)


def _split(log, **options):
    """The split; of logs with too few rows to hold any out there is none."""
    try:
        return split(log, **options)
    except SplitError:
        reject()


def _newest(log, against):
    """Time of the newest dislike of each row's key, -1 where there is none."""
    latest = _rows(against).groupby(KEY)[TIME].max()
    rows = _rows(log)
    return rows, latest.reindex(pd.MultiIndex.from_frame(rows[KEY])).fillna(-1).to_numpy()


@FEW
@given(log=logs(), cold=st.sampled_from([0.0, 0.3]))
def test_no_hit_is_disliked_later(log, cold):
    parts = _split(log, cold_users=cold)
    rows, latest = _newest(parts.test, log.negatives)
    assert not (latest >= rows[TIME].to_numpy()).any()


@FEW
@given(log=logs(), cold=st.sampled_from([0.0, 0.3]))
def test_only_dislikes_from_before_the_test_are_seen(log, cold):
    parts = _split(log, cold_users=cold)
    against = _rows(log.negatives)
    firsts = _rows(parts.test).groupby([USER, SCENARIO])[TIME].min().to_dict()
    held = {tuple(row) for part in (parts.train, parts.valid, parts.test)
            for row in _rows(part)[KEY].to_numpy()}  # fmt: skip
    cold_users = [set(parts.train.users.ids[users]) for users in parts.cold_test]
    visible = parts.histories(dislikes=True)
    plain = parts.histories()
    for code, name in enumerate(parts.train.scenarios.ids):
        matrix = visible.by_scenario[code].tocoo()
        ids = parts.space.ids(code)
        for row, column, value in zip(matrix.row, matrix.col, matrix.data, strict=True):
            if value > 0:
                continue
            user, item = visible.users.ids[row], ids[column]
            assert user not in cold_users[code]
            assert (user, item, name) not in held
            mine = against[
                (against[USER] == user) & (against[ITEM] == item) & (against[SCENARIO] == name)
            ]
            if parts.kind == "time":
                assert (mine[TIME] < parts.cuts[-1]).any()
            elif parts.kind == "order":
                assert (mine[TIME] < firsts.get((user, name), np.inf)).any()
        positive = visible.by_scenario[code].maximum(0)
        positive.eliminate_zeros()
        # strengths of one item are summed in another order where there are dislikes
        assert (abs(positive - plain.by_scenario[code])).sum() < 1e-5
    np.testing.assert_array_equal(visible.counts(), plain.counts())


@FEW
@given(log=logs())
def test_what_is_said_after_the_cut_changes_nothing_before_it(log):
    """Dislikes of the test period may take hits away; what is learnt and seen stays the same."""
    assume(log.time_kind is TimeKind.CLOCK)
    both = _split(log, cold_users=0.2)
    early = log.negatives.select(log.negatives.time < both.cuts[-1])
    alone = _split(replace(log, negatives=early if len(early) else None), cold_users=0.2)
    assert alone is not None
    pd.testing.assert_frame_equal(both.train.to_frame(), alone.train.to_frame())
    pd.testing.assert_frame_equal(both.valid.to_frame(), alone.valid.to_frame())
    # An early dislike of an item that is a hit, but for what is said later, is not seen.
    hits = {tuple(row) for row in _rows(alone.test)[KEY].to_numpy()}
    for code, name in enumerate(log.scenarios.ids):
        one, other = (parts.histories(dislikes=True).by_scenario[code] for parts in (both, alone))
        for row, column in zip(*(one - other).nonzero(), strict=True):
            assert (log.users.ids[row], both.space.ids(code)[column], name) in hits


@FEW
@given(log=logs())
def test_of_each_item_the_newest_thing_said_counts(log):
    """The histories of a model that is used, against a plain count."""
    final = settled(log)
    space = ItemSpace.of(final)
    histories = Histories.complete(log, space, log.users.ids)
    liked = _rows(log).groupby(KEY)[TIME].max()
    against = _rows(log.negatives).groupby(KEY)[TIME].max()
    timed = log.time is not None
    for code, name in enumerate(space.scenarios.ids):
        values = histories.by_scenario[code].toarray()
        for row, user in enumerate(histories.users.ids):
            for column, item in enumerate(space.ids(code)):
                key = (user, item, name)
                yes, no = liked.get(key), against.get(key)
                sign = 0 if yes is None and no is None else 1
                if no is not None and (yes is None or not timed or no >= yes):
                    sign = -1
                assert np.sign(values[row, column]) == sign


@FEW
@given(log=logs())
def test_a_dislike_makes_nobody_warm(log):
    parts = _split(log)
    counts = parts.histories(dislikes=True).counts()
    seen = parts.histories().counts()
    np.testing.assert_array_equal(counts, seen)
    final = Histories.complete(log, ItemSpace.of(log), log.users.ids)
    assert final.counts()[log.users.code("u0"), 1] == 0 if "u0" in log.users else True
