"""Other ways to use one fitted transfer model: what its coefficients are worth."""

from collections.abc import Iterator
from typing import Any

from bench.quality.judge import judged_users
from bench.quality.lineup import (
    PAIRS,
    TARGET_ONLY,
    Recipe,
    source_name,
    variant_name,
)
from crossrec.data.split.cutting import ScenarioSplit
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
