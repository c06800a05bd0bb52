"""Collaborative filtering and text content together."""

from copy import copy
from dataclasses import replace
from typing import Any, Self

import numpy as np

from crossrec.data.history import Histories
from crossrec.data.split.cutting import ScenarioSplit
from crossrec.errors import NotFitted
from crossrec.language.table import FeatureTable
from crossrec.progress import Progress, silent, stretch
from crossrec.transfer.baselines.base import TunedBaseline
from crossrec.transfer.baselines.choice import ValidationCases
from crossrec.transfer.baselines.text import TextContent
from crossrec.transfer.recommender import Recommender

WEIGHTS = (0.0, 0.02, 0.05, 0.1, 0.2, 0.35, 0.5)


class Hybrid(Recommender):
    """``(1 - w) z(collaborative score) + w z(text score)``.

    z brings each user's scores over all candidates to mean 0 and standard deviation 1; w is chosen
    per scenario by NDCG@10 on the validation part, with the collaborative model fitted on the
    train part alone. Source: the weighted hybrid of Burke, UMUAI 2002.

    Args:
        member: the collaborative model; its own hyper-parameters are chosen first. Whether it is
            pooled decides whether the text of all histories is read, too.
        weights: candidates for w.

    Attributes:
        chosen_: w per scenario.
        text_: the content-based model.
    """

    chosen_: list[float]
    text_: TextContent

    def __init__(self, member: TunedBaseline[Any], weights: tuple[float, ...] = WEIGHTS) -> None:
        self.member = member
        self.weights = weights
        self.name = f"Hybrid, {member.name}"

    def fit(
        self,
        split: ScenarioSplit,
        features: FeatureTable | None = None,
        *,
        progress: Progress = silent,
    ) -> Self:
        """Fit both parts and choose the weights.

        Raises:
            CrossRecError: no features are given.
        """
        self._remember(split)
        self.text_ = TextContent(pooled=self.member.pooled).fit(split, features)
        self.member.fit(split, features, progress=stretch(progress, 0.0, 0.5))
        no_row = np.zeros(len(split.valid), dtype=bool)
        blind = replace(split, valid=split.valid.select(no_row))
        probe = copy(self.member).reuse(self.member.chosen_)
        probe.fit(blind, features, progress=stretch(progress, 0.5, 1.0))
        cases = ValidationCases.of(split)
        self.chosen_ = [self._weight(probe, cases, target) for target in range(len(split.space))]
        return self

    def scores(self, histories: Histories, scenario: int) -> np.ndarray:
        """See :meth:`Recommender.scores`."""
        if not hasattr(self, "chosen_"):
            raise NotFitted(f"expected a fitted {type(self).__name__}", "", "Call fit first")
        weight = self.chosen_[scenario]
        found = (1 - weight) * _z(self.member.scores(histories, scenario))
        return found + weight * _z(self.text_.scores(histories, scenario))

    def _weight(self, probe: TunedBaseline[Any], cases: ValidationCases, target: int) -> float:
        everything = tuple(range(len(self.space_)))
        group = everything if self.member.pooled else (target,)
        rows = cases.rows(group, target)
        if not len(rows):
            return self.weights[len(self.weights) // 2]
        histories = cases.train.take(rows)
        learnt = _z(probe.scores(histories, target))  # (m, n_t), once for all weights
        text = _z(self.text_.scores(histories, target))

        def quality(weight: float) -> float:
            def predict(batch: np.ndarray, scenario: int) -> np.ndarray:
                at = np.searchsorted(rows, batch)
                return (1 - weight) * learnt[at] + weight * text[at]

            return cases.ndcg(predict, group, (target,))

        return self.weights[int(np.argmax([quality(weight) for weight in self.weights]))]


def _z(scores: np.ndarray) -> np.ndarray:
    """Rows at mean 0 and standard deviation 1; constant rows become zero."""
    if not scores.size:
        return scores
    centred = scores - scores.mean(axis=1, keepdims=True)
    spread = centred.std(axis=1, keepdims=True)
    return np.divide(centred, spread, out=np.zeros_like(centred), where=spread > 1e-9)
