"""Where a score comes from: the exact terms of the sum.

Identity (method page §5): ``R(u,t,j) = base + sum over s of M_st(u) sum over h in H(u,s) of
w_uh W_st[h, j]``, and every term is a learnt part plus a text part. Nothing is estimated here.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from crossrec.data.history import Histories
from crossrec.errors import CrossRecError, UnknownId
from crossrec.explanation.terms import Terms, base_of, terms, weights_of
from crossrec.schema import ITEM, SOURCE_SCENARIO
from crossrec.transfer.model import TransferModel
from crossrec.transfer.recommender import Recommendation

COLUMNS = (SOURCE_SCENARIO, ITEM, "amount", "learnt", "text", "coefficient")
FOLDED_COLUMNS = ("kind", SOURCE_SCENARIO, ITEM, "items", "amount", "learnt", "text")
"""Columns of :meth:`Explanation.folded`."""


@dataclass(frozen=True)
class Explanation:
    """Why one item has its score for one user.

    Attributes:
        user, scenario, item_id: whose score, in which target scenario, of what.
        score: R(u, t, j).
        base: the part that knows no history item: popularity with the user's weight for it.
        contributions: one row per history item and source scenario, columns :data:`COLUMNS`, the
            largest amounts first. ``amount = learnt + text``, both with ``coefficient`` M_st(u)
            included; ``score = base + amount.sum()`` up to rounding (1e-5).
    """

    user: str
    scenario: str
    item_id: str
    score: float
    base: float
    contributions: pd.DataFrame

    def by_source(self) -> dict[str, float]:
        """Sum of the amounts per source scenario."""
        sums: dict[str, float] = {}
        columns = (self.contributions[SOURCE_SCENARIO], self.contributions["amount"])
        for name, amount in zip(*columns, strict=True):
            sums[name] = sums.get(name, 0.0) + amount
        return sums

    def folded(self, most: int = 9) -> pd.DataFrame:
        """The sum as scenario -> item -> part, with what is small added up honestly.

        Args:
            most: history items that get a row of their own, the largest amounts of all scenarios.

        Returns:
            :data:`FOLDED_COLUMNS`. Kinds: "base"; per source "scenario" (the sum of what follows)
            with its "item" rows and one "other" row for the ``items`` left over; "score". Sources
            with the largest sums stand first. "base" and all "scenario" rows add up to "score",
            and "item" and "other" rows to their "scenario".
        """
        table = self.contributions
        shown = np.arange(len(table)) < most
        order = sorted(self.by_source().items(), key=lambda pair: -abs(pair[1]))
        rows = [_folded("base", "", "", 0, np.array([self.base, np.nan, np.nan]))]
        for name, _ in order:
            here = (table[SOURCE_SCENARIO] == name).to_numpy()
            amounts = table[["amount", "learnt", "text"]].to_numpy(dtype=np.float64)
            rows.append(_folded("scenario", name, "", int(here.sum()), amounts[here].sum(axis=0)))
            rows += [
                _folded("item", name, str(table[ITEM].iloc[at]), 1, amounts[at])
                for at in np.flatnonzero(here & shown)
            ]
            rest = here & ~shown
            if rest.any():
                total = amounts[rest].sum(axis=0)
                rows.append(_folded("other", name, "", int(rest.sum()), total))
        rows.append(_folded("score", "", "", 0, np.array([self.score, np.nan, np.nan])))
        return pd.DataFrame(rows, columns=pd.Index(FOLDED_COLUMNS))

    def to_dict(self) -> dict[str, Any]:
        """As JSON-able values."""
        return {
            "user_id": self.user,
            "scenario": self.scenario,
            "item_id": self.item_id,
            "score": self.score,
            "base": self.base,
            "contributions": self.contributions.to_dict(orient="records"),
        }


def _folded(kind: str, scenario: str, item: str, items: int, amounts: np.ndarray) -> tuple:
    return (kind, scenario, item, items, *map(float, amounts))


def contributions(
    model: TransferModel,
    histories: Histories,
    user: str,
    scenario: str,
    item: str,
    *,
    coefficients: np.ndarray | None = None,
) -> Explanation:
    """Split one score into its terms.

    Args:
        model: a fitted model.
        histories: where the user's history is.
        user: user id of ``histories``.
        scenario: the target's name.
        item: item id of that scenario.
        coefficients: M to use instead of the learnt one, shape (S,).

    Raises:
        UnknownId: the user, the scenario, or the item in this scenario is not known.
    """
    return list_contributions(model, histories, user, scenario, [item], coefficients=coefficients)[
        0
    ]


def list_contributions(
    model: TransferModel,
    histories: Histories,
    user: str,
    scenario: str,
    items: Sequence[str],
    *,
    coefficients: np.ndarray | None = None,
) -> list[Explanation]:
    """Split the scores of several items, as :func:`contributions` does for one."""
    target = model.space_.scenarios.code(scenario, "scenario")
    one = histories.take(np.array([histories.users.code(user, "user")]))
    if not len(items):
        return []
    local = local_items(model, target, items)
    m = model.coefficients(one, target)[0] if coefficients is None else coefficients
    weights = weights_of(model, one, target)
    base = base_of(model, one, target)
    told = []
    for item, at in zip(items, local[:, None], strict=True):
        # one item at a time: in a product of matrices its last digit would depend on the others
        found = terms(model, weights, 0, target, at, base=base, coefficients=m)
        told.append(Explanation(user, scenario, item, *_told(model, found, m)))
    return told


def local_items(model: TransferModel, target: int, items: Sequence[str]) -> np.ndarray:
    """Local numbers of item ids of a target scenario, shape (k,).

    Raises:
        UnknownId: an item is not known, or not offered in this scenario.
    """
    space = model.space_
    codes = np.array([space.items.code(item, "item") for item in items], dtype=np.int32)
    local = space.local(target, codes)
    for item, number in zip(items, local.tolist(), strict=True):
        if number < 0:
            name = space.scenarios.ids[target]
            raise UnknownId.of(f"item of scenario {str(name)!r}", item, space.ids(target))
    return local.astype(np.int64)


def _told(
    model: TransferModel, found: Terms, coefficients: np.ndarray
) -> tuple[float, float, pd.DataFrame]:
    """Score, base and table of a single item."""
    space = model.space_
    learnt, text = found.learnt[:, 0], found.text[:, 0]
    amount = learnt + text
    order = np.argsort(-np.abs(amount), kind="stable")
    source = found.source[order]
    ids = np.empty(len(order), dtype=object)
    for code in np.unique(source):
        here = source == code
        ids[here] = space.ids(code)[found.history[order][here]]
    table = pd.DataFrame(
        {
            SOURCE_SCENARIO: space.scenarios.ids[source],
            ITEM: ids,
            "amount": amount[order],
            "learnt": learnt[order],
            "text": text[order],
            "coefficient": np.asarray(coefficients, dtype=np.float64)[source],
        }
    )
    base = float(found.base[0])
    return base + float(amount.sum()), base, table


def explain(
    model: TransferModel,
    recommendation: Recommendation,
    item: str,
    *,
    histories: Histories | None = None,
) -> Explanation:
    """Explain one item of a recommendation.

    Args:
        model: the model that recommended.
        recommendation: its list.
        item: an item id of the list.
        histories: where the user's history is; default those seen in ``fit``.

    Raises:
        UnknownId: the item is not in the scenario.
        CrossRecError: the model was loaded from disk and no histories are given.
    """
    known = histories or model.histories_
    if known is None:
        raise CrossRecError(
            "expected histories: a loaded model does not keep any user's rows",
            "",
            "Pass histories=Histories.complete(log, model.space_)",
        )
    return contributions(model, known, recommendation.user, recommendation.scenario, item)
