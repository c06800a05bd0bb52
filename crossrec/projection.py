"""Drawing vectors on a plane: where items and users stand, and how much the scenarios mix.

Distances are Euclidean between unit vectors, which orders neighbours as the cosine does. A plane
cannot keep all neighbours, so every projection says how many it kept; the mixing score is
computed on the vectors, never on the plane.
"""

import warnings
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import sparse
from sklearn.decomposition import PCA
from sklearn.neighbors import NearestNeighbors

from crossrec.data.history import Histories
from crossrec.data.space import ItemSpace
from crossrec.language.table import FeatureTable, unit_rows
from crossrec.progress import Progress, silent
from crossrec.schema import ITEM, SCENARIO, USER

FIT_LIMIT = 20_000
"""Above so many distinct vectors a sample is laid out and the others are placed among it."""
FEWEST_FOR_UMAP = 10
"""Below so many distinct vectors a neighbour graph says nothing; principal components are drawn."""
EPOCHS = 100
JUDGED = 2_000
"""Points whose neighbours are compared for a preservation or mixing figure."""
PLACED_BY = 3
"""Laid-out neighbours whose mean position places a vector outside the sample."""


@dataclass(frozen=True)
class Projection:
    """Vectors on a plane.

    Attributes:
        xy: shape (n, 2), float32; equal vectors have equal places.
        neighbour_preservation: share (0 to 1) of a point's nearest neighbours among the vectors
            that are also its nearest on the plane, mean over at most :data:`JUDGED` points; NaN
            where there are fewer than three distinct vectors.
    """

    xy: np.ndarray
    neighbour_preservation: float


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


def project(
    vectors: np.ndarray, *, seed: int = 0, neighbours: int = 15, progress: Progress = silent
) -> Projection:
    """Lay out vectors with UMAP (McInnes et al. 2018), seeded.

    Above :data:`FIT_LIMIT` distinct vectors, a random sample (so every scenario by its share) is
    laid out and each other vector is put at the mean place of its nearest neighbours there. Fewer
    than :data:`FEWEST_FOR_UMAP` distinct vectors are drawn by their principal components.

    Args:
        vectors: shape (n, d), finite; a zero vector is a vector like any other.
        seed: of the sample and the layout.
        neighbours: size of the neighbourhood to keep.
        progress: told of phase "map".
    """
    progress("map", 0, 4, "finding distinct vectors")
    points, where = _distinct(unit_rows(vectors))
    n = len(points)
    rng = np.random.default_rng(seed)
    if n < FEWEST_FOR_UMAP:
        plane = _principal(points)
    else:
        fitted = np.arange(n)
        if n > FIT_LIMIT:
            fitted = np.sort(rng.choice(n, FIT_LIMIT, replace=False))
        width = min(neighbours, len(fitted) - 1)
        progress("map", 1, 4, f"laying out {len(fitted):,} vectors")
        layout = _umap(points[fitted], width, seed)
        progress("map", 2, 4, f"placing {n - len(fitted):,} more")
        plane = _place(points, fitted, layout)
    progress("map", 3, 4, "measuring kept neighbours")
    kept = _preservation(points, plane, neighbours, rng)
    progress("map", 4, 4)
    return Projection(plane[where].astype(np.float32), kept)


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
    near = _nearest(points, judged, min(neighbours, n - 1))
    shares = (codes[near] != codes[judged, None]).mean(axis=1)
    others = n - np.bincount(codes)[codes[judged]]
    chance = float((others / (n - 1)).mean())
    share = float(shares.mean())
    margin = float(1.96 * shares.std(ddof=1) / np.sqrt(len(judged)))
    return Mixing(share, max(share - margin, 0.0), min(share + margin, 1.0), chance, len(judged))


