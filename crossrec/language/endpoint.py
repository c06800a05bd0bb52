"""An encoder behind OpenAI's ``/embeddings`` protocol: vLLM, Ollama, llama.cpp, a paid service."""

import hashlib
import json
from collections.abc import Sequence
from typing import Any

import numpy as np

from crossrec.errors import EndpointFailed
from crossrec.language.server import ModelServer
from crossrec.language.table import unit_rows
from crossrec.language.text import has_cjk, pieces
from crossrec.progress import Progress, silent

BATCH = 64
MAX_CHARACTERS = 8_000
"""Characters of one text sent at most; embedding servers read 512 to 8,192 tokens."""


class EndpointEncoder:
    """Texts go to a server in batches; the vectors that come back are scaled to length 1.

    Args:
        server: where it is.
        model: the model's name there.
        prefix: put before every text.
        batch: texts per request. The caller saves after each, so a fault loses one batch at most.
    """

    def __init__(
        self, server: ModelServer, model: str, *, prefix: str = "", batch: int = BATCH
    ) -> None:
        self.server = server
        self.model = model
        self.prefix = prefix
        self.batch = batch
        self._dim: int | None = None

    @classmethod
    def of(cls, name: str) -> "EndpointEncoder":
        """The encoder of ``http://HOST/v1#MODEL``.

        Raises:
            EndpointFailed: the name is not of this form.
        """
        return cls(*ModelServer.named(name))

    @property
    def id(self) -> str:
        """Address and model, as :func:`~crossrec.language.encoder.load_encoder` takes them."""
        return f"{self.server.url}#{self.model}"

    @property
    def revision(self) -> str:
        """Hash of address, model and settings: what the server does behind them is not known."""
        settings = json.dumps([self.id, self.prefix, MAX_CHARACTERS])
        return hashlib.sha256(settings.encode()).hexdigest()[:16]

    @property
    def texts_at_once(self) -> int:
        """Texts after which the vectors are saved."""
        return self.batch

    @property
    def dim(self) -> int:
        """Length of a vector; asks the server where it has not answered yet."""
        if self._dim is None:
            self._asked(["dimension"], silent, (0, 1))
        return self._dim or 0

    def sent(self, text: str) -> str:
        """What the server gets for a text."""
        return (self.prefix + text)[:MAX_CHARACTERS]

    def lengths(self, texts: Sequence[str]) -> list[int]:
        """Tokens of each text, estimated: a server does not show its tokenizer."""
        return [about_tokens(self.prefix + text) for text in texts]

    def pieces(self, text: str) -> list[str]:
        """A text in parts that are sent whole."""
        return pieces(text, lambda _rest: MAX_CHARACTERS - len(self.prefix))

    def encode(self, texts: Sequence[str], *, progress: Progress = silent) -> np.ndarray:
        """Vectors of ``texts``, shape (len(texts), d), float32, each of length 1.

        Raises:
            EndpointFailed: the server refuses, or does not answer for long.
        """
        parts = []
        for start in range(0, len(texts), self.batch):
            part = texts[start : start + self.batch]
            parts.append(self._asked(part, progress, (start, len(texts))))
            progress("features", start + len(part), len(texts))
        if not parts:
            return np.zeros((0, self.dim), dtype=np.float32)
        return np.concatenate(parts)

    def _asked(
        self, texts: Sequence[str], progress: Progress, at: tuple[float, float]
    ) -> np.ndarray:
        question = {
            "model": self.model,
            "input": list(map(self.sent, texts)),
            "encoding_format": "float",
        }
        vectors = self.server.post(
            "/embeddings",
            question,
            lambda answer: _vectors_of(answer, len(texts)),
            progress=progress,
            at=at,
        )
        found = vectors.shape[1]
        if self._dim not in (None, found):
            raise EndpointFailed(
                f"expected vectors of {self._dim} numbers from {self.id}", f"{found}"
            )
        self._dim = found
        return vectors


def about_tokens(text: str) -> int:
    """Tokens of a text, roughly: one per CJK character, one per four others, two special ones."""
    wide = sum(map(has_cjk, text)) if not text.isascii() else 0
    return wide + -(-(len(text) - wide) // 4) + 2


def _vectors_of(answer: Any, n: int) -> np.ndarray:
    """The vectors of an ``/embeddings`` answer in the order asked, shape (n, d)."""
    rows = {int(row["index"]): row["embedding"] for row in answer["data"]}
    if sorted(rows) != list(range(n)):
        raise ValueError(f"{len(rows)} vectors for {n} texts")
    vectors = np.array([rows[at] for at in range(n)], dtype=np.float32)
    if vectors.ndim != 2 or not vectors.shape[1] or not np.isfinite(vectors).all():
        raise ValueError("vectors that are no lists of finite numbers of one length")
    return unit_rows(vectors)
