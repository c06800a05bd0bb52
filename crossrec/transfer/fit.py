"""All of an engine's learning: the list of stages, each a function of earlier values.

What is decided is kept in a checkpoint, so that a fit that was killed goes on from there; the
models themselves are solved anew, in closed form, and end bit for bit as if it had never been
stopped.
"""

import logging
from collections.abc import Callable
from functools import partial
from pathlib import Path
from time import perf_counter
from typing import Any

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
from crossrec.transfer.popularity import Popularity, unit_popularity
from crossrec.transfer.side_by_side import each
from crossrec.transfer.stages.between import (
    Between,
    BetweenChoice,
    choose_between,
    fit_between,
    fit_shared,
)
from crossrec.transfer.stages.ground import Known, lay_ground
from crossrec.transfer.stages.new_items import choose_new_items, louder, unused_items
from crossrec.transfer.stages.opening import open_sources
from crossrec.transfer.stages.own import OwnChoice, OwnModel, choose_own, choose_recency, fit_own
from crossrec.transfer.stages.repeats import choose_repeats
from crossrec.transfer.text import Text

_SHARES = {"own": 0.35, "between": 0.3, "opening": 0.1, "solving": 0.25}
"""Of the progress bar, of the stages that take long, in order; see :mod:`crossrec.transfer.stages`.
The last one solves everything again, on all rows."""

NOTHING_BETWEEN = Between({}, np.zeros((0, 0)))

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
    with threadpool_limits(1):  # what runs side by side is whole scenarios, see side_by_side
        ground = lay_ground(split, features, config)
        own_choices, own_models = choose_own(ground, decide, told("own"))
        recency = choose_recency(ground, decide)
        between_choices: tuple[BetweenChoice, ...] = ()
        between = NOTHING_BETWEEN
        if config.transfer:
            between_choices, between = choose_between(ground, decide, told("between"))
        half_lives = tuple(choice.half_life for choice in own_choices)
        own = {t: model.preference for t, model in enumerate(own_models)}
        opened = open_sources(ground, decide, own, half_lives, between, recency, told("opening"))
        loud = choose_new_items(ground, decide, own, half_lives)
        repeats = choose_repeats(split, ground, decide, own, half_lives)
        known = ground.known
        if config.refit:
            known = Known.of(split.histories(), split.space, config.seed)
            own_models, between = _solve(
                known, ground.texts, own_choices, between_choices, told("solving")
            )
        progress("train", 1.0, 1.0)
        popularity = tuple(
            Popularity(
                unit_popularity(known.histories, t),
                unit_popularity(known.histories, t, recency[t]),
                opened.cold[t],
                opened.warm[t],
            )
            for t in ground.targets
        )
        times = [one * config.new_items for one in loud]
        unused = [unused_items(matrix) for matrix in known.histories.by_scenario]
        return Fitted(
            space=split.space,
            own=tuple(
                louder(model.preference, unused[t], times[t]) for t, model in enumerate(own_models)
            ),
            between={
                (s, t): model.scaled(opened.loud[t]) for (s, t), model in between.models.items()
            },
            half_lives=half_lives,
            popularity=popularity,
            coefficients=opened.coefficients,
            repeats=repeats,
            texts=tuple(text.meaning for text in ground.texts),
            new_items=tuple(
                NewItems(text.reader(views=bool(choice.views)), model.root, model.scale * times[t])
                for t, (text, choice, model) in enumerate(
                    zip(ground.texts, own_choices, own_models, strict=True)
                )
            ),
            decided=decide.made,
            transfer=config.transfer,
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


def _solve(
    known: Known,
    texts: tuple[Text, ...],
    own: tuple[OwnChoice, ...],
    between: tuple[BetweenChoice, ...],
    progress: Progress,
) -> tuple[list[OwnModel], Between]:
    """Every preference model with everything chosen."""
    progress("train", 0, 1, "solving")

    pooled = partial(fit_shared, known, between[0].pooled if between else None)
    scenarios = [partial(fit_own, known, text, t, own[t]) for t, text in enumerate(texts)]
    tasks: list[Callable[[], Any]] = [pooled, *scenarios]  # first what takes longest
    shared, *models = each(lambda task: task(), tasks)
    progress("train", 0.7, 1, "solving")
    maps = fit_between(known, texts, between, shared) if between else NOTHING_BETWEEN
    progress("train", 1, 1, "solving")
    return models, maps
