"""From a catalogue to one vector per item, through the cache."""

import hashlib
import json
from dataclasses import replace
from pathlib import Path

import numpy as np

from crossrec.data.catalog import Catalog
from crossrec.data.ids import IdMap
from crossrec.language.cache import VectorCache
from crossrec.language.cost import NO_TEXT
from crossrec.language.encoder import AUTO, Encoder
from crossrec.language.reading import chosen_encoder, opened, read_texts
from crossrec.language.reduction import Reduction
from crossrec.language.table import FeatureTable
from crossrec.language.template import TextTemplate
from crossrec.language.tfidf import BASELINES
from crossrec.language.views import item_views
from crossrec.language.word_vectors import baseline_vectors
from crossrec.progress import Progress, silent


def extract_features(
    catalog: Catalog,
    *,
    encoder: str | Encoder = AUTO,
    template: TextTemplate | None = None,
    dim: int | None = None,
    cache: bool | VectorCache | Path = True,
    threads: int | None = None,
    progress: Progress = silent,
) -> FeatureTable:
    """Read every item's text and return one vector per item.

    Each distinct text is read once, ever: vectors are kept in the cache as soon as they are made,
    so a cancelled run goes on where it stopped.

    Args:
        catalog: the items.
        encoder: "auto" (multilingual-e5-small if Chinese, Japanese or Korean text is present, else
            all-MiniLM-L6-v2), any name of :func:`~crossrec.language.encoder.load_encoder`, "tfidf",
            "bow" or "word2vec" (named baselines), or any :class:`Encoder`.
        template: which columns make up a text; default title, category and text.
        dim: keep so many principal components of the vectors; None keeps the vectors as they are.
        cache: True for the machine's cache, False for none, or another one (open, or its path).
        threads: processor threads of the language model.
        progress: phase "features", in distinct texts.

    Returns:
        A table in catalogue order. Items without text have the zero vector; if no item has text,
        the encoder is "none" and the vectors have shape (n, 1). With a language model, the further
        views of :func:`~crossrec.language.views.item_views` are there too.

    Raises:
        ModelMissing: the encoder is not on this machine.
        EndpointFailed: a model server does not answer; what was read so far is in the cache.
        DataError: ``dim`` is more than the vectors span.
        ColumnMissing: the template names a column that is not in the catalogue.
        WorkspaceError: the cache cannot be written.
    """
    template = template or TextTemplate()
    texts = template.texts(catalog)
    progress("features", 0, len(texts), "reading the catalogue")
    if not any(texts):
        return _table(catalog.items, np.zeros((len(texts), 1), dtype=np.float32), NO_TEXT, "")
    if encoder in BASELINES:
        vectors = baseline_vectors(texts, str(encoder))
        progress("features", len(texts), len(texts))
        return _table(catalog.items, vectors, str(encoder), "", dim)
    chosen = chosen_encoder(encoder, texts, threads, progress)
    with opened(cache) as store:
        vectors = read_texts(texts, chosen, store, whole=template.whole, progress=progress)
    table = _table(catalog.items, vectors, chosen.id, chosen.revision, dim)
    return replace(table, views=item_views(catalog))


def fingerprint(ids: np.ndarray, vectors: np.ndarray, encoder: str, revision: str) -> str:
    """Hex sha256 over ids, vectors and encoder: what a run records about its features."""
    head = json.dumps([encoder, revision, list(vectors.shape), list(ids)])
    digest = hashlib.sha256(head.encode())
    digest.update(np.ascontiguousarray(vectors, dtype="<f4").data)
    return digest.hexdigest()


def _table(
    items: IdMap, vectors: np.ndarray, encoder: str, revision: str, dim: int | None = None
) -> FeatureTable:
    reduction = None
    if dim is not None:
        reduction = Reduction.of(vectors, dim)
        vectors = reduction(vectors)
        revision = f"{revision}-pca{dim}".lstrip("-")
    mark = fingerprint(items.ids, vectors, encoder, revision)
    return FeatureTable(items, vectors, encoder, revision, mark, reduction=reduction)
