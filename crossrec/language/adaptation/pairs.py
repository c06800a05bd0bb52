"""Pairs of items that one user used, and items that user did not: what adaptation learns from."""

from dataclasses import dataclass

import numpy as np

from crossrec.data.log import InteractionLog
from crossrec.errors import TrainingFailed


@dataclass(frozen=True)
class Pairs:
    """Pairs drawn from a log.

    Attributes:
        left, right: item codes of the log, shape (n,): both used by one user.
        other: an item of the right one's scenario that this user did not use, shape (n,).
        across: whether left and right lie in different scenarios, shape (n,), boolean.
    """

    left: np.ndarray
    right: np.ndarray
    other: np.ndarray
    across: np.ndarray

    def __len__(self) -> int:
        return len(self.left)


def co_interactions(log: InteractionLog, n: int, *, across: float = 0.5, seed: int = 0) -> Pairs:
    """Draw pairs of items that one user used.

    A row is drawn, then a second row of the same user, so that heavy users count by their rows,
    not by the square of them.

    Args:
        log: the rows that may be learnt from: a split's training rows, and no others.
        n: how many; fewer where the log has fewer.
        across: share that lies in two scenarios, as far as users cross.
        seed: of the drawing.

    Raises:
        TrainingFailed: no user used two items.
    """
    rng = np.random.default_rng(seed)
    order = np.argsort(log.user, kind="stable")
    user, item, place = log.user[order], log.item[order], log.scenario[order]
    first = np.searchsorted(user, user, side="left")
    count = np.searchsorted(user, user, side="right") - first
    rows = np.flatnonzero(count > 1)
    if not len(rows):
        raise TrainingFailed(
            "expected users with two items or more to learn from", "none in the training rows"
        )
    left = rng.choice(rows, 8 * n)
    right = first[left] + rng.integers(0, count[left])
    good = item[left] != item[right]
    left, right = left[good], right[good]
    crosses = place[left] != place[right]
    keep = np.concatenate(
        [
            np.flatnonzero(crosses)[: round(n * across)],
            np.flatnonzero(~crosses)[: n - round(n * across)],
        ]
    )
    keep = rng.permutation(keep)
    left, right = left[keep], right[keep]
    if not len(keep):
        raise TrainingFailed("expected users with two different items", "none in the training rows")
    other = _others(user, item, place, right, rng)
    return Pairs(item[left], item[right], item[other], crosses[keep])


def _others(
    user: np.ndarray,
    item: np.ndarray,
    place: np.ndarray,
    right: np.ndarray,
    rng: np.random.Generator,
) -> np.ndarray:
    """Rows of other items in the same scenario, as popular as they are; shape (len(right),)."""
    width = int(item.max()) + 1
    seen = np.unique(user.astype(np.int64) * width + item)
    found = right.copy()
    open_ = np.arange(len(right))  # a user who has used everything keeps what was drawn last
    for _ in range(10):
        for at in np.unique(place[right[open_]]):
            mine = open_[place[right[open_]] == at]
            found[mine] = rng.choice(np.flatnonzero(place == at), len(mine))
        drawn = user[right[open_]].astype(np.int64) * width + item[found[open_]]
        open_ = open_[np.isin(drawn, seen)]
        if not len(open_):
            break
    return found
