"""All of an engine's learning: the list of stages, each a function of earlier values.

What is decided is kept in a checkpoint, so that a fit that was killed goes on from there; the
models themselves are solved anew, in closed form, and end bit for bit as if it had never been
stopped.
"""

import logging
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter

import numpy as np
from threadpoolctl import threadpool_limits

from crossrec.data.split.cutting import ScenarioSplit
from crossrec.errors import SplitError, TrainingFailed
from crossrec.language.table import FeatureTable
from crossrec.progress import Progress, stretch
from crossrec.transfer.checkpoint import Checkpoint, fit_key
from crossrec.transfer.config import TransferConfig
from crossrec.transfer.decisions import DECISIONS, Decider
from crossrec.transfer.fitted import Fitted, NewItems
from crossrec.transfer.judges import each
from crossrec.transfer.popularity import Popularity, unit_popularity
from crossrec.transfer.preference import Preference
from crossrec.transfer.repeats import RepeatTerm
from crossrec.transfer.stages.between import (
    BetweenChoice,
    Shared,
    choose_between,
    fit_pair,
    fit_shared,
)
from crossrec.transfer.stages.ground import Ground, Known, lay_ground
from crossrec.transfer.stages.new_items import choose_new_items, louder, unused_items
from crossrec.transfer.stages.opening import Opened, open_sources
from crossrec.transfer.stages.own import OwnChoice, OwnModel, choose_own, choose_recency, fit_own
from crossrec.transfer.stages.repeats import choose_repeats

_SHARES = {"own": 0.35, "between": 0.3, "opening": 0.1, "solving": 0.25}
"""Of the progress bar, of the stages that take long, in order; see :mod:`crossrec.transfer.stages`.
The last one solves everything again, on all rows."""

NOTHING_SHARED = Shared((), np.zeros((0, 0)))

log = logging.getLogger(__name__)


def fit(
    split: ScenarioSplit,
    features: FeatureTable | None,
    config: TransferConfig,
    progress: Progress,
    checkpoint: Path | None = None,
) -> Fitted:
    """Choose everything on validation users, and solve it; test rows are not read.

    Args:
        split: train rows to learn from, valid rows to choose by.
        features: text vectors; without them there is no text part.
        config: settings.
        progress: told as phase "train".
        checkpoint: folder where decisions are kept.

    Raises:
        SplitError: transfer is asked for and there are fewer than two scenarios.
        TrainingFailed: a preference is not finite.
        ValueError: a decision to be switched off is not known.
    """
    _check(split, config)
    kept = Checkpoint(checkpoint, fit_key(split, features, config) if checkpoint else "")
    decide = Decider(config.off, kept)
    told = _Told(progress)
    with threadpool_limits(1):  # what runs side by side is whole scenarios, see judges.each
        ground = lay_ground(split, features, config)
        own_choices, own_models = choose_own(ground, decide, told("own"))
        recency = choose_recency(ground, decide)
        between_choices: tuple[BetweenChoice, ...] = ()
        shared = NOTHING_SHARED
        if config.transfer:
            between_choices, shared = choose_between(ground, decide, told("between"))
        solved = _Solved(
            own_models, _maps(ground.known, ground, shared, between_choices), shared.starts
        )
        half_lives = tuple(choice.half_life for choice in own_choices)
        own = {t: model.preference for t, model in enumerate(solved.own)}
        opened = open_sources(
            ground, decide, own, half_lives, solved.between, solved.starts, recency,
            told("opening"),
        )  # fmt: skip
        loud = choose_new_items(ground, decide, own, half_lives)
        repeats = choose_repeats(split, ground, decide, own, half_lives)
        known = ground.known
        if config.refit:
            known = Known.of(split.histories(), config.seed)
            solved = _solve(known, ground, own_choices, between_choices, told("solving"))
        progress("train", 1.0, 1.0)
        return _assembled(
            split, ground, known, solved, opened, own_choices, recency, loud, repeats, decide
        )


