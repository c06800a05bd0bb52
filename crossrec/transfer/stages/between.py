"""The third stage: how a source scenario's history ranks a target's items."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from itertools import product

import numpy as np
from scipy import sparse

from crossrec.data.history import shape
from crossrec.progress import Progress
from crossrec.transfer.decisions import DECISIONS, Decider
from crossrec.transfer.factors import RANK, Factors, fit_pooled
from crossrec.transfer.links.between import above_average
from crossrec.transfer.links.between import fit_between as fit_links
from crossrec.transfer.loudness import starts
from crossrec.transfer.popularity import START_BASE
from crossrec.transfer.preference import Preference, at_unit, spread
from crossrec.transfer.side_by_side import each, once
from crossrec.transfer.stages.ground import Ground, Known
from crossrec.transfer.text import Text, text_map
from crossrec.transfer.weights import history_weights, interactions

PROFILE_START = 0.25
"""Where M of a profile starts, over that of the loudest source."""

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


@dataclass(frozen=True)
class Between:
    """The models of all sources for all targets, fitted on some histories.

    Attributes:
        models: (s, t) -> model at unit spread; none without transfer.
        starts: where M of every pair starts, shape (S, S).
    """

    models: Mapping[tuple[int, int], Preference]
    starts: np.ndarray


def choose_between(
    ground: Ground, decide: Decider, progress: Progress
) -> tuple[tuple[BetweenChoice, ...], Between]:
    """Choose the size of the pooled factors, and the shares of text and links per target.

    Returns:
        Per target the choice; and the models fitted on the ground with it.
    """
    number = len(ground.targets)

    @once
    def shared(size: Size | None) -> Shared:
        return fit_shared(ground.known, size)

    progress("train", 0, 1, "pooled")
    pooled = decide(
        "pooled",
        1,
        lambda size, _: np.concatenate(
            [_all_sources(ground, shared(size), t) for t in ground.targets]
        ),
    )[0]
    pairs = _parts(ground.known, shared(pooled), ground.texts)
    progress("train", 0.5, 1, "between_text")
    text_shares = DECISIONS["between_text"].candidates

    @once
    def with_text(t: int) -> dict[tuple[float, float], np.ndarray]:
        return _mixed(ground, pairs, shared(pooled), t, text_shares, (0.0,))

    texts = decide(
        "between_text",
        number,
        lambda share, t: with_text(t)[share, 0.0],
        possible=sum(bool(text.views) for text in ground.texts) > 1,
    )
    progress("train", 0.7, 1, "between_links")
    link_shares = DECISIONS["between_links"].candidates

    @once
    def with_links(t: int) -> dict[tuple[float, float], np.ndarray]:
        return _mixed(ground, pairs, shared(pooled), t, (texts[t],), link_shares)

    links = decide("between_links", number, lambda share, t: with_links(t)[texts[t], share])
    choices = tuple(BetweenChoice(pooled, *one) for one in zip(texts, links, strict=True))
    between = Between(_all_mixed(pairs, choices), shared(pooled).starts)
    progress("train", 1, 1)
    return choices, between


def fit_between(
    known: Known, texts: tuple[Text, ...], choices: tuple[BetweenChoice, ...], shared: Shared
) -> Between:
    """The models with everything chosen; ``shared`` is fitted on the same histories."""
    return Between(_all_mixed(_parts(known, shared, texts), choices), shared.starts)


def _parts(
    known: Known, shared: Shared, texts: tuple[Text, ...]
) -> dict[tuple[int, int], "PairParts"]:
    return {
        (s, t): PairParts(known, shared, texts, s, t)
        for s in range(len(texts))
        for t in known.targets
        if s != t
    }


def _all_mixed(
    pairs: Mapping[tuple[int, int], "PairParts"], choices: tuple[BetweenChoice, ...]
) -> dict[tuple[int, int], Preference]:
    models = each(lambda pair: pairs[pair].mixed(choices[pair[1]]), pairs)
    return dict(zip(pairs, models, strict=True))


def fit_shared(known: Known, size: Size | None) -> Shared:
    """The pooled factors, and how loud they have every source.

    Profiles take no part: their values are so frequent that they would be what users have most in
    common. They start at :data:`PROFILE_START` of the loudest source.
    """
    histories = known.histories.by_scenario
    rank = 0 if size is None else RANK
    empty = [np.zeros((shape(one)[1], rank), np.float32) for one in histories]
    factors: list[Factors] = [(one, one) for one in empty]
    spreads = np.zeros((len(histories),) * 2)
    if size is not None:
        pooled = fit_pooled([histories[s] for s in known.targets], size, known.seed)
        for source, both in zip(known.targets, pooled, strict=True):
            factors[source] = both
    for source in known.targets:
        carried = known.some(source) @ factors[source][0]
        for target in known.targets:
            if source != target and rank:
                spreads[source, target] = spread(carried @ factors[target][1].T)
    profiles = [s for s in range(len(histories)) if s not in known.targets]
    spreads[profiles] = PROFILE_START * np.where(spreads.any(0), spreads.max(0), 1.0)
    return Shared(tuple(factors), starts(spreads))


class PairParts:
    """The parts of the model of one source for one target, each solved when first asked for.

    Args:
        known: histories to learn from.
        shared: what all pairs share.
        texts: per scenario.
        source, target: codes of the two.
    """

    def __init__(
        self, known: Known, shared: Shared, texts: tuple[Text, ...], source: int, target: int
    ) -> None:
        self._known, self._source, self._target = known, source, target
        self._texts = texts[source], texts[target]
        self._sizes = texts[source].size, texts[target].size
        self._factors = shared.factors[source][0], shared.factors[target][1]

    @property
    def _some(self) -> sparse.csr_array:
        return self._known.some(self._source)

    @property
    def _shared_rows(self) -> tuple[sparse.csr_array, sparse.csr_array]:
        """History weights in the source, and interactions in the target, of all users."""
        target = self._known.histories.by_scenario[self._target]
        return self._known.weights(self._source), interactions(target)

    @cached_property
    def factors(self) -> Preference:
        """The pooled factors, at unit spread; of a profile, what its values are linked to."""
        if self._source not in self._known.targets:
            weights, counts = self._shared_rows
            links = above_average(fit_links(weights, counts), weights)
            return Preference.of(self._sizes, links=links).at_unit(self._some)
        return Preference.of(self._sizes, factors=self._factors).at_unit(self._some)

    @cached_property
    def links(self) -> Preference:
        """Item to item, at unit spread; zero without shared users, and for a profile."""
        if self._source not in self._known.targets:
            return Preference.of(self._sizes)
        links = fit_links(*self._shared_rows)
        return Preference.of(self._sizes, links=links).at_unit(self._some)

    @cached_property
    def text(self) -> Preference:
        """The map between the texts, at unit spread; zero where one of the two has none."""
        if not all(text.views for text in self._texts):
            return Preference.of(self._sizes)
        one, other = (text.meaning for text in self._texts)
        mapped = text_map(*self._shared_rows, one, other)
        written = Preference.of(self._sizes, text=(one, other), text_map=mapped)
        return written.at_unit(self._some)

    def mixed(self, choice: BetweenChoice) -> Preference:
        """The model with the shares that were chosen, at unit spread."""
        learnt = self.factors
        if choice.links and not self.links.empty:
            learnt = learnt.scaled(1 - choice.links).plus(self.links.scaled(choice.links))
            learnt = learnt.at_unit(self._some)
        if self.text.empty or not (choice.text or learnt.empty):
            return learnt
        share = 1.0 if learnt.empty else choice.text  # no shared users: text alone says anything
        whole = self.text.scaled(share).plus(learnt.scaled(1 - share))
        return whole.at_unit(self._some)


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
    pairs: Mapping[tuple[int, int], PairParts],
    shared: Shared,
    target: int,
    text_shares: tuple[float, ...],
    link_shares: tuple[float, ...],
) -> dict[tuple[float, float], np.ndarray]:
    """NDCG of cold-start users with all sources open, by the shares of text and links."""
    judge = ground.cold[target]
    shares = list(product(text_shares, link_shares))
    scores = {pair: np.zeros(shape(judge.seen), dtype=np.float32) for pair in shares}
    for source in ground.targets:
        weights = history_weights(judge.known.by_scenario[source])
        if (source, target) not in pairs or not weights.nnz:
            continue
        parts = pairs[source, target]
        learnt = parts.factors.scores(weights)
        linked = parts.links.scores(weights) if any(link_shares) else None
        written = parts.text.scores(weights) if any(text_shares) else None
        for text, link in shares:
            one = learnt
            if link and linked is not None and linked.any():
                one = at_unit((1 - link) * one + link * at_unit(linked))
            if text and written is not None and written.any():
                one = at_unit((1 - text) * one + text * at_unit(written))
            scores[text, link] += shared.starts[source, target] * one
    base = START_BASE * max(len(ground.targets) - 1, 1) ** 0.5 * ground.popularity[target]
    return {pair: judge.ndcg(one + base) for pair, one in scores.items()}
