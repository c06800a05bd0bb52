"""A language model's folder, as ``save_pretrained`` leaves it: what is in it, and its hash."""

import hashlib
import json
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path
from typing import Any

from crossrec.errors import ModelMissing

_NAMES = {"config.json", "tokenizer_config.json", "merges.txt"}


def read_config(folder: Path) -> dict[str, Any]:
    """The model's ``config.json``; ``hidden_size`` and ``model_type`` are there.

    Raises:
        ModelMissing: there is none, or it describes no encoder.
    """
    path = folder / "config.json"
    try:
        config = json.loads(path.read_text(encoding="utf-8"))
        return {"model_type": "", **config, "hidden_size": int(config["hidden_size"])}
    except (OSError, ValueError, TypeError, KeyError) as error:
        raise ModelMissing(
            f"expected an encoder's configuration with a hidden_size in {path}", repr(error)
        ) from error


def is_decoder(folder: Path) -> bool:
    """Whether a model writes text, word by word, rather than only reading it."""
    named = read_json(folder / "config.json").get("architectures") or []
    return any(str(name).endswith("ForCausalLM") for name in named)


def pools_first_token(folder: Path) -> bool:
    """Whether the model was trained to say what a text means in its first token."""
    return bool(read_json(folder / "1_Pooling" / "config.json").get("pooling_mode_cls_token"))


def read_json(path: Path) -> dict[str, Any]:
    """A small JSON object, {} where there is no such file."""
    return json.loads(path.read_text(encoding="utf-8")) if path.is_file() else {}


def positions(config: dict[str, Any]) -> int:
    """Tokens a model has positions for."""
    # RoBERTa's kin number positions from the padding token's id on, so they have fewer.
    offset = config.get("pad_token_id", 1) + 1 if "roberta" in config["model_type"] else 0
    return int(config.get("max_position_embeddings", 1 << 30)) - offset


def has_vocabulary(folder: Path) -> bool:
    """Whether a tokenizer's vocabulary is there."""
    return any(map(_is_vocabulary, folder.iterdir()))


def folder_hash(folder: Path) -> str:
    """Hash of the files that decide a vector: configuration, weights and tokenizer."""
    digest = hashlib.sha256()
    for path in sorted(folder.iterdir()):
        if path.name in _NAMES or path.suffix == ".safetensors" or _is_vocabulary(path):
            stat = path.stat()
            mark = _file_hash(path, stat.st_size, stat.st_mtime_ns)
            digest.update(f"{path.name}\0{mark}".encode())
    return digest.hexdigest()


@contextmanager
def as_missing(folder: Path) -> Iterator[None]:
    """Tell what a library says about a broken folder as :class:`ModelMissing`."""
    from safetensors import SafetensorError

    try:
        yield
    except (OSError, ValueError, KeyError, RuntimeError, SafetensorError) as error:
        raise ModelMissing(
            f"expected a Hugging Face encoder with safetensors weights in {folder}",
            str(error).splitlines()[0] if str(error) else type(error).__name__,
            "Save the model again with save_pretrained, or install a bundled one with: "
            "crossrec models install",
        ) from error


def _is_vocabulary(path: Path) -> bool:
    return path.name in ("tokenizer.json", "vocab.txt", "vocab.json") or path.suffix == ".model"


@lru_cache(maxsize=64)
def _file_hash(path: Path, size: int, changed: int) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
