"""Files of every kind and packing, read as they are meant."""

import numpy as np
import pytest

from crossrec.data import TimeKind, read_catalog, read_log, read_users


def test_windows_1252_is_no_gb18030(case):
    folder = case("13-latin1-catalogue")
    titles = read_catalog(folder / "items.csv")
    assert titles.title[:4].tolist() == [
        "Café moulu doux 0", "Crème brûlée 1", "Thé vert bio 2", "Pâté de campagne 3",
    ]  # fmt: skip
    assert (len(titles), titles.rejects.rejected) == (120, 0)
    assert read_catalog(folder / "mini.csv").title.tolist() == ["Müsli", "Gruyère", "Plain"]
    log, same = read_log(folder / "log.csv"), read_log(folder / "log_utf8.csv")
    assert log.rejects.files[0].encoding == "cp1252"
    assert log.users.ids.tolist() == same.users.ids.tolist()
    assert (log.user == same.user).all()


@pytest.mark.parametrize("name", ["all", "header_only", "some"])
def test_a_delimiter_at_line_ends(case, name):
    log = read_log(case("40-ragged") / f"{name}.csv")
    assert (len(log), log.rejects.rejected, log.time_kind) == (1136, 0, TimeKind.CLOCK)


def test_a_workbook_is_like_an_archive(case):
    book = case("15-xlsx-sheets") / "all_in_one.xlsx"
    log, catalog, users = read_log(book), read_catalog(book), read_users(book)
    assert (len(log), len(catalog), len(users)) == (1136, 120, 80)
    assert [table.rejects.files[0].sheet for table in (log, catalog, users)] == [
        "interactions", "items", "users",
    ]  # fmt: skip
    log = read_log(case("15-xlsx-sheets") / "cover.xlsx")
    read, skipped = log.rejects.files
    assert (len(log), read.sheet, skipped.sheet, skipped.skipped) == (1136, "Data", "Read me", True)
    log = read_log(case("15-xlsx-sheets") / "per_scenario.xlsx")
    assert dict(zip(log.scenarios.ids, np.bincount(log.scenario), strict=True)) == {
        "shop": 560, "video": 576,
    }  # fmt: skip
    log = read_log(case("16-xlsx-cells") / "hash_na.xlsx")
    assert {row.reason for row in log.rejects.rows} == {"no user"}
    assert log.rejects.rejected == 379


def test_a_tar_archive_is_like_a_zip(case):
    path = case("11-lastfm-targz") / "KuaiRand-Pure.tar.gz"
    log, catalog = read_log(path), read_catalog(path)
    assert log.rejects.files[0].layout == "KuaiRand"
    assert log.rejects.files[0].member.endswith("log_standard_4_08_to_4_21_pure.csv")
    alone = read_log(case("04-kuairand") / "log_standard_4_08_to_4_21_pure.csv")
    assert len(log) == len(alone)
    assert len(catalog) == 60


def test_members_by_their_role(case):
    path = case("38-movielens") / "ml-32m.zip"
    log, catalog = read_log(path), read_catalog(path)
    assert (log.rejects.read, len(catalog)) == (1136, 120)
    assert "imdbId" not in catalog.attributes
    skipped = {file.member for file in log.rejects.files if file.skipped}
    assert skipped == {"ml-32m/tags.csv", "ml-32m/links.csv", "ml-32m/README.txt"}


@pytest.mark.parametrize("name", ["list.json", "pretty.json"])
def test_lists_of_json(case, name):
    log = read_log(case("24-json") / name)
    assert (len(log), log.rejects.rejected, log.rejects.files[0].kind) == (1136, 0, "jsonl")


def test_literals_of_python_2(case):
    log = read_log(case("10-steam-python2") / "steam_reviews.json")
    assert (len(log), log.users.ids[0], log.items.ids[0]) == (300, "u0079", "1006")


def test_parquet_without_marks(case):
    folder = case("17-parquet-types")
    log = read_log(folder / "binary.parquet")
    assert log.scenarios.ids.tolist() == ["商城", "短视频"]
    assert read_catalog(folder / "items_binary.parquet").title[0] == "绿茶 茶壶 0"
    log = read_log(folder / "int96_nested.parquet")
    assert (len(log), log.time_kind) == (1136, TimeKind.CLOCK)


def test_titles_and_prices_of_amazon(case):
    catalog = read_catalog(case("24-json") / "meta_Beauty.json")
    assert catalog.title[0] == "Tea Brew Green 0"
    assert catalog.title[1] == 'Cup & Saucer "Blue" 1'
    assert catalog.text[0] == "It's nice"
    assert catalog.attributes["category"][0] == "Beauty | Skin Care | Face"
    catalog = read_catalog(case("24-json") / "meta_All_Beauty.jsonl")
    prices = catalog.attributes["price"]
    assert prices.dtype.kind == "f"
    np.testing.assert_array_equal(prices[:4], [np.nan, 12.99, np.nan, 9.99])


@pytest.mark.parametrize(
    ("place", "layout", "rows", "scenarios", "first"),
    [
        ("07-taobao-noheader/UserBehavior.csv", "Taobao user behaviour", 700, ["all"],
         ("80", "2268006")),
        ("08-yelp/yelp_academic_dataset_review.json", "Yelp", 500, ["all"], ("u0079", "Bv006")),
        ("10-steam-python2/steam_reviews.json", "Steam", 300, ["all"], ("u0079", "1006")),
        ("24-json/ratings_Beauty.csv", "Amazon ratings", 1136, ["Beauty"], ("A0079", "V006")),
        ("37-recbole-atomic/steam.inter", "RecBole", 1136, ["all"], ("u0079", "67")),
        ("37-recbole-atomic/yelp.inter", "RecBole", 1136, ["all"], ("u0079", "v006")),
        ("41-reesb46-hm/transactions_train.csv", "H&M", 1136, ["1", "2"],
         ("0" * 59 + "u0079", "0108775067")),
        ("42-douban-kuairec-epinions/bookreviews_cleaned.txt", "Douban", 416, ["book"],
         ("11", "43")),
    ],
)  # fmt: skip
def test_public_layouts(case, place, layout, rows, scenarios, first):
    log = read_log(case(place))
    assert (log.rejects.files[0].layout, log.rejects.read) == (layout, rows)
    assert log.scenarios.ids.tolist() == scenarios
    assert (log.users.ids[0], log.items.ids[0]) == first


def test_articles_keep_their_zeros(case):
    catalog = read_catalog(case("41-reesb46-hm") / "articles.csv")
    assert (catalog.items.ids[0], catalog.title[0]) == ("0108775001", "Tea Brew Green 0")
    log = read_log(case("41-reesb46-hm") / "online_retail.csv")
    assert log.rejects.files[0].columns["item_id"] == "StockCode"
