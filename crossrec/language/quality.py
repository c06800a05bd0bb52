"""How well an encoder's nearest neighbours agree with what the shop knows about its items."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from time import perf_counter
from typing import Any

import numpy as np

from crossrec.data.catalog import Catalog
from crossrec.errors import DataError
from crossrec.language.cache import VectorCache
from crossrec.language.reading import chosen_encoder, opened, read_texts
from crossrec.language.table import unit_rows
from crossrec.language.template import TextTemplate
from crossrec.language.tfidf import BASELINES
from crossrec.language.word_vectors import baseline_vectors
from crossrec.progress import Progress, silent, stretch
from crossrec.schema import CATEGORY, SCENARIO

K = 10
QUERIES = 2_000
RESAMPLES = 1_000
MAX_LABELS_SHARE = 0.5
"""More labels than this share of the items are names, not categories."""

_BLOCK = 256


@dataclass(frozen=True)
class NeighbourQuality:
    """The share of the k nearest items that carry the same label.

    Attributes:
        encoder: whose vectors.
        share, low, high: mean over queries and its 95 % interval (bootstrap over queries).
        chance: the share that neighbours drawn at random would have.
        nearest: share of queries whose very nearest item carries the same label.
        queries: items looked around, n.
        k: neighbours of each.
        dim: numbers of a vector.
        read, seconds: texts that were read for it (others were read before), and how long that
            took with the loading of the model.
        gain, gain_low, gain_high: difference to the first encoder of a comparison on the same
            queries with its 95 % interval; 0 for the first.
    """

    encoder: str
    share: float
    low: float
    high: float
    chance: float
    nearest: float
    queries: int
    k: int
    dim: int
    read: int = 0
    seconds: float = 0.0
    gain: float = 0.0
    gain_low: float = 0.0
    gain_high: float = 0.0

    def to_json(self) -> dict[str, Any]:
        """Plain values."""
        return asdict(self)


def neighbour_quality(
    vectors: np.ndarray,
    labels: np.ndarray,
    *,
    encoder: str = "",
    k: int = K,
    queries: int = QUERIES,
    seed: int = 0,
) -> NeighbourQuality:
    """Judge vectors by the labels of the nearest items (cosine, after centring).

    Args:
        vectors: shape (n, d); zero rows (no text) are left out.
        labels: shape (n,), object; "" where none is known: left out.
        encoder: for the record.
        k: neighbours of each query.
        queries: items looked around at most, drawn with ``seed``.
        seed: of the draw and the bootstrap.

    Raises:
        DataError: fewer than k + 1 items with text and label, or one label only.
    """
    found = _judged(vectors, labels, k, queries, seed)
    return found.quality(encoder, k, vectors.shape[1], seed)


def compare_encoders(
    catalog: Catalog,
    encoders: Sequence[str],
    *,
    label: str = "",
    template: TextTemplate | None = None,
    k: int = K,
    queries: int = QUERIES,
    seed: int = 0,
    cache: bool | VectorCache | Path = True,
    threads: int | None = None,
    progress: Progress = silent,
) -> list[NeighbourQuality]:
    """Read the same items with several encoders and judge each by its neighbours.

    The label's own column is taken out of the text, else the encoder would only have to copy it;
    of items with the same text one stays, since twins would be each other's neighbours for free.

    Args:
        catalog: the items.
        encoders: names, the first is what the others are compared with.
        label: column of the catalogue that says what belongs together, or "scenario"; default
            :func:`label_of`.
        template: which columns make up a text.
        k: neighbours of each query.
        queries: items looked around at most, drawn with ``seed``.
        seed: of the draw and the bootstrap.
        cache: as of :func:`~crossrec.language.extract.extract_features`.
        threads: of the processor.
        progress: phase "features".

    Raises:
        DataError: there is no such column, or too little to judge by.
        ModelMissing: an encoder is not on this machine.
        EndpointFailed: a model server does not answer.
    """
    label = label or label_of(catalog)
    labels = labels_of(catalog, label)
    asked = template or TextTemplate()
    columns = tuple(name for name in asked.columns if name != label)
    texts = replace(asked, columns=columns).texts(catalog)
    rows = _first_of_each(texts, labels)
    kept, labels = [texts[row] for row in rows], labels[rows]
    told, first = [], None
    names = list(dict.fromkeys(encoders))
    for at, name in enumerate(names):
        part = stretch(progress, at / len(names), (at + 1) / len(names))
        named, vectors, seconds, read = _read(name, kept, asked, cache, threads, part)
        found = _judged(vectors, labels, k, queries, seed)
        first = found.shares if first is None else first
        gain = found.shares - first
        low, high = _interval(gain, seed)
        told.append(
            replace(
                found.quality(named, k, vectors.shape[1], seed),
                seconds=seconds, read=read,
                gain=float(gain.mean()), gain_low=low, gain_high=high,
            )
        )  # fmt: skip
    return told


def label_of(catalog: Catalog) -> str:
    """The column that says what belongs together: category, else the scenario items stand in.

    Raises:
        DataError: there is neither.
    """
    for name in (CATEGORY, SCENARIO):
        try:
            labels = labels_of(catalog, name)
        except DataError:
            continue
        n_known, kinds = int((labels != "").sum()), len(set(labels) - {""})
        if kinds > 1 and kinds <= MAX_LABELS_SHARE * n_known:
            return name
    raise DataError(
        "expected a column that says which items belong together, to judge neighbours by",
        "no category and no scenario with several items each in the catalogue",
        "Add a category column to the items, or name another one",
    )


def labels_of(catalog: Catalog, name: str) -> np.ndarray:
    """The labels of items, shape (n,), object; "" where none is known or (scenario) several are.

    Raises:
        DataError: the catalogue has no such column of words.
    """
    if name == SCENARIO and catalog.listed:
        labels = np.full(len(catalog), "", dtype=object)
        count = np.zeros(len(catalog), dtype=int)
        for scenario, codes in catalog.listed.items():
            labels[codes] = scenario
            count[codes] += 1
        return np.where(count == 1, labels, "").astype(object)
    column = catalog.attributes.get(name)
    if column is None or column.dtype.kind == "f":
        words = [key for key, one in catalog.attributes.items() if one.dtype.kind != "f"]
        raise DataError(
            "expected a column of the catalogue that holds words, to judge neighbours by",
            repr(name),
            f"There are: {', '.join(words) or 'none'}",
        )
    return np.array([one if isinstance(one, str) else "" for one in column], dtype=object)


@dataclass(frozen=True)
class _Judged:
    """Share of like neighbours per query, whether the nearest is alike, and the share by chance."""

    shares: np.ndarray
    nearest: np.ndarray
    chance: float

    def quality(self, encoder: str, k: int, dim: int, seed: int) -> NeighbourQuality:
        low, high = _interval(self.shares, seed)
        return NeighbourQuality(
            encoder, float(self.shares.mean()), low, high, self.chance,
            float(self.nearest.mean()), len(self.shares), k, dim,
        )  # fmt: skip


def _first_of_each(texts: Sequence[str], labels: np.ndarray) -> np.ndarray:
    """The rows with a text and a label, one of each distinct text."""
    first: dict[str, int] = {}
    for row, text in enumerate(texts):
        if text and labels[row]:
            first.setdefault(text, row)
    return np.array(list(first.values()), dtype=np.int64)


def _read(
    name: str,
    texts: Sequence[str],
    template: TextTemplate,
    cache: bool | VectorCache | Path,  # noqa: FBT001
    threads: int | None,
    progress: Progress,
) -> tuple[str, np.ndarray, float, int]:
    """Encoder id, vectors of texts, the seconds it took, and how many texts were read."""
    began = perf_counter()
    if name in BASELINES:
        vectors = baseline_vectors(texts, name)
        return name, vectors, perf_counter() - began, len(texts)
    encoder = chosen_encoder(name, texts, threads, progress)
    with opened(cache) as store:
        before = 0 if store is None else len(store)
        vectors = read_texts(texts, encoder, store, whole=template.whole, progress=progress)
        read = len(texts) if store is None else len(store) - before
    return encoder.id, vectors, perf_counter() - began, read


def _judged(vectors: np.ndarray, labels: np.ndarray, k: int, queries: int, seed: int) -> "_Judged":
    said = np.flatnonzero(vectors.any(axis=1) & (labels != ""))
    _names, kinds = np.unique(labels[said].astype(str), return_inverse=True)
    n = len(said)
    if n <= k or len(_names) < 2:
        raise DataError(
            f"expected more than {k} items with text, of two categories at least",
            f"{n} of {len(_names)}",
            "Neighbours cannot be judged on so little",
        )
    space = unit_rows(vectors[said] - vectors[said].mean(axis=0))
    asked = np.arange(n)
    if n > queries:
        asked = np.sort(np.random.default_rng(seed).choice(n, queries, replace=False))
    alike = np.zeros((len(asked), k), dtype=bool)
    for start in range(0, len(asked), _BLOCK):
        rows = asked[start : start + _BLOCK]
        near = space[rows] @ space.T  # (b, n)
        near[np.arange(len(rows)), rows] = -np.inf
        best = np.argpartition(-near, k - 1, axis=1)[:, :k]
        order = np.argsort(-np.take_along_axis(near, best, axis=1), axis=1, kind="stable")
        best = np.take_along_axis(best, order, axis=1)
        alike[start : start + len(rows)] = kinds[best] == kinds[rows, None]
    size = np.bincount(kinds)[kinds[asked]]
    chance = float(((size - 1) / (n - 1)).mean())
    return _Judged(alike.mean(axis=1), alike[:, 0], chance)


def _interval(values: np.ndarray, seed: int) -> tuple[float, float]:
    """95 % percentile bootstrap of the mean."""
    rng = np.random.default_rng(seed)
    means = [values[rng.integers(len(values), size=len(values))].mean() for _ in range(RESAMPLES)]
    low, high = np.quantile(means, [0.025, 0.975])
    return float(low), float(high)
