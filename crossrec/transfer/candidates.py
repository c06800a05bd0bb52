"""How candidates for one pair of scenarios are judged: on which users, and how much is enough."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from scipy import sparse

from crossrec.data.history import Histories
from crossrec.transfer.building import sample
from crossrec.transfer.choice import Choice
from crossrec.transfer.config import TransferConfig
from crossrec.transfer.preference import history_weights, per_spread, spread
from crossrec.transfer.tuning import validation_ndcg
from crossrec.transfer.validation import MIN_COLD

CAUTION = 0.5
"""Standard errors of the paired difference; without it the noise of few users would choose."""


@dataclass
class Best:
    """The best candidate so far; the first one offered is what a doubtful choice falls back to."""

    choice: Choice
    values: np.ndarray | None = None
    parts: tuple = field(default=())

    def offer(
        self, choice: Choice, values: np.ndarray, *parts: object, caution: float = CAUTION
    ) -> None:
        """Take the candidate if it is better by more than ``caution`` standard errors."""
        if self.values is not None:
            gain = values - self.values
            if gain.mean() <= caution * gain.std() / len(gain) ** 0.5:
                return
        self.choice = replace(choice, ndcg=float(values.mean()), users=len(values))
        self.values, self.parts = values, parts


@dataclass(frozen=True)
class Judge:
    """Validation users of one pair: those with a held-out item in t and history in s.

    Between scenarios, the cold-start users among them, if there are enough.
    """

    pair: tuple[int, int]
    users: np.ndarray
    weights: sparse.csr_array
    ndcg: Callable[[np.ndarray], np.ndarray]

    @classmethod
    def of(
        cls,
        train: Histories,
        valid: Histories,
        source: int,
        target: int,
        config: TransferConfig,
        rng: np.random.Generator,
    ) -> "Judge":
        """The judge of the pair (source, target); ``rng`` draws where there are many users."""
        wanted = (np.diff(valid.by_scenario[target].indptr) > 0) & (
            np.diff(train.by_scenario[source].indptr) > 0
        )
        cold = wanted & (np.diff(train.by_scenario[target].indptr) == 0)
        if source != target and cold.sum() >= MIN_COLD:
            wanted = cold
        users = sample(np.flatnonzero(wanted), config.tuning_users, rng)
        seen, relevant = train.by_scenario[target][users], valid.by_scenario[target][users]
        return cls(
            (source, target),
            users,
            history_weights(train.by_scenario[source][users], config.history_power),
            lambda scores: validation_ndcg(scores, seen, relevant),
        )


def middle(grid: Sequence[float]) -> float:
    """The middle value, where nobody can judge or a walk begins."""
    return sorted(grid)[len(grid) // 2]


def at_unit(scores: np.ndarray) -> np.ndarray:
    """Scores of some users, shape (m, n), at unit spread."""
    return scores * per_spread(spread(scores))
