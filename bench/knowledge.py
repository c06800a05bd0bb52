"""What knowledge read by language models brings on real data, with 95 % intervals.

    python -m bench.knowledge adaptation     [--pairs 6400] [--objective contrastive] [--engine]
    python -m bench.knowledge attributes     [--engine]
    python -m bench.knowledge candidates     [--users 60]
    python -m bench.knowledge sentences      [--users 30]

``--data`` holds ``interactions.csv.gz`` and ``items.csv.gz``; default the food and kitchen set
beside the repository. "adaptation" prints NDCG@10 of the items nearest in text before and after,
on validation rows; "attributes" what is known, how sure it is, and the bridges; both with
``--engine`` also NDCG@10 of the whole model with and without, on test rows. "candidates" prints
recall@100 of the model's candidates, of those that described items retrieve, and of both;
"sentences" how many written profiles name only facts. Models are kept under ``--out`` and taken
from there again.
"""

import argparse
import resource
import time
from pathlib import Path

import numpy as np

from crossrec.data.catalog import Catalog
from crossrec.data.log import concat
from crossrec.data.reading.readers import read_catalog, read_log
from crossrec.data.split.cutting import ScenarioSplit, split
from crossrec.evaluation import answers_for, compare
from crossrec.evaluation.adapted import compare_encoders
from crossrec.language import MINILM, extract_features, item_texts, load_encoder
from crossrec.language.adaptation import AdaptConfig, co_interactions, train
from crossrec.language.adapted import is_adapter
from crossrec.language.attributes import no_attributes
from crossrec.language.generator import load_generator
from crossrec.language.graph import AttributeGraph
from crossrec.language.grounding import first_sentence, ungrounded
from crossrec.language.profiles import build_profiles
from crossrec.language.reading import chosen_encoder
from crossrec.language.table import FeatureTable
from crossrec.language.views import with_knowledge
from crossrec.pipeline.adaptation import save_adapter
from crossrec.pipeline.candidates import gains_of
from crossrec.pipeline.items import took_attributes
from crossrec.pipeline.knowledge import KnowledgeConfig, proposed_vocabulary, read_table
from crossrec.progress import silent
from crossrec.transfer.model import TransferModel

USUAL = Path(__file__).parents[2] / "shared" / "data" / "amazon_food_kitchen"


def adaptation(asked: argparse.Namespace) -> None:
    """Nearest items by text before and after, and with ``--engine`` the model's lists."""
    catalog, parts = _data(asked)
    base = load_encoder(MINILM, threads=asked.threads)
    before = extract_features(catalog, encoder=base)
    settings = (asked.objective, asked.pairs, asked.mlm, asked.layers, asked.seed)
    folder = asked.out / "adapters" / "-".join(map(str, settings))
    if not is_adapter(folder):
        _adapt(asked, folder, base, catalog, parts)
    size = (folder / "adapter_model.safetensors").stat().st_size
    after = extract_features(catalog, encoder=chosen_encoder(str(folder), [], asked.threads))
    say(f"adapter of {size:,} bytes; NDCG@10 of the items nearest in text, validation rows:")
    for each in compare_encoders(parts, before, after, seed=asked.seed):
        change = f"{each.after - each.before:+.4f} [{each.low:+.4f}, {each.high:+.4f}]"
        way = f"{each.source} -> {each.target}"
        say(f"  {way}: {each.users:,} users, {each.before:.4f} before, change {change}")
    if asked.engine:
        _judge(asked, catalog, parts, {"as it was": before, "adapted": after})


