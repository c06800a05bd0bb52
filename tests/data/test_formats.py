"""Well-known public layouts are read as they are, with no settings."""

import gzip
import json
import zipfile

import pytest

from crossrec.data import TimeKind, read_catalog, read_log, read_users
from crossrec.data.reading.preview import look


def put(folder, name, text, encoding="utf-8"):
    path = folder / name
    path.write_bytes(text.encode(encoding))
    return path


def layout(table):
    return table.rejects.files[0].layout


FLAGS = "|".join("0" * 18)
U_ITEM = f"1|Café Fictif (1995)|01-Jan-1995||http://x|{FLAGS}|1\n2|B (1995)|||http://y|1|{FLAGS}\n"
RATINGS_DAT = "1::1193::5::978300760\n1::661::3::978302109\n2::1193::4::978298413\n"


@pytest.mark.parametrize(
    ("name", "text", "expected"),
    [
        ("ratings.csv", "userId,movieId,rating,timestamp\n1,2,4.0,964982703\n1,3,3,964981247\n",
         ("MovieLens", 2, "all", TimeKind.CLOCK)),
        ("ratings.csv", "UserID,MovieID,Rating,Timestamp\n1,2,4.0,964982703\n1,3,3,964981247\n",
         ("MovieLens", 2, "all", TimeKind.CLOCK)),
        ("u.data", "196\t242\t3\t881250949\n186\t302\t3\t891717742\n",
         ("MovieLens 100K", 2, "all", TimeKind.CLOCK)),
        ("ratings.dat", RATINGS_DAT, ("MovieLens 1M or 10M", 3, "all", TimeKind.CLOCK)),
        ("x.inter",
         'user_id:token\titem_id:token\trating:float\ttimestamp:float\n1\t2"\t4\t964982703.0\n',
         ("RecBole", 1, "all", TimeKind.CLOCK)),
        ("events.csv",
         "timestamp,visitorid,event,itemid,transactionid\n"
         "1433221332117,257597,view,355908,\n1433224214164,992329,transaction,248676,4000\n",
         ("RetailRocket", 2, "all", TimeKind.CLOCK)),
        ("moviereviews_cleaned.txt",
         '"user_id"\t"movie_id"\t"rating"\t"time"\n"1"\t"m"\t"4"\t"2012-03-04"\n',
         ("Douban", 1, "movie", TimeKind.CLOCK)),
        ("ratings.csv",
         "RATING_ID,USER_MD5,MOVIE_ID,RATING,RATING_TIME\n1,ab,5,4,2017-05-01 20:00:00\n",
         ("Douban", 1, "movie", TimeKind.CLOCK)),
        ("behaviors.tsv",
         "1\tU1\t11/11/2019 9:05:58 AM\tN7 N8\tN1-0 N2-1 N3-1\n"
         "2\tU2\t11/12/2019 6:11:30 PM\t\tN1-1\n3\tU3\t11/12/2019 6:11:30 PM\t\tN1-0\n",
         ("MIND", 3, "all", TimeKind.CLOCK)),
        ("log_standard.csv",
         "user_id,video_id,date,hourmin,time_ms,is_click,is_like,is_follow,is_comment,is_forward,"
         "is_hate,long_view,tab\n"
         "0,10,20220411,1900,1649674800000,1,0,0,0,0,0,1,1\n"
         "0,11,20220411,1900,1649674800001,0,0,0,0,0,0,0,1\n",
         ("KuaiRand", 1, "tab 1", TimeKind.CLOCK)),
        ("user_behavior.csv", "用户ID,商品ID,行为\n1,101,购买\n2,102,浏览\n",
         ("Shop export", 2, "all", TimeKind.NONE)),
    ],
)  # fmt: skip
def test_logs(tmp_path, name, text, expected):
    log = read_log(put(tmp_path, name, text))
    assert (layout(log), len(log), log.scenarios.ids[0], log.time_kind) == expected
    assert log.rejects.rejected == 0


def test_an_upload_that_lost_its_name_is_recognised_by_its_first_lines(tmp_path):
    log = read_log(put(tmp_path, "0f3a", RATINGS_DAT))
    assert layout(log) == "MovieLens 1M or 10M"
    assert log.items.ids.tolist() == ["1193", "661"]


def test_the_old_movielens_catalogue_is_latin_1(tmp_path):
    catalog = read_catalog(put(tmp_path, "u.item", U_ITEM, "latin-1"))
    assert catalog.title.tolist() == ["Café Fictif (1995)", "B (1995)"]
    assert catalog.attributes["Western"].tolist() == [1, 0]
    dat = "1::Café (1995)::Animation|Children's\n2::B (2000)::Drama\n"
    for encoding in ("latin-1", "utf-8"):
        catalog = read_catalog(put(tmp_path, "movies.dat", dat, encoding))
        assert catalog.title[0] == "Café (1995)"
        assert catalog.attributes["category"].tolist() == ["Animation | Children's", "Drama"]


