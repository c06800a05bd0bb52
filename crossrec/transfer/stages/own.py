"""The second stage: how a scenario's own history ranks its items."""

from dataclasses import dataclass, replace
from functools import cached_property
from threading import Lock
from typing import Any

import numpy as np

from crossrec.progress import Progress
from crossrec.transfer.decisions import DECISIONS, Decider
from crossrec.transfer.factors import OWN_RANK, OWN_SIZE, fit_factors
from crossrec.transfer.links.following import fit_following
from crossrec.transfer.links.within import Within, fit_within
from crossrec.transfer.popularity import unit_popularity
from crossrec.transfer.preference import Preference, at_unit
from crossrec.transfer.side_by_side import each, once
from crossrec.transfer.stages.ground import Ground, Known
from crossrec.transfer.text import Text, TextRoot
from crossrec.transfer.weights import history_weights, interactions, positions_of

PENALTIES: tuple[float, ...] = DECISIONS["penalty"].candidates
UNUSED_TEXT = 20.0
"""Weight of text for the items nobody used, where the others have none."""


@dataclass(frozen=True)
class OwnChoice:
    """What was chosen for one scenario, see :data:`crossrec.transfer.decisions.DECISIONS`.

    Attributes:
        text: weight of text in the Gram matrix of the links.
        views: 1 where attributes count as text, too; else 0.
        half_life: of history weights, in newer items; None: age does not matter.
        following: weight of the directed links.
        penalty: lambda of the links.
        factors: weight of the scenario's own factors.
    """

    text: float
    views: float
    half_life: float | None
    following: float
    penalty: float
    factors: float


USUAL = OwnChoice(**{name: DECISIONS[name].usual for name in OwnChoice.__annotations__})
"""What stands before anything is chosen."""


@dataclass(frozen=True)
class OwnModel:
    """A scenario's own model.

    Attributes:
        preference: at unit spread.
        root: what new items need; None without text.
        scale: of the text part over its natural scale, that of ``root``.
    """

    preference: Preference
    root: TextRoot | None
    scale: float


class OwnParts:
    """The parts of one scenario's own model, each solved when it is first asked for.

    Args:
        known: histories to learn from.
        text: of the scenario's items.
        target: its code.
        penalties: of the links that will be asked for.
    """

    def __init__(
        self, known: Known, text: Text, target: int, penalties: tuple[float, ...] = PENALTIES
    ) -> None:
        self.known, self.target, self.penalties = known, target, penalties
        self._size = text.size
        self._text = once(lambda views: text.matrix(views=bool(views)))
        self._latest: tuple[tuple, tuple[Preference, TextRoot | None]] | None = None
        self._counts = interactions(known.histories.by_scenario[target])

    @cached_property
    def within(self) -> dict[float, Within]:
        """The regressions of the items on each other, by penalty."""
        return fit_within(self._counts, self.penalties)

    def links(
        self, alpha: float, views: float, penalty: float
    ) -> tuple[Preference, TextRoot | None]:
        """Links and text at their natural scale, and what new items need; the latest are kept."""
        setting = (alpha, views, penalty)
        latest = self._latest
        if latest is None or latest[0] != setting:
            within, text = self.within[penalty], self._text(views)
            solved = within.with_text(text, alpha or UNUSED_TEXT, unused_only=not alpha)
            self._latest = latest = (setting, solved)
        return latest[1]

    @cached_property
    def following(self) -> Preference:
        """The directed links at their natural scale; empty where no order is known."""
        positions = self.known.positions
        if positions is None:
            return Preference.of((self._size, self._size), own=True)
        links = fit_following(self._counts, positions[self.target])
        return Preference.of((self._size, self._size), links=links, own=True)

    @cached_property
    def factors(self) -> Preference:
        """The scenario's own factors."""
        both = fit_factors(self._counts, OWN_SIZE, self.known.seed, OWN_RANK)
        return Preference.of((self._size, self._size), factors=both, own=True)

    def solved(self, choice: OwnChoice) -> OwnModel:
        """The model of all parts that were chosen."""
        some = self.known.some(self.target, choice.half_life)
        natural, root = self.links(choice.text, choice.views, choice.penalty)
        model = natural
        if choice.following:
            model = model.plus(self.following.scaled(choice.following))
        model = model.at_unit(some)
        if choice.factors:
            beside = self.factors.at_unit(some).scaled(choice.factors)
            model = model.plus(beside).at_unit(some)
        size = float(np.linalg.norm(natural.text_left))
        scale = float(np.linalg.norm(model.text_left)) / size if size else 0.0
        return OwnModel(model, root, scale)


