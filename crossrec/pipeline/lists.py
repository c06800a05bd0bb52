"""Lists worth showing, over many users: what variety costs."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from crossrec.data.history import Histories
from crossrec.data.seen import EXCLUDE, Seen
from crossrec.evaluation.metrics import coverage, find_hits, ndcg
from crossrec.lists import Rules, Shelf, list_figures, rerank
from crossrec.transfer.model import TransferModel
from crossrec.transfer.recommender import top_k

VARIETIES = (0.0, 0.1, 0.2, 0.3, 0.5, 0.7, 0.9)
TRADEOFF_COLUMNS = (
    "variety", "ndcg", "diversity", "coverage", "novelty", "serendipity", "calibration", "users",
)  # fmt: skip
"""Columns of :func:`tradeoff`."""

_POOL = 200
_BATCH = 64


def tradeoff(
    model: TransferModel,
    histories: Histories,
    hidden: Histories,
    shelf: Shelf,
    *,
    k: int = 10,
    varieties: Sequence[float] = VARIETIES,
    rules: Rules | None = None,
    users: int = 300,
    seed: int = 0,
    seen: Seen = EXCLUDE,
) -> pd.DataFrame:
    """What relevance variety costs: NDCG@k against intra-list diversity.

    Args:
        model: a fitted model.
        histories: of all users up to the test cut.
        hidden: their test items, same rows.
        shelf: of the target scenario.
        k: list length.
        varieties: settings tried, see :func:`crossrec.lists.rerank`.
        rules: what the lists keep to.
        users: with hidden items, sampled at most.
        seed: of their sample.
        seen: whether seen items are left out of the lists, and products the user has with them.

    Returns:
        :data:`TRADEOFF_COLUMNS`, one row per setting: means over the users (coverage: share of the
        scenario's items in any list; figures that a user has not are left out of their mean).
    """
    target = shelf.scenario
    judged = np.flatnonzero(np.diff(hidden.by_scenario[target].indptr))
    judged = np.sort(np.random.default_rng(seed).permutation(judged)[:users])
    lists = np.full((len(varieties), len(judged), k), -1, dtype=np.int64)
    figures = np.full((len(varieties), len(judged), 4), np.nan)
    for start in range(0, len(judged), _BATCH):
        rows = judged[start : start + _BATCH]
        batch = histories.take(rows)
        scores = model.scores(batch, target)
        order, _ = top_k(scores, batch, target, max(_POOL, 5 * k), seen)
        for at, row in enumerate(rows.tolist()):
            one = batch.take(slice(at, at + 1))
            known = shelf.known_products(one) if seen == EXCLUDE else None
            candidates = order[at][order[at] >= 0]
            wanted = hidden.by_scenario[target][[row]].indices
            for place, variety in enumerate(varieties):
                found = rerank(
                    scores[at], candidates, shelf, k, variety=variety, rules=rules, known=known
                )
                told = list_figures(
                    found,
                    shelf,
                    users=len(histories),
                    history=one.by_scenario[target].indices,
                    relevant=wanted,
                )
                lists[place, start + at, : len(found)] = found
                figures[place, start + at] = (
                    told.diversity, told.novelty, told.serendipity, told.calibration,
                )  # fmt: skip
    relevant = hidden.by_scenario[target][judged]
    sizes = np.diff(relevant.indptr)
    rows = [
        (
            float(variety),
            _mean(ndcg(find_hits(top, relevant), sizes, k)),
            _mean(figure[:, 0]),
            coverage(top, len(shelf), k),
            *(_mean(column) for column in figure[:, 1:].T),
            len(judged),
        )
        for variety, top, figure in zip(varieties, lists, figures, strict=True)
    ]
    return pd.DataFrame(rows, columns=pd.Index(TRADEOFF_COLUMNS))


def _mean(values: np.ndarray) -> float:
    known = values[~np.isnan(values)]
    return float(known.mean()) if len(known) else float("nan")
