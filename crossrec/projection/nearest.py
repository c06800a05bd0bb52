"""The nearest of many vectors, exactly."""

import numpy as np
from sklearn.neighbors import NearestNeighbors


def nearest(points: np.ndarray, judged: np.ndarray, width: int) -> np.ndarray:
    """The nearest ``width`` other points of the judged ones, shape (len(judged), width)."""
    finder = NearestNeighbors(n_neighbors=width + 1, algorithm="brute").fit(points)
    near = finder.kneighbors(points[judged], return_distance=False)
    # A point's equals may come before it: drop the point itself where found, else the farthest.
    itself = near == judged[:, None]
    itself[~itself.any(axis=1), -1] = True
    return near[~itself].reshape(len(judged), width)
