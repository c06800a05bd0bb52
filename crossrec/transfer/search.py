"""A search over settings with a budget: the Tree-structured Parzen Estimator on validation NDCG.

Source: Bergstra et al. 2011, as implemented by Optuna. The first trial is the settings as they are,
so that what is found is never worse on the validation rows; test rows are not read.
"""

from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING, Any

import numpy as np

from crossrec.data.history import Histories
from crossrec.data.split.cutting import ScenarioSplit
from crossrec.errors import TrainingFailed
from crossrec.progress import Progress, stretch
from crossrec.transfer.config import TransferConfig
from crossrec.transfer.tuning import validation_ndcg

if TYPE_CHECKING:
    import optuna
    from optuna.distributions import BaseDistribution

    from crossrec.transfer.recommender import Recommender

DATABASE = "search.db"

RANGES: dict[str, tuple[float, float, bool]] = {
    "history_power": (0.1, 0.9, False),
    "text_penalty": (1.0, 100.0, True),
    "hide": (0.1, 0.6, False),
    "learning_rate": (0.005, 0.1, True),
}
"""Searched numbers: lowest, highest, and whether they are drawn by order of magnitude."""

CHOICES: dict[str, tuple[int, ...]] = {"hidden": (8, 16, 32), "pooled_rank": (32, 64, 128)}
"""Searched sizes."""


@dataclass(frozen=True)
class Trial:
    """One trial.

    Attributes:
        trial: number, from 0: the settings as they were asked for.
        settings: what was searched.
        ndcg: mean NDCG@10 on validation rows; 0 where the training failed.
        seconds: what it took.
    """

    trial: int
    settings: dict[str, Any]
    ndcg: float
    seconds: float

    def to_dict(self) -> dict[str, Any]:
        """As JSON-able values."""
        return asdict(self)


def search(
    config: TransferConfig,
    judge: Callable[[TransferConfig, Progress], float],
    *,
    key: str,
    folder: Path | None,
    progress: Progress,
) -> tuple[TransferConfig, list[Trial]]:
    """Try settings until ``search_trials`` or ``search_minutes`` are used up.

    The same seed gives the same trials, also when the search is stopped and goes on: what a trial
    draws depends on the finished ones only. (A budget of minutes may end it elsewhere.)

    Args:
        config: the settings to start from, with the budget.
        judge: fits a model with some settings and returns its validation NDCG.
        key: of the fit, so that a search of another one is not gone on with.
        folder: where finished trials are kept; None keeps none.
        progress: told as phase "train".

    Returns:
        The best settings, and all trials in their order.
    """
    import optuna  # it is large, and only a search needs it

    optuna.logging.set_verbosity(optuna.logging.WARNING)
    if folder is not None:
        folder.mkdir(parents=True, exist_ok=True)
    place = None if folder is None else f"sqlite:///{folder / DATABASE}"
    study = optuna.create_study(
        storage=place, study_name=key, direction="maximize", load_if_exists=True
    )
    for left in study.get_trials(deepcopy=False):
        if left.state.name == "RUNNING":  # killed half way: what it drew must count for nothing
            study.tell(left.number, state=optuna.trial.TrialState.FAIL)
    space = _space(config)
    while not _used_up(config, trials := _finished(study)):
        number, whole = len(trials), config.search_trials
        best = max((t.ndcg for t in trials), default=0.0)
        told = stretch(progress, number / whole, (number + 1) / whole)
        progress("train", number, whole, f"trial {number + 1}, best NDCG {best:.4f}")
        study.sampler = optuna.samplers.TPESampler(
            seed=config.seed + number, n_startup_trials=min(10, max(3, whole // 3))
        )
        trial = study.ask(space) if trials else None
        settings = trial.params if trial else {name: getattr(config, name) for name in space}
        began = perf_counter()
        try:
            value = judge(replace(config, **settings), told)
        except TrainingFailed:
            value = 0.0
        seconds = round(perf_counter() - began, 3)
        if trial:
            trial.set_user_attr("seconds", seconds)
            study.tell(trial, value)
        else:
            done = optuna.trial.create_trial(
                params=settings, distributions=space, value=value, user_attrs={"seconds": seconds}
            )
            study.add_trial(done)
    if not trials:
        return config, []
    best = max(trials, key=lambda t: t.ndcg)  # the first of equals
    return replace(config, **best.settings), trials


def validation_score(model: "Recommender", split: ScenarioSplit, users: int, seed: int) -> float:
    """Mean over target scenarios of the NDCG@10 on validation rows, of full rankings.

    Args:
        model: fitted on the train rows only.
        split: its split.
        users: validation users per scenario at most.
        seed: of their choice.
    """
    train = Histories.from_log(split.train, split.space)
    valid = Histories.from_log(split.valid, split.space, train.users.ids)
    found = []
    for target, held in enumerate(valid.by_scenario):
        rows = np.flatnonzero(np.diff(held.indptr))
        rows = np.sort(np.random.default_rng([seed, target]).permutation(rows)[:users])
        if len(rows):
            part = train.take(rows)
            scores, seen = model.scores(part, target), part.by_scenario[target]
            found.append(float(validation_ndcg(scores, seen, held[rows]).mean()))
    return float(np.mean(found)) if found else 0.0


def _space(config: TransferConfig) -> "dict[str, BaseDistribution]":
    """What is searched; the ranges reach as far as the settings that were asked for."""
    from optuna.distributions import CategoricalDistribution, FloatDistribution

    found: dict[str, BaseDistribution] = {}
    for name, (low, high, log) in RANGES.items():
        asked = getattr(config, name)
        found[name] = FloatDistribution(min(low, asked), max(high, asked), log=log)
    for name, sizes in CHOICES.items():
        found[name] = CategoricalDistribution(sorted({*sizes, getattr(config, name)}))
    return found


def _finished(study: "optuna.Study") -> list[Trial]:
    """Finished trials; one that was killed half way is none."""
    found = [t for t in study.get_trials(deepcopy=False) if t.state.name == "COMPLETE"]
    return [
        Trial(
            at,
            dict(t.params),
            float(t.value or 0.0),
            float(t.user_attrs["seconds"]),
        )
        for at, t in enumerate(found)
    ]


def _used_up(config: TransferConfig, trials: list[Trial]) -> bool:
    minutes = sum(t.seconds for t in trials) / 60
    return len(trials) >= config.search_trials or minutes >= config.search_minutes
