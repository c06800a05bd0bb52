"""Public layouts that are told by their headers or first lines: which column is what."""

import json

import pytest

from crossrec.data import TimeKind, read_catalog, read_log, read_users
from crossrec.data.values import values_of
from tests.data.files import zipped

TAOBAO = "1,2268318,2520377,pv,1511544070\n1,2333346,2520771,buy,1511561733\n"
AMAZON_2014 = "A3EBHHCZO6V2A4,5555991584,5.0,981676800\nAZPWAXJG9OJXV,B000005555,4.0,991526400\n"
AMAZON_2018 = "B0006ODLFI,A1ZU55TM45Y2R8,5.0,1387324800\nB000V3R7Y2,AOIIOBCBAGIS,3.0,1354320000\n"
YELP = {"review_id": "r1", "user_id": "u1", "business_id": "b1", "stars": 4.0, "useful": 0,
        "text": "fine", "date": "2018-07-07 22:09:11"}  # fmt: skip
STEAM = (
    "{u'username': u'u1', u'hours': 7.5, u'product_id': u'70', u'page': 1,"
    " u'date': u'2017-01-02'}\n"
)
RECBOLE = "review_id:token\tuser_id:token\tbusiness_id:token\tstars:float\tpage:float\tdate:float\n"
RETAIL = (
    "InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country\n"
    "536365,85123A,HEART,6,12/13/2010 8:26,2.55,17850,United Kingdom\n"
)
GORSE = "feedback_type,user_id,item_id,value,time_stamp,comment\nstar,u1,i1,0,2024-01-01,\n"
H_AND_M = "t_dat,customer_id,article_id,price,sales_channel_id\n2018-09-20,c1,0663713001,0.05,2\n"
GOWALLA = "0\t2010-10-19T23:55:27Z\t30.2359\t-97.7951\t22847\n"
HETREC = "userID\tartistID\tweight\n2\t51\t13883\n"
BOOKS = '"User-ID";"ISBN";"Book-Rating"\n"276725";"034545104X";"0"\n"276726";"0155061224";"5"\n'


@pytest.mark.parametrize(
    ("name", "text", "layout", "first", "columns"),
    [
        ("UserBehavior.csv", TAOBAO, "Taobao user behaviour", ("1", "2268318", "all"),
         {"event": "behavior"}),
        ("ratings_Beauty.csv", AMAZON_2014, "Amazon ratings",
         ("A3EBHHCZO6V2A4", "5555991584", "Beauty"), {"rating": "rating"}),
        ("All_Beauty.csv", AMAZON_2018, "Amazon ratings",
         ("A1ZU55TM45Y2R8", "B0006ODLFI", "All Beauty"), {"rating": "rating"}),
        ("review.json", json.dumps(YELP) + "\n", "Yelp", ("u1", "b1", "all"), {"rating": "stars"}),
        ("steam.json", STEAM, "Steam", ("u1", "70", "all"), {"quantity": "hours"}),
        ("yelp.inter", RECBOLE + "r1\tu1\tb1\t4\t3\t1531001351\n", "RecBole", ("u1", "b1", "all"),
         {"rating": "stars:float"}),
        ("retail.csv", RETAIL, "Online Retail", ("17850", "85123A", "all"),
         {"quantity": "Quantity"}),
        ("feedback.csv", GORSE, "Gorse", ("u1", "i1", "all"), {"event": "feedback_type"}),
        ("transactions_train.csv", H_AND_M, "H&M", ("c1", "0663713001", "2"), {}),
        ("Gowalla_totalCheckins.txt", GOWALLA, "Gowalla or Brightkite", ("0", "22847", "all"), {}),
    ],
)  # fmt: skip
@pytest.mark.parametrize("named", [True, False])
def test_logs(write, name, text, layout, first, columns, named):
    log = read_log(write(text, name if named else "0f3a"))
    facts = log.rejects.files[0]
    assert (facts.layout, log.time_kind, log.rejects.rejected) == (layout, TimeKind.CLOCK, 0)
    frame = log.to_frame()
    scenario = first[2] if named or first[2] == "2" else "all"
    assert tuple(frame.loc[0, ["user_id", "item_id", "scenario"]]) == (*first[:2], scenario)
    assert columns.items() <= facts.columns.items()
    assert "page:float" not in facts.columns.values()


@pytest.mark.parametrize(
    ("text", "layout", "users"),
    [(HETREC, "Last.fm", ["2"]), (BOOKS, "Book-Crossing", ["276726"])],
)
def test_logs_without_times(write, text, layout, users):
    log = read_log(write(text))
    assert log.rejects.files[0].layout == layout
    assert log.users.ids[-1] == users[0]


def test_a_layout_is_the_same_as_json_and_in_another_encoding(write):
    row = dict(
        zip(H_AND_M.split("\n")[0].split(","), H_AND_M.split("\n")[1].split(","), strict=True)
    )
    for content in (json.dumps(row) + "\n", H_AND_M.encode("utf-16"), H_AND_M.replace(",", "\t")):
        log = read_log(write(content))
        assert log.rejects.files[0].layout == "H&M"
        assert log.scenarios.ids.tolist() == ["2"]


def test_catalogues(write):
    heading = "article_id,product_code,prod_name,product_type_name,detail_desc\n"
    text = heading + "0108775015,0108775,Top,Vest,A top\n"
    catalog = read_catalog(write(text))
    assert (catalog.items.ids[0], catalog.title[0], catalog.text[0]) == (
        "0108775015", "Top", "A top",
    )  # fmt: skip
    place = {"business_id": "b1", "name": "Pho", "categories": "Food, Tea Rooms", "stars": 4.0}
    catalog = read_catalog(write(json.dumps(place) + "\n"))
    assert catalog.title[0] == "Pho"
    assert values_of(catalog.attributes["category"][0]) == ["Food", "Tea Rooms"]
    text = "item_id:token\tmovie_title:token_seq\tclass:token_seq\n1\tToy Story\tAnimation Comedy\n"
    catalog = read_catalog(write(text))
    assert catalog.title[0] == "Toy Story"
    assert values_of(catalog.attributes["category"][0]) == ["Animation", "Comedy"]
    users = read_users(write("customer_id,FN,Active,club_member_status,age\nc1,1,1,ACTIVE,49\n"))
    assert users.users.ids.tolist() == ["c1"]


def test_an_archive_of_yelp_leaves_tips_out(write):
    tip = {"user_id": "u1", "business_id": "b1", "text": "go", "date": "2012-05-18 02:17:21",
           "compliment_count": 0}  # fmt: skip
    members = {"yelp/review.json": json.dumps(YELP) + "\n", "yelp/tip.json": json.dumps(tip) + "\n"}
    log = read_log(write(zipped(**members)))
    assert len(log) == 1
    assert [file.member for file in log.rejects.files if file.skipped] == ["yelp/tip.json"]
