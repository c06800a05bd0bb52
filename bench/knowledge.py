"""What adaptation and described ideal items bring on real data, with intervals.

    python -m bench.knowledge adaptation [--data DIR] [--pairs 6400] [--objective contrastive]
    python -m bench.knowledge candidates [--data DIR] [--users 60]

``--data`` holds ``interactions.csv.gz`` and ``items.csv.gz``; default the food and kitchen set
beside the repository. "adaptation" prints NDCG@10 of the nearest items by text before and after,
per source and target scenario, on validation rows. "candidates" prints recall@100 of a model's
candidates, of those the generator's ideal items retrieve, and of both together.
"""

import argparse
import json
import resource
import time
from pathlib import Path

import numpy as np
import pandas as pd

from crossrec.data.history import Histories
from crossrec.data.log import concat
from crossrec.data.read import read_catalog, read_log
from crossrec.data.split import split
from crossrec.language import MINILM, extract_features, item_texts, load_encoder
from crossrec.language.adaptation import AdaptConfig, co_interactions, compare_encoders, train
from crossrec.language.generator import load_generator
from crossrec.language.ideal import describe_next, recall, retrieve, union
from crossrec.language.profiles import build_profiles
from crossrec.language.reading import chosen_encoder
from crossrec.pipeline.adaptation import save_adapter
from crossrec.transfer.baselines import ItemKNN
from crossrec.transfer.recommender import top_k

USUAL = Path(__file__).parents[2] / "shared" / "data" / "amazon_food_kitchen"


def adaptation(asked: argparse.Namespace) -> None:
    catalog, parts = _data(asked)
    base = load_encoder(MINILM, threads=1)
    before = extract_features(catalog, encoder=MINILM, threads=1)
    known = dict(zip(catalog.items.ids.tolist(), item_texts(catalog), strict=True))
    texts = [known.get(item, "") for item in parts.train.items.ids.tolist()]
    config = AdaptConfig(
        objective=asked.objective, pairs=asked.pairs, mlm_steps=asked.mlm, rate=asked.rate,
        across=asked.across, seed=asked.seed, threads=1,
    )  # fmt: skip
    pairs = None
    if asked.objective != "none":
        pairs = co_interactions(parts.train, config.pairs, across=config.across, seed=config.seed)
    began = time.process_time()
    trained = train(base, texts, pairs, config)
    seconds = time.process_time() - began
    folder = asked.out / f"{asked.objective}-{asked.pairs}-{asked.mlm}-{asked.seed}"
    folder.mkdir(parents=True, exist_ok=True)
    save_adapter(folder, base, trained, config)
    adapted = chosen_encoder(str(folder), [], 1)
    after = extract_features(catalog, encoder=adapted, threads=1)
    size = (folder / "adapter_model.safetensors").stat().st_size
    print(f"trained {seconds:.0f} CPU-s, adapter {size:,} bytes; {len(pairs or [])} pairs")
    print(
        "loss",
        [round(float(point["loss"]), 3) for point in trained.curve][
            :: max(1, len(trained.curve) // 8)
        ],
    )
    for each in compare_encoders(parts, before, after, seed=asked.seed):
        print(json.dumps(each.to_dict()))


def candidates(asked: argparse.Namespace) -> None:
    """Recall of cold users' target items: a pooled item-kNN, the described items, both."""
    catalog, parts = _data(asked)
    encoder = load_encoder(MINILM, threads=1)
    features = extract_features(catalog, encoder=MINILM, threads=1)
    model = ItemKNN(pooled=True).fit(parts, features)
    rng = np.random.default_rng(asked.seed)
    generator = load_generator(threads=1)
    empty = pd.DataFrame(columns=["item_id", "facet", "value", "confidence"])
    history = parts.histories()
    for target, name in enumerate(parts.space.scenarios.ids):
        source = str(parts.space.scenarios.ids[1 - target])
        users = rng.permutation(parts.cold_test[target])[: asked.users]
        ids = parts.train.users.ids[users]
        known = concat(parts.train, parts.valid)
        profiles = build_profiles(known, [(str(user), source) for user in ids], catalog, empty)
        by_user = {each.user: [each] for each in profiles}
        began = time.process_time()
        ideals = describe_next([by_user.get(str(user), []) for user in ids], str(name), generator)
        seconds = time.process_time() - began
        one = history.take(history.users.codes(ids))
        best, _ = top_k(model.scores(one, target), one, target, 200)
        near = retrieve(ideals, encoder, features, parts.space.ids(target), 200)
        held = Histories.from_log(parts.test, parts.space, ids).by_scenario[target]
        truth = [held.indices[held.indptr[at] : held.indptr[at + 1]] for at in range(len(ids))]
        print(f"{source} -> {name}: {len(ids)} cold users, {seconds:.0f} CPU-s of writing")
        lists = {
            "model@100": best[:, :100], "described@100": near[:, :100],
            "union@100": union(best[:, :100], near[:, :100], 100),
            "model@200": best, "union@200 (100 each)": union(best[:, :100], near[:, :100], 200),
        }  # fmt: skip
        values = {key: recall(each, truth) for key, each in lists.items()}
        for key, found in values.items():
            print(f"  {key:24} recall {np.nanmean(found):.4f}")
        for one_key, two_key in (("union@100", "model@100"), ("union@200 (100 each)", "model@200")):
            change = values[one_key] - values[two_key]
            drawn = rng.integers(0, len(change), (2_000, len(change)))
            low, high = np.nanquantile(np.nanmean(change[drawn], axis=1), [0.025, 0.975])
            print(f"  {one_key} - {two_key}: {np.nanmean(change):+.4f} [{low:+.4f}, {high:+.4f}]")
        print("  e.g.", [each.text for each in ideals[:4]])


def _data(asked: argparse.Namespace):
    log = read_log(asked.data / "interactions.csv.gz")
    catalog = read_catalog(asked.data / "items.csv.gz")
    return catalog, split(log, catalog=catalog, seed=asked.seed)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("part", choices=("adaptation", "candidates"))
    parser.add_argument("--data", type=Path, default=USUAL)
    parser.add_argument("--out", type=Path, default=Path("bench/results/adapters"))
    parser.add_argument("--objective", default="contrastive")
    parser.add_argument("--pairs", type=int, default=6_400)
    parser.add_argument("--mlm", type=int, default=0)
    parser.add_argument("--rate", type=float, default=0.0)
    parser.add_argument("--across", type=float, default=0.3)
    parser.add_argument("--users", type=int, default=60)
    parser.add_argument("--seed", type=int, default=0)
    asked = parser.parse_args()
    {"adaptation": adaptation, "candidates": candidates}[asked.part](asked)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**10
    print(f"{time.process_time():.0f} CPU-s, peak {peak:,.0f} MB")


if __name__ == "__main__":
    main()
