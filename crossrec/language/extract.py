"""From a catalogue to one vector per item, through the cache."""

import hashlib
import json
import time
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from crossrec.data.catalog import Catalog
from crossrec.data.ids import IdMap
from crossrec.language.cache import VectorCache, text_keys
from crossrec.language.encoder import AUTO, Encoder, choose_encoder, load_encoder
from crossrec.language.table import FeatureTable
from crossrec.language.text import item_texts
from crossrec.language.tfidf import BASELINES, term_vectors
from crossrec.language.views import item_views
from crossrec.progress import Progress, silent

NO_TEXT = "none"
"""The encoder id of a table made from a catalogue without any text: all vectors are zero."""

_CHUNK_CHARACTERS = 50_000  # saved at once: about a second of work on one processor core
_USUAL_SPEED = 20_000.0  # characters per second where no run was measured yet


def extract_features(
    catalog: Catalog,
    *,
    encoder: str | Encoder = AUTO,
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
            all-MiniLM-L6-v2), a bundled encoder's id, a local model folder, "tfidf" or "bow" (named
            baselines), or any :class:`Encoder`.
        cache: True for the machine's cache, False for none, or another one (open, or its path).
        threads: processor threads of the language model.
        progress: phase "features", in distinct texts.

    Returns:
        A table in catalogue order. Items without text have the zero vector; if no item has text,
        the encoder is "none" and the vectors have shape (n, 1). With a language model, the further
        views of :func:`~crossrec.language.views.item_views` are there too.

    Raises:
        ModelMissing: the encoder is not on this machine.
        WorkspaceError: the cache cannot be written.
    """
    texts = item_texts(catalog)
    progress("features", 0, len(texts), "reading the catalogue")
    if not any(texts):
        return _table(catalog.items, np.zeros((len(texts), 1), dtype=np.float32), NO_TEXT, "")
    if encoder in BASELINES:
        vectors = term_vectors(texts, str(encoder))
        progress("features", len(texts), len(texts))
        return _table(catalog.items, vectors, str(encoder), "")
    chosen = _encoder(encoder, texts, threads, progress)
    unique = sorted({text for text in texts if text}, key=lambda text: (len(text), text))
    with _opened(cache) as store:
        made = _vectors(unique, chosen, store, progress)
    row = {text: at for at, text in enumerate(unique)}
    vectors = np.zeros((len(texts), chosen.dim), dtype=np.float32)
    said = [at for at, text in enumerate(texts) if text]
    vectors[said] = made[[row[texts[at]] for at in said]]
    table = _table(catalog.items, vectors, chosen.id, chosen.revision)
    progress("features", len(texts), len(texts), "counting words")
    return replace(table, views=item_views(catalog, texts))


@dataclass(frozen=True)
class Cost:
    """What reading a catalogue will take.

    Attributes:
        encoder: id of the encoder.
        texts: items with a text.
        distinct: different texts among them.
        cached: distinct texts that were read before.
        seconds: estimate for the rest, from this machine's last run where there was one.
        measured: whether the estimate rests on such a run.
    """

    encoder: str
    texts: int
    distinct: int
    cached: int
    seconds: float
    measured: bool

    @property
    def new(self) -> int:
        """Distinct texts still to be read."""
        return self.distinct - self.cached


def cost(
    catalog: Catalog, *, encoder: str | Encoder = AUTO, cache: bool | VectorCache | Path = True
) -> Cost:
    """How many texts there are, how many were read before, and how long the rest will take.

    Raises:
        ModelMissing: the encoder is not on this machine.
    """
    texts = [text for text in item_texts(catalog) if text]
    unique = sorted(set(texts))
    if not unique or encoder in BASELINES:
        name = str(encoder) if unique else NO_TEXT
        return Cost(name, len(texts), len(unique), 0, len(unique) / 5_000, measured=False)
    chosen = _encoder(encoder, unique, None, silent)
    keys = text_keys(chosen.id, chosen.revision, unique)
    with _opened(cache) as store:
        speed = None if store is None else store.speed(chosen.revision)
        found = set() if store is None else store.known(keys)
    left = sum(len(text) for text, key in zip(unique, keys, strict=True) if key not in found)
    seconds = left / (speed or _USUAL_SPEED)
    return Cost(chosen.id, len(texts), len(unique), len(found), seconds, measured=speed is not None)


def fingerprint(ids: np.ndarray, vectors: np.ndarray, encoder: str, revision: str) -> str:
    """Hex sha256 over ids, vectors and encoder: what a run records about its features."""
    head = json.dumps([encoder, revision, list(vectors.shape), list(ids)])
    digest = hashlib.sha256(head.encode())
    digest.update(np.ascontiguousarray(vectors, dtype="<f4").data)
    return digest.hexdigest()


def _table(items: IdMap, vectors: np.ndarray, encoder: str, revision: str) -> FeatureTable:
    mark = fingerprint(items.ids, vectors, encoder, revision)
    return FeatureTable(items, vectors, encoder, revision, mark)


def _encoder(
    encoder: str | Encoder, texts: Sequence[str], threads: int | None, progress: Progress
) -> Encoder:
    if not isinstance(encoder, str):
        return encoder
    name = choose_encoder(texts) if encoder == AUTO else encoder
    return load_encoder(name, threads=threads, progress=progress)


def _opened(
    cache: VectorCache | Path | bool,  # noqa: FBT001
) -> AbstractContextManager[VectorCache | None]:
    if isinstance(cache, VectorCache):
        return nullcontext(cache)
    if cache is False:
        return nullcontext()
    return VectorCache(cache if isinstance(cache, Path) else None)


def _vectors(
    texts: list[str], encoder: Encoder, store: VectorCache | None, progress: Progress
) -> np.ndarray:
    """Vectors of distinct, non-empty texts sorted by length, shape (len(texts), d)."""
    keys = text_keys(encoder.id, encoder.revision, texts)
    vectors = np.zeros((len(texts), encoder.dim), dtype=np.float32)
    found = np.zeros(len(texts), dtype=bool)
    if store is not None:
        vectors, found = store.get(keys, encoder.dim)
    meter = _Meter(progress, int(found.sum()), len(texts))
    for rows in _chunks(np.flatnonzero(~found), texts):
        part = [texts[row] for row in rows]
        vectors[rows] = encoder.encode(part, progress=meter)
        if store is not None:
            store.put([keys[row] for row in rows], vectors[rows])
        meter.finish(len(part), sum(map(len, part)))
    if store is not None and meter.characters_per_second:
        store.note_speed(encoder.revision, meter.characters_per_second)
    return vectors


def _chunks(rows: np.ndarray, texts: list[str]) -> Iterator[list[int]]:
    """Runs of rows that are read and saved together."""
    chunk, characters = [], 0
    for row in rows.tolist():
        chunk.append(row)
        characters += len(texts[row])
        if characters >= _CHUNK_CHARACTERS:
            yield chunk
            chunk, characters = [], 0
    if chunk:
        yield chunk


class _Meter:
    """Progress over all chunks with the speed; the first chunk's time, with the loading, is out."""

    def __init__(self, progress: Progress, done: int, total: int) -> None:
        self._progress, self._total = progress, total
        self._done = done
        self._began = self._characters = 0.0
        self._timed = 0
        progress("features", done, total, f"{done:,} read before" if done else "")

    def __call__(self, phase: str, done: float, total: float, note: str = "") -> None:
        """Pass on what an encoder reports about its chunk."""
        now = self._done + done
        passed = time.perf_counter() - self._began
        timed = now - self._timed
        note = f"{timed / passed:,.0f} items/s" if self._began and timed and passed else note
        self._progress(phase, now, self._total, note)

    def finish(self, texts: int, characters: int) -> None:
        """Count a finished chunk."""
        self._done += texts
        if self._began:
            self._characters += characters
        else:
            self._began, self._timed = time.perf_counter(), self._done
        self("features", 0, 0)

    @property
    def characters_per_second(self) -> float:
        """Of the chunks after the first, 0 if there were none."""
        passed = time.perf_counter() - self._began
        return self._characters / passed if self._characters else 0.0