def test_profiles(tmp_path):
    users = read_users(put(tmp_path, "u.user", "1|24|M|technician|85711\n2|53|F|other|94043\n"))
    assert users.attributes["occupation"].tolist() == ["technician", "other"]
    users = read_users(put(tmp_path, "users.csv", "user_id,age,gender,occupation\n1,20,f,x\n"))
    assert (layout(users), users.attributes["age"].tolist()) == ("Shop export", [20])


def jsonl(*rows):
    return "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)


def test_amazon_of_2014_and_2018(tmp_path):
    review = {"reviewerID": "A1", "asin": "B1", "overall": 5.0, "reviewText": 'two\n"lines"',
              "unixReviewTime": 1382659200, "helpful": [0, 0]}  # fmt: skip
    other = {**review, "reviewerID": "A2"}
    path = tmp_path / "reviews_Home_and_Kitchen_5.json.gz"
    path.write_bytes(gzip.compress(jsonl(review, other).encode()))
    log = read_log(path)
    assert layout(log) == "Amazon reviews 2014/2018"
    assert log.scenarios.ids.tolist() == ["Home and Kitchen"]
    assert log.users.ids.tolist() == ["A1", "A2"]
    meta = {"asin": "B1", "title": "Pan", "description": ["Good.", "Round"], "price": "$9.99",
            "category": ["Home", "Pans"], "also_buy": None}  # fmt: skip
    catalog = read_catalog(put(tmp_path, "meta.json", jsonl(meta)))
    assert (catalog.title[0], catalog.text[0]) == ("Pan", "Good.. Round")
    assert catalog.attributes["price"].tolist() == [9.99]
    # The metadata of 2014 are no JSON but literals of Python.
    catalog = read_catalog(put(tmp_path, "meta.json", f"{meta}\n{{'asin': 'B2'}}\n"))
    assert catalog.title.tolist() == ["Pan", ""]


def test_amazon_of_2023(tmp_path):
    review = {"rating": 5.0, "title": "Such a scent!", "text": "x", "images": [], "asin": "B0",
              "parent_asin": "B1", "user_id": "AG", "timestamp": 1588687728923,
              "verified_purchase": True}  # fmt: skip
    log = read_log(put(tmp_path, "All_Beauty.jsonl", jsonl(review)))
    assert layout(log) == "Amazon reviews 2023"
    assert (log.items.ids[0], log.scenarios.ids[0]) == ("B1", "All Beauty")
    assert log.time is not None
    assert log.time.tolist() == [1588687728]
    meta = {"main_category": "Beauty", "title": "Spray", "features": [], "description": [],
            "price": None, "store": "S", "details": {"a": 1}, "parent_asin": "B1"}  # fmt: skip
    catalog = read_catalog(put(tmp_path, "meta_All_Beauty.jsonl", jsonl(meta)))
    assert catalog.attributes["category"].tolist() == ["Beauty"]
    assert catalog.listed["All Beauty"].tolist() == [0]


def test_mind_news_and_retailrocket_properties(tmp_path):
    news = 'N1\tsports\tnfl\tA "title\t...\thttp://x\t[]\t[]\nN2\tnews\tworld\tB\t\t\t[]\t[]\n'
    catalog = read_catalog(put(tmp_path, "news.tsv", news))
    assert catalog.title.tolist() == ['A "title', "B"]
    rows = "timestamp,itemid,property,value\n2,7,categoryid,100\n3,7,categoryid,200\n1,7,5,n3\n"
    catalog = read_catalog(put(tmp_path, "item_properties_part1.csv", rows))
    assert catalog.attributes["category"].tolist() == [200]


def test_an_archive_of_a_whole_set_gives_each_table_its_files(tmp_path):
    path = tmp_path / "ml-100k.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("ml-100k/README", "SUMMARY\nabout this set, and more\n")
        archive.writestr("ml-100k/u.data", "1\t1\t3\t881250949\n2\t1\t3\t891717742\n")
        archive.writestr("ml-100k/u.item", U_ITEM.encode("latin-1"))
        archive.writestr("ml-100k/u.user", "1|24|M|technician|85711\n")
    log, items, users = read_log(path), read_catalog(path), read_users(path)
    assert (len(log), len(items), len(users)) == (2, 2, 1)
    assert log.rejects.files[0].name == "ml-100k.zip/ml-100k/u.data"
    roles = {each.name.rpartition("/")[2]: (each.layout, each.role) for each in look(path)}
    assert roles["u.data"] == ("MovieLens 100K", "interactions")
    assert roles["u.item"][1] == "items"
    assert roles["u.user"][1] == "users"
