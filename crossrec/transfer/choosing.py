"""Hyper-parameters of every preference model, chosen on validation rows."""

from dataclasses import replace
from functools import cache
from typing import TYPE_CHECKING

import numpy as np

from crossrec.data.history import Histories
from crossrec.progress import Progress, stretch
from crossrec.transfer.across import Across
from crossrec.transfer.candidates import Judge
from crossrec.transfer.choice import ADAPTED, MEANING, Choice, Views
from crossrec.transfer.choosing_across import TextMaps, choose_across
from crossrec.transfer.choosing_pooled import Pooled, choose_pooled
from crossrec.transfer.choosing_within import choose_within
from crossrec.transfer.config import TransferConfig
from crossrec.transfer.recency import choose_popularity
from crossrec.transfer.within import Within

if TYPE_CHECKING:
    from crossrec.transfer.resume import Checkpoint


def choose(
    train: Histories,
    valid: Histories,
    views: tuple[Views, ...],
    tower: np.ndarray | None,
    config: TransferConfig,
    progress: Progress,
    checkpoint: "Checkpoint",
) -> tuple[dict[tuple[int, int], Choice], dict[int, Within], dict[tuple[int, int], Across]]:
    """Choose the hyper-parameters of every pair on validation rows.

    Args:
        train: histories before the validation cut.
        valid: held-out items of the same users, in the same order.
        views: per scenario the centred text vectors.
        tower: the text map of the tower, shape (d, d); None without one.
        config: the grids.
        progress: told as phase "train".
        checkpoint: where each pair is kept, and taken from if it is there already.

    Returns:
        The choices, and the models fitted on ``train`` with them as far as there are: scenarios'
        own ones and source -> target ones.
    """
    scenarios = len(views)
    rng = np.random.default_rng(config.seed)
    found: dict[tuple[int, int], Choice] = {}
    within: dict[int, Within] = {}
    across: dict[tuple[int, int], Across] = {}
    others = [(s, t) for t in range(scenarios) for s in range(scenarios) if s != t]
    pairs = [(t, t) for t in range(scenarios)] + (others if config.transfer else [])
    steps = len(pairs) + 1

    @cache  # fitted only where a pair is not in the checkpoint
    def pooled() -> Pooled | None:
        told = stretch(progress, scenarios / steps, (scenarios + 1) / steps)
        return choose_pooled(train, valid, config, told, checkpoint)

    for done, (source, target) in enumerate(pairs):
        progress("train", done + (source != target), steps, "choosing penalties")
        judge = Judge.of(train, valid, source, target, config, rng)  # draws, even if kept
        texts = (views[source][MEANING], views[target][MEANING])
        chosen = checkpoint.pair(source, target, *texts)
        if chosen is None:
            if source == target:
                choice, own = choose_within(train, views[target], target, judge, config)
                half_life = choose_popularity(train, valid, target, config)
                chosen = replace(choice, popularity=half_life), None
                if own is not None:
                    within[target] = own
            else:
                # Where nobody can judge the pair: is the tower the better reader in the target?
                alike = tower if ADAPTED in found[target, target].views else None
                maps = TextMaps(tower, alike)
                chosen = choose_across(train, views, pooled(), maps, source, target, judge, config)
            checkpoint.keep_pair(source, target, *chosen)
        found[source, target], model = chosen
        if model is not None:
            across[source, target] = model
    progress("train", steps, steps, "choosing penalties")
    return found, within, across
