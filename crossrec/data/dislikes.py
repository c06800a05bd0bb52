"""Dislikes beside interactions: which of them counts, and which a model may see when it ranks.

Of what a user said of an item in a scenario the newest counts; without times a dislike does. One
after the cut takes its item out of what is judged, since it is no hit, but no model ever sees it.
"""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from crossrec.data.log import InteractionLog

_NEVER = np.iinfo(np.int64).min
_ALWAYS = np.iinfo(np.int64).max


def settled(log: InteractionLog) -> InteractionLog:
    """A log in which each (user, item, scenario) is an interaction or a dislike, not both."""
    if log.negatives is None:
        return log
    liked = log.select(newest_dislike(log, log.negatives) < _times(log))
    again = newest_dislike(log.negatives, liked) > _NEVER
    return replace(liked, negatives=None if again.all() else log.negatives.select(~again))


def newest_dislike(log: InteractionLog, dislikes: InteractionLog) -> np.ndarray:
    """Time of the newest dislike of each row's (user, item, scenario), shape (n,), int64.

    Args:
        log: whose rows are asked about.
        dislikes: a log with id maps of its own.

    Returns:
        The least number there is where there is none, the largest where no times are known.
    """
    keys, time = keys_in(log, dislikes), _times(dislikes)
    keys, time = keys[keys >= 0], time[keys >= 0]
    if not len(keys):
        return np.full(len(log), _NEVER)
    order = np.lexsort((time, keys))
    last = np.append(np.diff(keys[order]) != 0, True)
    keys, time = keys[order][last], time[order][last]
    own = _keys(log, log.user, log.item, log.scenario)
    at = np.searchsorted(keys, own).clip(max=len(keys) - 1)
    return np.where(keys[at] == own, time[at], _NEVER)


def keys_in(log: InteractionLog, other: InteractionLog) -> np.ndarray:
    """Rows of another log as numbers of (user, item, scenario) in this one, shape (m,), int64.

    -1 where this log does not know the user, the item or the scenario.
    """
    codes = [
        own.codes(theirs.ids)[column].astype(np.int64)
        for own, theirs, column in (
            (log.users, other.users, other.user),
            (log.items, other.items, other.item),
            (log.scenarios, other.scenarios, other.scenario),
        )
    ]
    known = np.min(codes, axis=0) >= 0
    return np.where(known, _keys(log, *codes), -1)


def before_test(dislikes: InteractionLog, test: InteractionLog, cut: int | None) -> np.ndarray:
    """Which dislikes were there before the test rows, shape (m,), bool; all without times.

    Args:
        dislikes: a log with id maps of its own.
        test: the test part of a split.
        cut: its first time; None where parts are cut by position: then a dislike must come before
            the first test row of the same user and scenario.
    """
    if dislikes.time is None:
        return np.ones(len(dislikes), dtype=bool)
    if cut is not None:
        return dislikes.time < cut
    first = np.full((len(test.users) + 1, len(test.scenarios) + 1), _ALWAYS)
    np.minimum.at(first, (test.user, test.scenario), _times(test))
    return dislikes.time < first[_places(test, dislikes)]


def visible_dislikes(
    train: InteractionLog,
    valid: InteractionLog,
    test: InteractionLog,
    cold_test: Sequence[np.ndarray],
    cut: int | None,
) -> InteractionLog | None:
    """The dislikes that may be known when the test rows are ranked; None where there are none.

    Not among them: those of the test period, those in the target of users who are cold-start
    there, those of items held out for the user, and those that a later interaction took back.

    Args:
        train: a part of a split; ``train.negatives`` are the dislikes of its log.
        valid: another one.
        test: the test part.
        cold_test: per scenario the users that are cold in the test part.
        cut: see :func:`before_test`.
    """
    dislikes = train.negatives
    if dislikes is None:
        return None
    cold = np.zeros((len(train.users) + 1, len(train.scenarios) + 1), dtype=bool)
    for code, users in enumerate(cold_test):
        cold[users, code] = True
    user, scenario = _places(train, dislikes)
    visible = before_test(dislikes, test, cut) & ~cold[user, scenario]
    keys = keys_in(train, dislikes)
    for part in (train, valid, test):
        visible &= ~np.isin(keys, _keys(part, part.user, part.item, part.scenario))
    return dislikes.select(visible) if visible.any() else None


def _places(log: InteractionLog, other: InteractionLog) -> tuple[np.ndarray, np.ndarray]:
    """User and scenario of another log's rows as codes of this one; -1 (the last) where unknown."""
    user = log.users.codes(other.users.ids)[other.user]
    return user, log.scenarios.codes(other.scenarios.ids)[other.scenario]


def _times(log: InteractionLog) -> np.ndarray:
    """Times of the rows; without any a dislike outweighs an interaction."""
    if log.time is None:
        return np.full(len(log), _ALWAYS)
    return log.time


def _keys(
    log: InteractionLog, user: np.ndarray, item: np.ndarray, scenario: np.ndarray
) -> np.ndarray:
    pair = user.astype(np.int64) * len(log.items) + item
    return pair * len(log.scenarios) + scenario
