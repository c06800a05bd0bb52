"""Item factors of all scenarios side by side: what pooling knows, as one part of a map."""

from dataclasses import dataclass, replace

import numpy as np
from scipy import sparse

from crossrec.data.history import Histories, shape
from crossrec.transfer.across import Across
from crossrec.transfer.building import SPREAD_USERS
from crossrec.transfer.factors import FactorSize, fit_factors
from crossrec.transfer.preference import history_weights, per_spread, spread

ITEM_POWER = 0.25
"""A popular item counts less: confidence is divided by its relative popularity to this power."""


@dataclass(frozen=True)
class PooledFactors:
    """``W_st = left_s @ right_t.T`` for every pair, from one factorisation of all scenarios.

    Users with one scenario only, of whom a ridge between two scenarios knows nothing, shape these
    factors too; but users with several scenarios, who alone show what goes with what, count more.

    Attributes:
        left, right: per scenario, shape (n_s, r), float32.
    """

    left: tuple[np.ndarray, ...]
    right: tuple[np.ndarray, ...]

    @classmethod
    def fit(
        cls,
        histories: Histories,
        size: FactorSize,
        shared_weights: tuple[float, ...],
        seed: int,
    ) -> "PooledFactors":
        """Factorise the histories of all scenarios together, once per weight of shared users.

        The mean of the factorisations, each at unit spread, is used, so that no one weight has to
        fit every data set.

        Args:
            histories: of all users.
            size: rank and penalty, and the confidence of an interaction of a user with several
                scenarios.
            shared_weights: how many times the confidence of other users' interactions that is.
            seed: of the start.
        """
        blocks = [history_weights(m, 0.0) for m in histories.by_scenario]
        counts = sparse.csr_array(sparse.hstack(blocks, format="csr"))
        shared = (histories.counts() > 0).sum(1) > 1
        if shared.all():  # nobody to weigh them against: all factorisations would be the same
            shared_weights = shared_weights[:1]
        rng = np.random.default_rng(seed)
        some = counts[np.sort(rng.permutation(len(histories))[:SPREAD_USERS])]
        left, right = [], []
        for weight in shared_weights:
            weighted = _weighted(counts, np.where(shared, 1.0, 1.0 / weight))
            one_left, one_right = fit_factors(weighted, size, seed)
            left.append(one_left * per_spread(spread((some @ one_left) @ one_right.T)))
            right.append(one_right)
        cuts = np.cumsum([shape(block)[1] for block in blocks])[:-1]
        joined = (np.concatenate(parts, axis=1, dtype=np.float32) for parts in (left, right))
        return cls(*(tuple(np.split(part, cuts)) for part in joined))

    def scores(self, weights: sparse.csr_array, source: int, target: int) -> np.ndarray:
        """What the factors alone say, shape (m, n_t)."""
        return (weights @ self.left[source]) @ self.right[target].T

    def joined(
        self, model: Across, source: int, target: int, share: float, sample: sparse.csr_array
    ) -> Across:
        """The model with these factors mixed into its learnt part, both at unit spread.

        Args:
            model: learnt part at its natural scale.
            source: s.
            target: t.
            share: of the factors in the learnt part, in [0, 1].
            sample: history weights of some users, whose spread is measured, shape (m, n_s).
        """
        pooled = share * per_spread(spread(self.scores(sample, source, target)))
        if share == 1:
            return replace(model, left=pooled * self.left[source], right=self.right[target])
        ridge = (1 - share) * per_spread(spread(replace(model, learnt_scale=1.0).learnt(sample)))
        left = [ridge * model.left, pooled * self.left[source]]
        return replace(
            model,
            left=np.concatenate(left, axis=1, dtype=np.float32),
            right=np.concatenate([model.right, self.right[target]], axis=1, dtype=np.float32),
        )


def _weighted(counts: sparse.csr_array, per_user: np.ndarray) -> sparse.csr_array:
    """Interactions times the weights of their users, (m,), and of their items."""
    users = np.bincount(counts.indices, minlength=shape(counts)[1])
    typical = max(float(users[counts.indices].mean()), 1.0) if counts.nnz else 1.0
    per_item = (np.maximum(users, 1) / typical) ** -ITEM_POWER
    rows = np.repeat(per_user, np.diff(counts.indptr))
    values = (counts.data * rows * per_item[counts.indices]).astype(np.float32)
    return sparse.csr_array((values, counts.indices, counts.indptr), shape=counts.shape)
