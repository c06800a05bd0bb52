"""Full ranking of a scenario's items for its test users, once per model.

Cohorts (method page §3), by the user's history up to the test cut:

- ``all``: everybody with a test row;
- ``warm``: at least one history item in the scenario; ``warm_few``: one to five of them;
- ``cold``: none in the scenario, some elsewhere;
- ``cold_items``: users with a test item that nobody had used in the scenario before the cut;
  relevant are only these, ranked among all items.

Whoever is judged with repeats (:data:`~crossrec.evaluation.results.WITH_REPEATS`) has all of his
test items to find, those he already had among them, in a ranking that leaves no seen item out.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy import sparse

from crossrec.data.history import Histories
from crossrec.data.seen import EXCLUDE, Seen
from crossrec.data.split.cutting import ScenarioSplit
from crossrec.errors import DataError
from crossrec.evaluation.metrics import METRICS, coverage, find_hits
from crossrec.transfer.recommender import Recommender, top_k

FEW = 5
"""Most history items in the scenario of a "warm_few" user."""

CHUNK = 1024
"""Users scored at once."""


@dataclass(frozen=True)
class EvaluatedUsers:
    """The m users with test rows in one scenario.

    Attributes:
        scenario: the scenario's code.
        n_items: number of its items n_s.
        histories: their histories up to the test cut.
        relevant: their test items, shape (m, n_s), float32 ones.
        cold_items: those of them that nobody had used before the cut, shape (m, n_s).
        target_items: history items in the scenario, shape (m,).
        other_items: history items elsewhere, shape (m,).
    """

    scenario: int
    n_items: int
    histories: Histories
    relevant: sparse.csr_array
    cold_items: sparse.csr_array
    target_items: np.ndarray
    other_items: np.ndarray

    def __len__(self) -> int:
        return len(self.histories)

    def cohorts(self) -> dict[str, np.ndarray]:
        """Masks of the cohorts that are groups of users, each of shape (m,)."""
        warm = self.target_items > 0
        return {
            "all": np.ones(len(self), dtype=bool),
            "warm": warm,
            "warm_few": warm & (self.target_items <= FEW),
            "cold": ~warm & (self.other_items > 0),
        }


def evaluated_users(
    split: ScenarioSplit,
    max_users: int | None = None,
    *,
    seed: int = 0,
    seen: Seen = EXCLUDE,
) -> list[EvaluatedUsers]:
    """The test users of every scenario that has any, in scenario order.

    Args:
        split: whose test part.
        max_users: where a scenario has more, a uniform sample of so many is taken.
        seed: of the samples.
        seen: "exclude" for users with new items to find, "include" for those with any test item:
            relevant are then also items they already had.
    """
    rng = np.random.default_rng(seed)
    histories = split.histories(dislikes=True)
    wanted = Histories.from_log(split.wanted(seen), split.space)
    counts = histories.counts()
    found = []
    for scenario, relevant in enumerate(wanted.by_scenario):
        users = np.flatnonzero(np.diff(relevant.indptr))
        if not len(users):
            continue
        if max_users is not None and len(users) > max_users:
            users = np.sort(rng.choice(users, max_users, replace=False))
        relevant = relevant[users]
        relevant.data[:] = 1
        used = np.zeros(split.space.sizes[scenario], dtype=bool)
        used[histories.by_scenario[scenario].indices] = True
        cold = relevant.copy()
        cold.data[used[cold.indices]] = 0
        cold.eliminate_zeros()
        target_items = counts[users, scenario]
        found.append(
            EvaluatedUsers(
                scenario=scenario,
                n_items=split.space.sizes[scenario],
                histories=histories.take(users),
                relevant=relevant,
                cold_items=cold,
                target_items=target_items,
                other_items=counts[users].sum(axis=1) - target_items,
            )
        )
    return found


@dataclass(frozen=True)
class Ranked:
    """What one model did for the test users of one scenario.

    Attributes:
        values: per (metric, k) the metric of every user, shape (m,).
        cold_items: the same with only cold items relevant; NaN for users without one.
        coverage: per k the share of the scenario's items that were shown to anybody.
    """

    values: dict[tuple[str, int], np.ndarray]
    cold_items: dict[tuple[str, int], np.ndarray]
    coverage: dict[int, float]


def rank(
    model: Recommender,
    users: EvaluatedUsers,
    ks: tuple[int, ...],
    *,
    seen: Seen = EXCLUDE,
    told: Callable[[float], None] = lambda _: None,
) -> Ranked:
    """Rank all items of the scenario for its test users and measure the lists.

    Args:
        model: a fitted recommender.
        users: the scenario's test users.
        ks: list lengths.
        seen: whether seen items are left out of the lists; disliked ones always are.
        told: called with the share of the users that are ranked, before each chunk; may raise
            to stop.

    Raises:
        DataError: the model's scores do not fit the scenario or are not finite.
    """
    width = max(ks)
    top = np.empty((len(users), width), dtype=np.int64)
    for start in range(0, len(users), CHUNK):
        told(start / len(users))
        rows = np.arange(start, min(start + CHUNK, len(users)))
        histories = users.histories.take(rows)
        scores = model.scores(histories, users.scenario)
        _check_scores(model, scores, (len(rows), users.n_items))
        top[rows] = top_k(scores, histories, users.scenario, width, seen)[0]
    return Ranked(
        values=_measure(top, users.relevant, ks),
        cold_items=_measure(top, users.cold_items, ks),
        coverage={k: coverage(top, users.n_items, k) for k in ks},
    )


def _check_scores(model: Recommender, scores: np.ndarray, shape: tuple[int, int]) -> None:
    name = model.name or type(model).__name__
    if scores.shape != shape:
        raise DataError(
            f"expected scores of shape {shape} from {name!r}",
            f"{scores.shape}",
            "Fit the model on this split",
        )
    if not np.isfinite(scores).all():
        raise DataError(f"expected finite scores from {name!r}", "NaN or infinity")


def _measure(
    top: np.ndarray, relevant: sparse.csr_array, ks: tuple[int, ...]
) -> dict[tuple[str, int], np.ndarray]:
    hits = find_hits(top, relevant)
    count = np.diff(relevant.indptr)
    return {(name, k): metric(hits, count, k) for k in ks for name, metric in METRICS.items()}
