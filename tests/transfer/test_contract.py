"""What every recommender promises, whatever is inside it."""

import importlib.util
from collections.abc import Callable
from dataclasses import replace
from zlib import crc32

import numpy as np
import pytest

from crossrec.data.history import Histories
from crossrec.data.ids import IdMap
from crossrec.data.log import InteractionLog
from crossrec.data.split.cutting import ScenarioSplit, split
from crossrec.errors import CrossRecError, NotFitted, UnknownId
from crossrec.language.table import FeatureTable
from crossrec.transfer.baselines import (
    ALS,
    BPR,
    EASE,
    L3AE,
    Hybrid,
    ItemKNN,
    Popularity,
    RecentPopularity,
    TextContent,
    UserKNN,
)
from crossrec.transfer.recommender import Recommender

MAKERS: dict[str, Callable[[], Recommender]] = {
    "popularity": Popularity,
    "recent popularity": RecentPopularity,
    "knn": ItemKNN,
    "knn pooled": lambda: ItemKNN(pooled=True),
    "user knn": UserKNN,
    "user knn pooled": lambda: UserKNN((10, 40), (0.0, 10.0), pooled=True),
    "ease": EASE,
    "ease pooled": lambda: EASE(pooled=True),
    "ease few items": lambda: EASE(50.0, pooled=True, max_items=20),
    "als": lambda: ALS(factors=8),
    "als pooled": lambda: ALS(factors=8, pooled=True),
    "als tuned for cold": lambda: ALS(8, (1.0, 20.0), pooled=True, tuned_for="cold"),
    "bpr": lambda: BPR(8, (0.02, 0.1), epochs=40),
    "bpr pooled": lambda: BPR(8, epochs=40, pooled=True),
    "l3ae": lambda: L3AE((10.0, 50.0), (20.0, 100.0)),
    "l3ae pooled": lambda: L3AE(50.0, 50.0, pooled=True),
    "hybrid": lambda: Hybrid(EASE(50.0)),
    "hybrid pooled": lambda: Hybrid(ItemKNN((10, 20), pooled=True)),
    "text": TextContent,
    "text pooled": lambda: TextContent(pooled=True),
}
PERSONAL = [name for name in MAKERS if "popularity" not in name]
POOLED = [name for name in MAKERS if "pooled" in name]

if importlib.util.find_spec("crossrec.transfer.model"):
    from crossrec.transfer.model import TransferModel

    MAKERS |= {
        "transfer": TransferModel,
        "transfer off": lambda: TransferModel(transfer=False),
    }
    PERSONAL += ["transfer", "transfer off"]
    POOLED += ["transfer"]


@pytest.fixture
def cut(small_log: InteractionLog) -> ScenarioSplit:
    """A split of the log with weak, usual and strong events."""
    rng = np.random.default_rng(2)
    weight = rng.choice([0.5, 1.0, 3.0], len(small_log), p=[0.2, 0.6, 0.2]).astype(np.float32)
    return split(replace(small_log, weight=weight), seed=1)


@pytest.fixture
def features(small_log: InteractionLog) -> FeatureTable:
    """Texts of one taste lie near each other, in both scenarios."""
    ids = [*small_log.items.ids, "never used"]
    rng = np.random.default_rng(3)
    taste = np.array([int(name[1:]) % 3 if name[1:].isdigit() else 0 for name in ids])
    vectors = np.eye(3, 8)[taste] + 0.2 * rng.normal(size=(len(ids), 8))
    return FeatureTable(IdMap(ids), vectors.astype(np.float32), "fake", "1", "f")


@pytest.fixture(scope="module")
def shelf() -> dict[str, Recommender]:
    """Fitted models by name, so that each is fitted once."""
    return {}


@pytest.fixture
def fit(shelf, cut, features) -> Callable[[str], Recommender]:
    def fit(name: str) -> Recommender:
        if name not in shelf:
            shelf[name] = MAKERS[name]().fit(cut, features)
        return shelf[name]

    return fit


@pytest.fixture(params=MAKERS)
def fitted(request, fit) -> Recommender:
    return fit(request.param)


def ndcg(model: Recommender, cut: ScenarioSplit, scenario: int, users: np.ndarray) -> float:
    """Mean NDCG@5 over users with test rows, by the definition."""
    histories, found = cut.histories(), []
    for user in users:
        rows = (cut.test.user == user) & (cut.test.scenario == scenario)
        wanted = set(cut.test.items.ids[cut.test.item[rows]])
        if not wanted:
            continue
        name, place = cut.test.users.ids[user], cut.space.scenarios.ids[scenario]
        listed = model.recommend(name, place, 5, histories=histories).item_ids
        gain = sum(1 / np.log2(at + 2) for at, item in enumerate(listed) if item in wanted)
        found.append(gain / sum(1 / np.log2(at + 2) for at in range(min(5, len(wanted)))))
    return float(np.mean(found))


class Blind(Recommender):
    """Seeded noise: what chance reaches."""

    def fit(self, split, features=None, *, progress=None):
        self._remember(split)
        return self

    def scores(self, histories, scenario):
        size = self.space_.sizes[scenario]
        seeds = [crc32(user.encode()) for user in histories.users.ids]
        return np.stack([np.random.default_rng(seed).random(size) for seed in seeds])


