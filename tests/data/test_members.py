"""Archives and workbooks: each table takes its role, and what is left out is named."""

import io
import tarfile

import pytest

from crossrec.data import read_catalog, read_log, read_users
from crossrec.data.reading.preview import look
from crossrec.data.sources import archive
from crossrec.errors import FileUnreadable
from tests.data.files import BASIC, HEAD, ROWS, told, triples, zipped
from tests.data.workbooks import workbook

LOG = [HEAD.strip().split(","), *map(list, ROWS)]
ITEMS = [["item_id", "title"], ["i1", "One"], ["i2", "Two"]]
USERS = [["user_id", "age"], ["u1", 20], ["u2", 30]]
PLAIN = [row[:2] for row in LOG]


def facts(table):
    return {file.sheet or file.member: file for file in table.rejects.files}


def test_each_sheet_takes_its_role_and_a_cover_is_named(write):
    cover = [["Export of May"], ["made for the analysts"]]
    book = write(workbook(**{"Read me": cover, "Log": LOG, "Items": ITEMS, "People": USERS}))
    log, catalog, users = read_log(book), read_catalog(book), read_users(book)
    assert triples(log) == ROWS
    assert catalog.title.tolist() == ["One", "Two"]
    assert users.attributes["age"].tolist() == [20, 30]
    for table, sheet in ((log, "Log"), (catalog, "Items"), (users, "People")):
        assert list(facts(table)) == [sheet, "Read me"]
        assert not facts(table)[sheet].skipped
        assert "neither users nor items" in facts(table)["Read me"].note
    assert [one.role for one in look(book)] == ["", "interactions", "items", "users"]


def test_sheets_of_one_table_are_joined(write):
    book = write(workbook(Sheet1=LOG[:3], Sheet2=[LOG[0], LOG[3], ["", "i9", "a"]]), "book.xlsx")
    log = read_log(book)
    assert triples(log) == ROWS
    assert [(row.file, row.line) for row in log.rejects.rows] == [("book.xlsx/Sheet2", 3)]


def test_sheets_without_a_scenario_are_scenarios_by_name(write):
    log = read_log(write(workbook(shop=PLAIN, video=PLAIN[:2])))
    assert sorted(set(triples(log))) == [
        ("u1", "i1", "shop"), ("u1", "i1", "video"), ("u1", "i2", "shop"), ("u2", "i2", "shop"),
    ]  # fmt: skip
    assert facts(log)["shop"].note == "Its name is the scenario of its rows"
    for names in (("Sheet1", "Sheet2"), ("2023", "2024"), ("Jan", "Feb"), ("train", "test")):
        log = read_log(write(workbook(**dict.fromkeys(names, PLAIN))))
        assert log.scenarios.ids.tolist() == ["all"]


@pytest.mark.parametrize("title", [[["Behaviour of May"]], [["Report", "2024-05-01"], [], []]])
def test_column_names_below_a_title(write, title):
    log = read_log(write(workbook(data=[*title, *LOG, ["", "i1", "a"]])))
    assert triples(log) == ROWS
    assert told(log) == [(len(title) + 5, "user_id", "", "no user")]
    assert log.rejects.files[0].note == f"The column names stand in line {len(title) + 1}"


def test_an_error_in_a_cell_is_empty(write):
    log = read_log(write(workbook(data=[*LOG, ["#N/A", "i1", "a"]])))
    assert told(log) == [(5, "user_id", "", "no user")]


def taped(mode="w:gz", **members):
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode=mode) as file:
        for name, content in members.items():
            entry = tarfile.TarInfo(name)
            data = content.encode() if isinstance(content, str) else content
            entry.size = len(data)
            file.addfile(entry, io.BytesIO(data))
    return buffer.getvalue()


@pytest.mark.parametrize("mode", ["w", "w:gz"])
def test_a_tar_archive_is_read_like_a_zip(write, mode):
    members = {"d/items.csv": "item_id,title\ni1,One\n", "d/log.csv": BASIC, "d/._log.csv": "\0\1"}
    path = write(taped(mode, **members), "set.tgz")
    log, catalog = read_log(path), read_catalog(path)
    assert triples(log) == ROWS
    assert catalog.title.tolist() == ["One"]
    assert (log.rejects.files[0].name, log.rejects.files[0].member) == (
        "set.tgz/d/log.csv", "d/log.csv",
    )  # fmt: skip
    assert [one.role for one in look(path)] == ["items", "interactions"]


