"""Texts -> vectors through the cache: each text is read once, and saved as soon as it is read."""

import time
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol, runtime_checkable

import numpy as np

from crossrec.errors import EndpointFailed
from crossrec.language.cache import VectorCache, text_keys
from crossrec.language.encoder import AUTO, Encoder, choose_encoder, load_encoder
from crossrec.language.table import unit_rows
from crossrec.progress import Progress, silent

_CHUNK_CHARACTERS = 50_000  # saved at once: about a second of work on one processor core


@runtime_checkable
class SplitsTexts(Protocol):
    """An encoder that knows where it stops reading."""

    def pieces(self, text: str) -> list[str]:
        """A text in parts that are read whole, in order; at least one."""
        ...


@runtime_checkable
class SavesEarly(Protocol):
    """An encoder that may fail half-way, such as a server: what it has read is saved often."""

    @property
    def texts_at_once(self) -> int:
        """Texts after which the vectors are saved."""
        ...


@dataclass(frozen=True)
class Parts:
    """Distinct texts in the pieces they are read in.

    Attributes:
        texts: distinct pieces, m of them, sorted by length.
        owner: text of each place, shape (p,), ascending; a text of several pieces has several.
        piece: piece at each place, shape (p,).
    """

    texts: list[str]
    owner: np.ndarray
    piece: np.ndarray

    @classmethod
    def of(cls, texts: Sequence[str], encoder: Encoder, *, whole: bool) -> "Parts":
        """Split texts where an encoder stops reading, or (not ``whole``) leave them to its cut."""
        split = encoder if whole and isinstance(encoder, SplitsTexts) else None
        listed = [split.pieces(text) if split else [text] for text in texts]
        distinct = sorted({part for parts in listed for part in parts}, key=_by_length)
        place = {part: at for at, part in enumerate(distinct)}
        owner = np.repeat(np.arange(len(texts)), [len(parts) for parts in listed])
        piece = np.array([place[part] for parts in listed for part in parts], dtype=np.int64)
        return cls(distinct, owner, piece)

    def pooled(self, vectors: np.ndarray) -> np.ndarray:
        """Vectors of the pieces, shape (m, d), averaged per text by their length, at length 1."""
        if np.array_equal(self.piece, np.arange(len(vectors))):
            return vectors  # every text is one piece, in the same order
        n = int(self.owner.max()) + 1
        weight = np.array([len(text) for text in self.texts], dtype=np.float32)[self.piece]
        summed = np.zeros((n, vectors.shape[1]), dtype=np.float32)
        np.add.at(summed, self.owner, vectors[self.piece] * weight[:, None])
        return unit_rows(summed)


def chosen_encoder(
    encoder: str | Encoder, texts: Sequence[str], threads: int | None, progress: Progress = silent
) -> Encoder:
    """The encoder of a name; "auto" looks at the texts.

    Raises:
        ModelMissing: the encoder is not on this machine.
    """
    if not isinstance(encoder, str):
        return encoder
    name = choose_encoder(texts) if encoder == AUTO else encoder
    return load_encoder(name, threads=threads, progress=progress)


def opened(
    cache: VectorCache | Path | bool,  # noqa: FBT001
) -> AbstractContextManager[VectorCache | None]:
    """The cache asked for: True for the machine's, False for none, or another one."""
    if isinstance(cache, VectorCache):
        return nullcontext(cache)
    if cache is False:
        return nullcontext()
    return VectorCache(cache if isinstance(cache, Path) else None)


def read_texts(
    texts: Sequence[str],
    encoder: Encoder,
    store: VectorCache | None,
    *,
    whole: bool = False,
    progress: Progress = silent,
) -> np.ndarray:
    """Vectors of texts, shape (len(texts), d), float32, of length 1; zero for "".

    Args:
        texts: n texts, in any order; those that are alike are read once.
        encoder: who reads.
        store: what was read before, and where what is read now is kept.
        whole: read long texts in pieces and average them.
        progress: phase "features", in distinct texts.
    """
    distinct = sorted({text for text in texts if text}, key=_by_length)
    if not distinct:
        return np.zeros((len(texts), 1), dtype=np.float32)
    parts = Parts.of(distinct, encoder, whole=whole)
    made = parts.pooled(_read(parts.texts, encoder, store, progress))
    row = {text: at for at, text in enumerate(distinct)}
    vectors = np.zeros((len(texts), made.shape[1]), dtype=np.float32)
    said = [at for at, text in enumerate(texts) if text]
    vectors[said] = made[[row[texts[at]] for at in said]]
    return vectors


def _by_length(text: str) -> tuple[int, str]:
    return len(text), text


def _read(
    texts: list[str], encoder: Encoder, store: VectorCache | None, progress: Progress
) -> np.ndarray:
    """Vectors of distinct, non-empty texts sorted by length, shape (len(texts), d)."""
    keys = text_keys(encoder.id, encoder.revision, texts)
    vectors = np.zeros((len(texts), 0), dtype=np.float32)
    found = np.zeros(len(texts), dtype=bool)
    # A server shows the length of its vectors only in an answer: the cache may spare the question.
    if store is not None and (dim := store.dim(keys)) is not None:
        vectors, found = store.get(keys, dim)
    meter = _Meter(progress, int(found.sum()), len(texts))
    most = encoder.texts_at_once if isinstance(encoder, SavesEarly) else len(texts)
    for rows in _chunks(np.flatnonzero(~found), texts, most):
        part = [texts[row] for row in rows]
        made = encoder.encode(part, progress=meter)
        if not vectors.shape[1]:
            vectors = np.zeros((len(texts), made.shape[1]), dtype=np.float32)
        _check_length(made, vectors, encoder)
        vectors[rows] = made
        if store is not None:
            store.put([keys[row] for row in rows], made)
        meter.finish(len(part), sum(map(len, part)))
    if store is not None and meter.characters_per_second:
        store.note_speed(encoder.revision, meter.characters_per_second)
    return vectors


def _check_length(made: np.ndarray, vectors: np.ndarray, encoder: Encoder) -> None:
    if made.shape[1] != vectors.shape[1]:
        raise EndpointFailed(
            f"expected vectors of {vectors.shape[1]} numbers from {encoder.id}, as before",
            str(made.shape[1]),
            "It answers with another model under the same name now: give that one another name",
        )


def _chunks(rows: np.ndarray, texts: list[str], most: int) -> Iterator[list[int]]:
    """Runs of rows, at most so many, that are read and saved together."""
    chunk, characters = [], 0
    for row in rows.tolist():
        chunk.append(row)
        characters += len(texts[row])
        if characters >= _CHUNK_CHARACTERS or len(chunk) >= most:
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
        speed = f"{timed / passed:,.0f} items/s" if self._began and timed and passed else ""
        self._progress(phase, now, self._total, note or speed)

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
