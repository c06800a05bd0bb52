"""Groups of vectors that are alike, found in the original space."""

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Final

import numpy as np
from sklearn.cluster import MiniBatchKMeans

from crossrec.language.tfidf import terms

CLUSTERS: Final = 8
"""As many as there are colours."""
LEARNT_FROM: Final = 50_000
"""Vectors the centres are learnt from, at most."""
_SHORTEST: Final = 2  # characters of a word that may name a cluster
_IN_TITLES: Final = 0.02  # share of the titles that must hold it


def clusters_of(
    vectors: np.ndarray, others: np.ndarray | None = None, *, k: int = CLUSTERS, seed: int = 0
) -> tuple[np.ndarray, np.ndarray]:
    """Cluster numbers of vectors, the largest cluster first, by k-means on unit vectors.

    Args:
        vectors: shape (n, d), unit rows; the centres are learnt from them.
        others: shape (m, d), unit rows that are only put to their nearest centre.
        k: how many clusters; fewer where there are fewer vectors.
        seed: of the sample and the start.

    Returns:
        Numbers of ``vectors``, shape (n,), and of ``others``, shape (m,); int16, from 0.
    """
    none = np.zeros(0, dtype=np.int16)
    if not len(vectors):
        return none, none if others is None else np.zeros(len(others), dtype=np.int16)
    rng = np.random.default_rng(seed)
    learnt = vectors
    if len(vectors) > LEARNT_FROM:
        learnt = vectors[np.sort(rng.choice(len(vectors), LEARNT_FROM, replace=False))]
    k = min(k, len(np.unique(learnt.round(4), axis=0)))
    model = MiniBatchKMeans(k, random_state=seed, n_init="auto", batch_size=2_048).fit(learnt)
    found = model.predict(vectors)
    rank = np.empty(k, dtype=np.int16)
    rank[np.argsort(-np.bincount(found, minlength=k), kind="stable")] = np.arange(k)
    theirs = none if others is None or not len(others) else rank[model.predict(others)]
    return rank[found], theirs


def cluster_words(
    titles: Sequence[str], clusters: np.ndarray, *, words: int = 3
) -> dict[int, tuple[str, ...]]:
    """The words that set each cluster's titles apart from all titles.

    A word counts once a title; its weight is the share of the cluster's titles that hold it times
    the logarithm of how many times that is the share among all titles.

    Args:
        titles: n titles.
        clusters: cluster number of each, shape (n,).
        words: how many a cluster gets at most.
    """
    told = [sorted({word for word in terms(title) if _telling(word)}) for title in titles]
    everywhere = _counted(told)
    found = {}
    for number in np.unique(clusters).tolist():
        mine = [told[row] for row in np.flatnonzero(clusters == number)]
        here = _counted(mine)
        weight = {
            word: count / len(mine) * np.log(count / len(mine) / (everywhere[word] / len(told)))
            for word, count in here.items()
            if count >= max(2, _IN_TITLES * len(mine))
        }
        best = sorted((word for word in weight if weight[word] > 0), key=lambda w: (-weight[w], w))
        found[number] = tuple(best[:words])
    return found


def _telling(word: str) -> bool:
    return len(word) >= _SHORTEST and not word.isdigit()


def _counted(told: Iterable[Sequence[str]]) -> Counter[str]:
    return Counter(word for words in told for word in words)
