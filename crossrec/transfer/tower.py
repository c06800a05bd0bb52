"""A Siamese text tower: one encoder for the text of all scenarios, taught by who used what.

A user in a scenario is ``q_us = x(u,s) F_s A``, an item ``z_j = f_j A``, with one matrix A for both
sides and all scenarios (000 §3.2.3), so that the tower also says something between scenarios
without a shared user. ``q_us . z_j`` is linear in the history: ``C = A A'`` can take the place of
the text map of :class:`crossrec.transfer.across.Across`, and ``f_j A`` that of ``f_j`` within a
scenario.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from scipy import sparse
from torch import nn
from torch.nn import functional

from crossrec.data.history import Histories
from crossrec.errors import TrainingFailed
from crossrec.transfer.config import TransferConfig
from crossrec.transfer.preference import history_weights, soft_whitening

BATCH = 256
"""Users of a step; the items of the others are the negatives of each."""

MAX_USERS = 20_000
"""Users per scenario the tower learns from."""

MARGIN = 0.2
"""How much nearer, in cosine, a user's other vector must be than a stranger's."""

TEMPERATURE = 0.1
"""At the start; it is learnt."""

RATE = 3e-3


@dataclass(frozen=True)
class _Side:
    """Some users of one scenario.

    Attributes:
        users: their rows, ascending, shape (k,).
        weights: history weights, shape (k, n).
        profile: x(u,s) F_s, shape (k, d).
        text: F_s, shape (n, d).
        log_frequency: log of the users per item, shape (n,).
    """

    users: np.ndarray
    weights: sparse.csr_array
    profile: torch.Tensor
    text: torch.Tensor
    log_frequency: torch.Tensor


def fit_tower(
    histories: Histories, texts: Sequence[np.ndarray], config: TransferConfig
) -> np.ndarray:
    """The encoder A, shape (d, d), float32; it starts as soft whitening.

    The loss of a step is the softmax cross-entropy of one item of each user among the items of the
    step, each logit less the log of its item's frequency; with ``config.triplet`` times a triplet
    term (a user's vectors in two scenarios are nearer than another user's) and
    ``config.adversarial`` times a domain-adversarial one (004: the scenario shall not be told from
    the vector, by gradient reversal).

    Args:
        histories: what is learnt from.
        texts: per scenario centred vectors, shape (n_s, d).
        config: the steps, the weights of the terms, the seed.

    Raises:
        TrainingFailed: the loss became NaN.
    """
    start = soft_whitening(np.concatenate([text for text in texts if text.any()]))
    rng = np.random.default_rng([config.seed, 29])
    sides = [_side(histories, s, text, config, rng) for s, text in enumerate(texts)]
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(config.seed)
        tower = _Tower(torch.from_numpy(start.astype(np.float32)), len(texts))
    optimiser = torch.optim.Adam(tower.parameters(), lr=RATE)
    for batch in _batches(sides, config.tower_steps, rng):
        loss = tower.loss(batch, config)
        if not torch.isfinite(loss):
            raise TrainingFailed(
                "expected a finite loss of the text tower", f"{float(loss)}", "Check the features"
            )
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
    return tower.encoder.detach().numpy()


@dataclass(frozen=True)
class _Batch:
    """Users with history in a source and an item of a target each.

    Attributes:
        source, target: s and t.
        profile: x(u,s) F_s without the item itself, shape (b, d).
        other: x(u,t) F_t, shape (b, d).
        item: local number in t, shape (b,).
        text: of the items, shape (b, d).
        log_frequency: of the items, shape (b,).
    """

    source: int
    target: int
    profile: torch.Tensor
    other: torch.Tensor
    item: torch.Tensor
    text: torch.Tensor
    log_frequency: torch.Tensor


class _Tower(nn.Module):
    def __init__(self, start: torch.Tensor, scenarios: int) -> None:
        super().__init__()
        self.encoder = nn.Parameter(start)
        self.log_scale = nn.Parameter(torch.tensor(1.0 / TEMPERATURE).log())
        self.guess = nn.Linear(start.shape[1], scenarios)

    def loss(self, batch: _Batch, config: TransferConfig) -> torch.Tensor:
        """Of one step; user vectors at unit length, which changes no user's ranking."""
        user = functional.normalize(batch.profile @ self.encoder, dim=1)  # (b, d)
        item = batch.text @ self.encoder
        logits = self.log_scale.exp() * user @ item.T - batch.log_frequency  # (b, b)
        same = batch.item[:, None] == batch.item
        same.fill_diagonal_(False)  # noqa: FBT003
        logits = logits.masked_fill(same, -torch.inf)
        loss = functional.cross_entropy(logits, torch.arange(len(logits)))
        between = batch.source != batch.target
        if config.triplet and between:
            other = functional.normalize(batch.other @ self.encoder, dim=1)
            near, far = (user * other).sum(1), (user * other.roll(1, 0)).sum(1)
            loss = loss + config.triplet * functional.relu(far - near + MARGIN).mean()
        if config.adversarial:
            told = self.guess(_Reversed.apply(user))
            wanted = torch.full((len(user),), batch.source)
            loss = loss + config.adversarial * functional.cross_entropy(told, wanted)
        return loss


