"""Training of the coefficients on validation rows.

Loss: minus a smooth DCG of the held-out items, ``1 / log2(1 + rank)`` with
``rank = 1 + sum over other items j of sigmoid(a (R_j - R_i))`` (ApproxNDCG: Qin, Liu, Li 2010).
Softmax cross-entropy (method page §2.6) was tried first: it leaned on popularity and lowered the
validation NDCG of the cold users it was trained on. The sum over items is estimated: the best of
every source and the most popular are always in, the others are sampled with log-Q correction;
without it the loss would punish every source for the very items it was sampled by. Hiding a
user's whole target history, or a source, at random teaches what to do for cold-start users.
"""

import numpy as np
import torch

from crossrec.errors import TrainingFailed
from crossrec.progress import Progress, silent, stretch
from crossrec.transfer.coefficients import GATE_INPUTS
from crossrec.transfer.config import TransferConfig
from crossrec.transfer.evidence import (
    candidate_ndcg,
    close_useless,
    cold_users,
    is_personal,
    settle_cold_base,
    settle_warm_base,
)
from crossrec.transfer.examples import Examples, augmented
from crossrec.transfer.network import CoefficientNetwork
from crossrec.transfer.resume import Checkpoint
from crossrec.transfer.validation import MIN_COLD

EVALUATE_EVERY = 20
BATCH = 512
STEEPNESS = 8.0
"""Of the smooth rank, per unit of score (one spread of a preference)."""


def train(
    examples: list[Examples],
    statistics: np.ndarray,
    config: TransferConfig,
    *,
    spreads: np.ndarray | None = None,
    progress: Progress = silent,
    checkpoint: Checkpoint | None = None,
) -> tuple[CoefficientNetwork, list[dict[str, float | str]]]:
    """Fit the coefficient network in two stages, each with early stopping on held-out users.

    First the weight of popularity for warm users, without any source: the target-only model. Then,
    with that fixed and if ``config.transfer``, the coefficients and the weight for cold users;
    held-out users are watched twice, all of them and the cold ones alone, so that the many warm
    users do not decide for the cold ones. At last everything has to earn its place, see
    :mod:`crossrec.transfer.evidence`.

    Args:
        examples: one entry per target scenario that has validation users.
        statistics: S_s, shape (S, 3).
        config: steps, patience, learning rate, seed, ``hide``, ``transfer``.
        spreads: how loud the sources are, shape (S, S), see
            :func:`crossrec.transfer.network.cold_levels`; None: unknown.
        progress: told as phase "train".
        checkpoint: where every evaluation is kept, and gone on from.

    Returns:
        The best network, and the training history: model, step (per target), train_loss,
        valid_loss, valid_ndcg.

    Raises:
        TrainingFailed: the loss became NaN.
    """
    with torch.random.fork_rng():
        torch.manual_seed(config.seed)
        network = CoefficientNetwork(torch.from_numpy(statistics), config.hidden, spreads)
    examples = [e for e in examples if (~e.held_out).any()]
    if not examples:
        return network.eval(), []
    pairs = [e.inputs[:, s] for e in examples for s in range(len(statistics)) if s != e.target]
    network.standardise(torch.cat(pairs) if pairs else torch.empty(0, len(GATE_INPUTS)))
    fitting = [e.take(~e.held_out) for e in examples]
    watching = [e.take(e.held_out) if e.held_out.any() else e for e in examples]
    checkpoint = checkpoint or Checkpoint(None)
    history = _stage(
        network,
        fitting,
        watching,
        config,
        transfer=False,
        progress=stretch(progress, 0.0, 0.3),
        checkpoint=checkpoint,
    )
    settle_warm_base(network, examples)
    if config.transfer:
        cold = [cold_users(e, MIN_COLD // 2) for e in watching]
        history += _stage(
            network, fitting, watching + cold, config,
            transfer=True, progress=stretch(progress, 0.3, 1.0), checkpoint=checkpoint,
        )  # fmt: skip
        close_useless(network, examples)
        settle_cold_base(network, examples)
        for e in watching:
            network.personal[e.target] = float(is_personal(network, e))
    return network.eval(), history


def _stage(
    network: CoefficientNetwork,
    fitting: list[Examples],
    watching: list[Examples],
    config: TransferConfig,
    *,
    transfer: bool,
    progress: Progress,
    checkpoint: Checkpoint,
) -> list[dict[str, float | str]]:
    """Train one stage in place; the network ends as the best one seen."""
    first = [network.base_warm]
    rest = [p for p in network.parameters() if p is not network.base_warm]
    optimiser = torch.optim.AdamW(
        rest if transfer else first, lr=config.learning_rate, weight_decay=0.01
    )
    generator = torch.Generator().manual_seed(config.seed)
    hide = config.hide if transfer else 0.0
    steps, every = config.steps * len(fitting), EVALUATE_EVERY * len(fitting)
    name = "training.transfer" if transfer else "training.alone"
    at, running = checkpoint.moment(name, network, optimiser, generator), []
    for step in range(at.step, steps + 1):
        if at.ended:
            break
        if step % every == 0 and (step > at.step or not at.history):
            valid_loss, ndcg = _watch(network, watching, transfer=transfer)
            at.history.append(
                {
                    "model": "transfer" if transfer else "target only",
                    "step": step // len(fitting),
                    "train_loss": float(np.mean(running)) if running else float("nan"),
                    "valid_loss": valid_loss,
                    "valid_ndcg": ndcg,
                }
            )
            progress("train", step, steps, f"validation NDCG {ndcg:.4f}")
            running = []
            if ndcg > at.best:
                at.best, at.waited = ndcg, 0
                at.best_state = {k: v.clone() for k, v in network.state_dict().items()}
            else:
                at.waited += 1
            at.step, at.ended = step, at.waited >= config.patience
            checkpoint.keep_moment(name, at, network, optimiser, generator)
            if at.ended:
                break
        batch = fitting[step % len(fitting)]
        rows = torch.randperm(len(batch.own), generator=generator)[:BATCH]
        shown = augmented(batch.take(rows), hide, generator)
        loss = smooth_loss(shown, shown.scores(network, transfer=transfer))
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
    network.load_state_dict(at.best_state)
    return at.history


def smooth_loss(examples: Examples, scores: torch.Tensor) -> torch.Tensor:
    """Minus the smooth DCG of the held-out items, mean over users, for scores of shape (m, C)."""
    row, column = examples.positive.nonzero(as_tuple=True)
    ahead = torch.sigmoid(STEEPNESS * (scores[row] - scores[row, column][:, None]))  # (K, C)
    ahead = ahead * examples.log_weight[row].exp() * examples.negative[row]
    gain = 1.0 / torch.log2(2.0 + ahead.sum(1))  # smooth rank = 1 + items ahead
    return -(gain / examples.positive.sum(1)[row]).sum() / len(scores)


def _watch(
    network: CoefficientNetwork, watching: list[Examples], *, transfer: bool
) -> tuple[float, float]:
    """Mean loss and NDCG over groups of users."""
    losses, ndcgs = [], []
    with torch.no_grad():
        for e in watching:
            scores = e.scores(network, transfer=transfer)
            losses.append(float(smooth_loss(e, scores)))
            ndcgs.append(float(candidate_ndcg(e, scores).mean()))
    return float(np.mean(losses)), float(np.mean(ndcgs))
