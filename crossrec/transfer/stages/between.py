"""The third stage: how a source scenario's history ranks a target's items."""

from dataclasses import dataclass
from functools import cache
from itertools import product

import numpy as np
from scipy import sparse

from crossrec.data.history import shape
from crossrec.progress import Progress
from crossrec.transfer.decisions import DECISIONS, Decider
from crossrec.transfer.factors import Factors, fit_pooled
from crossrec.transfer.judges import each
from crossrec.transfer.links.between import fit_between
from crossrec.transfer.loudness import starts
from crossrec.transfer.popularity import START_BASE
from crossrec.transfer.preference import Preference, at_unit, per_spread, spread
from crossrec.transfer.stages.ground import Ground, Known
from crossrec.transfer.text import Text, text_map
from crossrec.transfer.weights import history_weights, interactions

Size = tuple[float, float]
"""Lambda and confidence of the pooled factors."""


@dataclass(frozen=True)
class BetweenChoice:
    """What was chosen for the sources of one target."""

    pooled: Size | None
    text: float
    links: float


@dataclass(frozen=True)
class Shared:
    """What all pairs share, fitted on some histories.

    Attributes:
        factors: per scenario, of the pooled factorisation; empty columns without one.
        starts: where M of every pair starts, shape (S, S).
    """

    factors: tuple[Factors, ...]
    starts: np.ndarray


def choose_between(
    ground: Ground, decide: Decider, progress: Progress
) -> tuple[tuple[BetweenChoice, ...], Shared]:
    """Choose the size of the pooled factors, and the shares of text and links per target.

    Returns:
        Per target the choice; and what all pairs share, fitted on the ground.
    """
    number = len(ground.targets)
    tried: dict[Size | None, Shared] = {}

    def shared(size: Size | None) -> Shared:
        if size not in tried:
            tried[size] = fit_shared(ground.known, size)
        return tried[size]

    def judged(size: Size | None) -> list[np.ndarray]:
        if not tried:  # side by side
            sizes = DECISIONS["pooled"].candidates
            tried.update(
                zip(sizes, each(lambda s: fit_shared(ground.known, s), sizes), strict=True)
            )
        return [np.concatenate([_all_sources(ground, shared(size), t) for t in ground.targets])]

    progress("train", 0, 1, "pooled factors")
    pooled = decide("pooled", 1, judged)[0]
    progress("train", 0.5, 1, "text between scenarios")
    has_text = sum(bool(text.views) for text in ground.texts) > 1
    shares = DECISIONS["between_text"].candidates
    texts = decide(
        "between_text",
        number,
        _by_target(ground, lambda t: _mixed(ground, shared(pooled), t, shares, (0.0,))),
        possible=has_text,
    )
    progress("train", 0.7, 1, "links between scenarios")
    linked = DECISIONS["between_links"].candidates
    links = decide(
        "between_links",
        number,
        _by_target(ground, lambda t: _mixed(ground, shared(pooled), t, (texts[t],), linked)),
    )
    progress("train", 1, 1, "links between scenarios")
    chosen = zip(texts, links, strict=True)
    return tuple(BetweenChoice(pooled, *one) for one in chosen), shared(pooled)


def fit_shared(known: Known, size: Size | None) -> Shared:
    """The pooled factors, and how loud they have every source."""
    scenarios = range(len(known.histories.by_scenario))
    if size is None:
        empty = [np.zeros((shape(m)[1], 0), np.float32) for m in known.histories.by_scenario]
        return Shared(tuple((one, one) for one in empty), starts(np.zeros((len(scenarios),) * 2)))
    factors = fit_pooled(known.histories, size, known.seed)
    spreads = np.zeros((len(scenarios),) * 2)
    for source in scenarios:
        carried = known.some(source) @ factors[source][0]
        for target in scenarios:
            if source != target:
                spreads[source, target] = spread(carried @ factors[target][1].T)
    return Shared(factors, starts(spreads))