def _adapt(asked, folder: Path, base, catalog: Catalog, parts: ScenarioSplit) -> None:
    known = dict(zip(catalog.items.ids.tolist(), item_texts(catalog), strict=True))
    texts = [known.get(item, "") for item in parts.train.items.ids.tolist()]
    config = AdaptConfig(
        objective=asked.objective, pairs=asked.pairs, mlm_steps=asked.mlm, rate=asked.rate,
        across=asked.across, layers=asked.layers, seed=asked.seed, threads=asked.threads,
    )  # fmt: skip
    pairs = None
    if asked.objective != "none":
        pairs = co_interactions(parts.train, config.pairs, across=config.across, seed=config.seed)
    began, before = time.process_time(), peak()
    trained = train(base, texts, pairs, config)
    folder.mkdir(parents=True, exist_ok=True)
    save_adapter(folder, base, trained, config)
    losses = [float(point["loss"]) for point in trained.curve]
    took, more = time.process_time() - began, peak() - before
    say(
        f"trained on {len(pairs or [])} pairs: {took:.0f} CPU-s, {more:,.0f} MB more at the peak; "
        f"loss {losses[0]:.2f} to {losses[-1]:.2f}"
    )


def attributes(asked: argparse.Namespace) -> None:
    """What is known of the items, the bridges, and with ``--engine`` the worth of C(j)."""
    catalog, parts = _data(asked)
    features = extract_features(catalog, encoder=MINILM, threads=asked.threads)
    texts = item_texts(catalog)
    began = time.process_time()
    vocabulary = proposed_vocabulary(catalog, texts, seed=asked.seed)
    table = read_table(catalog, texts, vocabulary, KnowledgeConfig(seed=asked.seed), silent)
    say(f"{len(catalog):,} items read in {time.process_time() - began:.0f} CPU-s by {table.reader}")
    for at, facet in enumerate(vocabulary.facets):
        curve = table.calibration[facet.name]
        say(f"  {facet.name}: {len(facet.values)} values, known for "
            f"{table.known()[:, at].mean():.0%}; {curve.examples} masked texts, "
            f"{curve.accuracy:.0%} right, calibration error {curve.error:.2f}")  # fmt: skip
    before_test = concat(parts.train, parts.valid)
    graph = AttributeGraph.of(before_test, table.to_frame())
    names = [str(name) for name in parts.space.scenarios.ids]
    found = graph.bridges(names[0], names[1], 6)
    say(f"bridges between {names[0]} and {names[1]}, before the test cut:")
    for row in found.to_dict(orient="records"):
        said = f"{row['facet']}: {row['value']}"
        say(f"  {said}: {row['users']} users, {row['expected']:.0f} expected")
    if asked.engine:
        both = {"without attributes": features, "with attributes": with_knowledge(features, table)}
        _judge(asked, catalog, parts, both)


def candidates(asked: argparse.Namespace) -> None:
    """Recall of held-out items among a fitted model's candidates, and described ones beside."""
    catalog, parts = _data(asked)
    encoder = load_encoder(MINILM, threads=asked.threads)
    features = extract_features(catalog, encoder=encoder)
    model = _fitted(asked, "as it was", parts, features)
    began = time.process_time()
    found = gains_of(
        parts, model, features, catalog, encoder, load_generator(threads=asked.threads),
        users=asked.users, seed=asked.seed,
    )  # fmt: skip
    for each in found:
        say(f"{each.target}: {each.users} users, recall@{each.k} of the model {each.model:.4f}, "
            f"described {each.described:.4f}, both {each.union:.4f}: change {each.change:+.4f} "
            f"[{each.low:+.4f}, {each.high:+.4f}]; e.g. {list(each.examples)}")  # fmt: skip
    say(f"{time.process_time() - began:.0f} CPU-s")


def sentences(asked: argparse.Namespace) -> None:
    """How many written profiles name nothing but facts: left to itself, and held to the words."""
    catalog, parts = _data(asked)
    log = concat(parts.train, parts.valid)
    rng = np.random.default_rng(asked.seed)
    pairs = sorted({(int(log.user[row]), int(log.scenario[row]))
                    for row in rng.choice(len(log), asked.users, replace=False)})  # fmt: skip
    named = [(str(log.users.ids[user]), str(log.scenarios.ids[at])) for user, at in pairs]
    generator = load_generator(threads=asked.threads)
    found = build_profiles(log, named, catalog, no_attributes(), generator=generator)
    asking = [each for each in found if each.prompt]
    free = generator.write([each.prompt for each in asking], max_tokens=24)
    honest = sum(
        bool(first_sentence(text)) and not ungrounded(first_sentence(text), each.facts)
        for each, text in zip(asking, free, strict=True)
    )
    held = sum(each.machine_written for each in asking)
    say(f"{len(asking)} sentences: {honest} name only facts when written freely, {held} when "
        "decoded from the words of the user's own items")  # fmt: skip
    say(f"free, e.g. {free[:2]}")
    say(f"held, e.g. {[each.sentence for each in asking[:3]]}")


