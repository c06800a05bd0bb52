"""How strongly the factors pooled over all scenarios are held back: chosen once for all pairs.

What suits sparse data (much confidence in the few interactions there are) drowns the tastes of
dense data, where penalties must be so large that only a handful of factors survive. One pair of
scenarios has too few cold-start users to tell; all pairs together have enough.
"""

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from crossrec.data.history import Histories
from crossrec.progress import Progress
from crossrec.transfer.building import sample
from crossrec.transfer.candidates import CAUTION, at_unit
from crossrec.transfer.coefficients import START_BASE
from crossrec.transfer.config import TransferConfig
from crossrec.transfer.fitting import fit_pooled
from crossrec.transfer.pooled import PooledFactors
from crossrec.transfer.popularity import unit_popularity
from crossrec.transfer.preference import history_weights
from crossrec.transfer.tuning import validation_ndcg

if TYPE_CHECKING:
    from crossrec.transfer.resume import Checkpoint


class Pooled(NamedTuple):
    """The chosen factors of all scenarios.

    Attributes:
        size: lambda and confidence.
        factors: fitted with them.
    """

    size: tuple[float, float]
    factors: PooledFactors


def choose_pooled(
    train: Histories,
    valid: Histories,
    config: TransferConfig,
    progress: Progress,
    checkpoint: "Checkpoint",
) -> Pooled | None:
    """The best of ``config.pooled_sizes``, in doubt the first, fitted on ``train``.

    Judged by NDCG@10 of the sum of all sources, each at unit spread and the sum as well, beside
    popularity, on the cold-start users of all targets.

    Args:
        train: histories before the validation cut.
        valid: held-out items of the same users, in the same order.
        config: the sizes, the number of users, the seed.
        progress: told as phase "train".
        checkpoint: where the choice is kept, and taken from if it is there already.

    Returns:
        The choice; None without candidates.
    """
    if not config.pooled_sizes:
        return None
    kept = checkpoint.read("pooled")
    if kept is not None:
        penalty, confidence = kept[1]["size"]
        return _fitted(train, (penalty, confidence), config)
    best = _best(train, valid, config, progress)
    checkpoint.write("pooled", {}, {"size": best.size})
    return best


def _best(train: Histories, valid: Histories, config: TransferConfig, progress: Progress) -> Pooled:
    first, *others = config.pooled_sizes
    start, steps = _fitted(train, first, config), 1 + len(others)
    cold = _cold_users(train, valid, config)
    if not others or not any(len(users) for users in cold):
        return start

    def quality(found: PooledFactors) -> np.ndarray:
        each = [_ndcg(found, train, valid, t, users, config) for t, users in enumerate(cold)]
        return np.concatenate(each)

    values = quality(start.factors)
    best, most = start, 0.0
    for done, size in enumerate(others, start=1):
        progress("train", done, steps, "choosing the size of the factors")
        found = _fitted(train, size, config)
        gain = quality(found.factors) - values
        if gain.mean() > max(most, CAUTION * gain.std() / len(gain) ** 0.5):
            best, most = found, float(gain.mean())
    progress("train", steps, steps, "choosing the size of the factors")
    return best


def _fitted(train: Histories, size: tuple[float, float], config: TransferConfig) -> Pooled:
    return Pooled(size, fit_pooled(train, size, config))


def _cold_users(train: Histories, valid: Histories, config: TransferConfig) -> list[np.ndarray]:
    """Per target users with held-out items there, none in training, and some elsewhere."""
    counts = train.counts()
    rng = np.random.default_rng([config.seed, 23])
    found = []
    for target, held in enumerate(valid.by_scenario):
        cold = (np.diff(held.indptr) > 0) & (counts[:, target] == 0) & (counts.sum(1) > 0)
        found.append(sample(np.flatnonzero(cold), config.tuning_users, rng))
    return found


def _ndcg(
    factors: PooledFactors,
    train: Histories,
    valid: Histories,
    target: int,
    users: np.ndarray,
    config: TransferConfig,
) -> np.ndarray:
    """Of each of the users, with all their sources open alike, shape (m,)."""
    seen, relevant = train.by_scenario[target][users], valid.by_scenario[target][users]
    said = np.zeros(seen.shape, dtype=np.float32)
    for source, matrix in enumerate(train.by_scenario):
        if source != target:
            weights = history_weights(matrix[users], config.history_power)
            said += at_unit(factors.scores(weights, source, target))
    popularity = START_BASE * unit_popularity(train, target)
    return validation_ndcg(at_unit(said) + popularity, seen, relevant)
