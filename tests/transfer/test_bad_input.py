"""Odd data: a clear sentence or a sensible result, never a stack trace."""

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from crossrec.data.log import InteractionLog, TimeKind
from crossrec.data.split.cutting import no_holdout, split
from crossrec.errors import CrossRecError, SplitError, TrainingFailed
from crossrec.explanation import contributions
from crossrec.pipeline import RunConfig, RunInputs, explain, recommend, run
from crossrec.transfer.config import TransferConfig
from crossrec.transfer.model import TransferModel
from crossrec.workspace import Run

SMALL = TransferConfig()
COLUMNS = ["user_id", "item_id", "scenario", "timestamp"]


def taste(rng, users, items, scenario, per_user, first=0) -> Iterator[tuple]:
    """Rows of users who take random items, one a day."""
    for user in range(first, first + users):
        for day, item in enumerate(rng.permutation(items)[:per_user]):
            time = 1_600_000_000 + (day * 7 + user % 7) * 86_400
            yield f"u{user:03d}", f"{scenario[0]}{item:03d}", scenario, time


def no_overlap(rng):
    return [*taste(rng, 40, 20, "books", 6), *taste(rng, 40, 20, "films", 6, first=100)]


def two_items(rng):
    return [*taste(rng, 60, 25, "books", 7), *taste(rng, 60, 2, "films", 2)]


def one_item(rng):
    return [*taste(rng, 60, 25, "books", 7), *taste(rng, 60, 1, "films", 1)]


def has_everything(rng):
    return [
        *taste(rng, 50, 12, "books", 5),
        *taste(rng, 50, 15, "films", 5),
        *taste(rng, 1, 12, "books", 12, first=70),
        *taste(rng, 1, 15, "films", 15, first=70),
    ]


def one_user(rng):
    return [*taste(rng, 1, 30, "books", 20), *taste(rng, 1, 30, "films", 20)]


def two_users(rng):
    return [*taste(rng, 2, 30, "books", 20), *taste(rng, 2, 30, "films", 20)]


def same_row_everywhere(rng):
    shelf = (("a", "books"), ("b", "books"), ("c", "films"), ("d", "films"))
    return [(f"u{u}", item, s, 1_600_000_000 + u) for u in range(30) for item, s in shelf]


def one_lonely_scenario(rng):
    """A scenario with a single row."""
    return [*taste(rng, 50, 20, "books", 6), *taste(rng, 50, 20, "films", 6),
            ("u001", "g000", "games", 1_600_000_000)]  # fmt: skip


def everybody_in_one_scenario_only_once(rng):
    return [*taste(rng, 60, 20, "books", 6), *taste(rng, 60, 20, "films", 1)]


ODD = [
    no_overlap,
    two_items,
    one_item,
    has_everything,
    one_user,
    two_users,
    same_row_everywhere,
    one_lonely_scenario,
    everybody_in_one_scenario_only_once,
]


def log_of(rows) -> InteractionLog:
    frame = pd.DataFrame(rows, columns=COLUMNS)
    return InteractionLog.from_frame(frame, time_kind=TimeKind.CLOCK)


@pytest.fixture(params=ODD, ids=lambda make: make.__name__)
def rows(request) -> list[tuple]:
    return list(request.param(np.random.default_rng(4)))


def is_a_sentence(said: str) -> bool:
    return said.startswith("expected") and said.endswith(".")


def check(model: TransferModel) -> None:
    """Finite scores for everybody everywhere, coefficients in [0, 1], sums that add up."""
    histories, space = model.histories_, model.space_
    for target, name in enumerate(space.scenarios.ids):
        scores = model.scores(histories, target)
        assert scores.shape == (len(histories), space.sizes[target])
        assert np.isfinite(scores).all()
        m = model.coefficients(histories, target)
        assert np.isfinite(m).all()
        assert ((m >= 0) & (m <= 1)).all()
        user = str(histories.users.ids[0])
        listed = model.recommend(user, str(name), 5)
        seen = histories.by_scenario[target][[0]].indices
        assert not set(listed.item_ids) & set(space.ids(target)[seen])
        item = str(space.ids(target)[0])
        found = contributions(model, histories, user, str(name), item)
        assert found.score == pytest.approx(scores[0, 0], abs=1e-4)


