"""S_s: what the coefficients know of a scenario beside its learnt vector."""

import numpy as np

from crossrec.data.history import Histories
from crossrec.data.space import ItemSpace
from crossrec.language.table import FeatureTable
from crossrec.transfer.coefficients import scenario_statistics

MOST = 4
"""Numbers of a description at most: a handful of scenarios says nothing about more."""


def scenario_features(
    histories: Histories, space: ItemSpace, features: FeatureTable | None
) -> np.ndarray:
    """S_s: density statistics and, where scenarios are described, what they are about.

    A description's vector becomes its principal coordinates among the scenarios: S points span
    S - 1 directions, so up to five scenarios keep all of their distances.

    Args:
        histories: training rows.
        space: the scenarios, S of them.
        features: may hold the vectors of descriptions (:attr:`FeatureTable.scenarios`).

    Returns:
        Shape (S, 3 + w), float32; w is 0 without descriptions, else at most :data:`MOST`.
    """
    statistics = scenario_statistics(histories)
    described = {} if features is None else features.scenarios
    names = [str(name) for name in space.scenarios.ids]
    told = [described[name] for name in names if name in described]
    if len(told) < 2:
        return statistics
    centre = np.mean(told, axis=0)
    vectors = np.stack([described.get(name, centre) - centre for name in names])  # (S, d)
    left, lengths, _ = np.linalg.svd(vectors.astype(np.float64), full_matrices=False)
    width = min(MOST, len(names) - 1)
    found = left[:, :width] * lengths[:width]
    # A direction and its opposite are the same: fix the sign, so that runs can be compared.
    found *= np.sign(found[np.abs(found).argmax(axis=0), np.arange(width)])
    return np.concatenate([statistics, found.astype(np.float32)], axis=1)
