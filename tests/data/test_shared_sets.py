"""Public data sets read with no settings; their counts are those of their ABOUT.md."""

import gzip
import os
import re
from dataclasses import dataclass
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
        "duplicates": 0,
        "time": TimeKind.ORDER,
        "rules": {"binary_columns", "time_order", "train_test_leak", "twins"},
    },
    "amazon_kg_books_movies": {
        "duplicates": 0,
        "time": TimeKind.NONE,
        "rules": {"no_time", "twins"},
    },
    "amazon_office_industrial_nooverlap": {
        "duplicates": 0,
        "time": TimeKind.ORDER,
        "rules": {"cold_items", "overlap", "repeats", "time_order"},
    },
    "ciao_categories": {
        # 227 rows repeat a user and item; 71 of them at the very same time.
        "duplicates": 71,
        "time": TimeKind.CLOCK,
        "rules": {"duplicates", "no_text", "repeats", "shared_items", "sparse", "time_order"},
    },
    "steam_purchase_play": {
        "duplicates": 719,
        "time": TimeKind.NONE,
        "nested": (("play", "purchase"),),
        "rules": {
            "duplicates", "nested_behaviour", "no_time", "shared_items", "sparse",
            "train_test_leak", "twins",
        },
    },
    "young_people_survey": {
        "duplicates": 0,
        "time": TimeKind.NONE,
        "rules": {"no_time", "saturated"},
    },
}  # fmt: skip


@dataclass(frozen=True)
class About:
    """The counts that the ABOUT.md of a set gives.

    Attributes:
        rows, users, items: of all scenarios; an item counts once in each of its scenarios.
        repeats: rows that repeat a user, item and scenario.
        in_two: users of two scenarios or more.
        titled: percent of the items with a title.
        scenarios: scenario -> rows, users, items.
        overlap: scenario -> scenario -> common users.
    """

    rows: int
    users: int
    items: int
    repeats: int
    in_two: int
    titled: float
    scenarios: dict[str, tuple[int, ...]]
    overlap: dict[str, dict[str, int]]

    @classmethod
    def read(cls, folder: Path) -> "About":
        text = (folder / "ABOUT.md").read_text(encoding="utf-8")
        counts, shared = text.split("Pairwise user overlap:")
        rows, users, items, repeats = map(
            int,
            re.findall(r"rows (\d+), users (\d+), items (\d+) .*duplicate .* rows (\d+)", counts)[
                0
            ],
        )
        table = re.findall(r"^\| *(\w+) \| (\d+) \| (\d+) \| (\d+) \|$", counts, re.MULTILINE)
        names = re.findall(r"^\| \| (.*) \|$", shared, re.MULTILINE)[0].split(" | ")
        overlap = {
            name: dict(zip(names, map(int, numbers.split(" | ")), strict=True))
            for name, numbers in re.findall(
                rf"^\| ({'|'.join(names)}) \| ([\d |]+) \|$", shared, re.MULTILINE
            )
        }
        return cls(
            rows, users, items, repeats,
            int(re.findall(r"users in >=2 scenarios: (\d+)", text)[0]),
            float(re.findall(r"items with non-empty title: ([\d.]+)%", text)[0]),
            {name: tuple(map(int, numbers)) for name, *numbers in table},
            overlap,
        )  # fmt: skip


def folder_of(name: str) -> Path:
    if not (DATA / name).is_dir():
        pytest.skip(f"{name} is not among the data sets")
    return DATA / name


def test_every_set_that_is_there_is_looked_at():
    assert {path.name for path in DATA.iterdir() if path.is_dir()} <= {*SETS, "minionerec"}


def test_sequences_without_shared_users():
    """Its ABOUT.md gives no counts; what it says of the rows holds."""
    log = read_log(folder_of("minionerec") / "interactions.csv.gz")
    catalog = read_catalog(folder_of("minionerec") / "items.csv.gz")
    assert log.rejects.rejected == 0
    assert log.time_kind is TimeKind.ORDER
    assert np.all(catalog.items.codes(log.items.ids) >= 0)
    users = [set(log.user[log.scenario == code]) for code in range(len(log.scenarios))]
    assert len(users) == 2
    assert not users[0] & users[1]


@pytest.mark.parametrize("name", SETS)
def test_set(name):
    folder, expected = folder_of(name), SETS[name]
    about = About.read(folder)
    # The counts there are of all rows: no rating is a dislike.
    log = read_log(folder / "interactions.csv.gz", positive_from=0)
    catalog = read_catalog(folder / "items.csv.gz")
    assert log.rejects.read == about.rows
    assert (log.rejects.rejected, log.rejects.duplicates) == (0, expected["duplicates"])
    assert len(log.users) == about.users
    assert log.time_kind is expected["time"]
    assert np.all(catalog.items.codes(log.items.ids) >= 0)
    assert 100 * np.mean(catalog.title != "") == pytest.approx(about.titled, abs=0.05)
    frame = log.to_frame()[["user_id", "item_id", "scenario"]]
    assert frame.duplicated().sum() + log.rejects.duplicates == about.repeats
    assert (frame.groupby("user_id")["scenario"].nunique() >= 2).sum() == about.in_two

    report = audit(log, catalog)
    counts = report.counts.set_index("scenario")
    assert sorted(counts.index) == sorted(about.scenarios)
    dropped = 0
    for scenario, (rows, users, items) in about.scenarios.items():
        own = counts.loc[scenario]
        assert (own["users"], own["items"]) == (users, items)
        assert own["rows"] <= rows
        dropped += rows - own["rows"]
    assert dropped == log.rejects.duplicates
    assert counts["items"].sum() == about.items
    assert report.overlap.to_dict() == about.overlap
    assert {finding.rule for finding in report.findings} == expected["rules"]
    assert report.nested == expected.get("nested", ())
    assert not report.blocked


def test_the_stray_header_of_the_steam_set_is_reported(tmp_path):
    """The file here has lost it; its makers' had the header once more as its first row."""
    source = folder_of("steam_purchase_play") / "interactions.csv.gz"
    head, _, rows = gzip.decompress(source.read_bytes()).partition(b"\n")
    path = tmp_path / "interactions.csv"
    path.write_bytes(head + b"\nuser_id,item_id,behavior,behavior,value\n" + rows)
    log = read_log(path)
    assert [(row.line, row.reason) for row in log.rejects.rows] == [(2, "the header once more")]
    (found,) = [one for one in audit(log).findings if one.rule == "rejected_rows"]
    assert found.count == 1
    plain = read_log(source)
    assert (len(log), log.rejects.read) == (len(plain), plain.rejects.read + 1)
    assert log.scenarios == plain.scenarios


def test_profiles():
    users = read_users(DATA / "young_people_survey" / "users.csv.gz")
    assert len(users) == 1_010
    assert users.attributes["Age"].dtype == np.float64
    assert users.attributes["Gender"].dtype == object
