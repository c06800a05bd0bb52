"""Models that write text, used to read it: the prompted last token.

A decoder sees each token only with what stands before it, so the mean over a text is a poor
summary. Asked to go on after "... means in one word:", its last state holds what the text means.
Source: T. Jiang et al., "Scaling Sentence Embeddings with Large Language Models" (2024), §3.
"""

from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from crossrec.language.transformer import TransformersEncoder

if TYPE_CHECKING:
    import torch

PROMPT = ('This item: "', '" means in one word:"')
"""What stands before and after a text."""


class DecoderEncoder(TransformersEncoder):
    """A decoder (Llama, Qwen, SmolLM2 ...) as an encoder by its prompted last token.

    Args:
        folder: holds ``config.json``, ``*.safetensors`` and the tokenizer files.
        name: the encoder's id; default the folder's name.
        prompt: what stands before and after a text.
        max_length: tokens read, the prompt included; the text is cut, never the prompt.
        batch, threads: as of :class:`~crossrec.language.transformer.TransformersEncoder`.

    Raises:
        ModelMissing: the folder holds no readable model.
    """

    poolings = ("last",)

    def __init__(
        self,
        folder: Path,
        *,
        name: str = "",
        prompt: tuple[str, str] = PROMPT,
        max_length: int = 256,
        batch: int | None = None,
        threads: int | None = None,
    ) -> None:
        super().__init__(
            folder, name=name, pooling="last", prefix=prompt[0], max_length=max_length,
            batch=batch, threads=threads,
        )  # fmt: skip
        self.suffix = prompt[1]

    def _settings(self) -> dict[str, Any]:
        return {**super()._settings(), "suffix": self.suffix}

    def sent(self, text: str) -> str:
        """What the model gets for a text, before the cut."""
        return self.prefix + text + self.suffix

    def tokens(self, texts: Sequence[str]) -> list[list[int]]:
        """Token ids of what is read of each text: the text is cut, the question after it stays."""
        if not texts:
            return []
        asked = [self.prefix + text for text in texts]
        room = self.max_length - len(self._ending)
        found = self.tokenizer(asked, truncation=True, max_length=room)["input_ids"]
        return [[*row, *self._ending] for row in found]

    def read_until(self, text: str) -> int:
        """Where in what is sent the text is cut, in characters; what follows is the question."""
        asked = self.prefix + text
        spans = self.tokenizer(asked, return_offsets_mapping=True)["offset_mapping"]
        room = self.max_length - len(self._ending)
        return len(self.sent(text)) if len(spans) <= room else spans[room - 1][1]

    def lengths(self, texts: Sequence[str]) -> list[int]:
        """Tokens of each text, uncut, the prompt included."""
        if not texts:
            return []
        asked = self.tokenizer([self.prefix + text for text in texts])["input_ids"]
        return [len(row) + len(self._ending) for row in asked]

    @cached_property
    def _ending(self) -> list[int]:
        return self.tokenizer(self.suffix, add_special_tokens=False)["input_ids"]

    def _pooled(self, hidden: "torch.Tensor", mask: "torch.Tensor") -> "torch.Tensor":
        import torch

        # Padding stands on the right, where a decoder's earlier tokens never see it.
        last = mask.sum(1) - 1  # (b,)
        return hidden[torch.arange(len(hidden), device=hidden.device), last]
