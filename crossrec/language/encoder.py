"""Text encoders: texts in, unit vectors out. What one is, and which one a name means."""

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

import numpy as np

from crossrec.errors import ModelMissing
from crossrec.language import bundled, hub
from crossrec.language.adapted import AdaptedEncoder, base_of, is_adapter
from crossrec.language.decoder import DecoderEncoder
from crossrec.language.endpoint import EndpointEncoder
from crossrec.language.folder import is_decoder, pools_first_token, read_config
from crossrec.language.text import cjk_share
from crossrec.language.transformer import TransformersEncoder
from crossrec.progress import Progress, silent

AUTO = "auto"
CJK_LIMIT = 0.01
"""Above this share of texts with CJK characters the multilingual encoder reads all of them."""

_ADDRESS = re.compile(r"https?://", re.IGNORECASE)


class Encoder(Protocol):
    """What turns texts into vectors."""

    @property
    def id(self) -> str:
        """The encoder's name."""
        ...

    @property
    def revision(self) -> str:
        """Hash of everything that decides a vector: weights, tokenizer and settings."""
        ...

    @property
    def dim(self) -> int:
        """Length d of a vector."""
        ...

    def encode(self, texts: Sequence[str], *, progress: Progress = silent) -> np.ndarray:
        """Vectors of ``texts``, shape (len(texts), d), float32, each of length 1."""
        ...


LoadedEncoder = TransformersEncoder | EndpointEncoder
"""What :func:`load_encoder` returns."""


def load_encoder(
    name: str, *, threads: int | None = None, progress: Progress = silent
) -> LoadedEncoder:
    """An encoder by its name, with its own settings.

    Args:
        name: a bundled model's id; a local folder; an adapter's folder; ``hf:ORGANISATION/MODEL``
            (fetched from Hugging Face on first use, the only name that is); or
            ``http://HOST/v1#MODEL`` of a server that speaks OpenAI's protocol. Models that write
            text are read by their prompted last token.
        threads: of the processor.
        progress: told while a model is fetched or unpacked.

    Raises:
        ModelMissing: says what was looked for, where, and how to get it.
    """
    if _ADDRESS.match(name):
        return EndpointEncoder.of(name)
    if name.startswith(hub.PREFIX):
        return _of_folder(hub.fetched(name, progress=progress), name, threads)
    if is_adapter(Path(name).expanduser()):
        return _adapted(Path(name).expanduser().resolve(), threads, progress)
    model = bundled.known(name)
    folder = bundled.find(name, progress=progress)
    if model is None:
        return _of_folder(folder, folder.name, threads)
    if model.role == "generator":
        return DecoderEncoder(folder, name=model.id, threads=threads)
    return TransformersEncoder(folder, name=model.id, prefix=model.prefix, threads=threads)


def _adapted(folder: Path, threads: int | None, progress: Progress) -> AdaptedEncoder:
    """An adapter on the encoder it names."""
    base = load_encoder(base_of(folder), threads=threads, progress=progress)
    if not isinstance(base, TransformersEncoder):
        raise ModelMissing("expected an adapter of a local encoder", f"one of {base.id}")
    return AdaptedEncoder(folder, base)


def _of_folder(folder: Path, name: str, threads: int | None) -> TransformersEncoder:
    """A model that is not bundled: pooling and prefix from what its files say."""
    config = read_config(folder)
    if is_decoder(folder):
        return DecoderEncoder(folder, name=name, threads=threads)
    # E5 models need their prefix whatever they are called on disk.
    called = f"{name} {folder.name} {config.get('_name_or_path', '')}".lower()
    return TransformersEncoder(
        folder,
        name=name,
        pooling="cls" if pools_first_token(folder) else "mean",
        prefix="passage: " if "e5-" in called else "",
        threads=threads,
    )


def choose_encoder(texts: Sequence[str]) -> str:
    """The bundled encoder for these texts: one for all of them, since vector spaces differ.

    multilingual-e5-small if more than 1 % of the texts hold Chinese, Japanese or Korean
    characters, else all-MiniLM-L6-v2.
    """
    return bundled.E5 if cjk_share(texts) > CJK_LIMIT else bundled.MINILM
