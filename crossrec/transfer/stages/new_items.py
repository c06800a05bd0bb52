"""The fifth stage: how loud the items are that nobody used, of which only the text is known."""

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
from scipy import sparse

from crossrec.data.history import shape
from crossrec.transfer.decisions import DECISIONS, Decider
from crossrec.transfer.judges import Judge, warm_judge
from crossrec.transfer.preference import Preference
from crossrec.transfer.side_by_side import once
from crossrec.transfer.stages.ground import Ground
from crossrec.transfer.weights import history_weights, positions_of

MOST_LOST = 0.01
"""Share of the NDCG of warm users that louder new items may cost."""


def choose_new_items(
    ground: Ground,
    decide: Decider,
    own: Mapping[int, Preference],
    half_lives: tuple[float | None, ...],
) -> tuple[float, ...]:
    """How loud new items are per target.

    Judged by warm users with a held-out item that nobody had used: how high it ranks among all
    items. What costs the warm users of the target more than :data:`MOST_LOST` is no candidate.
    """
    new = [_with_new_items(ground, t) for t in ground.targets]
    usual = DECISIONS["new_items"].usual

    @once
    def as_usual(target: int) -> float:
        judge = ground.warm[target]
        return float(judge.ndcg(_scores(own[target], judge, half_lives[target])).mean())

    def measure(loud: float, target: int) -> np.ndarray:
        unused = unused_items(ground.known.histories.by_scenario[target])
        model = louder(own[target], unused, loud)
        judge, everybody = new[target], ground.warm[target]
        ndcg = judge.ndcg(_scores(model, judge, half_lives[target]))
        if loud != usual and len(everybody):
            now = everybody.ndcg(_scores(model, everybody, half_lives[target])).mean()
            if now < (1 - MOST_LOST) * as_usual(target):
                return np.full(len(ndcg), -1.0)
        return ndcg

    has_text = any(text.views for text in ground.texts)
    return decide("new_items", len(ground.targets), measure, possible=has_text)


def louder(model: Preference, unused: np.ndarray, loud: float) -> Preference:
    """The model with the text of some items, mask of shape (n_t,), so many times as loud."""
    factor = np.where(unused, np.float32(loud), np.float32(1))[:, None]
    return replace(model, text_right=model.text_right * factor)


def unused_items(matrix: sparse.csr_array) -> np.ndarray:
    """Items without interactions, shape (n,), bool."""
    return np.bincount(matrix.indices, minlength=shape(matrix)[1]) == 0


def _with_new_items(ground: Ground, target: int) -> Judge:
    """Warm users with held-out items nobody used; only these are relevant."""
    held = ground.valid.by_scenario[target].copy()
    used = ~unused_items(ground.known.histories.by_scenario[target])
    held.data[used[held.indices]] = 0
    held.eliminate_zeros()
    by_scenario = list(ground.valid.by_scenario)
    by_scenario[target] = held
    valid = replace(ground.valid, by_scenario=tuple(by_scenario))
    most = len(ground.warm[target]) or 1
    return warm_judge(ground.known.histories, valid, target, most, ground.config.seed)


def _scores(model: Preference, judge: Judge, half_life: float | None) -> np.ndarray:
    positions = positions_of(judge.known, judge.target)
    matrix = judge.known.by_scenario[judge.target]
    return model.scores(history_weights(matrix, positions, half_life))
