"""The search for settings: within its budget, on validation rows only, resumable, never worse."""

from dataclasses import replace

import numpy as np
import pytest
from crossrec.transfer.search import CHOICES, RANGES, search

from crossrec.errors import Cancelled, TrainingFailed
from crossrec.transfer.config import PRESETS, TransferConfig
from crossrec.transfer.model import TransferModel

TINY = TransferConfig(
    seed=1,
    within_grid=(50.0,),
    text_grid=(20.0,),
    ranks=(8,),
    factor_ranks=(),
    pooled_rank=8,
    steps=20,
    half_life_grid=(None,),
    search_trials=6,
)


def silent(phase, done, total, note=""):
    pass


def valley(config: TransferConfig, progress) -> float:
    """Best at a history power of 0.3."""
    return 1.0 - (config.history_power - 0.3) ** 2


def run(folder, config=TINY, judge=valley, key="k"):
    return search(config, judge, key=key, folder=folder, progress=silent)


def test_the_first_trial_is_what_was_asked_for_and_the_best_is_taken():
    found, trials = run(None)
    assert [t.trial for t in trials] == list(range(6))
    assert trials[0].settings == {name: getattr(TINY, name) for name in (*RANGES, *CHOICES)}
    best = max(t.ndcg for t in trials)
    assert valley(found, silent) == pytest.approx(best)
    assert best >= trials[0].ndcg
    assert replace(found, **trials[0].settings) == TINY


def test_a_stopped_search_goes_on_to_the_same_trials(tmp_path):
    _, straight = run(tmp_path / "a")
    for stop in (1, 2, 3):
        calls = []

        def judge(config, progress, calls=calls, stop=stop):
            calls.append(config)
            if len(calls) == stop:
                raise Cancelled
            return valley(config, progress)

        with pytest.raises(Cancelled):
            run(tmp_path / "b", judge=judge)
    _, again = run(tmp_path / "b")
    assert [t.settings for t in again] == [t.settings for t in straight]
    _, other = run(tmp_path / "b", config=replace(TINY, search_trials=2), key="another fit")
    assert len(other) == 2


def test_it_stops_after_its_minutes(tmp_path):
    _, trials = run(tmp_path, replace(TINY, search_minutes=0.0))
    assert trials == []


def test_settings_that_cannot_be_trained_lose():
    def judge(config, progress):
        if config.history_power > 0.3:
            raise TrainingFailed("expected a finite training loss")
        return 0.5

    _, trials = run(None, judge=judge)
    assert trials[0].ndcg == 0.0


def test_a_model_is_fitted_with_what_was_found_and_keeps_the_trials(
    small_split, small_features, tmp_path
):
    config = replace(TINY, search_trials=2)
    model = TransferModel(config).fit(small_split, small_features, checkpoint=tmp_path / "c")
    assert [row["trial"] for row in model.trials_] == [0, 1]
    best = max(model.trials_, key=lambda row: row["ndcg"])
    assert {name: getattr(model.config, name) for name in best["settings"]} == best["settings"]
    model.save(tmp_path / "model")
    loaded = TransferModel.load(tmp_path / "model")
    assert loaded.trials_ == model.trials_
    shuffled = np.random.default_rng(0).permutation(small_split.test.item)
    other = replace(small_split, test=replace(small_split.test, item=shuffled))
    again = TransferModel(config).fit(other, small_features)
    assert [row["ndcg"] for row in again.trials_] == [row["ndcg"] for row in model.trials_]


def test_only_the_thorough_preset_searches():
    asked = {name: TransferConfig.preset(name).search_trials for name in PRESETS}
    assert asked["quick"] == asked["balanced"] == 0
    assert asked["thorough"] > 0
