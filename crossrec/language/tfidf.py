"""Named baselines without a language model: TF-IDF and bag of words, reduced by an SVD.

They see only which words two texts share. Their vectors are fitted on the catalogue itself, so
they have no revision and are not cached: fitting takes seconds.
"""

import re
import unicodedata
from collections.abc import Sequence
from typing import Any

import numpy as np
from scipy import sparse
from threadpoolctl import threadpool_limits

TFIDF = "tfidf"
BOW = "bow"
WORD2VEC = "word2vec"
BASELINES = (TFIDF, BOW, WORD2VEC)
MAX_DIM = 256
MAX_TERMS = 50_000

_CJK_RUN = "\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af\uf900-\ufaff"
_TERM = re.compile(rf"[{_CJK_RUN}]+|[^\W_{_CJK_RUN}]+")
_IS_CJK = re.compile(rf"[{_CJK_RUN}]")


def terms(text: str) -> list[str]:
    """The terms of a text: lower-case words; for CJK runs single characters and their pairs."""
    found = []
    for run in _TERM.findall(unicodedata.normalize("NFKC", text).lower()):
        if _IS_CJK.match(run):
            found += [*run, *(run[i : i + 2] for i in range(len(run) - 1))]
        else:
            found.append(run)
    return found


def term_vectors(texts: Sequence[str], kind: str = TFIDF, *, seed: int = 0) -> np.ndarray:
    """Vectors of texts from the words they hold.

    Args:
        texts: n texts; a text without any word gets the zero vector.
        kind: see :func:`term_weights`.
        seed: of the truncated SVD.

    Returns:
        shape (n, d), float32, rows of length 1 (or 0), d at most 256.
    """
    return reduced(term_weights(texts, kind), seed=seed)


def term_weights(texts: Sequence[str], kind: str = TFIDF) -> sparse.csr_array:
    """Which words texts hold, shape (n, terms), float32; no column where there is no word at all.

    Args:
        texts: n texts.
        kind: "tfidf" (log term counts times inverse document frequency) or "bow" (plain counts).
    """
    from sklearn.feature_extraction.text import CountVectorizer, TfidfVectorizer

    if not any(map(terms, texts)):
        return sparse.csr_array((len(texts), 0), dtype=np.float32)
    analyzer: Any = terms  # scikit-learn takes a callable, its annotations know only names
    if kind == TFIDF:
        counter = TfidfVectorizer(analyzer=analyzer, max_features=MAX_TERMS, sublinear_tf=True)
    else:
        counter = CountVectorizer(analyzer=analyzer, max_features=MAX_TERMS)
    return sparse.csr_array(counter.fit_transform(texts), dtype=np.float32)


def reduced(weights: sparse.csr_array, *, seed: int = 0) -> np.ndarray:
    """Term weights of n texts as dense rows of length 1 (or 0), shape (n, d), d at most 256.

    Args:
        weights: from :func:`term_weights`, or some rows of it.
        seed: of the truncated SVD.
    """
    from sklearn.decomposition import TruncatedSVD

    n = len(weights.indptr) - 1
    used = np.unique(weights.indices)
    if not len(used):
        return np.zeros((n, 1), dtype=np.float32)
    counts = sparse.csr_array(weights[:, used], dtype=np.float32)  # SVD in half the time
    dim = min(MAX_DIM, n - 1, len(used) - 1)
    if dim < 2:
        dense = counts.toarray()
    else:
        with threadpool_limits(1, "blas"):  # tall and narrow: a second thread makes it 4 x slower
            dense = TruncatedSVD(dim, random_state=seed).fit_transform(counts)
    length = np.linalg.norm(dense, axis=1, keepdims=True)
    tiny = length < 1e-9
    return np.where(tiny, 0, dense / np.where(tiny, 1, length)).astype(np.float32)