def _judge(asked, catalog: Catalog, parts: ScenarioSplit, tables: dict[str, FeatureTable]) -> None:
    """NDCG@10 of the whole model on test rows: the second way of reading against the first."""
    first, second = tables
    models = {name: _fitted(asked, name, parts, table) for name, table in tables.items()}
    if "attributes" in second:
        say(f"validation rows took attributes in: {took_attributes(models[second]) or 'none'}")
    report = compare(
        parts, models, tables[first], baseline=first, transfer=second, max_users=asked.judged,
        seed=asked.seed,
    )  # fmt: skip
    for target, name in enumerate(map(str, parts.space.scenarios.ids)):
        cold = parts.train.users.ids[parts.cold_test[target]]
        for cohort, users in (("all", None), ("cold-start", cold.tolist())):
            for one in answers_for(report, users, against=first, metric="ndcg", cohort=cohort):
                if one.scenario == name:
                    change = f"{one.lift:+.4f} [{one.low:+.4f}, {one.high:+.4f}]"
                    say(
                        f"  {second}, {name}, {cohort} users ({one.n:,}): NDCG@10 {one.value:.4f}, "
                        f"change {change}"
                    )


def _fitted(asked, name: str, parts: ScenarioSplit, features: FeatureTable) -> TransferModel:
    """The engine on these features, kept under ``--out`` by its name."""
    told = "as it was" if name == "without attributes" else name
    folder = asked.out / "models" / f"{told.replace(' ', '-')}-{asked.seed}"
    if not (folder / "config.json").is_file():
        began = time.process_time()
        model = TransferModel(seed=asked.seed)
        folder.mkdir(parents=True, exist_ok=True)
        model.fit(parts, features).save(folder)
        say(f"model {told!r} fitted in {time.process_time() - began:.0f} CPU-s")
    return TransferModel.load(folder)


def _data(asked: argparse.Namespace) -> tuple[Catalog, ScenarioSplit]:
    log = read_log(asked.data / "interactions.csv.gz")
    catalog = read_catalog(asked.data / "items.csv.gz")
    return catalog, split(log, catalog=catalog, seed=asked.seed)


def say(text: str) -> None:
    print(text, flush=True)


def peak() -> float:
    """MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**10


def main() -> None:
    import torch

    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    verbs = {verb.__name__: verb for verb in (adaptation, attributes, candidates, sentences)}
    parser.add_argument("part", choices=verbs)
    parser.add_argument("--data", type=Path, default=USUAL)
    parser.add_argument("--out", type=Path, default=Path("bench/results/knowledge"))
    parser.add_argument("--objective", default="contrastive")
    parser.add_argument("--pairs", type=int, default=6_400)
    parser.add_argument("--mlm", type=int, default=0)
    parser.add_argument("--rate", type=float, default=0.0)
    parser.add_argument("--across", type=float, default=0.3)
    parser.add_argument("--layers", type=int, default=3)
    parser.add_argument("--engine", action="store_true", help="fit whole models, too: minutes each")
    parser.add_argument("--judged", type=int, default=4_000, help="test users of a scenario")
    parser.add_argument("--users", type=int, default=60)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--seed", type=int, default=0)
    asked = parser.parse_args()
    torch.set_num_threads(asked.threads)
    verbs[asked.part](asked)
    say(f"{time.process_time():.0f} CPU-s, peak {peak():,.0f} MB")


if __name__ == "__main__":
    main()
