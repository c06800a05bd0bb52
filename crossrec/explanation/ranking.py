"""All candidates of one user, best first: what every question about ranks is asked of."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd

from crossrec.data.history import Histories
from crossrec.data.seen import EXCLUDE, Seen, left_out
from crossrec.explanation.terms import base_of, terms, weights_of
from crossrec.schema import ITEM, RANK, SCORE, SOURCE_SCENARIO
from crossrec.transfer.model import TransferModel

RANK_BEFORE = "rank_before"
MOVED = "moved"
FALLBACK = ""
"""The source of an item that no history speaks for: popularity alone put it there."""


@dataclass(frozen=True)
class Ranking:
    """The candidates of one scenario for one user.

    Attributes:
        scenario: the target's name.
        item_ids: shape (c,), best first; equal scores in the order of the scenario's items.
        local: their local numbers, shape (c,), int64.
        scores: shape (c,), float32, descending.
        all_scores: of all items of the scenario in local order, shape (n_t,), float32.
        coefficients: M_st(u) that was used, shape (S,).
    """

    scenario: str
    item_ids: np.ndarray
    local: np.ndarray
    scores: np.ndarray
    all_scores: np.ndarray
    coefficients: np.ndarray

    def __len__(self) -> int:
        return len(self.local)

    @cached_property
    def ranks(self) -> np.ndarray:
        """Rank of every item of the scenario in local order, from 1; 0 for those left out."""
        ranks = np.zeros(len(self.all_scores), dtype=np.int64)
        ranks[self.local] = np.arange(1, len(self.local) + 1)
        return ranks

    def frame(self, k: int | None = None) -> pd.DataFrame:
        """The first k, or all, as ``item_id, rank, score``."""
        n = len(self) if k is None else min(k, len(self))
        places = np.arange(1, n + 1)
        return pd.DataFrame(
            {ITEM: self.item_ids[:n], RANK: places, SCORE: self.scores[:n].astype(np.float64)}
        )


def rank(
    model: TransferModel,
    one: Histories,
    scenario: str,
    *,
    coefficients: np.ndarray | None = None,
    seen: Seen = EXCLUDE,
    hidden: np.ndarray | None = None,
) -> Ranking:
    """Rank all items, without those the user has or with them.

    Args:
        model: a fitted model.
        one: the history of a single user.
        scenario: the target's name.
        coefficients: M to use instead of the learnt one, shape (S,).
        seen: whether seen items are left out; disliked ones always are.
        hidden: local items to leave out in place of these.

    Raises:
        UnknownId: the scenario is not known.
    """
    target = model.space_.scenarios.code(scenario, "scenario")
    parts = model.fitted_.parts(one, target)
    used = parts.coefficients
    if coefficients is not None:
        used = np.asarray(coefficients, dtype=np.float32)[None, :]
    scores = parts.scores(used)[0]
    gone = left_out(one.by_scenario[target], seen).indices if hidden is None else hidden
    return ordered(model, scenario, scores, used[0], gone)


def ordered(
    model: TransferModel,
    scenario: str,
    scores: np.ndarray,
    coefficients: np.ndarray,
    left_out: np.ndarray,
) -> Ranking:
    """A ranking of scores that are there already, shape (n_t,), without some local items."""
    kept = np.ones(len(scores), dtype=bool)
    kept[left_out] = False
    local = np.flatnonzero(kept)
    local = local[np.argsort(-scores[local], kind="stable")]
    target = model.space_.scenarios.code(scenario, "scenario")
    ids = model.space_.ids(target)[local]
    return Ranking(scenario, ids, local, scores[local], scores, coefficients)


def moves(after: Ranking, before: Ranking, k: int) -> pd.DataFrame:
    """The first k of one ranking with their ranks in another.

    Args:
        after: whose first k are told.
        before: of the same scenario; it may offer other candidates.
        k: how many.

    Returns:
        ``item_id, rank, score, rank_before, moved``; ``moved`` is places won, negative for lost;
        both NaN where the item was no candidate before.
    """
    table = after.frame(k)
    local = after.local[: len(table)]
    size = max(len(before.all_scores), len(after.all_scores))
    ranks = np.full(size, np.nan)
    ranks[before.local] = np.arange(1, len(before) + 1)
    earlier = ranks[local]
    return table.assign(**{RANK_BEFORE: earlier, MOVED: earlier - table[RANK].to_numpy()})


def sources(model: TransferModel, one: Histories, ranking: Ranking, k: int) -> pd.DataFrame:
    """Which scenario brought each of the first k items.

    Args:
        model: the model that ranked.
        one: the history it ranked for.
        ranking: of :func:`rank`.
        k: how many items.

    Returns:
        ``item_id``, one column per scenario name with the sum of its contributions, ``base``, and
        ``source_scenario``: where the largest positive sum comes from, :data:`FALLBACK` where it
        is popularity.
    """
    space = model.space_
    target = space.scenarios.code(ranking.scenario, "scenario")
    items = ranking.local[:k]
    table = pd.DataFrame({ITEM: ranking.item_ids[:k]})
    found = terms(
        model,
        weights_of(model, one, target),
        0,
        target,
        items,
        base=base_of(model, one, target),
        coefficients=ranking.coefficients,
    )
    amount = found.amount
    names = [str(name) for name in space.scenarios.ids]
    shares = np.stack([amount[found.source == s].sum(axis=0) for s in range(len(names))], axis=1)
    best = shares.argmax(axis=1) if len(items) else np.zeros(0, dtype=np.int64)
    top = shares[np.arange(len(items)), best]
    brought = np.where(
        (top > 0) & (top >= found.base), np.array(names, dtype=object)[best], FALLBACK
    )
    parts = pd.DataFrame(shares, columns=pd.Index(names))
    return pd.concat([table, parts], axis=1).assign(base=found.base, **{SOURCE_SCENARIO: brought})
