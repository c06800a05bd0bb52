"""How long it takes until a new row, a dislike or a new item shows in the list of a user.

    python -m bench.foldin [--items 50000] [--scenarios 2] [--repeats 20]

A model of made-up weights of the usual sizes (400 links an item, 384 text columns, 64 factors, maps
of rank 128); nothing is trained, because only sizes matter here. Times are medians.
"""

import argparse
import time
from collections.abc import Callable

import numpy as np
import torch
from crossrec.transfer.across import Across
from crossrec.transfer.choice import Choice
from crossrec.transfer.network import CoefficientNetwork
from crossrec.transfer.preferences import Preferences
from crossrec.transfer.within import Within
from scipy import sparse

from crossrec.data.history import Histories
from crossrec.data.ids import IdMap
from crossrec.data.space import ItemSpace
from crossrec.transfer.coefficients import Gates
from crossrec.transfer.foldin import Reading
from crossrec.transfer.model import TransferModel

LINKS, TEXT, FACTORS, RANK = 400, 384, 64, 128


def model_of(items: int, scenarios: int) -> TransferModel:
    """A model with weights of the usual sizes."""
    rng = np.random.default_rng(0)

    def normal(*size: int) -> np.ndarray:
        return rng.standard_normal(size, dtype=np.float32)

    model = TransferModel()
    members = tuple(np.arange(s * items, (s + 1) * items, dtype=np.int32) for s in range(scenarios))
    ids = IdMap([f"item {at}" for at in range(scenarios * items)])
    model.space_ = ItemSpace(ids, IdMap([f"s{s}" for s in range(scenarios)]), members)
    model.text_ = tuple(normal(items, TEXT) for _ in members)
    linked = min(items, 10_000)  # only active items have links
    links = sparse.csr_array(
        (
            normal(linked * LINKS),
            rng.integers(0, linked, linked * LINKS, dtype=np.int32),
            np.append(np.arange(linked) * LINKS, np.full(items - linked + 1, linked * LINKS)),
        ),
        shape=(items, items),
    )
    links.sum_duplicates()  # a drawn link may be drawn twice, a learnt one is there once
    within = tuple(
        Within(
            links, normal(items, TEXT + FACTORS), normal(items, TEXT + FACTORS), TEXT,
            root=np.eye(TEXT, dtype=np.float32),
        )
        for _ in members
    )  # fmt: skip
    across = {
        (s, t): Across(
            normal(items, RANK), normal(items, RANK), model.text_[s], model.text_[t],
            normal(TEXT, TEXT),
        )
        for s in range(scenarios) for t in range(scenarios) if s != t
    }  # fmt: skip
    popularity = tuple(np.abs(normal(items)) for _ in members)
    model.preferences_ = Preferences(within, across, popularity, popularity)
    network = CoefficientNetwork(torch.zeros(scenarios, 3), model.config.hidden)
    model.gates_ = Gates({name: value.numpy() for name, value in network.state_dict().items()})
    turns = {"meaning": np.eye(TEXT, dtype=np.float32)}
    model.reading_ = tuple(Reading(np.zeros(TEXT, np.float32), turns) for _ in members)
    model.choices_ = {(s, t): Choice(1.0, 1.0) for s in range(scenarios) for t in range(scenarios)}
    return model


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

    print(
        f"{asked.scenarios} scenarios of {asked.items:,} items, {torch.get_num_threads()} threads"
    )
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
