"""Public data sets read with no settings; their counts are the ones their makers give."""

import os
import time
from pathlib import Path

import numpy as np
import pytest

from crossrec.data import TimeKind, audit, read_catalog, read_log, read_users

HOME = Path(__file__).parents[2].parent / "shared" / "data"
DATA = Path(os.environ.get("CROSSREC_TEST_DATA", HOME))

pytestmark = pytest.mark.skipif(
    not DATA.is_dir(), reason="no public data sets here (set CROSSREC_TEST_DATA to their folder)"
)

SETS = {
    "amazon_food_kitchen": {
        "read": 436_127,
        "duplicates": 0,
        "users": 53_061,
        "time": TimeKind.ORDER,
        "counts": {"food": (98_316, 14_870, 8_661), "kitchen": (337_811, 47_589, 27_637)},
        "shared": 9_398,
        "rules": {"time_order", "train_test_leak", "twins"},
    },
    "amazon_kg_books_movies": {
        "read": 182_638,
        "duplicates": 0,
        "users": 15_071,
        "time": TimeKind.NONE,
        "counts": {"book": (115_572, 10_485, 8_318), "movie": (67_066, 5_648, 4_779)},
        "shared": 1_062,
        "rules": {"no_time", "twins"},
    },
    "amazon_office_industrial_nooverlap": {
        "read": 45_190,
        "duplicates": 0,
        "users": 6_516,
        "time": TimeKind.ORDER,
        "counts": {"industrial": (22_743, 3_285, 3_541), "office": (22_447, 3_231, 3_317)},
        "shared": 0,
        "rules": {"cold_items", "overlap", "repeats", "time_order"},
    },
    "ciao_categories": {
        "read": 36_065,
        # 227 rows repeat a user and item; 71 of them at the very same time.
        "duplicates": 71,
        "users": 2_248,
        "time": TimeKind.CLOCK,
        "counts": {"cat01": (8_349 - 30, 1_433, 2_059), "cat05": (6_923 - 3, 942, 3_927)},
        "shared": 653,
        "rules": {"duplicates", "no_text", "repeats", "shared_items", "sparse", "time_order"},
    },
    "steam_purchase_play": {
        "read": 200_000,
        "duplicates": 719,
        "users": 12_393,
        "time": TimeKind.NONE,
        "counts": {
            "play": (70_489 - 12, 11_350, 3_600),
            "purchase": (129_511 - 707, 12_393, 5_155),
        },
        "shared": 11_350,
        "nested": (("play", "purchase"),),
        "rules": {
            "duplicates", "nested_behaviour", "no_time", "shared_items", "sparse",
            "train_test_leak", "twins",
        },
    },
    "young_people_survey": {
        "read": 70_401,
        "duplicates": 0,
        "users": 1_010,
        "time": TimeKind.NONE,
        "counts": {"hobby": (32_164, 1_010, 32), "phobia": (10_080, 1_010, 10)},
        "shared": 1_010,
        "rules": {"no_time", "saturated"},
    },
}  # fmt: skip


@pytest.mark.parametrize("name", SETS)
def test_set(name):
    folder = DATA / name
    if not folder.is_dir():
        pytest.skip(f"{name} is not among the data sets")
    expected = SETS[name]
    log = read_log(folder / "interactions.csv.gz")
    catalog = read_catalog(folder / "items.csv.gz")
    assert log.rejects.read == expected["read"]
    assert (log.rejects.rejected, log.rejects.duplicates) == (0, expected["duplicates"])
    assert len(log) == expected["read"] - expected["duplicates"]
    assert len(log.users) == expected["users"]
    assert log.time_kind is expected["time"]
    assert np.all(catalog.items.codes(log.items.ids) >= 0)

    report = audit(log, catalog)
    counts = report.counts.set_index("scenario")[["rows", "users", "items"]]
    for scenario, numbers in expected["counts"].items():
        assert tuple(counts.loc[scenario]) == numbers
    assert report.overlap.iloc[0, 1] == expected["shared"]
    assert {finding.rule for finding in report.findings} == expected["rules"]
    assert report.nested == expected.get("nested", ())
    assert not report.blocked


def test_profiles():
    users = read_users(DATA / "young_people_survey" / "users.csv.gz")
    assert len(users) == 1_010
    assert users.attributes["Age"].dtype == np.float64
    assert users.attributes["Gender"].dtype == object


def test_speed():
    started = time.process_time()
    read_log(DATA / "amazon_food_kitchen" / "interactions.csv.gz")
    assert time.process_time() - started < 10