class TestContract:
    def test_scores_are_finite_float32_of_the_right_shape(self, fitted, cut):
        histories = cut.histories()
        for scenario, size in enumerate(cut.space.sizes):
            scores = fitted.scores(histories, scenario)
            assert scores.shape == (len(histories), size)
            assert scores.dtype == np.float32
            assert np.isfinite(scores).all()

    def test_no_user_at_all(self, fitted, cut):
        nobody = cut.histories().take(np.array([], dtype=int))
        assert fitted.scores(nobody, 0).shape == (0, cut.space.sizes[0])

    def test_one_user_scores_as_in_the_batch(self, fitted, cut):
        histories = cut.histories()
        batch = fitted.scores(histories, 1)
        for row in (0, 7, 60):
            one = fitted.scores(histories.take(np.array([row])), 1)
            np.testing.assert_allclose(one[0], batch[row], rtol=1e-4, atol=1e-5)

    def test_scoring_changes_no_history(self, fitted, cut):
        histories = cut.histories()
        before = [matrix.copy() for matrix in histories.by_scenario]
        fitted.scores(histories, 0)
        for old, new in zip(before, histories.by_scenario, strict=True):
            np.testing.assert_array_equal(old.toarray(), new.toarray())

    def test_seen_items_are_left_out(self, fitted, cut):
        histories = cut.histories()
        for user in histories.users.ids[:10]:
            own = histories.by_scenario[0][[histories.users.code(user)]].indices
            listed = fitted.recommend(user, "books", 10).item_ids
            assert not set(listed) & set(cut.space.ids(0)[own])

    def test_lists_are_ordered_and_new_every_time(self, fitted):
        found = fitted.recommend("u001", "films", 8)
        assert len(set(found.item_ids)) == 8
        assert (np.diff(found.scores) <= 0).all()

    def test_k_beyond_the_catalogue_gives_every_new_item(self, fitted, cut):
        histories = cut.histories()
        own = histories.counts()[histories.users.code("u001"), 0]
        found = fitted.recommend("u001", "books", 10_000)
        assert len(found.item_ids) == cut.space.sizes[0] - own

    def test_cold_user_gets_a_full_list(self, fitted, cut):
        nothing = Histories.from_items({}, cut.space, user="newcomer")
        found = fitted.recommend("newcomer", "books", 10, histories=nothing)
        assert len(set(found.item_ids)) == 10
        assert np.isfinite(found.scores).all()

    def test_unknown_names_are_answered_with_near_ones(self, fitted):
        with pytest.raises(UnknownId, match="u001"):
            fitted.recommend("u0001", "books")
        with pytest.raises(UnknownId, match="books"):
            fitted.recommend("u001", "bokks")


@pytest.mark.parametrize("name", MAKERS)
def test_fit_is_seeded_reads_no_test_row_and_changes_nothing(name, fit, cut, features):
    """A second model, fitted beside shuffled test items, scores the same to the bit."""
    rng = np.random.default_rng(0)
    other = replace(cut, test=replace(cut.test, item=rng.permutation(cut.test.item)))
    logs = (other.train, other.valid, other.test)
    before = [(log.user.copy(), log.item.copy(), log.weight.copy()) for log in logs]
    vectors = features.vectors.copy()
    scores = MAKERS[name]().fit(other, features).scores(cut.histories(), 1)
    np.testing.assert_array_equal(fit(name).scores(cut.histories(), 1), scores)
    for log, columns in zip(logs, before, strict=True):
        for old, new in zip(columns, (log.user, log.item, log.weight), strict=True):
            np.testing.assert_array_equal(old, new)
    np.testing.assert_array_equal(vectors, features.vectors)


@pytest.mark.parametrize("name", MAKERS)
def test_not_fitted(name, cut):
    with pytest.raises(NotFitted, match="fit"):
        MAKERS[name]().recommend("u001", "books")
    with pytest.raises(NotFitted, match="fit"):
        MAKERS[name]().scores(cut.histories(), 0)


@pytest.mark.parametrize("name", PERSONAL)
def test_warm_users_are_served_better_than_by_chance(name, fit, cut):
    users = np.setdiff1d(np.unique(cut.test.user), np.concatenate(cut.cold_test))
    model = fit(name)
    for scenario in (0, 1):
        assert ndcg(model, cut, scenario, users) > 1.3 * ndcg(
            Blind().fit(cut), cut, scenario, users
        )


@pytest.mark.parametrize("name", POOLED)
def test_cold_users_are_served_from_the_other_scenario(name, fit, cut):
    model, blind = fit(name), Blind().fit(cut)
    for scenario in (0, 1):
        users = cut.cold_test[scenario]
        assert ndcg(model, cut, scenario, users) > 1.2 * ndcg(blind, cut, scenario, users)


def test_text_needs_features(cut):
    with pytest.raises(CrossRecError, match="Extract features"):
        TextContent().fit(cut)
