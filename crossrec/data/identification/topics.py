"""Groups of items with like texts, each with the words that set it apart."""

from dataclasses import dataclass

import numpy as np
from sklearn.cluster import MiniBatchKMeans
from sklearn.decomposition import TruncatedSVD
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.preprocessing import normalize

from crossrec.data.catalog import Catalog
from crossrec.data.ids import UNKNOWN

MOST, ITEMS_EACH, FEWEST_ITEMS = 40, 25, 50
DIMENSIONS = 50
WORDS = 3
# Words of scripts with spaces; single characters of those without, paired by the n-grams.
_TOKEN = r"(?u)[\u3040-\u30ff\u4e00-\u9fff]|[^\W\d_\u3040-\u30ff\u4e00-\u9fff]{2,}"


@dataclass(frozen=True)
class Topics:
    """Topics of a catalogue.

    Attributes:
        topic: of each item, shape (n,), int32; -1 for items without text.
        words: of each topic, such as "milk, cheese, cream".
    """

    topic: np.ndarray
    words: tuple[str, ...]


def topics(catalog: Catalog, *, seed: int = 0) -> Topics | None:
    """Cluster the items by TF-IDF of title and text (k-means after truncated SVD).

    No scenario is looked at, so that nothing of what is to be identified leaks in.

    Returns:
        The topics; None where fewer than :data:`FEWEST_ITEMS` items have text.
    """
    texts = np.array(
        [f"{a} {b}".strip() for a, b in zip(catalog.title, catalog.text, strict=True)], dtype=object
    )
    written = np.flatnonzero(texts != "")
    k = min(MOST, len(written) // ITEMS_EACH)
    if len(written) < FEWEST_ITEMS or k < 2:
        return None
    vectorizer = TfidfVectorizer(
        token_pattern=_TOKEN, ngram_range=(1, 2), min_df=2, max_features=20_000, sublinear_tf=True
    )
    try:
        weights = vectorizer.fit_transform(texts[written])
    except ValueError:
        # Every text is made of words that occur once: nothing is alike, so there are no topics.
        return None
    if weights.shape[1] <= DIMENSIONS:
        near = weights.toarray()  # TF-IDF rows have unit length
    else:
        near = normalize(TruncatedSVD(DIMENSIONS, random_state=seed).fit_transform(weights))
    groups = MiniBatchKMeans(k, random_state=seed, batch_size=4096)
    found = groups.fit_predict(near)
    terms = vectorizer.get_feature_names_out()
    overall = np.asarray(weights.mean(axis=0)).ravel()
    names: list[str] = []
    for code in range(k):
        own = (
            np.asarray(weights[found == code].mean(axis=0)).ravel() if (found == code).any() else 0
        )
        best = np.argsort(overall - own, kind="stable")[:WORDS]
        name = ", ".join(terms[best])
        names.append(name if name not in names else f"{name} ({code})")
    topic = np.full(len(catalog), UNKNOWN, dtype=np.int32)
    topic[written] = found
    return Topics(topic, tuple(names))