def link(name, target, kind=tarfile.SYMTYPE):
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as file:
        entry = tarfile.TarInfo(name)
        entry.type, entry.linkname = kind, target
        file.addfile(entry)
    return buffer.getvalue()


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (taped(**{"../log.csv": BASIC}), "points outside the archive"),
        (taped(**{"/etc/log.csv": BASIC}), "points outside the archive"),
        (link("log.csv", "/etc/passwd"), "a link or a device"),
        (link("log.csv", "x.csv", tarfile.LNKTYPE), "a link or a device"),
        (link("log.csv", "", tarfile.CHRTYPE), "a link or a device"),
        (taped("w", **{"log.csv": BASIC})[:600], "a complete tar file"),
    ],
)
def test_tar_archives_that_are_not_to_be_trusted(write, content, said):
    with pytest.raises(FileUnreadable, match=said):
        read_log(write(content))


def test_tar_archives_are_bounded(write, monkeypatch):
    many = taped(**{f"{at}.csv": BASIC for at in range(9)})
    monkeypatch.setattr(archive, "MAX_MEMBERS", 8)
    with pytest.raises(FileUnreadable, match="at most 8 files"):
        read_log(write(many))
    monkeypatch.setattr(archive, "ALWAYS_ALLOWED", 1 << 20)
    for mode in ("w:gz", "w"):
        content = taped(mode, **{"log.csv": b"0" * (1 << 23)})
        monkeypatch.setattr(archive, "MAX_GROWTH", 200 if mode == "w:gz" else 0)
        with pytest.raises(FileUnreadable, match="zip bomb"):
            read_log(write(content))


def test_words_about_rated_items_are_no_second_log(write):
    members = {
        "ratings.csv": "user,book,rating\nu1,b1,5\nu2,b2,3\n",
        "comments.csv": "user,book,comment\nu1,b1,fine\nu3,b3,dull\n",
        "books.csv": "book,title\nb1,One\nb2,Two\n",
        "links.csv": "book,isbn_id,url\nb1,1,http://x\n",
    }
    path = write(zipped(**members), "books.zip")
    log, catalog = read_log(path), read_catalog(path)
    assert (len(log), len(catalog), set(catalog.attributes)) == (2, 2, set())
    assert facts(log)["comments.csv"].note == (
        "not read: words about items that were rated, beside ratings.csv"
    )
    assert facts(catalog)["links.csv"].note == (
        "not read: nothing but ids of items, beside books.csv"
    )
    # By itself it is a log like any other.
    assert len(read_log(write(members["comments.csv"]))) == 2


def test_logs_of_an_archive_are_scenarios_by_name(write):
    plain = "user_id,item_id\nu1,i1\n"
    log = read_log(write(zipped(**{"d/log_shop.csv": plain, "d/log_video.csv.gz": plain})))
    assert log.scenarios.ids.tolist() == ["shop", "video"]
    assert log.rejects.files[0].note == "Its name is the scenario of its rows"
    for names in (("2019-Oct", "2019-Nov"), ("a", "a_2"), ("train", "test")):
        log = read_log(write(zipped(**{f"{name}.csv": plain for name in names})))
        assert log.scenarios.ids.tolist() == ["all"]
    # A column tells it better, and so does a person.
    log = read_log(write(zipped(**{"shop.csv": BASIC, "video.csv": BASIC})))
    assert log.scenarios.ids.tolist() == ["a", "b"]
    files = write(zipped(**{"shop.csv": plain, "video.csv": plain}))
    assert read_log(files, {"scenario": ""}).scenarios.ids.tolist() == ["shop", "video"]
    assert read_log(files, scenario="mine").scenarios.ids.tolist() == ["mine"]
    assert [one.scenario for one in look(files)] == ["shop", "video"]


def test_further_tables_of_movielens_are_named(write):
    members = {
        "ml/ratings.csv": "userId,movieId,rating,timestamp\n1,2,4.0,964982703\n",
        "ml/tags.csv": "userId,movieId,tag,timestamp\n1,2,funny,964982703\n",
        "ml/links.csv": "movieId,imdbId,tmdbId\n2,1,1\n",
        "ml/movies.csv": "movieId,title,genres\n2,B,Comedy|Drama\n",
    }
    path = write(zipped(**members))
    log, catalog = read_log(path), read_catalog(path)
    assert (len(log), len(catalog)) == (1, 1)
    for table in (log, catalog):
        left_out = {file.member for file in table.rejects.files if file.skipped}
        assert left_out == {"ml/tags.csv", "ml/links.csv"}
