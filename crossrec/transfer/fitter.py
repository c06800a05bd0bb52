"""How a transfer model is fitted, from a split to preference models and coefficients.

Apart from the model, because only this needs PyTorch and the factorisation library: who looks at a
run or asks for recommendations loads neither.
"""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from crossrec.data.history import Histories
from crossrec.data.split.cutting import ScenarioSplit
from crossrec.errors import SplitError, TrainingFailed
from crossrec.language.device import threads
from crossrec.language.table import FeatureTable, unit_rows
from crossrec.progress import Progress, stretch
from crossrec.transfer.choice import ADAPTED, MEANING
from crossrec.transfer.choosing import choose
from crossrec.transfer.coefficients import Gates
from crossrec.transfer.config import TransferConfig
from crossrec.transfer.described import scenario_features
from crossrec.transfer.emphasis import choose_emphasis
from crossrec.transfer.examples import collect
from crossrec.transfer.fitting import solve
from crossrec.transfer.foldin import Reading
from crossrec.transfer.recency import choose_half_lives
from crossrec.transfer.resume import Checkpoint, fit_key
from crossrec.transfer.search import search, validation_score
from crossrec.transfer.strength import choose_strength_power, counted_histories, mixed_scenarios
from crossrec.transfer.tower import fit_tower
from crossrec.transfer.training import train
from crossrec.transfer.validation import with_cold_users, without_revealing
from crossrec.transfer.views import meanings, views_of

if TYPE_CHECKING:
    from crossrec.transfer.model import TransferModel


def fit_model(
    model: "TransferModel",
    split: ScenarioSplit,
    features: FeatureTable | None,
    progress: Progress,
    checkpoint: Path | None,
) -> None:
    """Fit a model in place; see :meth:`crossrec.transfer.model.TransferModel.fit`."""
    space = split.space
    _check(split, model.config)
    if model.config.search_trials:
        _search(model, split, features, stretch(progress, 0.0, 0.8), checkpoint)
        progress = stretch(progress, 0.8, 1.0)
    config = model.config
    views = tuple(views_of(space, s, features) for s in range(len(space)))
    model.text_ = tuple(view[MEANING] for view in views)
    train_rows = Histories.from_log(split.train, space)
    valid_rows = Histories.from_log(split.valid, space, train_rows.users.ids)
    if config.transfer:
        train_rows, valid_rows = with_cold_users(
            train_rows, valid_rows, config.cold_share, config.seed
        )
        train_rows = without_revealing(train_rows, valid_rows, split)
    kept = Checkpoint(checkpoint, fit_key(split, features, config) if checkpoint else "")
    model.strength_power_ = power = _strength_power(train_rows, valid_rows, config, progress, kept)
    known = counted_histories(train_rows, power)
    encoder = _encoder(model, known, kept)
    if encoder is not None:
        views = tuple({**view, ADAPTED: unit_rows(view[MEANING] @ encoder)} for view in views)
    tower = None if encoder is None else encoder @ encoder.T
    told = stretch(progress, 0.0, 0.4)
    choices, within, across = choose(known, valid_rows, views, tower, config, told, kept)
    model.choices_ = choices
    trained = kept.gates()
    if trained is None or not config.refit:
        told = stretch(progress, 0.4, 0.55)
        model.preferences_ = solve(
            known, choices, views, config, told, within=within, across=across, tower=tower
        )
    del within, across
    model.half_life_unit_ = train_rows.unit
    model.half_life_ = _half_lives(model, known, valid_rows, kept)
    model.emphasis_ = _emphasis(model, train_rows, valid_rows, kept)
    if trained is None:
        told = stretch(progress, 0.55, 0.8)
        trained = _gates(model, train_rows, valid_rows, features, told, kept)
        kept.keep_gates(*trained)
    model.gates_, model.history_ = trained
    model.reading_ = tuple(
        Reading.of(raw, view, choices[s, s].views, encoder)
        for s, (raw, view) in enumerate(zip(meanings(space, features), views, strict=True))
    )
    if config.refit:
        told = stretch(progress, 0.8, 1.0)
        everything = counted_histories(split.histories(), power)
        model.preferences_ = solve(everything, choices, views, config, told, tower=tower)
    progress("train", 1.0, 1.0)


