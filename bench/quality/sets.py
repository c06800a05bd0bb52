"""The data sets of the benchmark, and how each is cut."""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from crossrec.data import Catalog, InteractionLog, ScenarioSplit, read_catalog, read_log
from crossrec.data.files import InputFiles
from crossrec.data.sample.demo import PACKAGE, completejourney
from crossrec.data.split.cutting import split_at_random, split_by_order, split_by_time
from crossrec.language import FeatureTable, extract_features

ROOT = Path(__file__).parents[2]
SHARED = Path(os.environ.get("CROSSREC_TEST_DATA", ROOT.parent / "shared" / "data"))

ONE_ITEM = 1e-9
"""As a share of rows: the split functions take at least one item, so exactly one."""

COLD_USERS = 0.2
TIME_SHARE = 0.1
RANDOM, TIME, NEXT = "random", "time", "next"

CUTS = {
    RANDOM: "one random item per user and scenario with three or more is the test item, one more "
    "(of four or more) the validation item",
    TIME: "one global time cut: the last 10 % of all rows are the test, the 10 % before them the "
    "validation part",
    NEXT: "the last item of each user and scenario with three or more is the test item, the one "
    "before it the validation item: what comes next is asked",
}
"""What a reader of the results is told; cold users are drawn alike for both."""


@dataclass(frozen=True)
class BenchSet:
    """One data set.

    Attributes:
        name: as in the results.
        folder: under the shared data; "" for the demo data, "sample" for the sample data.
        cut: :data:`RANDOM`, :data:`TIME` or :data:`NEXT`.
        note: what a reader must know.
        text: whether the items have any.
        saturated: warm users have (nearly) every item, so that the test item is all that is left
            to rank: their figures say nothing and take no part in the bars.
    """

    name: str
    folder: str
    cut: str
    note: str = ""
    text: bool = True
    saturated: bool = False

    def files(self, cache: Path) -> InputFiles:
        """Where the tables are; the demo data is written into the cache first.

        Raises:
            FileNotFoundError: the set is not on this machine.
        """
        if self.name == "demo":
            if find_spec(PACKAGE) is None:
                raise FileNotFoundError(f"the package {PACKAGE}")
            folder = cache / "demo"
            if not (folder / "users.parquet").exists():  # written last
                return completejourney(folder)
            return InputFiles(
                *(folder / f"{n}.parquet" for n in ("interactions", "items", "users"))
            )
        if self.name == "sample":
            folder = ROOT / self.folder
            return InputFiles(*(folder / f"{n}.csv" for n in ("interactions", "items", "users")))
        folder = SHARED / self.folder
        if not (folder / "interactions.csv.gz").exists():
            raise FileNotFoundError(f"the shared data set {self.folder}")
        return InputFiles(*(folder / f"{n}.csv.gz" for n in ("interactions", "items", "users")))


SETS = {
    found.name: found
    for found in (
        BenchSet("food_kitchen", "amazon_food_kitchen", RANDOM),
        BenchSet("books_movies", "amazon_kg_books_movies", RANDOM),
        BenchSet(
            "office_industrial", "amazon_office_industrial_nooverlap", RANDOM, "no shared user"
        ),
        BenchSet(
            "food_kitchen_next", "amazon_food_kitchen", NEXT, "the order of rows is known"
        ),
        BenchSet(
            "office_industrial_next", "minionerec", NEXT, "sequences; no shared user"
        ),
        BenchSet("ciao", "ciao_categories", TIME, "no text", text=False),
        BenchSet("demo", "", TIME, "repeats do not count: only products new to a household"),
        BenchSet("sample", "sample_data", TIME, "made up, with a planted truth"),
        BenchSet(
            "steam", "steam_purchase_play", RANDOM,
            "nested behaviours: the purchase row gives the play row away to every model",
        ),
        BenchSet(
            "survey", "young_people_survey", RANDOM,
            "everybody has nearly all of the 70 items, so that the test item is all that is left "
            "to rank for warm users: they take no part in the bars; cold users do",
            saturated=True,
        ),
    )
}  # fmt: skip


@dataclass(frozen=True)
class Loaded:
    """A set in memory.

    Attributes:
        log, catalog: as the product's readers give them.
        features: text vectors; None where no item has text.
    """

    log: InteractionLog
    catalog: Catalog
    features: FeatureTable | None


def present(names: list[str], cache: Path) -> Iterator[BenchSet]:
    """The named sets that are on this machine; a line on stdout for each that is not."""
    for name in names:
        try:
            SETS[name].files(cache)
        except FileNotFoundError as error:
            print(f"skipped {name}: expected {error}, not found", flush=True)
        else:
            yield SETS[name]


def load(one: BenchSet, cache: Path, *, with_text: bool = True) -> Loaded:
    """Read a set and, if asked, its text vectors: from the cache of the benchmark where it can."""
    files = one.files(cache)
    if files.items is None:
        raise ValueError(f"expected a catalogue in the set {one.name!r}")
    log, catalog = read_log(files.interactions), read_catalog(files.items)
    if not with_text:
        return Loaded(log, catalog, None)
    features = extract_features(catalog, cache=cache / "vectors.sqlite")
    return Loaded(log, catalog, features if features.vectors.any() else None)


def cut(one: BenchSet, loaded: Loaded, seed: int) -> ScenarioSplit:
    """The split of a set under a seed; on :data:`TIME` the seed draws the cold users only."""
    if one.cut == TIME:
        return split_by_time(
            loaded.log, catalog=loaded.catalog, valid=TIME_SHARE, test=TIME_SHARE,
            cold_users=COLD_USERS, seed=seed,
        )  # fmt: skip
    if one.cut == NEXT:
        return split_by_order(
            loaded.log, catalog=loaded.catalog, valid=ONE_ITEM, test=ONE_ITEM, cold_users=0.0,
            seed=seed,
        )  # fmt: skip
    return split_at_random(
        loaded.log, catalog=loaded.catalog, valid=ONE_ITEM, test=ONE_ITEM, cold_users=COLD_USERS,
        seed=seed,
    )  # fmt: skip
