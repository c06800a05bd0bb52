"""Word2Vec, learnt from the catalogue itself: a named baseline between counting and reading.

Words that stand in like company get like vectors; a text is the mean of its words, frequent words
turned down (smooth inverse frequency). Source: T. Mikolov et al. (2013), skip-gram with negative
sampling; S. Arora et al., "A Simple but Tough-to-Beat Baseline for Sentence Embeddings" (2017), §3.
"""

import sys
from collections.abc import Sequence
from typing import Any

import numpy as np

from crossrec.errors import ModelMissing
from crossrec.language.table import unit_rows
from crossrec.language.tfidf import WORD2VEC, term_vectors, terms

DIM = 128
EPOCHS = 10
_USUAL_WORD = 1e-3  # words of this frequency count half (Arora et al.: a between 1e-4 and 1e-3)


def baseline_vectors(texts: Sequence[str], kind: str, *, seed: int = 0) -> np.ndarray:
    """Vectors of texts without a language model, shape (n, d), float32, rows of length 1 (or 0).

    Args:
        texts: n texts.
        kind: "tfidf", "bow" or "word2vec".
        seed: of the truncated SVD, or of the training.

    Raises:
        ModelMissing: word2vec was asked for and gensim is not installed.
    """
    if kind == WORD2VEC:
        return word_vectors(texts, seed=seed)
    return term_vectors(texts, kind, seed=seed)


def word_vectors(texts: Sequence[str], *, dim: int = DIM, seed: int = 0) -> np.ndarray:
    """Vectors of texts as the mean of Word2Vec vectors of their words, fitted on these texts.

    Args:
        texts: n texts; one without any word gets the zero vector.
        dim: length d of a vector.
        seed: the same texts and seed give the same vectors (one thread).

    Returns:
        shape (n, d), float32, rows of length 1 (or 0).

    Raises:
        ModelMissing: gensim is not installed.
    """
    Word2Vec = _word2vec()
    said = [terms(text) for text in texts]
    if not any(said):
        return np.zeros((len(texts), dim), dtype=np.float32)
    # Distinct texts only: an item that is listed ten times is no evidence about words.
    corpus = [words for words in dict.fromkeys(map(tuple, said)) if words]
    model = Word2Vec(
        list(map(list, corpus)),
        vector_size=dim, window=8, sg=1, min_count=1, epochs=EPOCHS, seed=seed, workers=1,
    )  # fmt: skip
    keyed: Any = model.wv  # gensim's annotations know no names as keys
    counts = np.array([keyed.get_vecattr(word, "count") for word in keyed.index_to_key], float)
    usual = _USUAL_WORD / (_USUAL_WORD + counts / counts.sum())  # (words,)
    weighted = (keyed.vectors * usual[:, None]).astype(np.float32)
    vectors = np.zeros((len(texts), dim), dtype=np.float32)
    for row, words in enumerate(said):
        if words:
            vectors[row] = weighted[[keyed.key_to_index[word] for word in words]].mean(axis=0)
    return unit_rows(vectors)


def _word2vec():  # noqa: ANN202
    try:
        from gensim.models import Word2Vec
    except ImportError as error:
        raise ModelMissing(
            "expected the package gensim for the word2vec baseline",
            str(error),
            f"Install it with: {sys.executable} -m pip install gensim",
        ) from error
    return Word2Vec
