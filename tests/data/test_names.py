"""Spellings of one scenario or event, names a person gave, and item columns of different names."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crossrec.data import read_catalog, read_log
from crossrec.data.audit.rules import audit
from crossrec.data.catalog import listed_as
from crossrec.data.names import known_name, name_key
from crossrec.data.reading.nouns import noun_of, nouns_of
from crossrec.data.reading.readers import ReadOptions
from crossrec.errors import DataError, UnknownId
from tests.data.files import HEAD

SPELLED = (
    HEAD + "u1,i1,App_Feed\nu2,i1,app_feed\nu1,i2,app feed\nu3,i1,app_feed\nu3,i2,Shop\n"
    "u1,i1,app-feed\nu4,i3,10-20\nu4,i3,1020\n"
)


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("App_Feed", "app feed", True),
        ("APP-FEED", "AppFeed", True),
        ("ＡＰＰ", "app", True),
        ("应用 推荐", "应用推荐", True),
        ("10-20", "1020", False),
        ("-1", "1", False),
        ("A+", "A", False),
        ("v1.2", "v12", False),
    ],
)
def test_which_spellings_are_one_name(one, other, same):
    assert (name_key(one) == name_key(other)) is same


@given(st.text(max_size=12))
def test_a_name_is_a_spelling_of_itself_in_any_case(name):
    assert name_key(name) == name_key(name.upper().lower()) or name.upper().lower() != name
    assert known_name(name, [name]) == name


def test_spellings_are_one_scenario_under_the_most_frequent_one(write):
    log = read_log(write(SPELLED))
    assert log.scenarios.ids.tolist() == ["10-20", "1020", "Shop", "app_feed"]
    # The same user, item and scenario twice is an exact repeat now.
    assert (len(log), log.rejects.duplicates) == (7, 1)
    (found,) = [one for one in audit(log).findings if one.rule == "merged_names"]
    assert found.count == 3
    assert {"name": "App_Feed", "as": "app_feed", "rows": 1} in found.examples


def test_a_person_renames_and_joins_scenarios(write):
    new = {"APP FEED": "home", "shop": "home", "10-20": "young"}
    log = read_log(write(SPELLED), scenario_names=new)
    assert log.scenarios.ids.tolist() == ["1020", "home", "young"]
    rules = {one.rule: one for one in audit(log).findings}
    assert rules["renamed_scenarios"].count == 6
    assert "merged_names" not in rules
    with pytest.raises(UnknownId, match="'nowhere'"):
        read_log(write(SPELLED), scenario_names={"nowhere": "x"})
    with pytest.raises(DataError, match="one new name"):
        ReadOptions(scenario_names={"a b": "x", "A_B": "y"})
    assert ReadOptions(scenario_names=new).to_json() == {"scenario_names": new}


def test_a_new_name_may_be_that_of_another_scenario(write):
    log = read_log(write(SPELLED), scenario_names={"1020": "SHOP"})
    assert log.scenarios.ids.tolist() == ["10-20", "SHOP", "app_feed"]
    swapped = read_log(write(SPELLED), scenario_names={"1020": "10-20", "10-20": "1020"})
    rows = swapped.rejects.notes[-1].examples
    assert {(row["name"], row["as"]) for row in rows} >= {("1020", "10-20"), ("10-20", "1020")}


def test_a_catalogue_is_listed_under_the_names_of_the_log(write):
    catalog = read_catalog(
        write("item_id,scenario,title\ni1,App Feed,Tea\ni2,app_feed,Pot\ni2,x,P\n")
    )
    listed = listed_as(catalog, ["home", "shop"], {"app feed": "home"}).listed
    assert {name: codes.tolist() for name, codes in listed.items()} == {"home": [0, 1], "x": [1]}


def test_events_in_two_cases_are_one(write):
    text = "user_id,item_id,event\nu,i,View\nu,i,VIEW\nu,i,view\nu,j,add to cart\nu,k,Add_To_Cart\n"
    log = read_log(write(text))
    assert (len(log), log.rejects.duplicates) == (3, 2)
    assert [(one.value, one.rows) for one in log.rejects.signals] == [
        ("View", 3),
        ("add to cart", 2),
    ]


# ---------------------------------------------------------------------- item columns


@pytest.mark.parametrize(
    ("header", "noun"),
    [("movie_id", "movie"), ("MovieID", "movie"), ("item_id", ""), ("sku", ""), ("id", ""),
     ("图书编号", "book"), ("商品ID", ""), ("parent_asin", "")],
)  # fmt: skip
def test_what_a_column_says_items_are(header, noun):
    assert noun_of(header) == noun


FILMS = "user_id,movie_id\nu1,18\nu2,19\nu1,x9\n"
BOOKS = "user_id,book_id\nu1,18\nu3,7\n"


def test_film_18_is_not_book_18(write):
    films, books = write(FILMS, "films.csv"), write(BOOKS, "books.csv")
    log = read_log({"films": films, "books": books})
    assert set(log.items.ids) == {"movie:18", "movie:19", "movie:x9", "book:18", "book:7"}
    assert sorted(log.users.ids) == ["u1", "u2", "u3"]
    assert [one.note[:36] for one in log.rejects.files] == [
        "its item ids got the prefix movie:, ", "its item ids got the prefix book:, b",
    ]  # fmt: skip
    (found,) = [one for one in audit(log).findings if one.rule == "separate_items"]
    assert "movie_id" in found.values["columns"]
    nouns = nouns_of(log.rejects.notes)
    titles = write("movie_id,title\n18,Alien\n", "titles.csv")
    assert read_catalog(titles, item_nouns=nouns).items.ids.tolist() == ["movie:18"]
    assert read_catalog(titles).items.ids.tolist() == ["18"]
    assert read_log(films, item_nouns=nouns).items.ids[0] == "movie:18"


@pytest.mark.parametrize("other", ["user_id,book_id\nu1,b18\n", "user_id,item_id\nu1,18\n"])
def test_ids_stay_where_nothing_collides_or_a_column_is_general(write, other):
    log = read_log([write(FILMS, "films.csv"), write(other, "other.csv")])
    assert "18" in log.items.ids


def test_placeholders_of_separate_items_stay_missing(write):
    books = BOOKS + "u4,NA\n"
    log = read_log([write(FILMS, "films.csv"), write(books, "books.csv")])
    assert [(row.file, row.line, row.value) for row in log.rejects.rows] == [("books.csv", 4, "NA")]
    notes = {note.rule: note.count for note in log.rejects.notes}
    assert notes == {"separate_items": 2, "placeholder_ids": 1}


# ---------------------------------------------------------------------- titles and zeros


def test_one_id_with_two_titles_is_told(write):
    text = (
        "item_id,scenario,title\n1,a,Green Tea Leaves\n1,b,green-tea leaves!\n2,a,Tea\n"
        "2,b,Bicycle\n3,a,\n3,b,Pot\n"
    )
    catalog = read_catalog(write(text))
    (note,) = catalog.rejects.notes
    assert (note.rule, note.count, note.examples) == (
        "two_titles", 1, ({"item_id": "2", "titles": "Tea | Bicycle"},),
    )  # fmt: skip
    log = read_log(write(HEAD + "u,1,a\nu,2,b\n", "log.csv"))
    assert "two_titles" in {one.rule for one in audit(log, catalog).findings}
    apart = [
        write("item_id,title\n1,Tea\n2,Pot\n", "a.csv"),
        write("item_id,title\n2,Cup\n", "b.csv"),
    ]
    assert [note.rule for note in read_catalog(apart).rejects.notes] == ["two_titles"]


def test_lost_zeros_are_told_and_not_joined(write):
    log = read_log(write(HEAD + "".join(f"{at % 5:04d},{at:06d},a\n" for at in range(1, 30))))
    catalog = read_catalog(
        write("item_id,title\n" + "".join(f"{at},T{at}\n" for at in range(1, 30)))
    )
    (found,) = [one for one in audit(log, catalog).findings if one.rule == "lost_zeros"]
    assert found.count == 29
    assert found.examples[0] == {"log_id": "000001", "other_id": "1"}
    whole = read_catalog(write("item_id,title\n" + "".join(f"{at:06d},T\n" for at in range(1, 30))))
    assert "lost_zeros" not in {one.rule for one in audit(log, whole).findings}


def test_zeros_lost_in_one_of_two_logs_are_told(write):
    ids = [f"{at:05d}" for at in range(10, 30)]
    rows = "".join(f"{user},i1,a\n{user.lstrip('0')},i2,b\n" for user in ids)
    found = [
        one for one in audit(read_log(write(HEAD + rows))).findings if one.rule == "lost_zeros"
    ]
    assert [one.count for one in found] == [20]