@pytest.mark.parametrize("transfer", [True, False])
def test_a_model_of_odd_data_is_sensible(rows, transfer):
    """Where nothing can be held out, a model can still be made to be used."""
    log = log_of(rows)
    try:
        cut = split(log, seed=1)
    except SplitError:
        cut = no_holdout(log, seed=1)
    check(TransferModel(SMALL, transfer=transfer).fit(cut))


def test_no_train_row_is_left():
    """What is known before the test cut still makes histories, and popularity a list."""
    log = log_of(no_overlap(np.random.default_rng(1)))
    cut = split(log, seed=1)
    nobody = np.zeros(len(cut.train), dtype=bool)
    check(TransferModel(SMALL).fit(replace(cut, train=cut.train.select(nobody))))


def test_no_validation_rows_at_all(small_split, small_features):
    nothing = np.zeros(len(small_split.valid), dtype=bool)
    cut = replace(small_split, valid=small_split.valid.select(nothing))
    model = TransferModel(SMALL).fit(cut, small_features)
    assert np.isfinite(model.scores(model.histories_, 0)).all()


def test_only_cold_validation_users(small_split, small_features):
    cold = np.isin(small_split.valid.user, np.concatenate(small_split.cold_valid))
    cut = replace(small_split, valid=small_split.valid.select(cold))
    check(TransferModel(SMALL).fit(cut, small_features))


def test_text_of_one_item_only(small_split, small_features):
    vectors = np.zeros_like(small_features.vectors)
    vectors[3] = 1.0
    check(TransferModel(SMALL).fit(small_split, replace(small_features, vectors=vectors)))


def test_the_same_text_everywhere(small_split, small_features):
    vectors = np.ones_like(small_features.vectors)
    check(TransferModel(SMALL).fit(small_split, replace(small_features, vectors=vectors)))


@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_strengths_that_are_no_numbers_stop_with_a_sentence(small_split, small_features, value):
    weight = small_split.train.weight.copy()
    weight[::3] = value
    cut = replace(small_split, train=replace(small_split.train, weight=weight))
    with pytest.raises(TrainingFailed) as caught:
        TransferModel(SMALL).fit(cut, small_features)
    assert is_a_sentence(str(caught.value))


def test_a_whole_run_on_odd_data(rows, tmp_path):
    """Through the files: a run that recommends and explains, or one sentence and no folder."""
    path = tmp_path / "log.csv"
    pd.DataFrame(rows, columns=COLUMNS).to_csv(path, index=False)
    out = tmp_path / "run"
    said = ""
    try:
        run(RunInputs(path), out, RunConfig(seed=1))
    except CrossRecError as error:
        said = str(error)
        run(RunInputs(path), out, RunConfig(seed=1, holdout=False))
    assert not said or is_a_sentence(said)
    user, scenario = rows[0][0], rows[0][2]
    asked = pd.DataFrame({"user_id": [user, "nobody"], "scenario": [scenario] * 2})
    found = recommend(out, asked, 3)
    assert np.isfinite(found["score"]).all()
    assert "nobody" in set(found["user_id"])
    for each in explain(out, user, scenario, k=1):
        assert np.isfinite(each.score)
    assert Run(out).info["counts"]["users"] == len({row[0] for row in rows})


def test_one_scenario_is_refused_with_advice(tmp_path):
    path = tmp_path / "log.csv"
    rows = taste(np.random.default_rng(0), 30, 20, "books", 6)
    pd.DataFrame(rows, columns=COLUMNS).to_csv(path, index=False)
    with pytest.raises(SplitError, match="at least two scenarios"):
        run(RunInputs(path), tmp_path / "run")
    assert [each.name for each in tmp_path.iterdir()] == ["log.csv"]
