"""Which rows a scenario is learnt from and which it is judged on, and what needs no features.

Three ways, from flattering to honest. *Rows at random* puts rows of one item, user and basket on
both sides: whoever has seen the item need not understand anything. *New users* keeps items: right
where unlabelled rows are about items that are labelled elsewhere, and then a plain look-up ("same
item") does as well. *New users and items* keeps nothing: what context alone is worth.
"""

from collections.abc import Callable, Mapping

import numpy as np

from crossrec.data.identification.context import ContextRows
from crossrec.data.ids import UNKNOWN

FOLDS = 5
RANDOM_ROWS, NEW_USERS, NEW_BOTH = "rows at random", "new users", "new users and items"
Folds = list[tuple[np.ndarray, np.ndarray]]
"""Numbers, among the sampled rows, of those to learn from and those to judge on."""


def deal(rows: ContextRows, at: np.ndarray, rng: np.random.Generator) -> Mapping[str, Folds]:
    """The folds of the sampled rows ``at``, by way."""
    return {name: make(rows, at, rng) for name, make in _WAYS.items()}


def majority(truth: np.ndarray, folds: Folds, n: int) -> np.ndarray:
    """The most frequent of n scenarios, as learnt, shape (len(truth),); -1 for unjudged rows."""
    told = np.full(len(truth), UNKNOWN)
    for train, test in folds:
        if len(train):
            told[test] = np.bincount(truth[train], minlength=n).argmax()
    return told


def same_item(item: np.ndarray, truth: np.ndarray, folds: Folds, n: int) -> np.ndarray:
    """The scenario most rows of the item have elsewhere; the majority for unseen items."""
    told = majority(truth, folds, n)
    _, codes = np.unique(item, return_inverse=True)
    for train, test in folds:
        counts = np.zeros((codes.max() + 1, n), dtype=np.int64)
        np.add.at(counts, (codes[train], truth[train]), 1)
        seen = counts.sum(axis=1)[codes[test]] > 0
        told[test[seen]] = counts.argmax(axis=1)[codes[test[seen]]]
    return told


def _random_rows(rows: ContextRows, at: np.ndarray, rng: np.random.Generator) -> Folds:
    del rows  # nothing is kept together: that is what makes this way flatter
    fold = rng.permutation(len(at)) % FOLDS
    return [(np.flatnonzero(fold != one), np.flatnonzero(fold == one)) for one in range(FOLDS)]


def _new_users(rows: ContextRows, at: np.ndarray, rng: np.random.Generator) -> Folds:
    fold = _fold_of(rows.user, rng)[at]
    return [(np.flatnonzero(fold != one), np.flatnonzero(fold == one)) for one in range(FOLDS)]


def _new_both(rows: ContextRows, at: np.ndarray, rng: np.random.Generator) -> Folds:
    """Users and items are both dealt to folds: rows that share one with the judged are left out.

    Each of the five judges one fold of users with one fold of items, a fifth of all rows together.
    A basket belongs to one user and so never stands on both sides.
    """
    user, item = _fold_of(rows.user, rng)[at], _fold_of(rows.item, rng)[at]
    return [
        (
            np.flatnonzero((user != one) & (item != one)),
            np.flatnonzero((user == one) & (item == one)),
        )
        for one in range(FOLDS)
    ]


_WAYS: Mapping[str, Callable[[ContextRows, np.ndarray, np.random.Generator], Folds]] = {
    RANDOM_ROWS: _random_rows,
    NEW_USERS: _new_users,
    NEW_BOTH: _new_both,
}


def _fold_of(codes: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """A fold for every code, given to its rows, shape (n,)."""
    return (rng.permutation(int(codes.max()) + 1) % FOLDS)[codes]
