"""Word2Vec on the catalogue itself, a named baseline."""

import sys

import numpy as np
import pytest

from crossrec.errors import ModelMissing
from crossrec.language import BASELINES, WORD2VEC, extract_features, preview, token_lengths

from .conftest import catalog_of

KITCHEN = ["pan", "pot", "kettle", "whisk", "ladle"]
GARDEN = ["hose", "rake", "spade", "pruner", "mulch"]


def titles(n=240):
    rng = np.random.default_rng(0)
    groups = [KITCHEN if row % 2 else GARDEN for row in range(n)]
    return [" ".join(rng.choice(group, 3)) for group in groups]


def test_words_of_like_company_get_like_vectors():
    pytest.importorskip("gensim", reason="the word2vec baseline needs gensim")
    table = extract_features(catalog_of([*titles(), "pan pot", "kettle whisk", "rake spade", ""]),
                             encoder=WORD2VEC)  # fmt: skip
    assert table.encoder == WORD2VEC in BASELINES
    assert table.vectors.dtype == np.float32
    np.testing.assert_allclose(np.linalg.norm(table.vectors[:-1], axis=1), 1, atol=1e-5)
    assert not table.vectors[-1].any()
    near = table.vectors[-4:-1] @ table.vectors[-4:-1].T
    assert near[0, 1] > near[0, 2] + 0.3  # no word in common in either pair


def test_the_same_texts_give_the_same_vectors_and_hostile_ones_none():
    pytest.importorskip("gensim", reason="the word2vec baseline needs gensim")
    texts = [*titles(40), "🦄", "\x00", "咖啡机", "x" * 100_000]
    one, two = (extract_features(catalog_of(texts), encoder=WORD2VEC) for _ in range(2))
    assert one.fingerprint == two.fingerprint
    assert extract_features(catalog_of(["", ""]), encoder=WORD2VEC).encoder == "none"
    assert not extract_features(catalog_of(["!", "?"]), encoder=WORD2VEC).vectors.any()


def test_its_terms_are_shown():
    assert preview(catalog_of(["Big Pan"]), WORD2VEC, "i0").tokens == ("big", "pan")
    assert token_lengths(["Big Pan", ""], WORD2VEC).tolist() == [2, 0]


def test_without_gensim_it_says_how_to_get_it(monkeypatch):
    monkeypatch.setitem(sys.modules, "gensim.models", None)
    with pytest.raises(ModelMissing, match="pip install gensim"):
        extract_features(catalog_of(["pan"]), encoder=WORD2VEC)