def _check(split: ScenarioSplit, config: TransferConfig) -> None:
    names = split.space.scenarios.ids
    if config.transfer and len(names) < 2:
        raise SplitError(
            "expected at least two scenarios to transfer between",
            f"{len(names)} ({', '.join(names)})",
            "Map the column that tells surfaces, categories or behaviours apart to 'scenario'",
        )
    if not all(np.isfinite(log.weight).all() for log in (split.train, split.valid)):
        raise TrainingFailed(
            "expected finite strengths in the log", "NaN or infinity", "Check its weights"
        )


def _search(
    model: "TransferModel",
    split: ScenarioSplit,
    features: FeatureTable | None,
    progress: Progress,
    folder: Path | None,
) -> None:
    """Take the best settings of a search; ``refit`` and the budget stay as they are."""
    asked = model.config

    def judge(config: TransferConfig, told: Progress) -> float:
        plain = replace(config, search_trials=0, refit=False)
        tried = type(model)(plain).fit(split, features, progress=told)
        return validation_score(tried, split, asked.tuning_users, asked.seed)

    key = fit_key(split, features, asked)
    model.config, trials = search(asked, judge, key=key, folder=folder, progress=progress)
    model.trials_ = [trial.to_dict() for trial in trials]


def _encoder(
    model: "TransferModel", histories: Histories, checkpoint: Checkpoint
) -> np.ndarray | None:
    """The encoder of the text tower, shape (d, d); None without text or steps."""
    if not model.config.tower_steps or not any(text.any() for text in model.text_):
        return None
    record = checkpoint.read("tower")
    if record is not None:
        return record[0]["encoder"]
    encoder = fit_tower(histories, model.text_, model.config)
    checkpoint.write("tower", {"encoder": encoder}, {})
    return encoder


def _strength_power(
    train_rows: Histories,
    valid_rows: Histories,
    config: TransferConfig,
    progress: Progress,
    checkpoint: Checkpoint,
) -> float:
    if not mixed_scenarios(train_rows):
        return 1.0
    progress("train", 0.0, 1.0, "weighing events")
    record = checkpoint.read("strength")
    if record is not None:
        return record[1]["power"]
    found = choose_strength_power(train_rows, valid_rows, config)
    checkpoint.write("strength", {}, {"power": found})
    return found


def _half_lives(
    model: "TransferModel", train_rows: Histories, valid_rows: Histories, checkpoint: Checkpoint
) -> Mapping[tuple[int, int], float]:
    record = checkpoint.read("recency")
    if record is not None:
        return {(s, t): value for s, t, value in record[1]["half_lives"]}
    found = choose_half_lives(train_rows, valid_rows, model.preferences_, model.config)
    pairs = [[s, t, value] for (s, t), value in found.items()]
    checkpoint.write("recency", {}, {"half_lives": pairs})
    return found


def _emphasis(
    model: "TransferModel", train_rows: Histories, valid_rows: Histories, checkpoint: Checkpoint
) -> Mapping[tuple[int, int], float]:
    record = checkpoint.read("emphasis")
    if record is not None:
        return {(s, t): value for s, t, value in record[1]["emphasis"]}
    model.emphasis_ = {}  # a fit again must not weigh by what the last one found
    found = choose_emphasis(train_rows, valid_rows, model.weights, model.preferences_, model.config)
    checkpoint.write("emphasis", {}, {"emphasis": [[s, t, v] for (s, t), v in found.items()]})
    return found


def _gates(
    model: "TransferModel",
    train_rows: Histories,
    valid_rows: Histories,
    features: FeatureTable | None,
    progress: Progress,
    checkpoint: Checkpoint,
) -> tuple[Gates, list[dict[str, Any]]]:
    examples = [
        found
        for target in range(len(model.space_))
        if (found := collect(model, train_rows, valid_rows, target)) is not None
    ]
    spreads = np.zeros((len(model.space_), len(model.space_)))
    for pair, choice in model.choices_.items():
        spreads[pair] = choice.pooled_spread
    with threads(1):  # a second gains nothing on products so small, and waits on a busy machine
        network, history = train(
            examples,
            scenario_features(train_rows, model.space_, features),
            model.config,
            spreads=spreads,
            progress=progress,
            checkpoint=checkpoint,
        )
    state = {name: value.numpy() for name, value in network.state_dict().items()}
    return Gates(state), history