def choose_own(
    ground: Ground, decide: Decider, progress: Progress
) -> tuple[tuple[OwnChoice, ...], list[OwnModel]]:
    """Choose text, half-life, directed links, penalty and factors of all scenarios.

    Returns:
        Per scenario the choice, and the model fitted on the ground with it.
    """
    trials = [_Trial(ground, t) for t in ground.targets]
    has_text = any(text.views for text in ground.texts)
    has_order = ground.known.positions is not None
    has_views = any(len(text.views) > 1 for text in ground.texts)
    steps = {
        "text": has_text,
        "views": has_views,
        "half_life": has_order,
        "following": has_order,
        "penalty": True,
        "factors": True,
    }
    chosen = [USUAL] * len(trials)
    each(lambda trial: trial.parts.within, trials)
    for at, (name, possible) in enumerate(steps.items()):
        progress("train", at, len(steps), name)
        for trial, choice in zip(trials, chosen, strict=True):
            trial.settle(choice)

        def measure(value: Any, t: int, name: str = name) -> np.ndarray:
            return trials[t].beside(name, value)

        values = decide(name, len(trials), measure, possible=possible)
        chosen = [replace(one, **{name: value}) for one, value in zip(chosen, values, strict=True)]
    models = each(lambda t: trials[t].parts.solved(chosen[t]), ground.targets)
    progress("train", 1, 1)
    return tuple(chosen), models


class _Trial:
    """Candidates of one scenario, judged by its warm users."""

    def __init__(self, ground: Ground, target: int) -> None:
        self.judge = ground.warm[target]
        self.parts = OwnParts(ground.known, ground.texts[target], target)
        self._settled = USUAL
        self._ndcg: dict[OwnChoice, np.ndarray] = {}
        self._scores: dict[tuple, np.ndarray] = {}
        self._lock = Lock()

    def settle(self, choice: OwnChoice) -> None:
        """What the next candidates stand beside."""
        self._settled = choice
        self._scores = {key: scores for key, scores in self._scores.items() if self._lasts(key)}

    def beside(self, name: str, value: Any) -> np.ndarray:
        """NDCG of one more choice beside what is settled, shape (m,)."""
        choice = replace(self._settled, **{name: value})
        if choice not in self._ndcg:
            self._ndcg[choice] = self.judge.ndcg(self._of(choice))
        return self._ndcg[choice]

    def _of(self, choice: OwnChoice) -> np.ndarray:
        """Scores of the users who judge, shape (m, n)."""
        age = choice.half_life
        scores = self._part("links", (choice.text, choice.views, choice.penalty), age)
        if choice.following:
            scores = scores + choice.following * self._part("following", (), age)
        if choice.factors:
            scores = at_unit(scores) + choice.factors * at_unit(self._part("factors", (), age))
        return scores

    def _part(self, name: str, setting: tuple, half_life: float | None) -> np.ndarray:
        """Scores of one part; those of what is settled are computed once, whoever asks first."""
        key = (name, setting, half_life)
        if not self._lasts(key):
            return self._computed(*key)
        with self._lock:
            if key not in self._scores:
                self._scores[key] = self._computed(*key)
            return self._scores[key]

    def _lasts(self, key: tuple) -> bool:
        name, setting, half_life = key
        links = (self._settled.text, self._settled.views, self._settled.penalty)
        return half_life == self._settled.half_life and (name != "links" or setting == links)

    def _computed(self, name: str, setting: tuple, half_life: float | None) -> np.ndarray:
        model = self.parts.links(*setting)[0] if name == "links" else getattr(self.parts, name)
        matrix = self.judge.known.by_scenario[self.judge.target]
        positions = positions_of(self.judge.known, self.judge.target)
        return model.scores(history_weights(matrix, positions, half_life))


def fit_own(known: Known, text: Text, target: int, choice: OwnChoice) -> OwnModel:
    """A scenario's own model with everything chosen."""
    return OwnParts(known, text, target, (choice.penalty,)).solved(choice)


def choose_recency(ground: Ground, decide: Decider) -> tuple[float | None, ...]:
    """Half-life of popularity in days, for warm users: judged by popularity alone.

    For cold-start users all interactions count alike: what is held out of them is all they ever
    took, and not only what came last.
    """
    histories = ground.known.histories
    return decide(
        "recency",
        len(ground.targets),
        lambda half_life, t: ground.warm[t].ndcg(unit_popularity(histories, t, half_life)),
        possible=histories.quiet is not None,
    )
