"""Adapted encoders on the disk: a small LoRA addition to a known encoder, or a folder of its own.

A LoRA adapter is a folder with ``adapter_model.safetensors``, peft's ``adapter_config.json`` and
``adapter.json``, which names the encoder it adds to. Give that folder wherever an encoder is asked
for. Its hash is part of the key of every cached vector, so adapted vectors never mix with others.
"""

import hashlib
import json
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from crossrec.errors import ModelMissing
from crossrec.language import bundled
from crossrec.language.device import number_format
from crossrec.language.folder import as_missing, folder_hash, read_json
from crossrec.language.quiet import quiet_transformers
from crossrec.language.transformer import TransformersEncoder, ready

if TYPE_CHECKING:
    import torch

ABOUT = "adapter.json"
WEIGHTS = "adapter_model.safetensors"


class AdaptedEncoder(TransformersEncoder):
    """An encoder with a LoRA adapter on top.

    Args:
        folder: of the adapter.
        base: the encoder it was trained on.

    Raises:
        ModelMissing: the adapter is not whole, or was made for other weights.
    """

    def __init__(self, folder: Path, base: TransformersEncoder) -> None:
        super().__init__(
            base.folder,
            name=f"{base.id}+{folder.name}",
            pooling=base.pooling,
            prefix=base.prefix,
            max_length=base.max_length,
            batch=base.batch,
            threads=base.threads,
        )
        self.adapter = folder
        expected = read_json(folder / ABOUT).get("base_revision")
        if expected != base_mark(base):
            raise ModelMissing(
                f"expected the weights of {base.id} that the adapter in {folder} was made for",
                "others",
                "Adapt again",
            )

    def _settings(self) -> dict[str, Any]:
        return {**super()._settings(), "adapter": self._mark}

    @cached_property
    def _mark(self) -> str:
        try:
            with (self.adapter / WEIGHTS).open("rb") as file:
                return hashlib.file_digest(file, "sha256").hexdigest()
        except OSError as error:
            raise ModelMissing(
                f"expected an adapter's weights in {self.adapter}", f"no {WEIGHTS}", "Adapt again"
            ) from error

    @cached_property
    def _network(self) -> "torch.nn.Module":
        import torch

        with quiet_transformers() as transformers, quiet_peft() as peft, as_missing(self.folder):
            body = transformers.AutoModel.from_pretrained(
                self.folder, local_files_only=True, dtype=torch.float32, use_safetensors=True
            )
            # Merged in fp32 and rounded once: a small addition would drown in bfloat16.
            merged = peft.PeftModel.from_pretrained(body, str(self.adapter)).merge_and_unload()
        return ready(merged.to(number_format()))


@contextmanager
def quiet_peft() -> Iterator[Any]:
    """Import peft; it still asks transformers under names that are going away."""
    import peft

    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", ".*is_gradient_checkpointing.*", FutureWarning)
        yield peft


def is_adapter(folder: Path) -> bool:
    """Whether a folder holds an adapter of ours."""
    return (folder / ABOUT).is_file() and (folder / WEIGHTS).is_file()


def base_of(folder: Path) -> str:
    """The name of the encoder an adapter adds to.

    Raises:
        ModelMissing: the folder is no whole adapter.
    """
    try:
        return str(json.loads((folder / ABOUT).read_text(encoding="utf-8"))["base"])
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ModelMissing(
            f"expected an adapter of an encoder in {folder}", repr(error), "Adapt again"
        ) from error


def base_mark(base: TransformersEncoder) -> str:
    """What an adapter must find unchanged: the base's weights, tokenizer, pooling and prefix."""
    parts = [folder_hash(base.folder), base.pooling, base.prefix]
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()[:16]


def base_name(base: TransformersEncoder) -> str:
    """How the base is named in an adapter: a bundled id, else its folder."""
    return base.id if bundled.known(base.id) else str(base.folder)
