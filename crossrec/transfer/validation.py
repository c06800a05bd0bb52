"""Cold-start users to choose by: shared users whose whole history in one scenario is held out.

A warm user with his target history merely hidden is no cold-start user: the models were fitted on
that history, and the items in it are left out of his ranking. Judged on such users, weak penalties
look better than they are. So some shared users lose a whole scenario before anything is fitted,
like the cold-start users of the split (method page §3), and what gives it away with it.
"""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from scipy import sparse

from crossrec.data.history import Histories, shape
from crossrec.data.log import InteractionLog
from crossrec.data.split import holdout
from crossrec.data.split.cutting import ScenarioSplit
from crossrec.data.split.revealing import drop_revealing

MIN_COLD = 50
"""Fewer cold-start users than this say too little; warm ones with hidden history join them."""


def with_cold_users(
    train: Histories,
    valid: Histories,
    share: float,
    seed: int,
    targets: Sequence[int] | None = None,
) -> tuple[Histories, Histories]:
    """Move all rows of some users in one scenario from the train to the validation part.

    Args:
        train: histories before the validation cut.
        valid: held-out items of the same users, in the same order.
        share: of the users with history in several scenarios; each loses one of them at most.
        seed: of the draw.
        targets: codes of the scenarios that can be lost, a profile cannot; default all.

    Returns:
        The two parts; both are new.
    """
    targets = range(len(train.by_scenario)) if targets is None else targets
    counts = train.counts()[:, list(targets)]
    rng = np.random.default_rng([seed, 17])
    shared = rng.permutation(np.flatnonzero((counts > 0).sum(1) > 1))
    chosen = shared[: round(share * len(shared))]
    lost = np.full(len(train), -1)
    for user in chosen:
        lost[user] = targets[rng.choice(np.flatnonzero(counts[user]))]
    kept, held = [], []
    for scenario, matrix in enumerate(train.by_scenario):
        moved = lost == scenario
        rows = np.repeat(np.arange(len(train)), np.diff(matrix.indptr))
        entries = moved[rows]
        kept.append(~entries)
        held.append(sparse.csr_array(valid.by_scenario[scenario] + _entries(matrix, rows, entries)))
    return _only(train, kept), replace(valid, by_scenario=tuple(held), ages=None)


def without_revealing(train: Histories, valid: Histories, split: ScenarioSplit) -> Histories:
    """The train part without what gives the validation part away, as the split had its rows.

    A cold-start user's lost scenario would else be found by its twin: the same item, or the same
    product, in a behaviour that implies it.

    Args:
        train: as :func:`with_cold_users` leaves it.
        valid: of the same users, in the same order.
        split: whose :attr:`~crossrec.data.split.ScenarioSplit.twins` and ``nested`` tell what
            gives what away.
    """
    if not split.twins and not split.nested:
        return train
    log = _as_log((train, valid), split)
    ends = np.cumsum([matrix.nnz for matrix in train.by_scenario])
    part = np.where(np.arange(len(log)) < ends[-1], holdout.TRAIN, holdout.VALID)
    part = drop_revealing(part, log, split.twins, split.nested)
    return _only(train, np.split(part[: ends[-1]] == holdout.TRAIN, ends[:-1]))


def _as_log(parts: tuple[Histories, ...], split: ScenarioSplit) -> InteractionLog:
    """All entries of histories one after the other, by part, scenario and user."""
    space = split.space
    user, item, scenario, weight = [], [], [], []
    for histories in parts:
        for code, matrix in enumerate(histories.by_scenario):
            user.append(np.repeat(np.arange(len(histories)), np.diff(matrix.indptr)))
            item.append(space.members[code][matrix.indices])
            scenario.append(np.full(matrix.nnz, code))
            weight.append(matrix.data)
    codes = (np.concatenate(column).astype(np.int32) for column in (user, item, scenario))
    return InteractionLog(
        *codes,
        weight=np.concatenate(weight),
        time=None,
        users=parts[0].users,
        items=space.items,
        scenarios=space.scenarios,
    )


def _only(histories: Histories, kept: list[np.ndarray]) -> Histories:
    """Histories with some of their entries, masks per scenario, shape (nnz,) each."""
    matrices = []
    for matrix, mask in zip(histories.by_scenario, kept, strict=True):
        rows = np.repeat(np.arange(len(histories)), np.diff(matrix.indptr))
        matrices.append(_entries(matrix, rows, mask))
    ages = histories.ages
    if ages is not None:
        ages = tuple(age[mask] for age, mask in zip(ages, kept, strict=True))
    return replace(histories, by_scenario=tuple(matrices), ages=ages)


def _entries(matrix: sparse.csr_array, rows: np.ndarray, mask: np.ndarray) -> sparse.csr_array:
    """The entries of a matrix where the mask holds, in their order."""
    counts = np.bincount(rows[mask], minlength=shape(matrix)[0])
    indptr = np.concatenate([[0], np.cumsum(counts)])
    return sparse.csr_array((matrix.data[mask], matrix.indices[mask], indptr), shape=matrix.shape)
