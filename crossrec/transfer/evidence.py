"""What must earn its place beside the simpler form, judged by NDCG on validation users.

Training follows a smooth loss; what it ends with is judged here by the metric itself: popularity
for warm users, its weight for cold users, every source, and coefficients that are personal.
"""

from statistics import NormalDist

import torch

from crossrec.transfer.examples import Examples, without_target
from crossrec.transfer.network import CoefficientNetwork, base_level
from crossrec.transfer.tuning import DEPTH, DISCOUNT
from crossrec.transfer.validation import MIN_COLD

COLD = 1
"""Where cold-start users stand in :attr:`CoefficientNetwork.closed`; warm ones stand before."""
SURE = 1.5
"""Standard errors that a source's gain must be above zero to stay open."""
NOISE = 1.0
"""The same of one among several for cold-start users, who then keeps what is more than noise."""
CHANCE = NormalDist().cdf(-SURE)
"""How often a source without any use would show such a gain."""
SURE_BASE = 1.0
"""The same of popularity for the warm users of one target."""
SURE_COMMON = 2.0
"""The same for those of all targets together."""
SURE_PERSONAL = 2.0
"""The same of coefficients that differ from user to user: the simpler form is the usual one."""
LEAST_BASE = 1e-3
"""Weight of popularity where it does not help."""
BASE_GRID = (0.03, 0.06, 0.1, 0.15, 0.2, 0.3, 0.4, 0.6, 0.8, 1.2)
"""Candidate weights of popularity for cold users."""
WARM_GRID = (0.3, 0.6, 1.0, 2.0, 4.0, 8.0)
"""The same for warm users, where they need it."""
NEAR = 1.0
"""Standard errors below the best within which a candidate weight is as good."""


def close_useless(network: CoefficientNetwork, examples: list[Examples]) -> None:
    """Close every source that does not earn its place, for warm and for cold users apart.

    A source's gain is the NDCG with all open sources minus the NDCG without this one, and that with
    it alone minus that with none; z is the smaller one in its standard errors. The source with the
    least z is closed, and the others are judged again, until all have earned their place:

    - For warm users, who could do without any, with z above :data:`SURE`; and what all open ones
      gain together must be surer, by :func:`sure_among` all sources.
    - For cold-start users, who have but popularity besides, an only source with the same z. One of
      several keeps the part of its M that noise does not explain, ``1 - 1 / z^2`` of it (z has the
      variance 1 by noise alone, so that ``(z^2 - 1) / z^2`` is the empirical Bayes estimate of what
      is true of it; Efron and Morris 1973): nothing up to z = 1, nearly all of it from z = 3 on.

    Where cold users are few, warm users whose target history is hidden are judged with them.
    """
    with torch.no_grad():
        for e in examples:
            cold = e.counts[:, e.target] == 0
            for cohort, members in enumerate((e.take(~cold), cold_users(e, MIN_COLD))):
                if len(members.own):
                    _close(network, members, cohort)


def sure_among(sources: int) -> float:
    """Standard errors by which open sources together must help warm users.

    The more sources there are to pick from, the likelier the gain of one is luck: Sidak's
    correction keeps the chance that a target opens a useless one at that of a single source.
    """
    return -NormalDist().inv_cdf(1 - (1 - CHANCE) ** (1 / sources))


def settle_warm_base(network: CoefficientNetwork, examples: list[Examples]) -> None:
    """Keep the learnt weight of popularity for warm users only where it beats a simpler one.

    That is usually next to nothing, which orders the items that nothing else does: links know
    popularity already. Where the warm users of all targets together rank clearly better with
    popularity (:data:`SURE_COMMON`), histories are too thin for links, and one target has too few
    users to show it: then the simpler one is one weight for all, and to have next to none must be
    earned as well. Changes ``base_warm`` in place.

    Args:
        network: with the weights of the target-only model.
        examples: one entry per target.
    """
    warm = [e.take(e.counts[:, e.target] > 0) for e in examples]
    warm = [members for members in warm if len(members.own)]
    learnt = {e.target: network.base_warm.detach()[e.target].clone() for e in warm}

    def ndcg(e: Examples, level: torch.Tensor) -> torch.Tensor:
        network.base_warm[e.target] = level
        return candidate_ndcg(e, e.scores(network, transfer=False))

    with torch.no_grad():
        least = base_level(LEAST_BASE)
        values = {e.target: (ndcg(e, learnt[e.target]), ndcg(e, least)) for e in warm}
        simple = least
        gains = [own - without for own, without in values.values()]
        if len(warm) > 1 and _at_least(torch.cat(gains), SURE_COMMON) > 0:
            tried = {
                weight: torch.cat([ndcg(e, base_level(weight)) for e in warm])
                for weight in WARM_GRID
            }
            simple = base_level(_middle_of_best(tried))
        for e in warm:
            usual, most, best = ndcg(e, simple), 0.0, simple
            for level, found in zip((learnt[e.target], least), values[e.target], strict=True):
                gain = found - usual
                if _at_least(gain, SURE_BASE) > 0 and float(gain.mean()) > most:
                    best, most = level, float(gain.mean())
            network.base_warm[e.target] = best


