"""Column maps: known header words, what a person says, and what is missing."""

import pytest

from crossrec.data.reading.mapping import ColumnMap, resolve, suggest
from crossrec.errors import ColumnMissing
from crossrec.schema import CATALOG_COLUMNS, EVENT, ITEM, LOG_COLUMNS, SCENARIO, USER


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        (["user_id", "item_id", "scenario"], ["user_id", "item_id", "scenario"]),
        (["userId", "movieId", "rating", "time"],
         ["user_id", "item_id", "rating", "timestamp"]),
        (["reviewerID", "asin", "overall", "unixReviewTime"],
         ["user_id", "item_id", "rating", "timestamp"]),
        (["用户ID", "商品ID", "场景", "行为", "评分", "时间"],
         ["user_id", "item_id", "scenario", "event", "rating", "timestamp"]),
        (["household_id", "product_id", "quantity", "transaction_timestamp", "department"],
         ["user_id", "item_id", "quantity", "timestamp", "scenario"]),
        (["USER ID", " Item-Id ", "Domain"], ["user_id", "item_id", "scenario"]),
        (["user_id:token", "item_id:token", "rating:float"], ["user_id", "item_id", "rating"]),
    ],
)  # fmt: skip
def test_headers_of_logs_are_recognised(headers, expected):
    assert suggest(headers).columns == dict(zip(expected, headers, strict=True))


def test_headers_of_catalogues_are_recognised_in_chinese():
    found = suggest(["商品ID", "标题", "描述", "类别", "价格"], names=CATALOG_COLUMNS)
    assert list(found.columns) == ["item_id", "title", "text", "category", "price"]
    assert set(found.confidence.values()) == {"exact"}


def test_sure_words_win_over_likely_ones_and_no_column_is_used_twice():
    found = suggest(["category", "domain", "user", "item"])
    assert found.columns[SCENARIO] == "domain"
    assert found.confidence[SCENARIO] == "exact"
    found = suggest(["category", "user", "item"])
    assert (found.columns[SCENARIO], found.confidence[SCENARIO]) == ("category", "likely")


def test_behaviours_are_scenarios_where_there_is_no_other_column():
    assert suggest(["user", "item", "behavior"]).columns[SCENARIO] == "behavior"
    both = suggest(["user", "item", "behavior", "scenario"])
    assert (both.columns[SCENARIO], both.columns[EVENT]) == ("scenario", "behavior")


def test_a_likely_numeric_column_needs_numbers():
    assert suggest(["user", "item", "grade"], {"grade": ["1", "2.5", "3"]}).get("rating") == "grade"
    assert suggest(["user", "item", "grade"], {"grade": ["A", "B", "1"]}).get("rating") is None


def test_parse_reads_what_a_person_types():
    given = ColumnMap.parse("user_id=Kunde Nr, item_id = 商品,event=")
    assert given.columns == {USER: "Kunde Nr", ITEM: "商品", EVENT: ""}
    assert given.get(EVENT) is None
    assert ColumnMap.from_json(given.to_json()) == given


@pytest.mark.parametrize("text", ["user_id", "usr=a", "user_id=a,user_id=b"])
def test_parse_refuses_nonsense(text):
    with pytest.raises(ColumnMissing):
        ColumnMap.parse(text)


def _resolve(columns, given=None):
    return resolve(
        columns, given, None, names=LOG_COLUMNS, needed=(USER, ITEM), file="log.csv"
    )  # fmt: skip


def test_what_is_given_wins_and_the_rest_is_guessed():
    found = _resolve(["a", "user_id", "item_id", "event"], {USER: "a", EVENT: ""})
    assert (found.get(USER), found.get(ITEM), found.get(EVENT)) == ("a", "item_id", None)
    assert found.confidence[USER] == "given"


def test_a_missing_column_says_what_is_there_and_what_to_do():
    with pytest.raises(ColumnMissing, match=r"user_id and item_id.*'x', 'y'.*--map user_id="):
        _resolve(["x", "y"])
    with pytest.raises(ColumnMissing, match="'nope' for user_id"):
        _resolve(["user", "item"], {USER: "nope"})


def test_a_column_named_twice_is_refused():
    with pytest.raises(ColumnMissing, match="'user' more than once"):
        _resolve(["user", "item", "user"])
