"""Faithfulness: does a score fall fastest when the items said to matter most are removed?"""

import numpy as np
import pandas as pd

from crossrec.data.history import Histories
from crossrec.data.seen import EXCLUDE, Seen
from crossrec.explanation.batch import listed_terms
from crossrec.explanation.removal import Asked
from crossrec.explanation.terms import Terms
from crossrec.explanation.variants import Entry
from crossrec.transfer.model import TransferModel

DELETION_COLUMNS = ("order", "removed", "change", "in_top", "users")
BY_CONTRIBUTION, AT_RANDOM = "contribution", "random"


def deletion_curve(
    model: TransferModel,
    histories: Histories,
    scenario: str,
    *,
    steps: int = 10,
    k: int = 10,
    users: int = 100,
    seed: int = 0,
    seen: Seen = EXCLUDE,
) -> pd.DataFrame:
    """Mean change of the best item's score as its history items are removed one after the other.

    Source of the test: Petsiuk, Das, Saenko, "RISE" (BMVC 2018), deletion. An explanation that
    tells the truth makes the score fall faster than a random order does.

    Args:
        model: a fitted model.
        histories: users; those with at least two history items are sampled.
        scenario: the target's name.
        steps: history items removed at most.
        k: length of the list that the item may fall out of.
        users: sampled at most.
        seed: of the sample and of the random order.
        seen: whether seen items are left out of the lists.

    Returns:
        :data:`DELETION_COLUMNS`: ``order`` is "contribution" (the largest first) or "random";
        ``removed`` 0 to steps; ``change`` mean change of the score, recomputed exactly; ``in_top``
        share of users for whom the item is still in the first k. Users with fewer history items
        stay where they are without any.

    Raises:
        UnknownId: the scenario is not known.
    """
    target = model.space_.scenarios.code(scenario, "scenario")
    rng = np.random.default_rng(seed)
    chosen = rng.permutation(np.flatnonzero(histories.counts().sum(axis=1) > 1))[:users]
    sample = histories.take(chosen)
    sums = {order: np.zeros((2, steps + 1)) for order in (BY_CONTRIBUTION, AT_RANDOM)}
    judged = 0
    for row, _, found in listed_terms(model, sample, target, 1, seen):
        if not len(found.items):
            continue
        judged += 1
        one = sample.take(slice(row, row + 1))
        item = str(model.space_.ids(target)[found.items[0]])
        asked = Asked.of(model, one, scenario, item, seen=seen)
        for order, removed in _orders(found, rng).items():
            gone = [removed[: min(step, len(removed))] for step in range(steps + 1)]
            scores, ranks = asked.rescored(model, gone)
            sums[order] += np.stack([scores - scores[0], ranks <= k])
    rows = [
        (order, step, *(sums[order][:, step] / max(judged, 1)).tolist(), judged)
        for order in sums
        for step in range(steps + 1)
    ]
    return pd.DataFrame(rows, columns=pd.Index(DELETION_COLUMNS))


def _orders(found: Terms, rng: np.random.Generator) -> dict[str, list[Entry]]:
    """The history items in both orders; items of closed sources have no contribution."""
    pairs = list(zip(found.source.tolist(), found.history.tolist(), strict=True))
    best = np.argsort(-found.amount[:, 0], kind="stable")
    return {
        BY_CONTRIBUTION: [pairs[at] for at in best],
        AT_RANDOM: [pairs[at] for at in rng.permutation(len(pairs))],
    }
