"""How long it takes until a new row, a dislike or a new item shows in the list of a user.

    python -m bench.foldin [--items 50000] [--scenarios 2] [--repeats 20]

A model of made-up weights of the usual sizes (100 links an item, 384 text columns, 64 factors);
nothing is trained, because only sizes matter here. Times are medians.
"""

import argparse
import time
from collections.abc import Callable

import numpy as np
from scipy import sparse

from crossrec.data.history import Histories
from crossrec.data.ids import IdMap
from crossrec.data.space import ItemSpace
from crossrec.transfer.coefficients import INPUTS, Coefficients
from crossrec.transfer.config import TransferConfig
from crossrec.transfer.fitted import Fitted, NewItems
from crossrec.transfer.model import TransferModel
from crossrec.transfer.popularity import Popularity
from crossrec.transfer.preference import Preference
from crossrec.transfer.repeats import RepeatTerm
from crossrec.transfer.text import MEANING, TextReader, TextRoot

LINKS, TEXT, FACTORS = 100, 384, 64


def model_of(items: int, scenarios: int) -> TransferModel:
    """A model with weights of the usual sizes."""
    rng = np.random.default_rng(0)

    def normal(*size: int) -> np.ndarray:
        return rng.standard_normal(size, dtype=np.float32)

    members = tuple(np.arange(s * items, (s + 1) * items, dtype=np.int32) for s in range(scenarios))
    ids = IdMap([f"item {at}" for at in range(scenarios * items)])
    space = ItemSpace(ids, IdMap([f"s{s}" for s in range(scenarios)]), members)
    texts = tuple(normal(items, TEXT) for _ in members)
    starts = np.arange(items + 1) * LINKS
    drawn = rng.integers(0, items, items * LINKS, dtype=np.int32)
    links = sparse.csr_array((normal(items * LINKS), drawn, starts), shape=(items, items))
    links.sum_duplicates()  # a drawn link may be drawn twice, a learnt one is there once
    sizes = (items, items)
    own = tuple(
        Preference.of(
            sizes,
            links=links,
            factors=(normal(items, FACTORS), normal(items, FACTORS)),
            text=(normal(items, TEXT), normal(items, TEXT)),
            own=True,
        )
        for _ in members
    )
    between = {
        (s, t): Preference.of(
            sizes,
            factors=(normal(items, FACTORS), normal(items, FACTORS)),
            text=(texts[s], texts[t]),
            text_map=normal(TEXT, TEXT),
        )
        for s in range(scenarios)
        for t in range(scenarios)
        if s != t
    }
    level, pair = np.zeros((scenarios, scenarios)), (scenarios, scenarios, len(INPUTS))
    slopes = np.tile([-0.1, 0.0, 0.0], (scenarios, 1))
    coefficients = Coefficients(level, level - 1, level + 1, level + 50, slopes, np.zeros(pair))
    reader = TextReader(np.zeros(TEXT, np.float32), {MEANING: np.eye(TEXT, dtype=np.float32)})
    new = NewItems(reader, TextRoot(np.eye(TEXT, dtype=np.float32), 10.0), 1.0)
    plain = np.abs(normal(items))
    fitted = Fitted(
        space=space,
        own=own,
        between=between,
        half_lives=(None,) * scenarios,
        popularity=(Popularity(plain, plain, 0.3, 0.3),) * scenarios,
        coefficients=coefficients,
        repeats=(RepeatTerm(),) * scenarios,
        texts=texts,
        new_items=(new,) * scenarios,
        decided={},
    )
    return TransferModel.of(TransferConfig(), fitted)


def timed(work: Callable[[], object], repeats: int) -> tuple[float, float]:
    """Median and largest milliseconds."""
    taken = []
    for _ in range(repeats):
        began = time.perf_counter()
        work()
        taken.append(1000 * (time.perf_counter() - began))
    return float(np.median(taken)), max(taken)


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--items", type=int, default=50_000)
    parser.add_argument("--scenarios", type=int, default=2)
    parser.add_argument("--repeats", type=int, default=20)
    asked = parser.parse_args()
    model = model_of(asked.items, asked.scenarios)
    rng = np.random.default_rng(1)
    rows = [
        ("me", f"s{s}", f"item {item + s * asked.items}", 1.0)
        for s in range(asked.scenarios)
        for item in rng.integers(0, asked.items, 30)
    ]
    me = Histories.of(rows, model.space_)

    def told(weight: float) -> Callable[[], object]:
        def work() -> object:
            now = me.with_rows([("me", "s0", "item 7", weight)], model.space_)
            return model.recommend("me", "s0", 10, histories=now)

        return work

    vectors = rng.standard_normal((1, TEXT))

    def new_item() -> object:
        grown = model.with_items("s0", ["new"], vectors)
        return grown.recommend("me", "s0", 10, histories=me.moved(model.space_, grown.space_))

    print(f"{asked.scenarios} scenarios of {asked.items:,} items")
    for name, work in (
        ("a new user with 60 rows, and the list", lambda: model.recommend(
            "me", "s0", 10, histories=Histories.of(rows, model.space_))),
        ("a like, and the list", told(1.0)),
        ("a dislike, and the list", told(-1.0)),
        ("a new item, and the list", new_item),
    ):  # fmt: skip
        median, worst = timed(work, asked.repeats)
        print(f"{name:40} median {median:7.1f} ms   worst {worst:7.1f} ms")


if __name__ == "__main__":
    main()
