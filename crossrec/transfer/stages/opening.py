"""The fourth stage: transfer coefficients, and how loud popularity is."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from crossrec.progress import Progress
from crossrec.transfer.clearly import TOGETHER, in_errors
from crossrec.transfer.coefficients import INPUTS, Coefficients
from crossrec.transfer.decisions import DECISIONS, Decider
from crossrec.transfer.judges import Judge
from crossrec.transfer.loudness import Level, as_logit, candidates, estimated
from crossrec.transfer.popularity import START_BASE, Popularity, unit_popularity
from crossrec.transfer.preference import Preference
from crossrec.transfer.shortlist import Shortlist, shortlist
from crossrec.transfer.side_by_side import each
from crossrec.transfer.stages.between import Between
from crossrec.transfer.stages.ground import Ground

Reach = tuple[float, float]
"""How loud M = 1 is, over unit spread, and the slope on the length of the target history."""
Personal = tuple[float, float]
"""Slopes on the length of the source history and on the likeness of the texts."""


@dataclass(frozen=True)
class Opened:
    """What this stage found.

    Attributes:
        coefficients: of all pairs.
        loud: how many times unit spread the preferences of all sources have, per target.
        cold, warm: weights of popularity, see :class:`Popularity`, per target.
    """

    coefficients: Coefficients
    loud: tuple[float, ...]
    cold: tuple[float, ...]
    warm: tuple[float, ...]


def open_sources(
    ground: Ground,
    decide: Decider,
    own: Mapping[int, Preference],
    half_lives: tuple[float | None, ...],
    between: Between,
    recency: tuple[float | None, ...],
    progress: Progress,
) -> Opened:
    """Choose coefficients and popularity weights on validation users.

    Args:
        ground: with all judges.
        decide: makes and keeps the decisions.
        own: preference models fitted on what the judges did not hold out.
        between: the same of pairs, and where M of each starts.
        half_lives: of the own history weights.
        recency: half-lives of popularity.
        progress: told as phase "train".
    """
    number = len(ground.targets)
    texts = tuple(text.meaning for text in ground.texts)

    def lists(judges: tuple[Judge, ...]) -> list[Shortlist]:
        def one(target: int) -> Shortlist:
            recent = unit_popularity(ground.known.histories, target, recency[target])
            sources = {s: model for (s, t), model in between.models.items() if t == target}
            popular = (ground.popularity[target], recent)
            return shortlist(
                judges[target], own[target], half_lives[target], sources, texts, popular
            )

        return each(one, ground.targets)

    progress("train", 0, 1, "transfer coefficients")
    warm = lists(ground.warm)
    cold = lists(ground.cold) if ground.config.transfer else [one.take(slice(0)) for one in warm]
    levels = np.zeros((number, number))
    if ground.config.transfer:
        levels = between.starts * ~np.eye(number, dtype=bool)
    usual = START_BASE * max(number - 1, 1) ** 0.5
    times = decide(
        "base_cold",
        number,
        lambda factor, t: cold[t].ndcg(_cold_scores(cold[t], levels[:, t], factor * usual)),
        possible=ground.config.transfer,
    )
    bases = tuple(usual * factor for factor in times)
    found = _levels(decide, cold, levels, bases, ground.config.seed)
    closed = _closed(decide, cold, found, bases)
    m = np.array([[0.0 if closed[s][t] else found[s][t].m for t in range(number)]
                  for s in range(number)])  # fmt: skip
    low, high = (
        np.array([[getattr(found[s][t], end) for t in range(number)] for s in range(number)])
        for end in ("low", "high")
    )
    low[np.array(closed)] = 0.0
    users = np.array([[found[s][t].users for t in range(number)] for s in range(number)])
    centre = np.zeros((number, number, len(INPUTS)))
    for t, one in enumerate(cold):
        for s in range(number):
            known = one.counts[:, s] > 0
            if known.any():
                centre[s, t, 1] = one.inputs[known, s, 1].mean()

    def coefficients(reach: list[Reach], personal: list[Personal]) -> Coefficients:
        slopes = np.array([[slope, *own] for (_, slope), own in zip(reach, personal, strict=True)])
        loud = np.array([loud for loud, _ in reach])  # a user without target history is as before
        middle, least, most = (as_logit(each / loud) for each in (m, low, high))
        return Coefficients(middle, least, most, users, slopes, centre)

    def judged(reach: Reach, personal: Personal, t: int, one: Shortlist, base: float) -> np.ndarray:
        taken = coefficients([reach] * number, [personal] * number).of(one.inputs, t)
        popular = Popularity(one.plain, one.recent, bases[t], base)
        scores = popular.scores(one.counts[:, t]) + one.own
        return one.ndcg(scores + reach[0] * one.transferred(taken))

    least, alike = (DECISIONS[name].usual for name in ("base_warm", "personal"))
    reach = decide(
        "reach",
        number,
        lambda value, t: judged(value, alike, t, warm[t], least),
        possible=ground.config.transfer,
    )
    personal = decide(
        "personal",
        number,
        lambda value, t: np.concatenate(
            [judged(reach[t], value, t, one[t], least) for one in (warm, cold)]
        ),
        possible=ground.config.transfer,
    )
    weights = decide(
        "base_warm",
        number,
        lambda base, t: judged(reach[t], personal[t], t, warm[t], base),
    )
    progress("train", 1, 1, "transfer coefficients")
    return Opened(
        coefficients(list(reach), list(personal)),
        tuple(loud for loud, _ in reach),
        bases,
        weights,
    )


def _cold_scores(one: Shortlist, levels: np.ndarray, base: float) -> np.ndarray:
    """Scores of users without target history; ``levels`` are M of the sources, shape (S,)."""
    return base * one.plain + one.transferred(np.broadcast_to(levels, one.counts.shape))


def _levels(
    decide: Decider,
    cold: list[Shortlist],
    starts: np.ndarray,
    bases: tuple[float, ...],
    seed: int,
) -> list[list[Level]]:
    """M of every pair with its interval, [source][target].

    A level is judged beside the other sources as they start and with none of them: what is harmless
    among many may hurt who has nothing else.
    """
    number = len(cold)

    def one(pair: tuple[int, int]) -> Level:
        source, target = pair
        start = float(starts[source, target])
        if source == target or decide.is_off("loudness"):
            return Level(start, start, start, 0)
        members = cold[target].take(cold[target].counts[:, source] > 0)
        if not len(members):
            return estimated(start, np.zeros((len(candidates(start)), 0)), seed)
        values = []
        for level in candidates(start):
            beside, alone = starts[:, target].copy(), np.zeros(number)
            beside[source] = alone[source] = level
            judged = [
                members.ndcg(_cold_scores(members, levels, bases[target]))
                for levels in (beside, alone)
            ]
            values.append(np.mean(judged, axis=0))
        return estimated(start, np.array(values), seed)

    kept = decide.checkpoint.read("loudness")
    pairs = [(s, t) for s in range(number) for t in range(number)]
    flat = [Level(*row) for row in kept] if kept is not None else each(one, pairs)
    decide.checkpoint.write("loudness", [list(level) for level in flat])
    return [flat[s * number : (s + 1) * number] for s in range(number)]


def _closed(
    decide: Decider, cold: list[Shortlist], levels: list[list[Level]], bases: tuple[float, ...]
) -> list[list[bool]]:
    """Which pairs are closed, [source][target]: those that harm, worst first.

    A source harms if users with history in it rank better without it by one standard error, with
    the other sources open or with none of them: to close it is to go back to the simpler form.
    """
    number = len(cold)

    def of_target(target: int) -> set[int]:
        m = np.array([levels[s][target].m if s != target else 0.0 for s in range(number)])
        shut: set[int] = set()
        while True:
            harm = {}
            for source in np.flatnonzero(m).tolist():
                members = cold[target].take(cold[target].counts[:, source] > 0)
                harm[source] = max(map(in_errors, _without(members, m, source, bases[target])))
            worst = max(harm, key=lambda source: harm[source], default=-1)
            if worst < 0 or harm[worst] <= TOGETHER:
                return shut
            shut.add(worst)
            m[worst] = 0.0

    off = decide.is_off("closing")
    found = [set() if off else of_target(t) for t in range(number)]
    return [[source in found[t] for t in range(number)] for source in range(number)]


def _without(
    members: Shortlist, m: np.ndarray, source: int, base: float
) -> tuple[np.ndarray, np.ndarray]:
    """What closing a source gains, beside the other open ones and beside none, shape (m,) each."""
    alone, shut = np.zeros_like(m), m.copy()
    alone[source], shut[source] = m[source], 0.0
    gained = (
        members.ndcg(_cold_scores(members, after, base))
        - members.ndcg(_cold_scores(members, before, base))
        for after, before in ((shut, m), (np.zeros_like(m), alone))
    )
    first, second = gained
    return first, second
