"""The training loop: masked words first, then pairs. Source: 004 §3.2 and §4.2."""

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from crossrec.errors import TrainingFailed
from crossrec.language.adaptation import losses
from crossrec.language.adaptation.config import AdaptConfig
from crossrec.language.adaptation.pairs import Pairs
from crossrec.language.adapted import quiet_peft
from crossrec.language.device import device, number_format
from crossrec.language.device import threads as thread_limit
from crossrec.language.folder import as_missing
from crossrec.language.quiet import quiet_transformers
from crossrec.language.transformer import TransformersEncoder
from crossrec.progress import Progress, silent

if TYPE_CHECKING:
    import torch

Point = Mapping[str, float | str]
"""One point of a curve: ``part`` ("masked words" or "pairs"), ``step``, ``loss``."""

_TOLD = 5  # steps between two points of the curve
_AT_ONCE = 32  # texts of about the same length, so that a long one does not pad a whole batch


@dataclass
class Trained:
    """An adapted network.

    Attributes:
        network: the encoder's body, fp32, with its LoRA layers where the method has them.
        curve: the losses on the way.
    """

    network: Any
    curve: list[Point] = field(default_factory=list)


def train(
    base: TransformersEncoder,
    texts: Sequence[str],
    pairs: Pairs | None,
    config: AdaptConfig,
    *,
    progress: Progress = silent,
    told: Callable[[Sequence[Point]], None] = lambda _: None,
) -> Trained:
    """Adapt an encoder.

    Args:
        base: the encoder; its own network is not changed.
        texts: of the items, by the item codes of the pairs; "" where there is none.
        pairs: drawn by :func:`~crossrec.language.adaptation.pairs.co_interactions`; None for the
            objective "none".
        config: the settings.
        progress: phase "train", in steps.
        told: called with the curve so far, every few steps.

    Raises:
        TrainingFailed: the loss is no number, or there is nothing to learn from.
    """
    import torch

    torch.manual_seed(config.seed)
    trained = Trained(_body(base, config))
    steps = _Steps(trained, config, _length(texts, pairs, config), progress, told)
    reader = _Reader(base, trained.network, config.max_length)
    with thread_limit(config.threads or None), torch.enable_grad():
        # Without dropout: its masks and their drawing took half of the memory and a fifth of the
        # time, and in the few passes that adaptation makes there is nothing to learn by heart.
        trained.network.eval()
        if config.mlm_steps:
            _masked_words(reader, [text for text in texts if text], config, steps)
        if pairs is not None and config.objective != "none":
            _on_pairs(reader, texts, pairs, config, steps)
    told(trained.curve)
    return trained


def _body(base: TransformersEncoder, config: AdaptConfig) -> Any:
    import torch

    with quiet_transformers() as transformers, as_missing(base.folder):
        body = transformers.AutoModel.from_pretrained(
            base.folder, local_files_only=True, dtype=torch.float32, use_safetensors=True
        ).to(device())
    body.requires_grad_(requires_grad=False)
    changing = _upper(body, config.layers)
    if config.method == "full":
        for name, module in changing.items():
            for parameter in module.parameters(recurse=False):
                parameter.requires_grad_(requires_grad=not name.startswith("pooler"))
        return body
    linear = [name for name, module in changing.items() if isinstance(module, torch.nn.Linear)]
    usual = [name for name in linear if name.endswith((".query", ".value"))]
    with quiet_peft() as peft:
        lora = peft.LoraConfig(
            r=config.rank, lora_alpha=2 * config.rank, target_modules=usual or linear
        )
        return peft.get_peft_model(body, lora)


def _upper(body: Any, layers: int) -> dict[str, Any]:
    """The modules of the uppermost layers by name; of the whole network for 0."""
    import torch

    modules = dict(body.named_modules())
    stacks = [name for name, module in modules.items() if isinstance(module, torch.nn.ModuleList)]
    longest = max(stacks, key=lambda name: len(modules[name]), default="")
    if not layers or not longest or layers >= len(modules[longest]):
        return modules
    first = len(modules[longest]) - layers
    upper = tuple(f"{longest}.{at}." for at in range(first, len(modules[longest])))
    return {name: module for name, module in modules.items() if name.startswith(upper)}


def _length(texts: Sequence[str], pairs: Pairs | None, config: AdaptConfig) -> int:
    if not any(texts):
        raise TrainingFailed("expected items with text to adapt to", "none")
    learnt = 0 if pairs is None or config.objective == "none" else len(pairs)
    return config.mlm_steps + math.ceil(learnt / config.batch)


