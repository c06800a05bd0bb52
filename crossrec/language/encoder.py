"""Text encoders: texts in, unit vectors out."""

import hashlib
import json
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import cached_property, lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

from crossrec.errors import ModelMissing
from crossrec.language import bundled
from crossrec.language.quiet import quiet_transformers
from crossrec.language.text import cjk_share
from crossrec.progress import Progress, silent

if TYPE_CHECKING:
    import torch

AUTO = "auto"
THREADS_VARIABLE = "CROSSREC_THREADS"
CJK_LIMIT = 0.01
"""Above this share of texts with CJK characters the multilingual encoder reads all of them."""


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


class TransformersEncoder:
    """A Hugging Face encoder read from a local folder; it never reaches for the network.

    Texts are sorted by length so that a batch holds little padding, and the network runs in
    bfloat16 where the processor has instructions for it (about 2.5 times as fast, cosine to the
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
            cores that are idle now (see :func:`idle_cores`).

    Raises:
        ModelMissing: the folder holds no readable model.
    """

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
        if pooling not in ("mean", "cls"):
            raise ModelMissing("expected the pooling 'mean' or 'cls'", f"{pooling!r}")
        self.folder = Path(folder)
        self.id = name or self.folder.name
        self.pooling = pooling
        self.prefix = prefix
        self.max_length = min(max_length, self._positions)
        self.batch = batch
        self.threads = threads

    @cached_property
    def config(self) -> dict[str, Any]:
        """The model's ``config.json``."""
        path = self.folder / "config.json"
        try:
            config = json.loads(path.read_text(encoding="utf-8"))
            return {"model_type": "", **config, "hidden_size": int(config["hidden_size"])}
        except (OSError, ValueError, TypeError, KeyError) as error:
            raise ModelMissing(
                f"expected an encoder's configuration with a hidden_size in {path}", repr(error)
            ) from error

    @property
    def _positions(self) -> int:
        config = self.config
        # RoBERTa's kin number positions from the padding token's id on, so they have fewer.
        offset = config.get("pad_token_id", 1) + 1 if "roberta" in config["model_type"] else 0
        return int(config.get("max_position_embeddings", 1 << 30)) - offset

    @property
    def dim(self) -> int:
        """Length of a vector."""
        return self.config["hidden_size"]

    @property
    def revision(self) -> str:
        """Hash of weights, tokenizer, pooling, prefix, maximum length and number format."""
        parts = {
            "files": _folder_hash(self.folder),
            "pooling": self.pooling,
            "prefix": self.prefix,
            "max_length": self.max_length,
            "format": str(_number_format()),
        }
        return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()[:16]

    @cached_property
    def tokenizer(self) -> Any:
        """The folder's tokenizer (loaded without the weights)."""
        if not any(map(_is_vocabulary, self.folder.iterdir())):
            # Transformers would make up an empty vocabulary, in which every word is unknown.
            raise ModelMissing(
                f"expected the model's tokenizer in {self.folder}",
                "no tokenizer.json, vocab.txt, vocab.json or *.model",
                "Save the tokenizer there too, with its save_pretrained",
            )
        with quiet_transformers() as transformers, _as_missing(self.folder):
            return transformers.AutoTokenizer.from_pretrained(self.folder, local_files_only=True)

    @cached_property
    def _network(self) -> "torch.nn.Module":
        with quiet_transformers() as transformers, _as_missing(self.folder):
            network, loaded = transformers.AutoModel.from_pretrained(
                self.folder,
                local_files_only=True,
                dtype=_number_format(),
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
        return network.eval().requires_grad_(requires_grad=False).to(_device())

    def encode(self, texts: Sequence[str], *, progress: Progress = silent) -> np.ndarray:
        """Vectors of ``texts``, shape (len(texts), d), float32, each of length 1.

        ``progress`` is told after every batch, in texts, as phase "features".
        """
        import torch

        tokens = self._tokens(texts)
        order = sorted(range(len(texts)), key=lambda row: len(tokens[row]))
        batch = self.batch or (256 if _device().type == "cuda" else 32)
        vectors = np.zeros((len(texts), self.dim), dtype=np.float32)
        with _threads(self.threads), torch.inference_mode():
            for start in range(0, len(order), batch):
                rows = order[start : start + batch]
                vectors[rows] = self._forward([tokens[row] for row in rows])
                progress("features", start + len(rows), len(texts))
        return vectors

    def _tokens(self, texts: Sequence[str]) -> list[list[int]]:
        sent = [self.prefix + text for text in texts]
        if not sent:
            return []
        return self.tokenizer(sent, truncation=True, max_length=self.max_length)["input_ids"]

    def _forward(self, tokens: list[list[int]]) -> np.ndarray:
        import torch

        longest = max(map(len, tokens))
        padding = self.tokenizer.pad_token_id or 0
        ids = torch.tensor([row + [padding] * (longest - len(row)) for row in tokens])  # (b, l)
        lengths = torch.tensor(list(map(len, tokens)))
        mask = (torch.arange(longest) < lengths[:, None]).long()  # (b, l)
        device = _device()
        hidden = self._network(
            input_ids=ids.to(device), attention_mask=mask.to(device)
        ).last_hidden_state.float()  # (b, l, d)
        if self.pooling == "cls":
            pooled = hidden[:, 0]
        else:
            weight = mask.to(device).float()[:, :, None]
            pooled = (hidden * weight).sum(1) / weight.sum(1)  # (b, d)
        return torch.nn.functional.normalize(pooled, dim=1).cpu().numpy()


def load_encoder(
    encoder_id: str, *, threads: int | None = None, progress: Progress = silent
) -> TransformersEncoder:
    """A bundled encoder by its id, or the one in a local folder, with its own settings.

    Raises:
        ModelMissing: says what was looked for, where, and how to get it.
    """
    model = bundled.known(encoder_id)
    if model is not None and model.role != "encoder":
        raise ModelMissing("expected an encoder", f"{model.id!r}, which writes text")
    folder = bundled.find(encoder_id, progress=progress)
    if model is not None:
        return TransformersEncoder(folder, name=model.id, prefix=model.prefix, threads=threads)
    # A local folder: E5 models need their prefix whatever they are called on disk.
    name = f"{folder.name} {_read_json(folder / 'config.json').get('_name_or_path', '')}".lower()
    return TransformersEncoder(
        folder,
        pooling="cls" if _pools_first_token(folder) else "mean",
        prefix="passage: " if "e5-" in name else "",
        threads=threads,
    )


def choose_encoder(texts: Sequence[str]) -> str:
    """The bundled encoder for these texts: one for all of them, since vector spaces differ.

    multilingual-e5-small if more than 1 % of the texts hold Chinese, Japanese or Korean
    characters, else all-MiniLM-L6-v2.
    """
    return bundled.E5 if cjk_share(texts) > CJK_LIMIT else bundled.MINILM


def _pools_first_token(folder: Path) -> bool:
    return bool(_read_json(folder / "1_Pooling" / "config.json").get("pooling_mode_cls_token"))


def _read_json(path: Path) -> dict[str, Any]:
    return json.loads(path.read_text(encoding="utf-8")) if path.is_file() else {}


@lru_cache(maxsize=1)
def _device() -> "torch.device":
    import torch

    return torch.device("cuda" if torch.cuda.is_available() else "cpu")


@lru_cache(maxsize=1)
def _number_format() -> "torch.dtype":
    import torch

    if _device().type == "cuda":
        return torch.bfloat16 if torch.cuda.is_bf16_supported() else torch.float32
    fast = torch.backends.mkldnn.is_available() and torch.ops.mkldnn._is_mkldnn_bf16_supported()
    return torch.bfloat16 if fast else torch.float32


def _folder_hash(folder: Path) -> str:
    """Hash of the files that decide a vector: configuration, weights and tokenizer."""
    digest = hashlib.sha256()
    names = {"config.json", "tokenizer_config.json", "merges.txt"}
    for path in sorted(folder.iterdir()):
        if path.name in names or path.suffix == ".safetensors" or _is_vocabulary(path):
            stat = path.stat()
            digest.update(
                f"{path.name}\0{_file_hash(path, stat.st_size, stat.st_mtime_ns)}".encode()
            )
    return digest.hexdigest()


def _is_vocabulary(path: Path) -> bool:
    return path.name in ("tokenizer.json", "vocab.txt", "vocab.json") or path.suffix == ".model"


@lru_cache(maxsize=64)
def _file_hash(path: Path, size: int, changed: int) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def idle_cores() -> int:
    """Threads to use by default: CROSSREC_THREADS, else torch's number less the busy cores.

    Threads that wait for each other on a busy machine make the work several times slower, so a
    core that something else keeps busy is better left alone.
    """
    import torch

    chosen = os.environ.get(THREADS_VARIABLE, "")
    if chosen.isdigit() and int(chosen) > 0:
        return int(chosen)
    busy = os.getloadavg()[0] if hasattr(os, "getloadavg") else 0.0
    idle = (os.cpu_count() or 1) - round(busy)
    return max(1, min(torch.get_num_threads(), idle))


@contextmanager
def _threads(wanted: int | None) -> Iterator[None]:
    import torch

    before = torch.get_num_threads()
    torch.set_num_threads(wanted or idle_cores())
    try:
        yield
    finally:
        torch.set_num_threads(before)


@contextmanager
def _as_missing(folder: Path) -> Iterator[None]:
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
