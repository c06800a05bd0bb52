"""What the coefficients are trained on: validation users, each with candidates to be ranked."""

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import torch
from scipy import sparse

from crossrec.data.history import Histories
from crossrec.transfer.network import CoefficientNetwork, hide_source, hide_target

if TYPE_CHECKING:
    from crossrec.transfer.model import TransferModel

BEST_OF_EACH = 30
"""Candidates from each source, and of the most popular items."""

RANDOM = 100
"""Random candidates."""

BATCH = 512
"""Users whose candidates are chosen at once."""

HELD_OUT = 4
"""One validation user in this many only stops the training early."""


@dataclass(frozen=True)
class Examples:
    """Validation users of one target scenario with C candidates each.

    Attributes:
        target: t.
        inputs: of the coefficient network, shape (m, S, len(GATE_INPUTS)).
        counts: history lengths, shape (m, S).
        own: P(u, t->t, j) of the candidates, shape (m, C).
        others: P(u, s->t, j), shape (m, S, C), zero at s = t.
        popularity, recent: b_j for users without and with target history, shape (m, C).
        positive, negative: which candidates are held-out items, and which are to be ranked below
            them, shape (m, C), bool. Neither: seen or repeated candidates.
        log_weight: log of the number of items a candidate stands for, shape (m, C).
        held_out: users not trained on, for early stopping, shape (m,), bool.
    """

    target: int
    inputs: torch.Tensor
    counts: torch.Tensor
    own: torch.Tensor
    others: torch.Tensor
    popularity: torch.Tensor
    recent: torch.Tensor
    positive: torch.Tensor
    negative: torch.Tensor
    log_weight: torch.Tensor
    held_out: torch.Tensor

    def take(self, rows: torch.Tensor) -> "Examples":
        """The users at ``rows`` (boolean or numbers)."""
        names = [name for name in self.__dataclass_fields__ if name != "target"]
        return Examples(self.target, **{name: getattr(self, name)[rows] for name in names})

    def scores(self, network: CoefficientNetwork, *, transfer: bool) -> torch.Tensor:
        """R(u, t, j) of the candidates, shape (m, C) (002 §4.1.3); M = identity if not transfer."""
        base = network.base_weight(self.counts, self.target)
        warm = self.counts[:, [self.target]] > 0
        without = base[:, None] * torch.where(warm, self.recent, self.popularity) + self.own
        if not transfer:
            return without
        coefficients = network.coefficients(self.inputs, self.target)
        return without + torch.einsum("ms,msc->mc", coefficients, self.others)