def _check(split: ScenarioSplit, config: TransferConfig) -> None:
    names = split.space.scenarios.ids
    if config.transfer and len(names) < 2:
        raise SplitError(
            "expected at least two scenarios to transfer between",
            f"{len(names)} ({', '.join(names)})",
            "Map the column that tells surfaces, categories or behaviours apart to 'scenario'",
        )
    if not all(np.isfinite(part.weight).all() for part in (split.train, split.valid)):
        raise TrainingFailed(
            "expected finite strengths in the log", "NaN or infinity", "Check its weights"
        )
    if unknown := set(config.off) - set(DECISIONS):
        raise ValueError(f"unknown decisions: {sorted(unknown)}")


class _Told:
    """The stretch of the progress bar that a stage has; logs when it begins."""

    def __init__(self, progress: Progress) -> None:
        self.progress, self.started = progress, perf_counter()

    def __call__(self, stage: str) -> Progress:
        log.info("stage %s after %.1f s", stage, perf_counter() - self.started)
        names = list(_SHARES)
        before = sum(_SHARES[name] for name in names[: names.index(stage)])
        return stretch(self.progress, before, before + _SHARES[stage])


@dataclass(frozen=True)
class _Solved:
    """Preference models of one set of histories.

    Attributes:
        own: per scenario.
        between: (s, t) -> model.
        starts: where M of every pair starts, shape (S, S).
    """

    own: list[OwnModel]
    between: dict[tuple[int, int], Preference]
    starts: np.ndarray


def _solve(
    known: Known,
    ground: Ground,
    own: tuple[OwnChoice, ...],
    between: tuple[BetweenChoice, ...],
    progress: Progress,
) -> _Solved:
    """Every preference model with everything chosen."""
    progress("train", 0, 1, "solving")
    texts = ground.texts
    models = each(lambda t: fit_own(known, texts[t], t, own[t]), ground.targets)
    progress("train", 0.5, 1, "solving")
    shared = fit_shared(known, between[0].pooled) if between else NOTHING_SHARED
    maps = _maps(known, ground, shared, between)
    progress("train", 1, 1, "solving")
    return _Solved(models, maps, shared.starts)


def _maps(
    known: Known, ground: Ground, shared: Shared, between: tuple[BetweenChoice, ...]
) -> dict[tuple[int, int], Preference]:
    """The models of all sources for all targets; none without transfer."""
    pairs = [(s, t) for t in ground.targets for s in ground.targets if s != t and between]
    texts = ground.texts
    found = each(lambda pair: fit_pair(known, shared, texts, *pair, between[pair[1]]), pairs)
    return dict(zip(pairs, found, strict=True))


def _assembled(
    split: ScenarioSplit,
    ground: Ground,
    known: Known,
    solved: _Solved,
    opened: Opened,
    own_choices: tuple[OwnChoice, ...],
    recency: tuple[float | None, ...],
    loud: tuple[float, ...],
    repeats: tuple[RepeatTerm, ...],
    decide: Decider,
) -> Fitted:
    own: list[Preference] = []
    new_items: list[NewItems] = []
    popularity: list[Popularity] = []
    histories = known.histories
    for t, model in enumerate(solved.own):
        times = loud[t] * ground.config.new_items
        own.append(louder(model.preference, unused_items(histories.by_scenario[t]), times))
        reader = ground.texts[t].reader(views=bool(own_choices[t].views))
        new_items.append(NewItems(reader, model.root, model.scale * times))
        popularity.append(
            Popularity(
                unit_popularity(histories, t),
                unit_popularity(histories, t, recency[t]),
                opened.cold[t],
                opened.warm[t],
            )
        )
    return Fitted(
        space=split.space,
        own=tuple(own),
        between={(s, t): model.scaled(opened.loud[t]) for (s, t), model in solved.between.items()},
        half_lives=tuple(choice.half_life for choice in own_choices),
        popularity=tuple(popularity),
        coefficients=opened.coefficients,
        repeats=repeats,
        texts=tuple(text.meaning for text in ground.texts),
        new_items=tuple(new_items),
        decided=decide.made,
        transfer=ground.config.transfer,
    )
