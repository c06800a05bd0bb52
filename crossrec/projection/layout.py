"""Laying vectors out on a plane, and if asked in space, with UMAP.

Distances are Euclidean between unit vectors, which orders neighbours as the cosine does. A plane
cannot keep all neighbours, so every projection says how many it kept.
"""

import warnings
from dataclasses import dataclass
from typing import Final

import numpy as np
from sklearn.decomposition import PCA
from sklearn.neighbors import NearestNeighbors

from crossrec.language.table import unit_rows
from crossrec.progress import Progress, silent
from crossrec.projection.nearest import nearest

FIT_LIMIT: Final = 20_000
"""Above so many distinct vectors a sample is laid out and the others are placed among it."""
FEWEST_FOR_UMAP: Final = 10
"""Below so many distinct vectors a neighbour graph says nothing; principal components are drawn."""
EPOCHS: Final = 100
JUDGED: Final = 2_000
"""Points whose neighbours are compared for the preservation figure, at most."""
PLACED_BY: Final = 3
"""Laid-out neighbours whose mean position places a vector outside the sample."""

Graph = tuple[np.ndarray, np.ndarray]
"""Row numbers and distances of the nearest neighbours, shape (n, width) each."""


@dataclass(frozen=True)
class Projection:
    """Vectors on a plane.

    Attributes:
        xy: shape (n, 2), float32; equal vectors have equal places.
        neighbour_preservation: share (0 to 1) of a point's nearest neighbours among the vectors
            that are also its nearest on the plane, mean over at most :data:`JUDGED` points; NaN
            where there are fewer than three distinct vectors.
        xyz: shape (n, 3), float32, the same in space; None unless it was asked for.
    """

    xy: np.ndarray
    neighbour_preservation: float
    xyz: np.ndarray | None = None


def project(
    vectors: np.ndarray,
    *,
    seed: int = 0,
    neighbours: int = 15,
    space: bool = False,
    progress: Progress = silent,
) -> Projection:
    """Lay out vectors with UMAP (McInnes et al. 2018), seeded.

    Above :data:`FIT_LIMIT` distinct vectors, a random sample (so every scenario by its share) is
    laid out and each other vector is put at the mean place of its nearest neighbours there. Fewer
    than :data:`FEWEST_FOR_UMAP` distinct vectors are drawn by their principal components.

    Args:
        vectors: shape (n, d), finite; a zero vector is a vector like any other.
        seed: of the sample and the layout.
        neighbours: size of the neighbourhood to keep.
        space: lay out in three dimensions too; the neighbours are looked for once.
        progress: told of phase "map".
    """
    progress("map", 0, 5, "finding distinct vectors")
    points, where = _distinct(unit_rows(vectors))
    rng = np.random.default_rng(seed)
    places = _layouts(points, (2, 3) if space else (2,), neighbours, seed, rng, progress)
    progress("map", 4, 5, "measuring kept neighbours")
    kept = _preservation(points, places[2], neighbours, rng)
    progress("map", 5, 5)
    found = {width: plane[where].astype(np.float32) for width, plane in places.items()}
    return Projection(found[2], kept, found.get(3))


def _layouts(
    points: np.ndarray,
    widths: tuple[int, ...],
    neighbours: int,
    seed: int,
    rng: np.random.Generator,
    progress: Progress,
) -> dict[int, np.ndarray]:
    """Places of distinct points by number of dimensions."""
    n = len(points)
    if n < FEWEST_FOR_UMAP:
        return {width: _principal(points, width) for width in widths}
    fitted = np.arange(n)
    if n > FIT_LIMIT:
        fitted = np.sort(rng.choice(n, FIT_LIMIT, replace=False))
    progress("map", 1, 5, f"finding neighbours of {len(fitted):,} vectors")
    graph = _graph(points[fitted], min(neighbours, len(fitted) - 1))
    progress("map", 2, 5, f"laying out {len(fitted):,} vectors")
    layouts = {width: _umap(points[fitted], graph, width, seed) for width in widths}
    progress("map", 3, 5, f"placing {n - len(fitted):,} more")
    return _place(points, fitted, layouts)


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


def _principal(points: np.ndarray, width: int) -> np.ndarray:
    """The first principal components, shape (n, width); zeros where there is no variance."""
    plane = np.zeros((len(points), width))
    held = min(width, len(points) - 1, points.shape[1])
    if held > 0:
        plane[:, :held] = PCA(held, svd_solver="full").fit_transform(points.astype(np.float64))
    return plane


def _graph(points: np.ndarray, neighbours: int) -> Graph:
    """The exact nearest neighbours of every point, itself first."""
    finder = NearestNeighbors(n_neighbors=neighbours, algorithm="brute").fit(points)
    distances, near = finder.kneighbors(points)
    return near, distances.astype(np.float32)


def _umap(points: np.ndarray, graph: Graph, width: int, seed: int) -> np.ndarray:
    """UMAP of distinct points from their exact neighbours, shape (n, width)."""
    with warnings.catch_warnings():
        # Neither is of use here: the parametric variant, and placing new points through UMAP.
        warnings.filterwarnings("ignore", "Tensorflow not installed", ImportWarning)
        warnings.filterwarnings("ignore", r"precomputed_knn\[2\]", UserWarning)
        from umap import UMAP  # seconds to import, and only needed to draw

        layout = UMAP(
            n_neighbors=graph[0].shape[1],
            n_components=width,
            init="pca" if min(points.shape) >= width else "random",
            n_epochs=EPOCHS,
            random_state=seed,
            n_jobs=1,
            precomputed_knn=graph,
        )
        return np.asarray(layout.fit_transform(points))


def _place(
    points: np.ndarray, fitted: np.ndarray, layouts: dict[int, np.ndarray]
) -> dict[int, np.ndarray]:
    """Places of all points: the layout's own, and the weighted mean of neighbours for others."""
    planes = {width: np.empty((len(points), width)) for width in layouts}
    for width, layout in layouts.items():
        planes[width][fitted] = layout
    others = np.setdiff1d(np.arange(len(points)), fitted, assume_unique=True)
    if len(others):
        finder = NearestNeighbors(n_neighbors=PLACED_BY, algorithm="brute").fit(points[fitted])
        distances, near = finder.kneighbors(points[others])
        weight = 1.0 / (distances + 1e-6)
        weight /= weight.sum(axis=1, keepdims=True)
        for width, layout in layouts.items():
            planes[width][others] = (layout[near] * weight[:, :, None]).sum(axis=1)
    return planes


def _preservation(
    points: np.ndarray, plane: np.ndarray, neighbours: int, rng: np.random.Generator
) -> float:
    """Mean share of the nearest neighbours kept by the plane; NaN below three points."""
    n = len(points)
    if n < 3:
        return float("nan")
    judged = np.sort(rng.choice(n, min(n, JUDGED), replace=False))
    width = min(neighbours, n - 2)  # with n - 1 every point would be everybody's neighbour
    before = nearest(points, judged, width)
    after = nearest(plane, judged, width)
    kept = [len(np.intersect1d(a, b)) for a, b in zip(before, after, strict=True)]
    return float(np.mean(kept) / width)