def choose_candidates(
    own: np.ndarray,
    others: list[np.ndarray],
    popularity: np.ndarray,
    seen: sparse.csr_array,
    relevant: sparse.csr_array,
    rng: np.random.Generator,
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Candidates of a batch of users: held-out items, the best of every source, random ones.

    Args:
        own: P(u, t->t, .), shape (m, n).
        others: P(u, s->t, .) of the sources, shape (m, n) each.
        popularity: b_j, shape (n,).
        seen: training interactions, shape (m, n).
        relevant: held-out interactions, shape (m, n).
        rng: of the random candidates.

    Returns:
        Item numbers, ``positive``, ``negative`` and ``log_weight`` of :class:`Examples`, each of
        shape (m, C).
    """
    m, n = own.shape
    depth = min(BEST_OF_EACH, n)
    blocked = np.zeros((m, n), dtype=bool)
    blocked[np.repeat(np.arange(m), np.diff(seen.indptr)), seen.indices] = True
    columns = []
    for scores in [own, *others, np.broadcast_to(popularity, (m, n))]:
        open_scores = torch.from_numpy(np.where(blocked, -np.inf, scores))
        columns.append(open_scores.topk(depth, dim=1, sorted=False).indices.numpy())
    hit = np.zeros((m, n), dtype=bool)
    hit[np.repeat(np.arange(m), np.diff(relevant.indptr)), relevant.indices] = True
    most = min(int(hit.sum(1).max(initial=1)), BEST_OF_EACH)
    hits_first = torch.from_numpy(hit.astype(np.uint8))
    columns.append(hits_first.topk(most, dim=1, sorted=False).indices.numpy())
    certain = np.concatenate(columns, axis=1)
    random = rng.integers(0, n, (m, RANDOM))
    # Sorted by item, a certain candidate before a random one: the later of two equals is dropped.
    keyed = np.sort(np.concatenate([2 * certain, 2 * random + 1], axis=1), axis=1)
    items, sampled = keyed // 2, keyed % 2 == 1
    repeated = np.zeros(items.shape, dtype=bool)
    repeated[:, 1:] = items[:, 1:] == items[:, :-1]
    positive = np.take_along_axis(hit, items, 1) & ~repeated
    negative = ~np.take_along_axis(hit | blocked, items, 1) & ~repeated
    sampled &= negative
    rest = (~(hit | blocked)).sum(1) - (negative & ~sampled).sum(1)
    stands_for = np.maximum(rest, 1) / np.maximum(sampled.sum(1), 1)
    log_weight = np.where(sampled, np.log(stands_for)[:, None], 0).astype(np.float32)
    return items, positive, negative, log_weight


def augmented(examples: Examples, hide: float, generator: torch.Generator) -> Examples:
    """Hide the target history, or single sources, of random users (method page §2.6).

    Args:
        examples: not changed.
        hide: probability for the target history; half of it for each source.
        generator: of the random choice.
    """
    m, scenarios = examples.counts.shape
    found = without_target(examples, torch.rand(m, generator=generator) < hide)
    inputs, counts, others = found.inputs, found.counts.clone(), found.others.clone()
    for source in range(scenarios):
        if source == examples.target:
            continue
        rows = torch.rand(m, generator=generator) < hide / 2
        inputs = hide_source(inputs, source, rows)
        others[rows, source] = 0.0
        counts[rows, source] = 0
    return replace(found, inputs=inputs, counts=counts, others=others)


def without_target(examples: Examples, rows: torch.Tensor) -> Examples:
    """The examples as if the users at ``rows`` (boolean) had no history in the target."""
    counts = examples.counts.clone()
    counts[rows, examples.target] = 0
    return replace(
        examples,
        inputs=hide_target(examples.inputs, rows),
        counts=counts,
        own=examples.own.masked_fill(rows[:, None], 0.0),
    )


def collect(
    model: "TransferModel", train_rows: Histories, valid_rows: Histories, target: int
) -> Examples | None:
    """The validation users of one target with their candidates, or None without any.

    Args:
        model: with preference models, not yet with coefficients.
        train_rows: what it was fitted on.
        valid_rows: held-out items of the same users, in the same order.
        target: t.
    """
    size = model.config.gate_users
    rng = np.random.default_rng([model.config.seed, target])
    users = np.flatnonzero(np.diff(valid_rows.by_scenario[target].indptr))
    users = rng.permutation(users)
    cold = np.diff(train_rows.by_scenario[target].indptr)[users] == 0
    room = max(size - int((~cold).sum()), size // 2)
    users = np.concatenate([users[cold][:room], users[~cold]])[:size]
    if not len(users):
        return None
    users = rng.permutation(users)
    batches = [users[start : start + BATCH] for start in range(0, len(users), BATCH)]
    parts = [_batch(model, train_rows, valid_rows, target, batch, rng) for batch in batches]
    width = min(p["own"].shape[1] for p in parts)
    columns = {
        name: np.concatenate(
            [p[name] if name in ("inputs", "counts") else p[name][..., -width:] for p in parts]
        )
        for name in parts[0]
    }
    tensors = {name: torch.from_numpy(column) for name, column in columns.items()}
    held_out = torch.arange(len(users)) % HELD_OUT == 0
    return Examples(target, **tensors, held_out=held_out)


def _batch(
    model: "TransferModel",
    train_rows: Histories,
    valid_rows: Histories,
    target: int,
    users: np.ndarray,
    rng: np.random.Generator,
) -> dict[str, np.ndarray]:
    own, others, inputs, counts = model.parts(train_rows.take(users), target)
    popularity, recent = (model.popularity(target, warm=warm) for warm in (False, True))
    items, positive, negative, log_weight = choose_candidates(
        own,
        list(others.values()),
        popularity,
        train_rows.by_scenario[target][users],
        valid_rows.by_scenario[target][users],
        rng,
    )
    m, candidates = items.shape
    transferred = np.zeros((m, counts.shape[1], candidates), dtype=np.float32)
    for source, part in others.items():
        transferred[:, source] = np.take_along_axis(part, items, 1)
    return {
        "inputs": inputs,
        "counts": counts.astype(np.float32),
        "own": np.take_along_axis(own, items, 1),
        "others": transferred,
        "popularity": popularity[items],
        "recent": recent[items],
        "positive": positive,
        "negative": negative,
        "log_weight": log_weight,
    }