def fit_pair(
    known: Known, shared: Shared, texts: tuple[Text, ...], source: int, target: int,
    choice: BetweenChoice,
) -> Preference:  # fmt: skip
    """The model of one source for one target, at unit spread."""
    some = known.some(source)
    sizes = (texts[source].size, texts[target].size)
    learnt = Preference.of(
        sizes, factors=(shared.factors[source][0], shared.factors[target][1])
    ).at_unit(some)
    if choice.links:
        counts = interactions(known.histories.by_scenario[target])
        links = Preference.of(sizes, links=fit_between(known.weights(source), counts)).at_unit(some)
        share = choice.links if links.links.nnz else 0.0
        kept = learnt.scaled(1 - share) if share < 1 else Preference.of(sizes)
        learnt = kept.plus(links.scaled(share)).at_unit(some)
    if not _both(texts, source, target):
        return learnt
    written = _text(known, texts, source, target)
    learnt_spread, text_spread = (spread(one.scores(some)) for one in (learnt, written))
    share = choice.text if learnt_spread else 1.0  # no shared users: only text carries anything
    if not share:
        return learnt
    whole = written.scaled(share * per_spread(text_spread)).plus(learnt.scaled(1 - share))
    return whole.at_unit(some)


def _both(texts: tuple[Text, ...], source: int, target: int) -> bool:
    return bool(texts[source].views) and bool(texts[target].views)


def _text(known: Known, texts: tuple[Text, ...], source: int, target: int) -> Preference:
    one, other = texts[source].meaning, texts[target].meaning
    counts = interactions(known.histories.by_scenario[target])
    mapped = text_map(known.weights(source), counts, one, other)
    return Preference.of((len(one), len(other)), text=(one, other), text_map=mapped)


def _by_target(ground: Ground, row):  # noqa: ANN001, ANN202
    """A measure from a function of the target that judges all candidates at once."""

    @cache
    def rows() -> list[dict]:
        return each(row, ground.targets)

    return lambda candidate: [row[candidate] for row in rows()]


def _all_sources(ground: Ground, shared: Shared, target: int) -> np.ndarray:
    """NDCG of cold-start users with all sources as loud as pooling has them, shape (m,)."""
    judge = ground.cold[target]
    scores = np.zeros(shape(judge.seen), dtype=np.float32)
    for source in ground.targets:
        if source != target:
            weights = history_weights(judge.known.by_scenario[source])
            left, right = shared.factors[source][0], shared.factors[target][1]
            scores += (weights @ left) @ right.T
    return judge.ndcg(at_unit(scores) + START_BASE * ground.popularity[target])


def _mixed(
    ground: Ground,
    shared: Shared,
    target: int,
    text_shares: tuple[float, ...],
    link_shares: tuple[float, ...],
) -> dict[float, np.ndarray]:
    """NDCG of cold-start users with all sources open, by the share of which there are several."""
    judge, known = ground.cold[target], ground.known
    shares = list(product(text_shares, link_shares))
    scores = {pair: np.zeros(shape(judge.seen), dtype=np.float32) for pair in shares}
    counts = interactions(known.histories.by_scenario[target])
    plain, mute = BetweenChoice(None, 0.0, 0.0), _mute(ground.texts)
    for source in ground.targets:
        weights = history_weights(judge.known.by_scenario[source])
        if source == target or not weights.nnz:
            continue
        learnt = fit_pair(known, shared, mute, source, target, plain).scores(weights)
        linked = written = None
        if any(link_shares):
            links = fit_between(known.weights(source), counts)
            linked = at_unit(sparse.csr_array(weights @ links).toarray()) if links.nnz else None
        if any(text_shares) and _both(ground.texts, source, target):
            written = at_unit(_text(known, ground.texts, source, target).scores(weights))
        for text, link in shares:
            one = learnt if linked is None else at_unit((1 - link) * learnt + link * linked)
            if text and written is not None:
                one = at_unit((1 - text) * one + text * written)
            scores[text, link] += shared.starts[source, target] * one
    base = START_BASE * max(len(ground.targets) - 1, 1) ** 0.5 * ground.popularity[target]
    which = 0 if len(text_shares) > 1 else 1
    return {pair[which]: judge.ndcg(one + base) for pair, one in scores.items()}


def _mute(texts: tuple[Text, ...]) -> tuple[Text, ...]:
    return tuple(Text(text.raw_mean, {}, text.size) for text in texts)