class _Reversed(torch.autograd.Function):
    """The identity, whose gradient changes sign."""

    @staticmethod
    def forward(ctx: object, values: torch.Tensor) -> torch.Tensor:
        return values.view_as(values)

    @staticmethod
    def backward(ctx: object, *grad_outputs: torch.Tensor) -> torch.Tensor:
        return -grad_outputs[0]


def _side(
    histories: Histories, scenario: int, text: np.ndarray, config: TransferConfig,
    rng: np.random.Generator,
) -> _Side:  # fmt: skip
    weights = history_weights(histories.by_scenario[scenario], config.history_power)
    active = np.flatnonzero(np.diff(weights.indptr))
    users = np.sort(rng.permutation(active)[:MAX_USERS])
    some = weights[users]
    count = np.bincount(some.indices, minlength=len(text)).astype(np.float32)
    return _Side(
        users,
        some,
        torch.from_numpy(np.asarray(some @ text, dtype=np.float32)),
        torch.from_numpy(text),
        torch.from_numpy(np.log(np.maximum(count, 1))),
    )


def _batches(sides: Sequence[_Side], steps: int, rng: np.random.Generator) -> Iterator[_Batch]:
    """Steps over all pairs that have users, a pair with more users more often."""
    pairs: dict[tuple[int, int], np.ndarray] = {}
    for target, side in enumerate(sides):
        for source, known in enumerate(sides):
            users = np.intersect1d(known.users, side.users)
            if source == target:  # an item is left out: another one must remain
                users = side.users[np.diff(side.weights.indptr) > 1]
            if len(users) > 1:
                pairs[source, target] = users
    if not pairs:
        return
    names = list(pairs)
    odds = np.sqrt([len(users) for users in pairs.values()])
    for at in rng.choice(len(names), steps, p=odds / odds.sum()):
        source, target = names[at]
        shared = pairs[source, target]
        users = rng.choice(shared, min(BATCH, len(shared)), replace=False)
        yield _batch(sides, source, target, users, rng)


def _batch(
    sides: Sequence[_Side], source: int, target: int, users: np.ndarray, rng: np.random.Generator
) -> _Batch:
    """One random item of each user, and what the user's histories say without it."""
    known, side = sides[source], sides[target]
    row = np.searchsorted(side.users, users)
    begin, end = side.weights.indptr[row], side.weights.indptr[row + 1]
    entry = begin + (rng.random(len(users)) * (end - begin)).astype(np.int64)
    item = torch.from_numpy(side.weights.indices[entry].astype(np.int64))
    text = side.text[item]
    other = side.profile[row]
    weight = torch.from_numpy(side.weights.data[entry])[:, None]
    profile = known.profile[np.searchsorted(known.users, users)]
    if source == target:
        profile = profile - weight * text
    return _Batch(source, target, profile, other, item, text, side.log_frequency[item])
