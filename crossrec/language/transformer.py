"""Encoders in a Hugging Face folder: texts in, unit vectors out, nothing fetched."""

import hashlib
import json
from collections.abc import Iterator, Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from crossrec.errors import ModelMissing
from crossrec.language.device import device, number_format, threads
from crossrec.language.folder import as_missing, folder_hash, has_vocabulary, positions, read_config
from crossrec.language.quiet import quiet_transformers
from crossrec.language.text import pieces
from crossrec.progress import Progress, silent

if TYPE_CHECKING:
    import torch

POOLINGS = ("mean", "cls")
_BATCH, _GPU_BATCH = 32, 256


class TransformersEncoder:
    """A Hugging Face encoder read from a local folder; it never reaches for the network.

    Texts are sorted by length so that a batch holds little padding, and the network runs in
    bfloat16 where the device has instructions for it (about 2.5 times as fast, cosine to the
    fp32 vectors above 0.999), else in fp32. The weights are loaded on the first ``encode``.

    Args:
        folder: holds ``config.json``, ``*.safetensors`` and the tokenizer files.
        name: the encoder's id; default the folder's name.
        pooling: "mean" over the text's tokens, or "cls" for the first token.
        prefix: put before every text, as the model was trained ("passage: " for E5).
        max_length: tokens read, special tokens and prefix included; the rest is cut. Never more
            than the model has positions for.
        batch: texts per forward pass; default 32, on a GPU 256.
        threads: of the processor; default the environment variable CROSSREC_THREADS, else the
            cores that are idle now (see :func:`~crossrec.language.device.idle_cores`).

    Raises:
        ModelMissing: the folder holds no readable model.
    """

    poolings = POOLINGS

    def __init__(
        self,
        folder: Path,
        *,
        name: str = "",
        pooling: str = "mean",
        prefix: str = "",
        max_length: int = 256,
        batch: int | None = None,
        threads: int | None = None,
    ) -> None:
        if pooling not in self.poolings:
            known = " or ".join(map(repr, self.poolings))
            raise ModelMissing(f"expected the pooling {known}", f"{pooling!r}")
        self.folder = Path(folder)
        self.id = name or self.folder.name
        self.pooling = pooling
        self.prefix = prefix
        self.max_length = min(max_length, positions(self.config))
        self.batch = batch
        self.threads = threads

    @cached_property
    def config(self) -> dict[str, Any]:
        """The model's ``config.json``."""
        return read_config(self.folder)

    @property
    def dim(self) -> int:
        """Length of a vector."""
        return self.config["hidden_size"]

    @property
    def revision(self) -> str:
        """Hash of weights, tokenizer, pooling, prefix, maximum length and number format."""
        settings = json.dumps(self._settings(), sort_keys=True)
        return hashlib.sha256(settings.encode()).hexdigest()[:16]

    def _settings(self) -> dict[str, Any]:
        """All that decides a vector."""
        return {
            "files": folder_hash(self.folder),
            "pooling": self.pooling,
            "prefix": self.prefix,
            "max_length": self.max_length,
            "format": str(number_format()),
        }

    @cached_property
    def tokenizer(self) -> Any:
        """The folder's tokenizer (loaded without the weights)."""
        if not has_vocabulary(self.folder):
            # Transformers would make up an empty vocabulary, in which every word is unknown.
            raise ModelMissing(
                f"expected the model's tokenizer in {self.folder}",
                "no tokenizer.json, vocab.txt, vocab.json or *.model",
                "Save the tokenizer there too, with its save_pretrained",
            )
        with quiet_transformers() as transformers, as_missing(self.folder):
            return transformers.AutoTokenizer.from_pretrained(self.folder, local_files_only=True)

    @cached_property
    def _network(self) -> "torch.nn.Module":
        with quiet_transformers() as transformers, as_missing(self.folder):
            network, loaded = transformers.AutoModel.from_pretrained(
                self.folder,
                local_files_only=True,
                dtype=number_format(),
                use_safetensors=True,
                output_loading_info=True,
            )
        # What a file lacks, transformers fills with random numbers. The pooler is never used.
        missing = sorted(key for key in loaded["missing_keys"] if not key.startswith("pooler."))
        if missing:
            raise ModelMissing(
                f"expected all weights of the encoder in {self.folder}",
                f"{len(missing)} missing, first {missing[0]}",
                "Save the model again with save_pretrained",
            )
        return ready(network)

    def sent(self, text: str) -> str:
        """What the model gets for a text, before the cut."""
        return self.prefix + text

    def tokens(self, texts: Sequence[str]) -> list[list[int]]:
        """Token ids of what is read of each text, special tokens included."""
        if not texts:
            return []
        sent = list(map(self.sent, texts))
        return self.tokenizer(sent, truncation=True, max_length=self.max_length)["input_ids"]

    def lengths(self, texts: Sequence[str]) -> list[int]:
        """Tokens of each text, uncut; prefix and special tokens count."""
        if not texts:
            return []
        return list(map(len, self.tokenizer(list(map(self.sent, texts)))["input_ids"]))

    def spans(self, text: str) -> list[tuple[int, int]]:
        """Where each token of what is sent, uncut, begins and ends; (0, 0) for special tokens."""
        return self.tokenizer(self.sent(text), return_offsets_mapping=True)["offset_mapping"]

    def read_until(self, text: str) -> int:
        """Where in what is sent the encoder stops reading, in characters."""
        spans = self.spans(text)
        if len(spans) <= self.max_length:
            return len(self.sent(text))
        # The last place inside the window belongs to the closing special token.
        return max(end for _start, end in spans[: self.max_length - 1])

    def pieces(self, text: str) -> list[str]:
        """A text in parts that the model reads whole, in order; at least one."""
        return pieces(text, lambda rest: self.read_until(rest) - len(self.prefix))

    def encode(self, texts: Sequence[str], *, progress: Progress = silent) -> np.ndarray:
        """Vectors of ``texts``, shape (len(texts), d), float32, each of length 1.

        ``progress`` is told after every batch, in texts, as phase "features".
        """
        import torch

        tokens = self.tokens(texts)
        order = sorted(range(len(texts)), key=lambda row: len(tokens[row]))
        batch = self.batch or (_GPU_BATCH if device().type == "cuda" else _BATCH)
        vectors = np.zeros((len(texts), self.dim), dtype=np.float32)
        done = 0
        with threads(self.threads), torch.inference_mode():
            for rows in _batches(order, batch):
                vectors[rows] = self._forward([tokens[row] for row in rows])
                done += len(rows)
                progress("features", done, len(texts))
        return vectors

    def _forward(self, tokens: list[list[int]]) -> np.ndarray:
        import torch

        longest = max(map(len, tokens))
        padding = self.tokenizer.pad_token_id or 0
        ids = torch.tensor([row + [padding] * (longest - len(row)) for row in tokens])  # (b, l)
        lengths = torch.tensor(list(map(len, tokens)))
        mask = (torch.arange(longest) < lengths[:, None]).long().to(device())  # (b, l)
        # Attention without a mask is faster, and where nothing is padded nothing is masked.
        seen = None if int(lengths.min()) == longest else mask
        hidden = self._network(
            input_ids=ids.to(device()), attention_mask=seen
        ).last_hidden_state.float()  # (b, l, d)
        pooled = self._pooled(hidden, mask)  # (b, d)
        return torch.nn.functional.normalize(pooled, dim=1).cpu().numpy()

    def _pooled(self, hidden: "torch.Tensor", mask: "torch.Tensor") -> "torch.Tensor":
        if self.pooling == "cls":
            return hidden[:, 0]
        weight = mask.float()[:, :, None]
        return (hidden * weight).sum(1) / weight.sum(1)


def ready(network: "torch.nn.Module") -> "torch.nn.Module":
    """A network to be read with and never trained, on the device, as fast as it goes there."""
    from crossrec.language.packed import pack

    network = network.eval().requires_grad_(requires_grad=False).to(device())
    pack(network)
    return network


def _batches(order: Sequence[int], most: int) -> Iterator[list[int]]:
    """Runs of rows, sorted by length, all but the last of one size.

    The kernels keep something for every shape they meet: ending a batch where the length changes
    pads nothing and is 3 % faster, but makes hundreds of shapes and 18 MB more every 1,000 texts.
    """
    for start in range(0, len(order), most):
        yield list(order[start : start + most])
