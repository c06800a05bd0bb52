"""Cold-start users to choose by: shared users whose whole history in one scenario is held out.

A warm user with his target history merely hidden is no cold-start user: the models were fitted on
that history, and the items in it are left out of his ranking. Judged on such users, weak penalties
look better than they are. So some shared users lose a whole scenario before anything is fitted,
like the cold-start users of the split (method page §3).
"""

from dataclasses import replace

import numpy as np
from scipy import sparse

from crossrec.data.history import Histories, shape

MIN_COLD = 50
"""Fewer cold-start users than this say too little; warm ones with hidden history join them."""


def with_cold_users(
    train: Histories, valid: Histories, share: float, seed: int
) -> tuple[Histories, Histories]:
    """Move all rows of some users in one scenario from the train to the validation part.

    Args:
        train: histories before the validation cut.
        valid: held-out items of the same users, in the same order.
        share: of the users with history in several scenarios; each loses one of them at most.
        seed: of the draw.

    Returns:
        The two parts; both are new.
    """
    counts = train.counts()
    rng = np.random.default_rng([seed, 17])
    shared = rng.permutation(np.flatnonzero((counts > 0).sum(1) > 1))
    chosen = shared[: round(share * len(shared))]
    lost = np.full(len(train), -1)
    for user in chosen:
        lost[user] = rng.choice(np.flatnonzero(counts[user]))
    kept, held, ages = [], [], []
    for scenario, matrix in enumerate(train.by_scenario):
        moved = lost == scenario
        rows = np.repeat(np.arange(len(train)), np.diff(matrix.indptr))
        entries = moved[rows]
        kept.append(_entries(matrix, rows, ~entries))
        held.append(sparse.csr_array(valid.by_scenario[scenario] + _entries(matrix, rows, entries)))
        if train.ages is not None:
            ages.append(train.ages[scenario][~entries])
    train = replace(
        train, by_scenario=tuple(kept), ages=None if train.ages is None else tuple(ages)
    )
    return train, replace(valid, by_scenario=tuple(held), ages=None)


def _entries(matrix: sparse.csr_array, rows: np.ndarray, mask: np.ndarray) -> sparse.csr_array:
    """The entries of a matrix where the mask holds, in their order."""
    counts = np.bincount(rows[mask], minlength=shape(matrix)[0])
    indptr = np.concatenate([[0], np.cumsum(counts)])
    return sparse.csr_array((matrix.data[mask], matrix.indices[mask], indptr), shape=matrix.shape)