class _Reader:
    """Texts -> pooled vectors, with gradients."""

    def __init__(self, base: TransformersEncoder, network: Any, max_length: int) -> None:
        self.base, self.network = base, network
        self.max_length = min(max_length, base.max_length)

    def tokens(self, texts: Sequence[str]) -> Any:
        """Padded tokens of texts, with the mask."""
        return self.base.tokenizer(
            [self.base.prefix + text for text in texts],
            padding=True,
            truncation=True,
            max_length=self.max_length,
            return_tensors="pt",
        ).to(device())

    def hidden(self, **tokens: Any) -> "torch.Tensor":
        """Last states, shape (b, l, d), float32; in bfloat16 on the way where that is fast."""
        import torch

        is_fast = number_format() == torch.bfloat16
        with torch.autocast(device().type, torch.bfloat16, enabled=is_fast):
            return self.network(**tokens).last_hidden_state.float()

    def vectors(self, texts: Sequence[str]) -> "torch.Tensor":
        """Vectors of length 1, shape (len(texts), d)."""
        import torch

        order = sorted(range(len(texts)), key=lambda at: len(texts[at]))
        parts = [
            self._pooled([texts[at] for at in order[start : start + _AT_ONCE]])
            for start in range(0, len(order), _AT_ONCE)
        ]
        place = torch.tensor(order, device=device()).argsort()
        return torch.nn.functional.normalize(torch.cat(parts)[place], dim=1)

    def _pooled(self, texts: Sequence[str]) -> "torch.Tensor":
        tokens = self.tokens(texts)
        hidden = self.hidden(**tokens)  # (b, l, d)
        if self.base.pooling == "cls":
            return hidden[:, 0]
        weight = tokens["attention_mask"].float()[:, :, None]
        return (hidden * weight).sum(1) / weight.sum(1)


class _Steps:
    """Counts steps, takes them, and keeps the curve."""

    def __init__(
        self,
        trained: Trained,
        config: AdaptConfig,
        total: int,
        progress: Progress,
        told: Callable[[Sequence[Point]], None],
    ) -> None:
        self._trained, self._config, self._total = trained, config, total
        self._progress, self._told = progress, told
        self._done, self._part = 0, ""
        self._recent: list[float] = []

    def optimiser(self, *modules: Any) -> Any:
        """AdamW over what may change."""
        import torch

        free = [p for module in modules for p in module.parameters() if p.requires_grad]
        return torch.optim.AdamW(free, lr=self._config.learning_rate, weight_decay=0.01)

    def take(self, optimiser: Any, loss: "torch.Tensor", part: str) -> None:
        """One step down a loss.

        Raises:
            TrainingFailed: the loss is no number.
        """
        import torch

        value = float(loss.detach())
        if not math.isfinite(value):
            raise TrainingFailed(
                "expected a finite loss while adapting the encoder",
                f"{value} at step {self._done}",
                "Choose a lower learning rate",
            )
        optimiser.zero_grad()
        loss.backward()
        for group in optimiser.param_groups:
            torch.nn.utils.clip_grad_norm_(group["params"], 1.0)
            warm = min(1.0, (self._done + 1) / max(1, self._total // 10))
            left = 1 - self._done / max(1, self._total)
            group["lr"] = self._config.learning_rate * warm * max(left, 0.05)
        optimiser.step()
        if part != self._part:
            self._point()
        self._done, self._part = self._done + 1, part
        self._recent.append(value)
        if len(self._recent) == _TOLD or self._done == self._total:
            self._point()
        self._progress("train", self._done, self._total, f"{part}: loss {value:.3f}")

    def _point(self) -> None:
        """Close a point of the curve."""
        if self._recent:
            mean = sum(self._recent) / len(self._recent)
            self._trained.curve.append({"part": self._part, "step": self._done, "loss": mean})
            self._recent.clear()
            self._told(self._trained.curve)


def _masked_words(
    reader: _Reader, texts: Sequence[str], config: AdaptConfig, steps: _Steps
) -> None:
    """Masked-language-model pre-training on the catalogue's text."""
    head = losses.WordHead(reader.network).to(device())
    alone = max(1, config.mlm_steps // 3)
    rng = np.random.default_rng(config.seed)
    optimiser = steps.optimiser(head)
    for step in range(config.mlm_steps):
        if step == alone:
            optimiser = steps.optimiser(head, reader.network)
        drawn = rng.integers(0, len(texts), config.batch)
        tokens = reader.tokens([str(texts[at]) for at in drawn])
        loss = head.loss(reader.network, reader.hidden, tokens, reader.base.tokenizer)
        steps.take(optimiser, loss, "masked words")


def _on_pairs(
    reader: _Reader, texts: Sequence[str], pairs: Pairs, config: AdaptConfig, steps: _Steps
) -> None:
    import torch

    head = losses.LabelHead(reader.base.dim).to(device())
    optimiser = steps.optimiser(reader.network, head)
    for rows in _batches(len(pairs), config.batch):
        sides = [pairs.left[rows], pairs.right[rows]]
        if config.objective != "contrastive":
            sides.append(pairs.other[rows])
        codes = np.concatenate(sides)
        unique, inverse = np.unique(codes, return_inverse=True)
        vectors = reader.vectors([str(texts[code]) for code in unique])
        a, b, *others = vectors[torch.from_numpy(inverse).to(vectors.device)].split(len(rows))
        if config.objective == "contrastive":
            same = torch.from_numpy(pairs.right[rows][:, None] == pairs.right[rows][None, :])
            loss = losses.contrastive(a, b, same.to(a.device), config.temperature)
        elif config.objective == "triplet":
            loss = losses.triplet(a, b, others[0], config.margin)
        else:
            loss = head.loss(a, b, others[0])
        steps.take(optimiser, loss, "pairs")


def _batches(n: int, size: int) -> Iterator[np.ndarray]:
    for start in range(0, n, size):
        yield np.arange(start, min(start + size, n))
