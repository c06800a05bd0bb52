"""Which columns are users, items and scenarios where headers alone do not say."""

import pytest

from crossrec.data import read_catalog, read_log
from crossrec.data.reading.mapping import suggest
from crossrec.errors import ColumnMissing
from crossrec.schema import CATALOG_COLUMNS, ITEM, SCENARIO, TIME, USER

N = 60
NUMBERS = [str(at) for at in range(1, N + 1)]
PEOPLE = [f"p{at % 13}" for at in range(N)]
PLACES = [f"v{at % 17}" for at in range(N)]
BRANDS = [f"b{at % 3}" for at in range(N)]


def _guess(names=None, **columns):
    return suggest(list(columns), columns, **({"names": names} if names else {}))


@pytest.mark.parametrize(
    ("columns", "item"),
    [
        ({"id": NUMBERS, "user_id": PEOPLE, "venue_id": PLACES}, "venue_id"),
        ({"review_id": NUMBERS, "user_id": PEOPLE, "business_id": PLACES}, "business_id"),
        ({"orderId": NUMBERS, "userId": PEOPLE, "brandId": BRANDS, "innCode": PLACES}, "innCode"),
        ({"user_id": PEOPLE, "artist_id": BRANDS, "concert_id": PLACES}, "concert_id"),
        ({"user_id": PEOPLE, "id": PLACES, "director_no": BRANDS}, "id"),
        ({"编号": NUMBERS, "用户ID": PEOPLE, "餐厅编号": PLACES}, "餐厅编号"),
        ({"id": NUMBERS, "user_id": PEOPLE}, None),
        ({"order_id": NUMBERS, "user_id": PEOPLE, "session_id": PLACES}, None),
    ],
)  # fmt: skip
def test_an_item_is_no_column_that_is_different_in_every_row(columns, item):
    found = _guess(**columns)
    assert found.get(ITEM) == item
    assert item is None or found.confidence[ITEM] == "likely"


@pytest.mark.parametrize(
    ("columns", "user"),
    [
        ({"author": BRANDS, "buyer_name": PEOPLE, "item_id": PLACES}, "buyer_name"),
        ({"session": NUMBERS, "customerNo": PEOPLE, "item_id": PLACES}, "customerNo"),
        ({"client_email": PEOPLE, "client_id": PEOPLE, "item_id": PLACES}, "client_id"),
        ({"author": PEOPLE, "item_id": PLACES}, "author"),
        ({"session": NUMBERS, "item_id": PLACES}, None),
        ({"user": NUMBERS, "item_id": PLACES}, "user"),
    ],
)
def test_users_are_told_by_their_noun_before_weak_words(columns, user):
    assert _guess(**columns).get(USER) == user


def test_sentences_and_times_are_no_items():
    said = [f"It was very nice there, number {at % 9}" for at in range(N)]
    times = [str(1704070919 + at % 20) for at in range(N)]
    found = _guess(user_id=PEOPLE, content=said, track=times)
    assert found.get(ITEM) is None


@pytest.mark.parametrize(
    ("header", "values", "scenario"),
    [
        ("page:float", BRANDS, False),
        ("page", [str(at % 8) for at in range(N)], False),
        ("page", ["home", "search"] * (N // 2), True),
        ("channel", [str(at % 5) for at in range(N)], True),
        ("channel", [f"{at % 5}.5" for at in range(N)], False),
        ("source", NUMBERS, False),
    ],
)
def test_a_scenario_has_few_values_that_are_no_measures(header, values, scenario):
    found = suggest(["user_id", "item_id", header], {"user_id": PEOPLE, header: values})
    assert (found.get(SCENARIO) == header) is scenario


def test_in_a_catalogue_every_row_is_an_item_of_its_own(write):
    names = CATALOG_COLUMNS
    tea = [f"Tea {at}" for at in range(N)]
    assert _guess(names, id=NUMBERS, venue_id=[f"v{n}" for n in NUMBERS], name=tea).get(ITEM) == (
        "venue_id"
    )
    assert _guess(names, id=NUMBERS, brand_id=BRANDS, name=tea).get(ITEM) == "id"
    assert _guess(names, id=NUMBERS, series_id=BRANDS, name=tea).get(ITEM) == "id"
    catalog = read_catalog(write("venue_id,name\nv1,Tea\nv2,Pot\n"))
    assert catalog.items.ids.tolist() == ["v1", "v2"]


def test_hints_come_from_values(write):
    rows = "".join(
        f"{at},{1704070919 + at * 977},{at % 13},{5000 + at % 17},9.99\n" for at in range(N)
    )
    with pytest.raises(ColumnMissing) as refused:
        read_log(write("a,b,c,d,e\n" + rows))
    assert "'c' may be user_id, 'd' may be item_id" in str(refused.value)


def test_the_whole_sample_is_looked_at(write):
    """Two hundred rows from the beginning would not tell that the numbers repeat."""
    rows = "".join(f"{at % 900},{at % 50},{1704070919 + at}\n" for at in range(3000))
    log = read_log(write("id,user_id,time\n" + rows))
    assert (len(log.items), log.rejects.files[0].columns[TIME]) == (900, "time")
