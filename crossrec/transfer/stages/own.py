"""The second stage: how a scenario's own history ranks its items."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from scipy import sparse

from crossrec.progress import Progress
from crossrec.transfer.decisions import DECISIONS, Decider
from crossrec.transfer.factors import OWN_SIZE, fit_factors
from crossrec.transfer.judges import each
from crossrec.transfer.links.following import fit_following
from crossrec.transfer.links.within import Within, fit_within
from crossrec.transfer.popularity import unit_popularity
from crossrec.transfer.preference import Preference, at_unit
from crossrec.transfer.stages.ground import Ground, Known
from crossrec.transfer.text import Text, TextRoot
from crossrec.transfer.weights import history_weights, interactions, positions_of

PENALTIES: tuple[float, ...] = DECISIONS["penalty"].candidates
UNUSED_TEXT = 20.0
"""Weight of text for the items nobody used, where the others have none."""


@dataclass(frozen=True)
class OwnChoice:
    """What was chosen for one scenario, see :data:`crossrec.transfer.decisions.DECISIONS`."""

    text: float
    views: float
    penalty: float
    half_life: float | None
    following: float
    factors: float


def choose_own(
    ground: Ground, decide: Decider, progress: Progress
) -> tuple[tuple[OwnChoice, ...], list["OwnModel"]]:
    """Choose text, penalty, half-life, directed links and factors of all scenarios.

    Returns:
        Per scenario the choice, and the model fitted on the ground with it.
    """
    targets = ground.targets
    number = len(targets)
    trials = [_Trial(ground, t) for t in targets]
    has_text = any(text.views for text in ground.texts)
    has_views = any(len(text.views) > 1 for text in ground.texts)
    has_order = ground.known.positions is not None

    progress("train", 0, 1, "links")
    usual = DECISIONS["penalty"].usual
    text = decide(
        "text",
        number,
        lambda alpha: each(lambda t: trials[t].linked(alpha, 0.0, usual), targets),
        possible=has_text,
    )
    views = decide(
        "views",
        number,
        lambda wide: each(lambda t: trials[t].linked(text[t], wide, usual), targets),
        possible=has_views,
    )
    penalty = decide(
        "penalty",
        number,
        lambda one: each(lambda t: trials[t].linked(text[t], views[t], one), targets),
    )
    progress("train", 0.4, 1, "order")
    for t in targets:
        trials[t].settle(text[t], views[t], penalty[t])
    half_life = decide(
        "half_life",
        number,
        lambda one: each(lambda t: trials[t].aged(one), targets),
        possible=has_order,
    )
    following = decide(
        "following",
        number,
        lambda weight: each(
            lambda t: ground.warm[t].ndcg(trials[t].beside(half_life[t], weight, 0.0)), targets
        ),
        possible=has_order,
    )
    progress("train", 0.7, 1, "factors")
    factors = decide(
        "factors",
        number,
        lambda weight: each(
            lambda t: ground.warm[t].ndcg(trials[t].beside(half_life[t], following[t], weight)),
            targets,
        ),
    )
    progress("train", 1, 1, "factors")
    columns = zip(text, views, penalty, half_life, following, factors, strict=True)
    chosen = tuple(OwnChoice(*one) for one in columns)
    models = each(
        lambda t: fit_own(ground.known, ground.texts[t], t, chosen[t], trials[t].within), targets
    )
    return chosen, models


def choose_recency(ground: Ground, decide: Decider) -> tuple[float | None, ...]:
    """Half-life of popularity in days, for warm users: judged by popularity alone.

    For cold-start users all interactions count alike: what is held out of them is all they ever
    took, and not only what came last.
    """
    return decide(
        "recency",
        len(ground.targets),
        lambda half_life: each(
            lambda t: ground.warm[t].ndcg(unit_popularity(ground.known.histories, t, half_life)),
            ground.targets,
        ),
        possible=ground.known.histories.quiet is not None,
    )


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


def fit_own(
    known: Known,
    text: Text,
    target: int,
    choice: OwnChoice,
    within: Mapping[float, Within] | None = None,
) -> OwnModel:
    """A scenario's own model with everything chosen; ``within`` are its regressions if known."""
    counts = interactions(known.histories.by_scenario[target])
    solved = (within or fit_within(counts, (choice.penalty,)))[choice.penalty]
    natural, root = _with_text(solved, text.matrix(views=bool(choice.views)), choice.text)
    some = known.some(target, choice.half_life)
    model = natural
    if choice.following and known.positions is not None:
        links = fit_following(counts, known.positions[target])
        other = Preference.of((text.size, text.size), links=links, own=True)
        model = model.plus(other.scaled(choice.following))
    model = model.at_unit(some)
    if choice.factors:
        left_right = fit_factors(counts, OWN_SIZE, known.seed)
        other = Preference.of((text.size, text.size), factors=left_right, own=True)
        model = model.plus(other.at_unit(some).scaled(choice.factors)).at_unit(some)
    size = float(np.linalg.norm(natural.text_left))
    scale = float(np.linalg.norm(model.text_left)) / size if size else 0.0
    return OwnModel(model, root, scale)


