"""Training of the coefficients on validation rows.

Loss: softmax cross-entropy of each held-out item against the items of the target scenario (method
page §2.6). The sum over items is estimated: the best of every source and the most popular are
always in, the others are sampled with log-Q correction. Without the correction the loss would
punish every source for the very items it was sampled by. Hiding a user's whole target history, or a
source, at random teaches what to do for cold-start users.
"""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from safetensors.torch import save_file
from scipy import sparse

from crossrec.errors import TrainingFailed
from crossrec.progress import Progress
from crossrec.transfer.coefficients import (
    GATE_INPUTS,
    CoefficientNetwork,
    hide_source,
    hide_target,
)
from crossrec.transfer.config import TransferConfig
from crossrec.transfer.tuning import DEPTH, DISCOUNT

EVALUATE_EVERY = 20
BATCH = 1024
BEST_OF_EACH = 30
RANDOM = 100


@dataclass(frozen=True)
class Examples:
    """Validation users of one target scenario with C candidates each.

    Attributes:
        target: t.
        inputs: of the coefficient network, shape (m, S, len(GATE_INPUTS)).
        counts: history lengths, shape (m, S).
        own: P(u, t->t, j) of the candidates, shape (m, C).
        others: P(u, s->t, j), shape (m, S, C), zero at s = t.
        popularity: b_j, shape (m, C).
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
    positive: torch.Tensor
    negative: torch.Tensor
    log_weight: torch.Tensor
    held_out: torch.Tensor

    def take(self, rows: torch.Tensor) -> "Examples":
        """The users at ``rows`` (boolean or numbers)."""
        names = [name for name in self.__dataclass_fields__ if name != "target"]
        return Examples(self.target, **{name: getattr(self, name)[rows] for name in names})

    def scores(self, network: CoefficientNetwork) -> torch.Tensor:
        """R(u, t, j) of the candidates, shape (m, C) (002 §4.1.3)."""
        coefficients = network.coefficients(self.inputs, self.target)
        base = network.base_weight(self.counts, self.target)
        transferred = torch.einsum("ms,msc->mc", coefficients, self.others)
        return base[:, None] * self.popularity + self.own + transferred


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
        open_scores = np.where(blocked, -np.inf, scores)
        columns.append(np.argpartition(-open_scores, depth - 1, axis=1)[:, :depth])
    hit = np.zeros((m, n), dtype=bool)
    hit[np.repeat(np.arange(m), np.diff(relevant.indptr)), relevant.indices] = True
    most = min(int(hit.sum(1).max(initial=1)), BEST_OF_EACH)
    columns.append(np.argpartition(~hit, most - 1, axis=1)[:, :most])
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


def train(
    examples: list[Examples],
    statistics: np.ndarray,
    config: TransferConfig,
    *,
    transfer: bool,
    progress: Progress,
    checkpoint: Path | None = None,
) -> tuple[CoefficientNetwork, list[dict[str, float]]]:
    """Fit the coefficient network with early stopping on held-out users.

    Args:
        examples: one entry per target scenario that has validation users.
        statistics: S_s, shape (S, 3).
        config: steps, patience, learning rate, seed, ``hide``.
        transfer: False trains only the base weight: the target-only model.
        progress: told as phase "train".
        checkpoint: file that always holds the best network so far.

    Returns:
        The best network, and the training history: step, train_loss, valid_loss, valid_ndcg.

    Raises:
        TrainingFailed: the loss became NaN.
    """
    torch.manual_seed(config.seed)
    network = CoefficientNetwork(torch.from_numpy(statistics), config.hidden, transfer=transfer)
    examples = [e for e in examples if (~e.held_out).any()]
    history: list[dict[str, float]] = []
    if not examples:
        return network.eval(), history
    pairs = [e.inputs[:, s] for e in examples for s in range(len(statistics)) if s != e.target]
    network.standardise(torch.cat(pairs) if pairs else torch.empty(0, len(GATE_INPUTS)))
    fitting = [e.take(~e.held_out) for e in examples]
    watching = [e.take(e.held_out) if e.held_out.any() else e for e in examples]
    optimiser = torch.optim.AdamW(network.parameters(), lr=config.learning_rate, weight_decay=0.01)
    generator = torch.Generator().manual_seed(config.seed)
    best, best_state, waited, running = -1.0, None, 0, []
    for step in range(config.steps + 1):
        if step % EVALUATE_EVERY == 0:
            valid_loss, ndcg = _watch(network, watching)
            train_loss = float(np.mean(running)) if running else float("nan")
            history.append(
                {
                    "step": step,
                    "train_loss": train_loss,
                    "valid_loss": valid_loss,
                    "valid_ndcg": ndcg,
                }
            )
            progress("train", step, config.steps, f"validation NDCG {ndcg:.4f}")
            running = []
            if ndcg > best:
                best, waited = ndcg, 0
                best_state = {k: v.clone() for k, v in network.state_dict().items()}
                if checkpoint is not None:
                    save_file(best_state, checkpoint)
            elif (waited := waited + 1) >= config.patience:
                break
        batch = fitting[step % len(fitting)]
        rows = torch.randperm(len(batch.own), generator=generator)[:BATCH]
        loss = _loss(network, _augmented(batch.take(rows), config.hide, generator))
        if not torch.isfinite(loss):
            raise TrainingFailed(
                "expected a finite training loss",
                f"{float(loss)} at step {step}",
                "Lower the learning rate, or look for extreme weights in the log",
            )
        optimiser.zero_grad(set_to_none=True)
        loss.backward()
        optimiser.step()
        running.append(float(loss.detach()))
    if best_state is not None:
        network.load_state_dict(best_state)
    return network.eval(), history


def close_harmful(network: CoefficientNetwork, examples: list[Examples]) -> None:
    """Close every pair that lowers the validation NDCG, for warm and for cold users apart.

    For each pair and cohort, the NDCG with all learnt coefficients is compared with the NDCG with
    this source off. A source is closed where its mean gain lies more than one standard error below
    zero: a pair that is merely uncertain stays as it was learnt.
    """
    with torch.no_grad():
        for e in examples:
            coefficients = network.coefficients(e.inputs, e.target)
            everything = e.scores(network)
            ndcg = candidate_ndcg(e, everything)
            cold = e.counts[:, e.target] == 0
            for source in range(e.others.shape[1]):
                if source == e.target:
                    continue
                part = coefficients[:, source, None] * e.others[:, source]
                gain = ndcg - candidate_ndcg(e, everything - part)
                has_source = e.counts[:, source] > 0
                for cohort, members in enumerate((~cold & has_source, cold & has_source)):
                    gains = gain[members]
                    if len(gains) > 1 and gains.mean() < -gains.std() / len(gains) ** 0.5:
                        network.closed[source, e.target, cohort] = 1.0


def candidate_ndcg(examples: Examples, scores: torch.Tensor) -> torch.Tensor:
    """NDCG@10 among the candidates, shape (m,)."""
    ranked = scores.masked_fill(~(examples.positive | examples.negative), -torch.inf)
    depth = min(DEPTH, ranked.shape[1])
    hits = examples.positive.gather(1, ranked.topk(depth, dim=1).indices).double()
    discount = torch.from_numpy(DISCOUNT)
    relevant = examples.positive.sum(1).clamp(1, DEPTH)
    return (hits @ discount[:depth]) / discount.cumsum(0)[relevant - 1]


def _loss(network: CoefficientNetwork, examples: Examples) -> torch.Tensor:
    logits = network.temperature[examples.target].exp() * examples.scores(network)
    corrected = (logits + examples.log_weight).masked_fill(~examples.negative, -torch.inf)
    against = corrected.logsumexp(1, keepdim=True)
    each = torch.nn.functional.softplus(against - logits)  # -log softmax against the negatives
    return each[examples.positive].mean()


def _watch(network: CoefficientNetwork, watching: list[Examples]) -> tuple[float, float]:
    with torch.no_grad():
        losses = [float(_loss(network, e)) for e in watching]
        ndcgs = [float(candidate_ndcg(e, e.scores(network)).mean()) for e in watching]
    return float(np.mean(losses)), float(np.mean(ndcgs))


def _augmented(examples: Examples, hide: float, generator: torch.Generator) -> Examples:
    """Hide the target history, or single sources, of random users (method page §2.6)."""
    m, scenarios = examples.counts.shape
    counts, own, others = examples.counts.clone(), examples.own, examples.others.clone()
    hidden = torch.rand(m, generator=generator) < hide
    inputs = hide_target(examples.inputs, hidden)
    own = own.masked_fill(hidden[:, None], 0.0)
    counts[hidden, examples.target] = 0
    for source in range(scenarios):
        if source == examples.target:
            continue
        hidden = torch.rand(m, generator=generator) < hide / 2
        inputs = hide_source(inputs, source, hidden)
        others[hidden, source] = 0.0
        counts[hidden, source] = 0
    return Examples(
        examples.target, inputs, counts, own, others, examples.popularity,
        examples.positive, examples.negative, examples.log_weight, examples.held_out,
    )  # fmt: skip
