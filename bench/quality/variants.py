"""Other ways to use one fitted transfer model: what its coefficients are worth."""

from collections.abc import Iterator
from typing import Any, Self

import numpy as np

from bench.quality.judge import judged_users
from bench.quality.lineup import (
    PAIRS,
    PERMUTED,
    TARGET_ONLY,
    Recipe,
    source_name,
    variant_name,
)
from crossrec.data.history import Histories
from crossrec.data.ids import IdMap
from crossrec.data.split import ScenarioSplit
from crossrec.language import FeatureTable
from crossrec.progress import Progress, silent
from crossrec.transfer.recommender import Recommender


def used(
    model: Any, recipe: Recipe, split: ScenarioSplit, max_warm: int, seed: int
) -> Iterator[tuple[str, Recommender]]:
    """A fitted model under its recipe's name, then its variants under theirs."""
    yield recipe.name, model
    for variant in recipe.variants:
        name = variant_name(recipe.name, variant)
        if variant == TARGET_ONLY:
            yield name, model.target_only()
        elif variant == PAIRS:
            for code, source in enumerate(split.space.scenarios.ids):
                for forced in (False, True):
                    alone = model.only_source(code, forced=forced)
                    yield source_name(recipe.name, str(source), forced=forced), alone
        else:
            yield name, GivenCoefficients(model, split, variant, max_warm, seed)


def mean_coefficients(model: Any, split: ScenarioSplit, max_warm: int) -> list[dict[str, Any]]:
    """M averaged over the judged users of a target: one row per pair, warm and cold apart."""
    names = [str(name) for name in split.space.scenarios.ids]
    rows = []
    for users, _ in judged_users(split, max_warm):
        learnt = model.coefficients(users.histories, users.scenario)
        counts = users.histories.counts()
        for cohort, mask in (("warm", users.target_items > 0), ("cold", users.target_items == 0)):
            for source, name in enumerate(names):
                known = mask & (counts[:, source] > 0)
                if source != users.scenario and known.any():
                    mean = round(float(learnt[known, source].mean()), 4)
                    rows.append(
                        {"source": name, "target": names[users.scenario], "cohort": cohort,
                         "mean": mean, "users": int(known.sum())}
                    )  # fmt: skip
    return rows


class GivenCoefficients(Recommender):
    """A transfer model whose coefficients are exchanged among the judged users of one cohort.

    Warm and cold users are kept apart, so that what is lost is what is *personal* in M, not the
    difference between having a history in the target and having none.

    Args:
        model: a fitted transfer model.
        split: what it was fitted on.
        variant: "equal" (everybody has the cohort's mean) or :data:`PERMUTED` (somebody
            else's, drawn from the cohort).
        max_warm: which users are judged.
        seed: of the draw.
    """

    def __init__(
        self, model: Any, split: ScenarioSplit, variant: str, max_warm: int, seed: int
    ) -> None:
        self.model = model
        self.name = variant
        self.space_ = model.space_
        self._given = {}
        rng = np.random.default_rng([seed, 2])
        for users, _ in judged_users(split, max_warm):
            learnt = model.coefficients(users.histories, users.scenario)
            given = learnt.copy()
            for warm in (True, False):
                rows = np.flatnonzero((users.target_items > 0) == warm)
                if not len(rows):
                    continue
                whose = rng.permutation(rows)
                given[rows] = learnt[whose] if variant == PERMUTED else learnt[rows].mean(axis=0)
            self._given[users.scenario] = (IdMap(users.histories.users.ids), given)

    def fit(
        self,
        split: ScenarioSplit,
        features: FeatureTable | None = None,
        *,
        progress: Progress = silent,
    ) -> Self:
        """Nothing: the model is fitted already."""
        return self

    def scores(self, histories: Histories, scenario: int) -> np.ndarray:
        """The model's scores with the coefficients that were given."""
        users, given = self._given[scenario]
        mine = given[users.codes(histories.users.ids)]
        return self.model.scores(histories, scenario, coefficients=mine)
