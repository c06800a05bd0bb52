"""What an adaptation goes down: masked words, contrast, triplets, the 0/1 label."""

from collections.abc import Callable
from typing import Any

import torch
from torch import nn
from torch.nn import functional

_MASKED = 0.15
_AS_MASK, _AS_RANDOM = 0.8, 0.9  # of the masked: 80 % the mask token, 10 % any word, 10 % as it was


def contrastive(
    left: torch.Tensor, right: torch.Tensor, same: torch.Tensor, temperature: float
) -> torch.Tensor:
    """Softmax over the batch: each left finds its right among all rights, and back.

    Args:
        left: unit vectors, shape (b, d).
        right: unit vectors of the same users' other items, shape (b, d).
        same: which rights are the same item, shape (b, b), boolean; they are no wrong answers.
        temperature: of the softmax.
    """
    scores = left @ right.T / temperature  # (b, b)
    wrong = same & ~torch.eye(len(left), dtype=torch.bool, device=same.device)
    scores = scores.masked_fill(wrong, float("-inf"))
    truth = torch.arange(len(left), device=left.device)
    return (functional.cross_entropy(scores, truth) + functional.cross_entropy(scores.T, truth)) / 2


def triplet(
    left: torch.Tensor, right: torch.Tensor, other: torch.Tensor, margin: float
) -> torch.Tensor:
    """``mean(max(0, margin - cos(left, right) + cos(left, other)))``. Source: 000 §3.2.3."""
    return functional.relu(margin - (left * right).sum(1) + (left * other).sum(1)).mean()


class LabelHead(nn.Module):
    """The 0/1 recommendation label of a pair by a linear head. Source: 004 §4.2.

    ``p = sigmoid(w [a * b, |a - b|] + c)``, ``loss = -(y log p + (1 - y) log(1 - p))``.
    """

    def __init__(self, dim: int) -> None:
        super().__init__()
        self.linear = nn.Linear(2 * dim, 1)

    def loss(self, left: torch.Tensor, right: torch.Tensor, other: torch.Tensor) -> torch.Tensor:
        """Binary cross-entropy with label 1 for (left, right) and 0 for (left, other)."""
        logits = torch.cat([self(left, right), self(left, other)])
        truth = torch.cat([torch.ones(len(left)), torch.zeros(len(left))]).to(logits.device)
        return functional.binary_cross_entropy_with_logits(logits, truth)

    def forward(self, one: torch.Tensor, two: torch.Tensor) -> torch.Tensor:
        """Logits of pairs, shape (b,)."""
        return self.linear(torch.cat([one * two, (one - two).abs()], 1))[:, 0]


class WordHead(nn.Module):
    """Which word was masked: a layer and the encoder's own word vectors. Source: 004 §3.2."""

    def __init__(self, network: Any) -> None:
        super().__init__()
        words = network.get_input_embeddings().weight
        vocabulary, dim = words.shape
        self.layer = nn.Sequential(nn.Linear(dim, dim), nn.GELU(), nn.LayerNorm(dim))
        self.bias = nn.Parameter(torch.zeros(vocabulary))

    def loss(
        self, network: Any, hidden: Callable[..., torch.Tensor], tokens: Any, tokenizer: Any
    ) -> torch.Tensor:
        """Cross-entropy over masked places, at least one.

        Args:
            network: whose word vectors say which word it was.
            hidden: tokens -> last states of that network, shape (b, l, d).
            tokens: of b texts, padded, with their mask.
            tokenizer: its mask and special tokens.
        """
        ids, mask = tokens["input_ids"], tokens["attention_mask"]
        special = torch.isin(ids, torch.tensor(tokenizer.all_special_ids, device=ids.device))
        free = mask.bool() & ~special
        chosen = free & (torch.rand(ids.shape, device=ids.device) < _MASKED)
        if not chosen.any():
            chosen = free
        draw = torch.rand(ids.shape, device=ids.device)
        shown = torch.where(chosen & (draw < _AS_MASK), tokenizer.mask_token_id, ids)
        random = torch.randint_like(ids, len(self.bias))
        shown = torch.where(chosen & (draw >= _AS_MASK) & (draw < _AS_RANDOM), random, shown)
        states = hidden(input_ids=shown, attention_mask=mask)[chosen]
        words = network.get_input_embeddings().weight
        return functional.cross_entropy(self.layer(states) @ words.T + self.bias, ids[chosen])
