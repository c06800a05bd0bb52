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
from crossrec.transfer.examples import Examples, augmented, without_target
from crossrec.transfer.network import CoefficientNetwork, base_level
from crossrec.transfer.resume import Checkpoint
from crossrec.transfer.tuning import DEPTH, DISCOUNT
from crossrec.transfer.validation import MIN_COLD

EVALUATE_EVERY = 20
BATCH = 512
STEEPNESS = 8.0
"""Of the smooth rank, per unit of score (one spread of a preference)."""
SURE = 1.5
"""Standard errors that a source's gain must be above zero to stay open."""
SURE_BASE = 1.0
"""The same of popularity for warm users."""
SURE_PERSONAL = 2.0
"""The same of coefficients that differ from user to user: the simpler form is the usual one."""
LEAST_BASE = 1e-3
"""Weight of popularity where it does not help."""


def train(
    examples: list[Examples],
    statistics: np.ndarray,
    config: TransferConfig,
    *,
    progress: Progress = silent,
    checkpoint: Checkpoint | None = None,
) -> tuple[CoefficientNetwork, list[dict[str, float | str]]]:
    """Fit the coefficient network in two stages, each with early stopping on held-out users.

    First the weight of popularity for warm users, without any source: the target-only model. Then,
    with that fixed and if ``config.transfer``, the coefficients and the weight for cold users;
    held-out users are watched twice, all of them and the cold ones alone, so that
    the many warm users do not decide for the cold ones. At last useless sources are closed.

    Args:
        examples: one entry per target scenario that has validation users.
        statistics: S_s, shape (S, 3).
        config: steps, patience, learning rate, seed, ``hide``, ``transfer``.
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
        network = CoefficientNetwork(torch.from_numpy(statistics), config.hidden)
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
    drop_useless_base(network, examples)
    if config.transfer:
        cold = [_cold_users(e, MIN_COLD // 2) for e in watching]
        history += _stage(
            network, fitting, watching + cold, config,
            transfer=True, progress=stretch(progress, 0.3, 1.0), checkpoint=checkpoint,
        )  # fmt: skip
        close_useless(network, examples)
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


def close_useless(network: CoefficientNetwork, examples: list[Examples]) -> None:
    """Close every source that does not earn its place, for warm and for cold users apart.

    A source's gain is the NDCG with all open sources minus the NDCG without this one, and that with
    it alone minus that with none; both must lie at least :data:`SURE` standard errors above zero.
    The worst source is closed and the others are judged again, until all stand. Where cold users
    are few, warm users whose target history is hidden are judged with them.
    """
    with torch.no_grad():
        for e in examples:
            cold = e.counts[:, e.target] == 0
            for cohort, members in enumerate((e.take(~cold), _cold_users(e, MIN_COLD))):
                if len(members.own):
                    _close(network, members, cohort)


def drop_useless_base(network: CoefficientNetwork, examples: list[Examples]) -> None:
    """Take popularity from the warm users of a target it does not help: links know it already.

    It keeps a weight next to nothing, which orders the items that nothing else does.
    """
    with torch.no_grad():
        for e in examples:
            warm = e.take(e.counts[:, e.target] > 0)
            if not len(warm.own):
                continue
            learnt = network.base_warm[e.target].clone()
            values = candidate_ndcg(warm, warm.scores(network, transfer=False))
            network.base_warm[e.target] = base_level(LEAST_BASE)
            gain = values - candidate_ndcg(warm, warm.scores(network, transfer=False))
            if _at_least(gain, SURE_BASE) > 0:
                network.base_warm[e.target] = learnt


def is_personal(network: CoefficientNetwork, examples: Examples) -> bool:
    """Whether the coefficients of single users rank better than those of their cohort.

    The cohort's means stay in the network as ``equal`` for the case that they do not. Judged on
    users whose coefficients were not trained on, warm and cold ones alike.

    Args:
        network: trained, with useless sources closed.
        examples: users not trained on.
    """
    target = examples.target
    gains = []
    with torch.no_grad():
        warm = examples.take(examples.counts[:, target] > 0)
        for cohort, members in enumerate((warm, _cold_users(examples, MIN_COLD // 2))):
            if not len(members.own):
                continue
            known = (members.counts > 0).float()
            personal = network.coefficients(members.inputs, target, personal=True)
            equal = (personal * known).sum(0) / known.sum(0).clamp_min(1)
            network.equal[:, target, cohort] = equal
            without = members.scores(network, transfer=False)
            parts = members.others
            values = [
                candidate_ndcg(members, without + torch.einsum("ms,msc->mc", m, parts))
                for m in (personal, equal.expand_as(personal))
            ]
            gains.append(values[0] - values[1])
    return bool(gains) and _at_least(torch.cat(gains), SURE_PERSONAL) > 0


def _at_least(gain: torch.Tensor, errors: float) -> float:
    """The mean gain less so many standard errors; -1 of fewer than two users."""
    if len(gain) < 2:
        return -1.0
    return float(gain.mean() - errors * gain.std() / len(gain) ** 0.5)


def _cold_users(examples: Examples, enough: int) -> Examples:
    """Users without target history; where they are too few, all, with theirs hidden."""
    cold = examples.counts[:, examples.target] == 0
    if int(cold.sum()) >= enough:
        return examples.take(cold)
    return without_target(examples, torch.ones_like(cold))


def _close(network: CoefficientNetwork, examples: Examples, cohort: int) -> None:
    target = examples.target
    open_sources = [s for s in range(examples.others.shape[1]) if s != target]
    parts = network.coefficients(examples.inputs, target)[:, :, None] * examples.others
    scores = examples.scores(network, transfer=True)
    without = scores - parts.sum(1)
    nothing = candidate_ndcg(examples, without)
    while open_sources:
        ndcg = candidate_ndcg(examples, scores)
        evidence = {}
        for source in open_sources:
            users = examples.counts[:, source] > 0
            beside = (ndcg - candidate_ndcg(examples, scores - parts[:, source]))[users]
            alone = (candidate_ndcg(examples, without + parts[:, source]) - nothing)[users]
            evidence[source] = min(_at_least(beside, SURE), _at_least(alone, SURE))
        worst = min(open_sources, key=lambda s: evidence[s])
        if evidence[worst] > 0:
            return
        network.closed[worst, target, cohort] = 1.0
        scores = scores - parts[:, worst]
        open_sources.remove(worst)


def candidate_ndcg(examples: Examples, scores: torch.Tensor) -> torch.Tensor:
    """NDCG@10 among the candidates, shape (m,)."""
    ranked = scores.masked_fill(~(examples.positive | examples.negative), -torch.inf)
    depth = min(DEPTH, ranked.shape[1])
    hits = examples.positive.gather(1, ranked.topk(depth, dim=1).indices).double()
    discount = torch.from_numpy(DISCOUNT)
    relevant = examples.positive.sum(1).clamp(1, DEPTH)
    return (hits @ discount[:depth]) / discount.cumsum(0)[relevant - 1]


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
