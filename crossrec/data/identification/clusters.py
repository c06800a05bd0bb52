"""Rows without any scenario label, grouped by context: a proposal to look at, not a truth."""

from collections import Counter
from dataclasses import dataclass, field

import numpy as np
import pandas as pd
from sklearn.cluster import KMeans
from sklearn.metrics import adjusted_rand_score, silhouette_score
from sklearn.preprocessing import StandardScaler
from sklearn.tree import DecisionTreeClassifier

from crossrec.data.identification.context import ContextRows, Feature
from crossrec.data.identification.words import tree_in_words
from crossrec.errors import DataError
from crossrec.schema import SCENARIO

MOST_CLUSTERS = 8
SAMPLE, SILHOUETTE_SAMPLE = 20_000, 3_000
STABLE = 0.8
"""Adjusted Rand index between two halves of the rows below which clusters are not to be used."""


@dataclass(frozen=True)
class Clusters:
    """Groups of rows.

    Attributes:
        rows: one row per row: ``scenario`` ("group 1" ...) and ``confidence`` in [0, 1]: how much
            nearer the own centre is than the second nearest (0: as near to both).
        about: one row per group: ``scenario``, ``rows``, ``share`` and ``what`` (in what it
            differs most from all rows).
        silhouette: of the chosen number of groups, in [-1, 1].
        stability: adjusted Rand index of the groups found in two halves of the rows; 1 is the
            same groups, 0 chance.
        tree: what tells the groups apart, in words, one line each.
    """

    rows: pd.DataFrame = field(compare=False)
    about: pd.DataFrame = field(compare=False)
    silhouette: float
    stability: float
    tree: tuple[str, ...]

    @property
    def useful(self) -> bool:
        """Whether two halves of the rows give the same groups."""
        return self.stability >= STABLE


def cluster(rows: ContextRows, k: int | None = None, *, seed: int = 0) -> Clusters:
    """Group the rows by k-means over standardised features.

    Args:
        rows: labels are not looked at.
        k: number of groups; None takes the one with the best silhouette from 2 to 8.
        seed: of everything random.

    Raises:
        DataError: there is no feature, or there are fewer than a hundred rows.
    """
    if not rows.features or len(rows) < 100:
        raise DataError(
            "expected at least 100 rows with columns to group them by",
            f"{len(rows):,} rows, {len(rows.features)} features",
            "Add a time, a device, a page, a category or item titles",
        )
    rng = np.random.default_rng(seed)
    at = rng.choice(len(rows), min(SAMPLE, len(rows)), replace=False)
    raw = np.nan_to_num(rows.matrix(at))
    scaler = StandardScaler().fit(raw)
    points = np.asarray(scaler.transform(raw)) * _balance(rows.features)
    few = rng.permutation(len(points))[:SILHOUETTE_SAMPLE]
    fits = {n: _fit(points, n, seed) for n in ([k] if k else range(2, MOST_CLUSTERS + 1))}
    quality = {
        n: _silhouette(points[few], np.asarray(fit.predict(points[few]))) for n, fit in fits.items()
    }
    best = max(quality, key=quality.__getitem__)
    fit = fits[best]
    labels = np.asarray(fit.predict(points))
    halves = np.array_split(rng.permutation(len(points)), 2)
    told = [_fit(points[half], best, seed).predict(points) for half in halves]
    names = np.array([f"group {number + 1}" for number in range(best)], dtype=object)
    parts = []
    for block in np.array_split(np.arange(len(rows)), len(rows) // 100_000 + 1):
        here = scaler.transform(np.nan_to_num(rows.matrix(block))) * _balance(rows.features)
        distance = np.sort(fit.transform(here), axis=1)
        sure = 1 - distance[:, 0] / np.maximum(distance[:, 1], 1e-12)
        parts.append(pd.DataFrame({SCENARIO: names[fit.predict(here)], "confidence": sure}))
    table = pd.concat(parts, ignore_index=True)
    tree = DecisionTreeClassifier(max_depth=3, min_samples_leaf=max(1, len(raw) // 100))
    tree.fit(raw, labels)
    return Clusters(
        rows=table.round({"confidence": 4}),
        about=_about(table, rows.features, raw, labels, names),
        silhouette=quality[best],
        stability=float(adjusted_rand_score(*told)),
        tree=tree_in_words(tree, rows.features, names.tolist()),
    )


def _fit(points: np.ndarray, k: int, seed: int) -> KMeans:
    # The stubs know the default "auto" alone.
    return KMeans(k, n_init=3, random_state=seed).fit(points)  # pyright: ignore[reportArgumentType]


def _silhouette(points: np.ndarray, labels: np.ndarray) -> float:
    return float(silhouette_score(points, labels)) if len(np.unique(labels)) > 1 else -1.0


def _balance(features: tuple[Feature, ...]) -> np.ndarray:
    """Weights that let each column count once, however many values it has, shape (f,)."""
    columns = [feature.column for feature in features]
    return np.array([1 / np.sqrt(columns.count(name)) for name in columns], dtype=np.float64)


def _about(
    table: pd.DataFrame,
    features: tuple[Feature, ...],
    raw: np.ndarray,
    labels: np.ndarray,
    names: np.ndarray,
) -> pd.DataFrame:
    sizes = Counter(table[SCENARIO].tolist())
    mean, spread = raw.mean(axis=0), np.maximum(raw.std(axis=0), 1e-9)
    lines = []
    for code, name in enumerate(names):
        own = raw[labels == code].mean(axis=0)
        away = np.argsort(-np.abs(own - mean) / spread, kind="stable")[:3]
        what = "; ".join(_said(features[at], own[at], mean[at]) for at in away)
        n = sizes[name]
        lines.append((name, n, n / len(table), what))
    return pd.DataFrame(lines, columns=[SCENARIO, "rows", "share", "what"])


def _said(feature: Feature, own: float, overall: float) -> str:
    if feature.value is None:
        return f"{feature.column} {own:.1f} on average (all: {overall:.1f})"
    return f"{feature.column} {feature.value}: {own:.0%} (all: {overall:.0%})"
