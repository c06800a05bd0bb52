"""How much the scenarios mix: computed on the vectors, never on the plane."""

from dataclasses import dataclass
from typing import Final

import numpy as np

from crossrec.projection.nearest import nearest

JUDGED: Final = 2_000
"""Points whose neighbours are compared, at most."""


@dataclass(frozen=True)
class Mixing:
    """How often near neighbours come from another scenario.

    Attributes:
        share: mean share of the nearest neighbours with another label, with its 95 % interval
            ``low``, ``high`` (normal approximation over the judged points).
        chance: the share if labels were dealt at random; 0 mixing is 0, full mixing is ``chance``.
        n: judged points. All figures are NaN where there are fewer than two points.
    """

    share: float
    low: float
    high: float
    chance: float
    n: int


def mixing_score(
    vectors: np.ndarray, labels: np.ndarray, *, neighbours: int = 15, seed: int = 0
) -> Mixing:
    """Share of nearest neighbours that carry another label, against chance.

    Args:
        vectors: shape (n, d); feature vectors (or places on the plane, which say less).
        labels: shape (n,), e.g. scenario names.
        neighbours: how many nearest neighbours count.
        seed: of the judged points and of the order among equally near neighbours.
    """
    n = len(vectors)
    if n < 2:
        return Mixing(np.nan, np.nan, np.nan, np.nan, n)
    rng = np.random.default_rng(seed)
    # Equal vectors are equally near; file order (often by scenario) must not decide among them.
    order = rng.permutation(n)
    points = np.asarray(vectors, dtype=np.float32)[order]
    codes = np.unique(np.asarray(labels, dtype=str), return_inverse=True)[1][order]
    judged = np.arange(min(n, JUDGED))  # the first of a random order are a random sample
    near = nearest(points, judged, min(neighbours, n - 1))
    shares = (codes[near] != codes[judged, None]).mean(axis=1)
    others = n - np.bincount(codes)[codes[judged]]
    chance = float((others / (n - 1)).mean())
    share = float(shares.mean())
    margin = float(1.96 * shares.std(ddof=1) / np.sqrt(len(judged)))
    return Mixing(share, max(share - margin, 0.0), min(share + margin, 1.0), chance, len(judged))
