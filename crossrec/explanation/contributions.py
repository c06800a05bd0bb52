"""Where one score comes from: the exact terms of the sum.

Identity (method page §5): ``R(u,t,j) = base + sum over s of M_st(u) sum over h in H(u,s) of
w_uh W_st[h, j]``, and every term is a learnt part plus a text part. Nothing is estimated here.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from crossrec.data.history import Histories
from crossrec.errors import CrossRecError, UnknownId
from crossrec.schema import ITEM, SOURCE_SCENARIO
from crossrec.transfer.model import TransferModel
from crossrec.transfer.recommender import Recommendation

COLUMNS = (SOURCE_SCENARIO, ITEM, "amount", "learnt", "text", "coefficient")


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
    space = model.space_
    target = space.scenarios.code(scenario, "scenario")
    one = histories.take(np.array([histories.users.code(user, "user")]))
    code = space.items.code(item, "item")
    local = int(space.local(target, np.array([code]))[0])
    if local < 0:
        raise UnknownId.of(f"item of scenario {scenario!r}", item, space.ids(target))
    used = model.coefficients(one, target)[0] if coefficients is None else coefficients
    popularity = model.popularity(target)[local]
    base = float(model.base(one.counts(), target)[0]) * float(popularity)
    parts = [
        part
        for source in range(len(space))
        if (part := _source_part(model, one, source, target, local, used)) is not None
    ]
    empty = pd.DataFrame({name: [] for name in COLUMNS})
    table = pd.concat(parts, ignore_index=True) if parts else empty
    order = np.argsort(-np.abs(table["amount"].to_numpy()), kind="stable")
    table = table.iloc[order].reset_index(drop=True)
    score = base + float(table["amount"].sum())
    return Explanation(user, scenario, item, score, base, table)


def _source_part(
    model: TransferModel,
    one: Histories,
    source: int,
    target: int,
    item: int,
    coefficients: np.ndarray,
) -> pd.DataFrame | None:
    weights = model.weights(one, source, target)
    if not weights.nnz or coefficients[source] == 0:
        return None
    learnt, text = model.effects(source, target, weights.indices, item)
    scale = float(coefficients[source]) * weights.data.astype(np.float64)
    space = model.space_
    return pd.DataFrame(
        {
            SOURCE_SCENARIO: space.scenarios.ids[source],
            ITEM: space.ids(source)[weights.indices],
            "amount": scale * (learnt.astype(np.float64) + text),
            "learnt": scale * learnt,
            "text": scale * text,
            "coefficient": float(coefficients[source]),
        }
    )


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
            "Pass histories=Histories.from_log(log, model.space_)",
        )
    return contributions(model, known, recommendation.user, recommendation.scenario, item)