def project_run(
    space: ItemSpace,
    histories: Histories,
    features: FeatureTable,
    *,
    seed: int = 0,
    max_users: int = 5_000,
    progress: Progress = silent,
) -> tuple[pd.DataFrame, pd.DataFrame, dict[str, float | int | None]]:
    """The map of a run: items by their text vectors, users by what they took, on one plane.

    A user has one point per scenario with history: the weighted mean of the text vectors of
    H(u,s), the language feature L(u,s) of method page §1. Items without text have no place.

    Args:
        space: the candidates of every scenario.
        histories: whose users are drawn; above ``max_users`` a seeded sample of those with history.
        features: text vectors of the items.
        seed: of sample and layout.
        max_users: users drawn at most.
        progress: told of phase "map".

    Returns:
        ``items`` (item_id, scenario, x, y, count = users who took it there), ``users`` (user_id,
        scenario, x, y, count = history items there), and ``info``: ``neighbour_preservation``,
        ``mixing``, ``mixing_low``, ``mixing_high``, ``mixing_chance`` (items; None where not
        defined), ``mixing_n``, ``items_without_text``, ``users_drawn``, ``users_total``.
    """
    items, item_vectors, bare = _item_points(space, histories, features)
    active = np.flatnonzero(histories.counts().sum(axis=1))
    drawn = active
    if len(active) > max_users:
        drawn = np.sort(np.random.default_rng(seed).choice(active, max_users, replace=False))
    users, user_vectors = _user_points(space, histories.take(drawn), features)

    plane = project(np.concatenate([item_vectors, user_vectors]), seed=seed, progress=progress)
    items[["x", "y"]] = plane.xy[: len(items)]
    users[["x", "y"]] = plane.xy[len(items) :]
    mixing = mixing_score(item_vectors, items[SCENARIO].to_numpy(), seed=seed)
    info: dict[str, float | int | None] = {
        "neighbour_preservation": _or_none(plane.neighbour_preservation),
        "mixing": _or_none(mixing.share),
        "mixing_low": _or_none(mixing.low),
        "mixing_high": _or_none(mixing.high),
        "mixing_chance": _or_none(mixing.chance),
        "mixing_n": mixing.n,
        "items_without_text": bare,
        "users_drawn": len(drawn),
        "users_total": len(active),
    }
    places = [SCENARIO, "x", "y", "count"]
    return items.loc[:, [ITEM, *places]], users.loc[:, [USER, *places]], info


def _item_points(
    space: ItemSpace, histories: Histories, features: FeatureTable
) -> tuple[pd.DataFrame, np.ndarray, int]:
    """A row and a unit vector per item and scenario; how many items have no text."""
    frames, vectors, bare = [], [np.zeros((0, features.dim), dtype=np.float32)], 0
    for scenario, name in enumerate(space.scenarios.ids):
        ids = space.ids(scenario)
        mine = unit_rows(features.rows(ids))
        told = mine.any(axis=1)
        takers = np.bincount(histories.by_scenario[scenario].indices, minlength=len(ids))
        frames.append(
            pd.DataFrame({ITEM: ids[told], SCENARIO: name, "count": takers[told].astype(np.int64)})
        )
        vectors.append(mine[told])
        bare += int((~told).sum())
    return pd.concat(frames, ignore_index=True), np.concatenate(vectors), bare


def _user_points(
    space: ItemSpace, histories: Histories, features: FeatureTable
) -> tuple[pd.DataFrame, np.ndarray]:
    """One row and one unit vector per user and scenario with at least one item that has text."""
    frames, vectors = [], [np.zeros((0, features.dim), dtype=np.float32)]
    counts = histories.counts()
    for scenario, name in enumerate(space.scenarios.ids):
        taken = unit_rows(features.rows(space.ids(scenario)))
        mean = unit_rows(sparse.csr_array(histories.by_scenario[scenario]) @ taken)
        here = mean.any(axis=1)
        frames.append(
            pd.DataFrame(
                {USER: histories.users.ids[here], SCENARIO: name, "count": counts[here, scenario]}
            )
        )
        vectors.append(mean[here].astype(np.float32))
    return pd.concat(frames, ignore_index=True), np.concatenate(vectors)


