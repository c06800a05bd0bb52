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

TFIDF = "tfidf"
BOW = "bow"
BASELINES = (TFIDF, BOW)
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
        kind: "tfidf" (log term counts times inverse document frequency) or "bow" (plain counts).
        seed: of the truncated SVD.

    Returns:
        shape (n, d), float32, rows of length 1 (or 0), d at most 256.
    """
    from sklearn.decomposition import TruncatedSVD
    from sklearn.feature_extraction.text import CountVectorizer, TfidfVectorizer

    if not any(map(terms, texts)):
        return np.zeros((len(texts), 1), dtype=np.float32)
    analyzer: Any = terms  # scikit-learn takes a callable, its annotations know only names
    if kind == TFIDF:
        counter = TfidfVectorizer(analyzer=analyzer, max_features=MAX_TERMS, sublinear_tf=True)
    else:
        counter = CountVectorizer(analyzer=analyzer, max_features=MAX_TERMS)
    counts = sparse.csr_array(counter.fit_transform(texts), dtype=np.float64)  # (n, terms)
    dim = min(MAX_DIM, len(texts) - 1, len(counter.vocabulary_) - 1)
    if dim < 2:
        dense = counts.toarray()
    else:
        dense = TruncatedSVD(dim, random_state=seed).fit_transform(counts)
    length = np.linalg.norm(dense, axis=1, keepdims=True)
    tiny = length < 1e-9
    return np.where(tiny, 0, dense / np.where(tiny, 1, length)).astype(np.float32)
