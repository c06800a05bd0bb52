"""Themes proposed from the catalogue: clusters of its texts, named by their own words.

Source: class-based TF-IDF as in Grootendorst, BERTopic (2022): for class c and term t,
``W(t, c) = tf(t, c) * log(1 + A / f(t))`` with ``tf`` the share of the class's terms, ``f`` the
term's count over all classes and ``A`` the mean number of terms per class.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from scipy import sparse

from crossrec.language.table import unit_rows
from crossrec.language.tfidf import terms
from crossrec.language.vocabulary import Facet, Value, Vocabulary, ready_made

MAX_THEMES = 24
_LEAST_ITEMS = 5  # of a theme
_CLUSTERED = 20_000  # items that the clusters are found on
_NAME_TERMS, _WORD_TERMS = 2, 8
_MEASURES = """
count pack ounce ounces inch inches piece pieces set sets quart quarts pound pounds size box boxes
case pk pks oz lb lbs ml liter litre gallon watt volt cup cups pc pcs new
"""
"""How much of it there is says nothing about what it is."""

_THEME = {"en": "theme", "zh": "主题"}


def propose(
    texts: Sequence[str],
    vectors: np.ndarray,
    groups: Mapping[str, np.ndarray] | None = None,
    *,
    themes: int | None = None,
    seed: int = 0,
) -> Vocabulary:
    """A vocabulary for a catalogue: themes found in it, and the ready-made facets it speaks of.

    Args:
        texts: what is read of each item, n texts, "" where there is none.
        vectors: their meanings, shape (n, d), zero where there is no text.
        groups: scenario -> rows of its items. Each scenario's own mean is taken out first, so that
            themes gather what belongs together across scenarios, not what is sold together.
        themes: how many to look for; default by the number of items, at most 24.
        seed: of the clustering.

    Returns:
        What a person may edit before it is used.
    """
    said = np.array([bool(text) for text in texts])
    facets = ready_made([text for text in texts if text])
    found = _themes(texts, within_groups(vectors, groups), said, themes, seed)
    if len(found) >= 2:
        language = "zh" if any(name in facet.name for facet in facets for name in "用途") else "en"
        facets = (Facet(_THEME[language], found), *facets)
    return Vocabulary(facets)


def within_groups(
    vectors: np.ndarray, groups: Mapping[str, np.ndarray] | None = None
) -> np.ndarray:
    """Unit vectors with each group's mean taken out, shape (n, d); zero rows stay zero.

    An item of several groups goes with the first; items of none share a mean of their own.
    """
    said = np.linalg.norm(vectors, axis=1) > 1e-9
    group = np.full(len(vectors), -1)
    for at, rows in reversed(list(enumerate((groups or {}).values()))):
        group[rows] = at
    centred = np.zeros_like(vectors, dtype=np.float32)
    for at in np.unique(group):
        mine = said & (group == at)
        if mine.any():
            centred[mine] = vectors[mine] - vectors[mine].mean(axis=0)
    return unit_rows(centred)


def _themes(
    texts: Sequence[str],
    vectors: np.ndarray,
    said: np.ndarray,
    wanted: int | None,
    seed: int,
) -> tuple[Value, ...]:
    from sklearn.cluster import MiniBatchKMeans

    rows = np.flatnonzero(said)
    if len(rows) < 2 * _LEAST_ITEMS:
        return ()
    if len(rows) > _CLUSTERED:
        rows = np.sort(np.random.default_rng(seed).choice(rows, _CLUSTERED, replace=False))
    n = wanted or int(np.clip(round(len(rows) ** 0.5 / 3), 3, MAX_THEMES))
    n = min(n, len(rows) // _LEAST_ITEMS)
    tries: Any = 3  # scikit-learn takes a number, its annotations know only "auto"
    clusters = MiniBatchKMeans(n, random_state=seed, n_init=tries, batch_size=2_048)
    label = clusters.fit_predict(vectors[rows])
    big = [at for at in range(n) if (label == at).sum() >= _LEAST_ITEMS]
    weights, words = class_term_weights([texts[row] for row in rows.tolist()], label, n)
    return _named(weights[big], words)


def class_term_weights(
    texts: Sequence[str], label: np.ndarray, classes: int
) -> tuple[np.ndarray, list[str]]:
    """c-TF-IDF of the terms of n texts in their classes.

    Returns:
        weights, shape (classes, terms), and the terms. Numbers, single letters and stop words are
        left out, and so is a term of fewer than three texts: it would name a theme after one item.
    """
    from sklearn.feature_extraction.text import ENGLISH_STOP_WORDS, CountVectorizer

    stop = ENGLISH_STOP_WORDS | set(_MEASURES.split())

    def words(text: str) -> list[str]:
        return [
            term
            for term in set(terms(text))
            if term not in stop
            and not any(letter.isdigit() for letter in term)
            and (len(term) > 2 or (len(term) == 2 and not term.isascii()))
        ]

    analyzer: Any = words
    counter = CountVectorizer(analyzer=analyzer, min_df=min(3, len(texts)))
    try:
        counts = sparse.csr_array(counter.fit_transform(texts))
    except ValueError:  # no term is left
        return np.zeros((classes, 0)), []
    n = len(texts)
    member = sparse.csr_array((np.ones(n), (label, np.arange(n))), shape=(classes, n))
    by_class = sparse.csr_array(member @ counts).toarray().astype(np.float64)
    size = by_class.sum(axis=1, keepdims=True)
    share = by_class / np.maximum(size, 1)
    weights = share * np.log1p(size.mean() / by_class.sum(axis=0))
    return weights, counter.get_feature_names_out().tolist()


def _named(weights: np.ndarray, words: list[str]) -> tuple[Value, ...]:
    """Values named by their own best terms; no two themes share a term of their names."""
    used: set[str] = set()
    found = []
    for row in weights[np.argsort(-weights.max(axis=1, initial=0), kind="stable")]:
        best = [words[at] for at in np.argsort(-row, kind="stable") if row[at] > 0]
        name = [word for word in best if word not in used][:_NAME_TERMS]
        if len(name) < _NAME_TERMS:
            continue
        used.update(name)
        described = list(dict.fromkeys([*name, *best]))[:_WORD_TERMS]
        found.append(Value(" & ".join(name), ", ".join(described)))
    return tuple(found)
