"""Users who stand for many: the middle of each cluster of the map."""

import numpy as np
import pandas as pd
from scipy.cluster.vq import kmeans, vq  # a tenth of what scikit-learn takes in memory

CLUSTERS = 6
"""Clusters of users to choose a typical one from."""

STARTS = 5
"""Times the clusters are looked for from other places; the tightest are kept."""


def typical_rows(points: np.ndarray, clusters: int = CLUSTERS, seed: int = 0) -> pd.DataFrame:
    """The point in the middle of each cluster (k-means), the largest cluster first.

    Args:
        points: shape (n, d).
        clusters: at most so many; fewer where there are fewer different points.
        seed: of the clusters.

    Returns:
        Columns ``row`` (of ``points``: the one nearest to the cluster's mean) and ``size``.
    """
    distinct = len(np.unique(points, axis=0)) if len(points) else 0
    if not distinct:
        return pd.DataFrame({"row": np.zeros(0, dtype=np.int64), "size": np.zeros(0, dtype=int)})
    points = points.astype(np.float64)
    rng = np.random.default_rng(seed)
    centres, _ = kmeans(points, min(clusters, distinct), iter=STARTS, rng=rng)
    label, away = vq(points, centres)
    order = np.lexsort((away, label))
    _, first, size = np.unique(label[order], return_index=True, return_counts=True)
    found = pd.DataFrame({"row": order[first], "size": size})
    return found.sort_values("size", ascending=False, kind="stable").reset_index(drop=True)
