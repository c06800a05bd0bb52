"""The sample data is what it says it is: reproducible, clean, and with the planted relations."""

import json
import re
from datetime import UTC, datetime
from itertools import permutations
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from crossrec.data.reading.readers import read_catalog, read_log, read_users
from crossrec.data.sample.generator import generate_sample
from crossrec.data.split.cutting import split

COMMITTED = Path(__file__).parents[2] / "sample_data"
NAMES = {"interactions.csv", "items.csv", "users.csv", "truth.json", "README.md"}


@pytest.fixture(scope="module")
def made(tmp_path_factory) -> Path:
    out = tmp_path_factory.mktemp("sample") / "new" / "folder"
    generate_sample(out)
    return out


@pytest.fixture(scope="module")
def rows(made) -> pd.DataFrame:
    """Interactions with the category of the item and the profile of the user."""
    log = pd.read_csv(made / "interactions.csv", parse_dates=["timestamp"])
    items = pd.read_csv(made / "items.csv")[["item_id", "category"]]
    return log.merge(items, on="item_id").merge(pd.read_csv(made / "users.csv"), on="user_id")


@pytest.fixture(scope="module")
def truth(made) -> dict:
    return json.loads((made / "truth.json").read_text("utf-8"))


def tastes(rows: pd.DataFrame) -> pd.DataFrame:
    """Share of each category in a user's rows of one scenario, above the mean of all users."""
    counts = pd.crosstab(rows["user_id"], rows["category"])
    shares = counts.div(counts.sum(axis=1), axis=0)
    return shares - shares.mean()


def agreement(first: pd.DataFrame, second: pd.DataFrame, pairs: dict[str, str]) -> float:
    """Mean correlation over users between the tastes for categories said to go together."""
    one, two = tastes(first), tastes(second)
    users = one.index.intersection(two.index)
    found = [
        np.corrcoef(one.loc[users, left], two.loc[users, right])[0, 1]
        for left, right in pairs.items()
    ]
    return float(np.mean(found))


FILMS_BOOKS = {
    "space": "science fiction", "crime": "detective novels", "romance": "love stories",
    "horror": "ghost stories", "history": "historical novels",
}  # fmt: skip
BOOKS_MUSIC = {"humour": "hip hop", "gardening": "ambient", "travel writing": "world music"}
MUSIC_GROCERIES = {
    "electronic": "sports nutrition", "jazz": "cheese and wine", "soul": "chocolate",
    "metal": "hot sauce", "country": "barbecue",
}  # fmt: skip


class TestFiles:
    def test_committed_files_are_what_the_generator_writes(self, made):
        assert {path.name for path in made.iterdir()} == NAMES
        assert {path.name for path in COMMITTED.iterdir()} == NAMES
        for name in NAMES:
            assert (made / name).read_bytes() == (COMMITTED / name).read_bytes(), name

    def test_small_enough_to_commit(self):
        assert sum(path.stat().st_size for path in COMMITTED.iterdir()) < 3_000_000

    def test_another_seed_is_another_sample(self, tmp_path):
        files = [generate_sample(tmp_path / str(seed), seed, users=20) for seed in (1, 2)]
        first, second = (each.interactions.read_bytes() for each in files)
        assert first != second

    def test_readers_take_every_row(self, made):
        log = read_log(made / "interactions.csv")
        catalog = read_catalog(made / "items.csv")
        users = read_users(made / "users.csv")
        assert log.rejects.rejected == 0
        assert list(log.scenarios.ids) == ["books", "films", "groceries", "music"]
        assert set(log.items.ids) <= set(catalog.items.ids)
        assert set(log.users.ids) <= set(users.users.ids)
        assert {"age_band", "region", "plan"} <= set(users.attributes)


class TestCatalogue:
    def test_titles_are_unique_and_every_item_has_a_text(self, made):
        items = pd.read_csv(made / "items.csv")
        assert not items["title"].str.casefold().duplicated().any()
        assert not items["item_id"].duplicated().any()
        assert (items["text"].str.len() > 10).all()
        assert items.groupby("scenario").size().between(150, 300).all()

    def test_a_part_is_chinese(self, made):
        items = pd.read_csv(made / "items.csv")
        chinese = items["title"].map(lambda title: bool(re.search(r"[\u4e00-\u9fff]", title)))
        in_text = items["text"].map(lambda text: bool(re.search(r"[\u4e00-\u9fff]", text)))
        assert (chinese == in_text).all()
        assert 0.1 < chinese.mean() < 0.2

    def test_ids_do_not_tell_the_category(self, made):
        items = pd.read_csv(made / "items.csv")
        same = items["category"].eq(items["category"].shift()).mean()
        assert same < 0.25  # eight categories: 0.125 by chance


class TestTruth:
    def test_every_ordered_pair_is_told(self, truth):
        pairs = {(pair["source"], pair["target"]) for pair in truth["pairs"]}
        assert pairs == set(permutations(["films", "books", "music", "groceries"], 2))
        verdicts = [pair["verdict"] for pair in truth["pairs"]]
        assert set(verdicts) == {"helps strongly", "helps weakly", "unrelated", "harmful"}
        for pair in truth["pairs"]:
            assert (pair["strength"] > 0) == pair["verdict"].startswith("helps")
            assert (pair["strength"] < 0) == (pair["verdict"] == "harmful")

    def test_segments_are_values_of_profile_columns(self, truth, made):
        users = pd.read_csv(made / "users.csv")
        for pair in truth["pairs"]:
            if pair["segment"]:
                column, values = pair["segment"]["column"], pair["segment"]["values"]
                assert set(values) < set(users[column])

    def test_books_follow_films_for_members_only(self, rows):
        def found(plan):
            mine = rows[rows["plan"] == plan]
            films, books = mine[mine["scenario"] == "films"], mine[mine["scenario"] == "books"]
            return agreement(films, books, FILMS_BOOKS)

        assert found("member") > 0.4
        assert abs(found("guest")) < 0.08

    def test_music_follows_books_in_part(self, rows):
        books, music = rows[rows["scenario"] == "books"], rows[rows["scenario"] == "music"]
        assert agreement(books, music, BOOKS_MUSIC) > 0.3

    def test_groceries_turn_against_music(self, rows, truth):
        music, food = rows[rows["scenario"] == "music"], rows[rows["scenario"] == "groceries"]
        early = food["timestamp"] < truth["promotion_ends"]
        late = food["timestamp"] >= truth["flip"]
        assert set(food[early]["region"]) == {"north"}
        assert agreement(music, food[early], MUSIC_GROCERIES) > 0.3
        assert agreement(music, food[~early & ~late], MUSIC_GROCERIES) < -0.1
        assert agreement(music, food[late], MUSIC_GROCERIES) < -0.2

    def test_other_pairs_are_unrelated(self, rows):
        by_name = {name: tastes(part) for name, part in rows.groupby("scenario")}
        for first, second in (("films", "music"), ("films", "groceries"), ("books", "groceries")):
            one, two = by_name[first], by_name[second]
            users = one.index.intersection(two.index)
            table = np.corrcoef(one.loc[users].T, two.loc[users].T)[: one.shape[1], one.shape[1] :]
            assert np.abs(table).max() < 0.12  # 64 numbers with a standard error of 0.025

    def test_the_promotion_ends_before_the_validation_period(self, made, truth):
        cuts = split(read_log(made / "interactions.csv"), seed=0).cuts
        end, flip = (
            datetime.fromisoformat(truth[name]).replace(tzinfo=UTC).timestamp()
            for name in ("promotion_ends", "flip")
        )
        assert end < cuts[0] < flip < cuts[1]