def _distinct(rows: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Distinct rows (to about 1e-4), and for each input row its place among them.

    Many equal vectors would fill each other's neighbourhoods and break the layout apart. Rows are
    compared by four random projections: equal vectors may differ in their last bits (a mean of
    one vector, another batch of the encoder), and rounding every entry would keep most of those.
    """
    if not len(rows):
        return rows, np.zeros(0, dtype=np.int64)
    directions = np.random.default_rng(0).normal(size=(rows.shape[1], 4))
    keys = np.round(rows.astype(np.float64) @ directions, 4)
    _, first, where = np.unique(keys, axis=0, return_index=True, return_inverse=True)
    return rows[first], where.ravel()


def _principal(points: np.ndarray) -> np.ndarray:
    """The first two principal components, shape (n, 2); zeros where there is no variance."""
    plane = np.zeros((len(points), 2))
    width = min(2, len(points) - 1, points.shape[1])
    if width > 0:
        plane[:, :width] = PCA(width, svd_solver="full").fit_transform(points.astype(np.float64))
    return plane


def _umap(points: np.ndarray, neighbours: int, seed: int) -> np.ndarray:
    """UMAP of distinct points from their exact neighbours, shape (n, 2)."""
    with warnings.catch_warnings():
        # Neither is of use here: the parametric variant, and placing new points through UMAP.
        warnings.filterwarnings("ignore", "Tensorflow not installed", ImportWarning)
        warnings.filterwarnings("ignore", r"precomputed_knn\[2\]", UserWarning)
        from umap import UMAP  # seconds to import, and only needed to draw

        finder = NearestNeighbors(n_neighbors=neighbours, algorithm="brute").fit(points)
        distances, near = finder.kneighbors(points)
        layout = UMAP(
            n_neighbors=neighbours,
            init="pca" if min(points.shape) >= 2 else "random",
            n_epochs=EPOCHS,
            random_state=seed,
            n_jobs=1,
            precomputed_knn=(near, distances.astype(np.float32)),
        )
        return np.asarray(layout.fit_transform(points))


def _place(points: np.ndarray, fitted: np.ndarray, layout: np.ndarray) -> np.ndarray:
    """Places of all points: the layout's own, and the weighted mean of neighbours for others."""
    plane = np.empty((len(points), 2))
    plane[fitted] = layout
    others = np.setdiff1d(np.arange(len(points)), fitted, assume_unique=True)
    if len(others):
        finder = NearestNeighbors(n_neighbors=PLACED_BY, algorithm="brute").fit(points[fitted])
        distances, near = finder.kneighbors(points[others])
        weight = 1.0 / (distances + 1e-6)
        weight /= weight.sum(axis=1, keepdims=True)
        plane[others] = (layout[near] * weight[:, :, None]).sum(axis=1)
    return plane


def _preservation(
    points: np.ndarray, plane: np.ndarray, neighbours: int, rng: np.random.Generator
) -> float:
    """Mean share of the nearest neighbours kept by the plane; NaN below three points."""
    n = len(points)
    if n < 3:
        return float("nan")
    judged = np.sort(rng.choice(n, min(n, JUDGED), replace=False))
    width = min(neighbours, n - 2)  # with n - 1 every point would be everybody's neighbour
    before = _nearest(points, judged, width)
    after = _nearest(plane, judged, width)
    kept = [len(np.intersect1d(a, b)) for a, b in zip(before, after, strict=True)]
    return float(np.mean(kept) / width)


def _nearest(points: np.ndarray, judged: np.ndarray, width: int) -> np.ndarray:
    """The nearest ``width`` other points of the judged ones, shape (len(judged), width)."""
    finder = NearestNeighbors(n_neighbors=width + 1, algorithm="brute").fit(points)
    near = finder.kneighbors(points[judged], return_distance=False)
    # A point's equals may come before it: drop the point itself where found, else the farthest.
    itself = near == judged[:, None]
    itself[~itself.any(axis=1), -1] = True
    return near[~itself].reshape(len(judged), width)


def _or_none(value: float) -> float | None:
    """JSON has no NaN."""
    return None if np.isnan(value) else float(value)