def settle_cold_base(network: CoefficientNetwork, examples: list[Examples]) -> None:
    """Set the weight of popularity for cold users to the middle of those that rank best.

    Every weight of :data:`BASE_GRID` whose NDCG@10 is within :data:`NEAR` standard errors of the
    best counts; their geometric mean becomes the mean weight of the cold users. How it varies with
    the length of the history stays as it was learnt. Changes ``base_cold`` in place.

    Args:
        network: trained, with useless sources closed.
        examples: one entry per target; where cold users are few, warm ones whose target history
            is hidden are judged with them.
    """
    with torch.no_grad():
        for e in examples:
            members = cold_users(e, MIN_COLD)
            if not len(members.own):
                continue
            level, slope = network.base_cold[e.target]  # a view: writing to it changes the weights
            typical = slope * torch.log1p(members.counts.sum(1)).mean()
            values = {}
            for weight in BASE_GRID:
                level.copy_(base_level(weight)[0] - typical)
                values[weight] = candidate_ndcg(members, members.scores(network, transfer=True))
            level.copy_(base_level(_middle_of_best(values))[0] - typical)


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
        for cohort, members in enumerate((warm, cold_users(examples, MIN_COLD // 2))):
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


def _z_score(gain: torch.Tensor) -> float:
    """The mean gain in its standard errors; 0 of fewer than two users."""
    if len(gain) < 2:
        return 0.0
    return float(gain.mean() / (gain.std() / len(gain) ** 0.5).clamp_min(1e-12))


def _middle_of_best(values: dict[float, torch.Tensor]) -> float:
    """Geometric mean of the weights whose NDCG, shape (m,), is as good as that of the best."""
    best = max(values.values(), key=lambda value: float(value.mean()))
    good = [w for w, value in values.items() if _at_least(best - value, NEAR) <= 0]
    return float(torch.tensor(good).log().mean().exp())


def cold_users(examples: Examples, enough: int) -> Examples:
    """Users without target history; where they are too few, all, with theirs hidden."""
    cold = examples.counts[:, examples.target] == 0
    if int(cold.sum()) >= enough:
        return examples.take(cold)
    return without_target(examples, torch.ones_like(cold))


def _close(network: CoefficientNetwork, examples: Examples, cohort: int) -> None:
    target = examples.target
    open_sources = [s for s in range(examples.others.shape[1]) if s != target]
    among = sure_among(len(open_sources))
    parts = network.coefficients(examples.inputs, target)[:, :, None] * examples.others
    scores = examples.scores(network, transfer=True)
    without = scores - parts.sum(1)
    nothing = candidate_ndcg(examples, without)
    while open_sources:
        ndcg = candidate_ndcg(examples, scores)
        reached = (examples.counts[:, open_sources] > 0).any(1)
        together = cohort == COLD or _at_least((ndcg - nothing)[reached], among) > 0
        shrunk = cohort == COLD and len(open_sources) > 1
        evidence = {}
        for source in open_sources:
            users = examples.counts[:, source] > 0
            beside = (ndcg - candidate_ndcg(examples, scores - parts[:, source]))[users]
            alone = (candidate_ndcg(examples, without + parts[:, source]) - nothing)[users]
            evidence[source] = min(_z_score(beside), _z_score(alone))
        worst = min(open_sources, key=lambda s: evidence[s])
        if together and evidence[worst] > (NOISE if shrunk else SURE):
            for source in open_sources if shrunk else ():
                network.closed[source, target, cohort] = (NOISE / evidence[source]) ** 2
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
