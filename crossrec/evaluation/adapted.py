"""Whether an adapted encoder finds what people went on to use, on rows it never learnt from."""

from dataclasses import asdict, dataclass, replace
from typing import Any

import numpy as np
from scipy import sparse

from crossrec.data.history import Histories
from crossrec.data.split.cutting import ScenarioSplit
from crossrec.evaluation.uncertainty import bootstrap_difference, holm, resamples_for
from crossrec.evaluation.verdict import Judgement, judge
from crossrec.language.table import FeatureTable, unit_rows

K = 10
_USERS = 20_000  # of a pair of scenarios, at most
_BLOCK = 256


@dataclass(frozen=True)
class Quality:
    """NDCG@10 of the nearest items by text, for one source and target scenario.

    Attributes:
        source, target: whose history is looked from, whose items are ranked.
        users: with history in the source and validation items in the target.
        before, after: mean NDCG@10 by the encoder as it was, and adapted.
        low, high: 95 % bootstrap interval of ``after - before`` over users.
        p_holm: of ``after - before``, corrected over the pairs of scenarios.
    """

    source: str
    target: str
    users: int
    before: float
    after: float
    low: float
    high: float
    p_holm: float

    @property
    def judgement(self) -> Judgement:
        """Whether adaptation helps this pair, and what decided it."""
        return judge(self.low, self.high, self.p_holm, self.users)

    def to_dict(self) -> dict[str, Any]:
        """As JSON-able values."""
        return asdict(self)


def compare_encoders(
    split: ScenarioSplit, before: FeatureTable, after: FeatureTable, *, seed: int = 0
) -> list[Quality]:
    """Rank each scenario's items by their similarity with the mean of a user's training items.

    This is neighbour quality as a person meets it: what lies near what somebody used, and is it
    what that person used next? Validation rows are the truth; test rows are not read.

    Args:
        split: histories come from its training rows.
        before: vectors by the encoder as it was.
        after: vectors by the adapted one.
        seed: of the users drawn and of the bootstrap.
    """
    train = Histories.from_log(split.train, split.space)
    valid = Histories.from_log(split.valid, split.space, train.users.ids)
    names = split.space.scenarios.ids
    rng = np.random.default_rng(seed)
    found = []
    for target in range(len(names)):
        for source in range(len(names)):
            users = _judged(train, valid, source, target, rng)
            if len(users) < 2:
                continue
            seen = (train, valid, users, source, target)
            values = [_ndcg(split, *seen, table) for table in (before, after)]
            change = bootstrap_difference(
                values[1], values[0], resamples=resamples_for(len(names) ** 2), seed=seed
            )
            found.append(
                Quality(
                    str(names[source]),
                    str(names[target]),
                    len(users),
                    float(values[0].mean()),
                    float(values[1].mean()),
                    float(change.low[0]),
                    float(change.high[0]),
                    float(change.p[0]),
                )
            )
    adjusted = holm(np.array([each.p_holm for each in found]))
    return [replace(each, p_holm=float(p)) for each, p in zip(found, adjusted, strict=True)]


def _judged(
    train: Histories, valid: Histories, source: int, target: int, rng: np.random.Generator
) -> np.ndarray:
    wanted = np.flatnonzero(
        (np.diff(train.by_scenario[source].indptr) > 0)
        & (np.diff(valid.by_scenario[target].indptr) > 0)
    )
    return wanted if len(wanted) <= _USERS else np.sort(rng.choice(wanted, _USERS, replace=False))


def _ndcg(
    split: ScenarioSplit,
    train: Histories,
    valid: Histories,
    users: np.ndarray,
    source: int,
    target: int,
    table: FeatureTable,
) -> np.ndarray:
    """NDCG@10 of each user, shape (len(users),); the user's own training items are left out."""
    sides = [_centred(table.rows(split.space.ids(at))) for at in (source, target)]
    found = np.zeros(len(users))
    for start in range(0, len(users), _BLOCK):  # users x items is large
        part = users[start : start + _BLOCK]
        profile = unit_rows(np.asarray(train.by_scenario[source][part] @ sides[0]))
        seen, truth = train.by_scenario[target][part], valid.by_scenario[target][part]
        found[start : start + _BLOCK] = _ndcg_of(profile @ sides[1].T, seen, truth)
    return found


def _ndcg_of(scores: np.ndarray, seen: sparse.csr_array, truth: sparse.csr_array) -> np.ndarray:
    """NDCG@10 of n users, shape (n,), from scores of all items, shape (n, m), which are changed."""
    scores[seen.nonzero()] = -np.inf
    k = min(K, scores.shape[1])
    top = np.argpartition(-scores, k - 1, axis=1)[:, :k]
    top = np.take_along_axis(
        top, np.argsort(-np.take_along_axis(scores, top, 1), 1, kind="stable"), 1
    )
    hits = np.take_along_axis(truth.toarray() > 0, top, axis=1)
    discount = 1 / np.log2(np.arange(2, k + 2))
    ideal = np.cumsum(discount)[np.minimum(np.diff(truth.indptr), k) - 1]
    return (hits * discount).sum(axis=1) / ideal


def _centred(vectors: np.ndarray) -> np.ndarray:
    said = np.linalg.norm(vectors, axis=1) > 0
    centre = vectors[said].mean(axis=0) if said.any() else 0
    return unit_rows(np.where(said[:, None], vectors - centre, 0))