def _with_text(
    within: Within, text: np.ndarray, alpha: float
) -> tuple[Preference, TextRoot | None]:
    return within.with_text(text, alpha or UNUSED_TEXT, unused_only=not alpha)


class _Trial:
    """Fits of one scenario that candidates share."""

    def __init__(self, ground: Ground, target: int) -> None:
        self.ground, self.target, self.judge = ground, target, ground.warm[target]
        self._linked: dict[tuple[float, float, float], np.ndarray] = {}
        self._parts: dict[str, np.ndarray] = {}
        self._texts: dict[float, np.ndarray] = {}
        self.counts = interactions(ground.known.histories.by_scenario[target])

    @cached_property
    def within(self) -> dict[float, Within]:
        return fit_within(self.counts, PENALTIES)

    def weights(self, half_life: float | None) -> sparse.csr_array:
        """Of the users who judge, shape (m, n)."""
        positions = positions_of(self.judge.known, self.target)
        return history_weights(self.judge.known.by_scenario[self.target], positions, half_life)

    def linked(self, alpha: float, views: float, penalty: float) -> np.ndarray:
        """NDCG of links and text, shape (m,)."""
        at = (alpha, views, penalty)
        if at not in self._linked:
            model = _with_text(self.within[penalty], self._text(views), alpha)[0]
            self._linked[at] = self.judge.ndcg(model.scores(self.weights(None)))
        return self._linked[at]

    def settle(self, alpha: float, views: float, penalty: float) -> None:
        """What the later candidates stand beside."""
        self.base = _with_text(self.within[penalty], self._text(views), alpha)[0]

    def aged(self, half_life: float | None) -> np.ndarray:
        """NDCG of links and text with weights that fall with age, shape (m,)."""
        return self.judge.ndcg(self.base.scores(self.weights(half_life)))

    def beside(self, half_life: float | None, following: float, factors: float) -> np.ndarray:
        """Scores of the users who judge with all parts, shape (m, n)."""
        found = self._kept("links", lambda: self.base.scores(self.weights(half_life)))
        if following:
            found = found + following * self._kept("following", lambda: self._following(half_life))
        if factors:
            found = at_unit(found) + factors * self._kept(
                "factors", lambda: self._factors(half_life)
            )
        return found

    def _following(self, half_life: float | None) -> np.ndarray:
        positions = self.ground.known.positions
        assert positions is not None
        links = fit_following(self.counts, positions[self.target])
        return sparse.csr_array(self.weights(half_life) @ links).toarray()

    def _factors(self, half_life: float | None) -> np.ndarray:
        left, right = fit_factors(self.counts, OWN_SIZE, self.ground.config.seed)
        return at_unit((self.weights(half_life) @ left) @ right.T)

    def _kept(self, name: str, scores: Callable[[], np.ndarray]) -> np.ndarray:
        """Made once: the half-life is chosen by then."""
        if name not in self._parts:
            self._parts[name] = scores()
        return self._parts[name]

    def _text(self, views: float) -> np.ndarray:
        if views not in self._texts:
            self._texts[views] = self.ground.texts[self.target].matrix(views=bool(views))
        return self._texts[views]
