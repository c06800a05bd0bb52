"""How fast texts are read beside sentence-transformers' default, and what is read twice.

    python -m bench.language [--titles 2000] [--descriptions 200] [--threads 1] [--rounds 3]
                             [--encoder all-MiniLM-L6-v2] [--memory 100000]

The same texts and weights for both, in turns, processor time, the median of the rounds;
sentence-transformers in a folder of its own (``--peer``, see the Makefile) on the same torch.
Texts are made up from a small vocabulary (seeded); each is different, so nothing is won by
leaving out doubles. Then: what a cancelled run, the next, a second and one changed letter read, and
the memory that 100,000 texts take. Ends with 1 where a bar is missed.
"""

import argparse
import gc
import json
import random
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

from crossrec.data.catalog import Catalog
from crossrec.data.ids import IdMap
from crossrec.errors import Cancelled
from crossrec.language import MINILM, VectorCache, extract_features, item_texts, load_encoder
from crossrec.language.device import device, number_format

BAR_FAST, BAR_ELSEWHERE, BAR_COSINE = 2.5, 1.0, 0.999
BAR_GROWTH = 64  # MB that reading 100,000 texts may hold beyond the vectors themselves
WORDS = (
    "stainless", "steel", "coffee", "maker", "garden", "hose", "organic", "dark", "chocolate",
    "espresso", "machine", "kettle", "non-stick", "frying", "pan", "whole", "bean", "roast", "pack",
    "of", "12", "ounce", "ceramic", "mug", "cast", "iron", "gluten", "free", "silicone", "baking",
    "mat", "storage", "jar", "with", "lid", "olive", "oil", "digital", "kitchen", "scale",
)  # fmt: skip
PEER = """
import json, sys, time
import numpy as np, torch
CLOCK = time.perf_counter if torch.cuda.is_available() else time.process_time
torch.set_num_threads(int(sys.argv[2]))
from sentence_transformers import SentenceTransformer
model = SentenceTransformer(sys.argv[1], device="cuda" if torch.cuda.is_available() else "cpu")
model.max_seq_length = 256
model.encode(["warm up"])
for line in sys.stdin:
    texts = json.loads(line)
    began = CLOCK()
    vectors = model.encode(texts, normalize_embeddings=True, show_progress_bar=False)
    seconds = CLOCK() - began
    np.save(sys.argv[3], np.asarray(vectors, dtype=np.float32))
    print(seconds, flush=True)
"""


def made_up(n: int, words: tuple[int, int], seed: int = 0) -> Catalog:
    rng = random.Random(seed)
    made = [f"{' '.join(rng.choices(WORDS, k=rng.randint(*words)))} {row}" for row in range(n)]
    ids = IdMap([f"i{row}" for row in range(n)])
    return Catalog(ids, np.array(made, dtype=object), np.full(n, "", dtype=object))


class Peer:
    """sentence-transformers in a process of its own."""

    def __init__(self, folder: Path, packages: Path, threads: int, work: Path) -> None:
        self.vectors = work / "peer.npy"
        self.process = subprocess.Popen(
            [sys.executable, "-c", PEER, str(folder), str(threads), str(self.vectors)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            env={"PYTHONPATH": str(packages), "OMP_NUM_THREADS": str(threads), "PATH": "",
                 "HF_HUB_OFFLINE": "1", "HOME": str(work)},
        )  # fmt: skip

    def seconds(self, texts: list[str]) -> float:
        """How long it takes; the vectors lie in a file."""
        self.process.stdin.write(json.dumps(texts) + "\n")
        self.process.stdin.flush()
        return float(self.process.stdout.readline() or "nan")

    def close(self) -> None:
        """End the process."""
        self.process.stdin.close()
        self.process.wait(30)


def speed(asked, encoder, peer: Peer | None) -> bool:
    """Both ways in turns; whether the bars hold."""
    # Time of the processor, not of the clock: on a busy machine the clock measures the others.
    clock = time.perf_counter if device().type == "cuda" else time.process_time
    is_fast = str(number_format()) == "torch.bfloat16"
    bar = BAR_FAST if is_fast else BAR_ELSEWHERE
    held = True
    print(f"{asked.encoder}, {device()}, {number_format()}, {asked.threads} thread(s)")
    print(f"{'texts':<14}{'n':>7}{'ours/s':>9}{'theirs/s':>10}{'ratio':>7}{'cosine':>10}")
    for name, n, words in (("titles", asked.titles, (3, 18)),
                           ("descriptions", asked.descriptions, (60, 180))):  # fmt: skip
        catalog = made_up(n, words)
        texts = item_texts(catalog)
        ours, theirs, ratios = [], [], []
        for _ in range(asked.rounds):
            began = clock()
            features = extract_features(catalog, encoder=encoder, cache=False)
            ours.append(clock() - began)
            if peer is not None:
                theirs.append(peer.seconds([encoder.prefix + text for text in texts]))
                ratios.append(theirs[-1] / ours[-1])
        line = f"{name:<14}{n:>7,}{n / statistics.median(ours):>9,.0f}"
        if peer is None:
            print(f"{line}  (no sentence-transformers here: make bench-language installs it)")
            continue
        ratio = statistics.median(ratios)
        cosine = float((features.vectors * np.load(peer.vectors)).sum(axis=1).min())
        print(f"{line}{n / statistics.median(theirs):>10,.0f}{ratio:>7.2f}{cosine:>10.5f}")
        held &= ratio >= bar and cosine >= BAR_COSINE
    print(f"bar: {bar} times theirs, cosine {BAR_COSINE}: {'held' if held else 'MISSED'}\n")
    return held


class Counting:
    """An encoder that counts what it reads, and may be cancelled on the way."""

    def __init__(self, encoder, stop_after: int | None = None) -> None:
        self.encoder, self.stop_after, self.read = encoder, stop_after, 0
        self.id, self.revision, self.dim = encoder.id, encoder.revision, encoder.dim

    def encode(self, texts, *, progress):
        """Vectors of texts, counted."""
        if self.stop_after is not None and self.read >= self.stop_after:
            raise Cancelled
        self.read += len(texts)
        return self.encoder.encode(texts, progress=progress)


def once(encoder, n: int, work: Path) -> bool:
    """What is read in a cancelled run, the next, a second, and after one changed letter."""
    catalog, cache = made_up(n, (40, 80), seed=1), work / "once.sqlite"
    steps = []
    first = Counting(encoder, stop_after=n // 3)
    try:
        extract_features(catalog, encoder=first, cache=cache)
    except Cancelled:
        steps.append(("cancelled run", first.read))
    for name in ("goes on", "second run", "one letter changed"):
        if name == "one letter changed":
            catalog.title[0] += "s"
        counting = Counting(encoder)
        extract_features(catalog, encoder=counting, cache=cache)
        steps.append((name, counting.read))
    read = dict(steps)
    for name, count in steps:
        print(f"{name:<20}{count:>7,} of {n:,} texts read")
    held = (
        read["cancelled run"] + read["goes on"] == n
        and read["second run"] == 0
        and read["one letter changed"] == 1
    )
    print(f"bar: each text once, ever: {'held' if held else 'MISSED'}\n")
    return held


class Cheap:
    """Vectors of the right size at no cost, to see what the way around an encoder holds."""

    id, revision, dim = "cheap", "1", 384

    def encode(self, texts, *, progress):
        """The same vector for all."""
        progress("features", len(texts), len(texts))
        return np.full((len(texts), self.dim), 384**-0.5, dtype=np.float32)


def memory(encoder, n: int, work: Path) -> bool:
    """Peak memory of reading n texts, beyond the catalogue and the vectors that come out."""
    with VectorCache(work / "memory.sqlite") as cache:
        extract_features(made_up(1_000, (3, 18)), encoder=encoder, cache=False)  # warm
        catalog = made_up(n, (3, 18), seed=2)
        texts = item_texts(catalog)
        step = max(n // 100, 1)
        peaks, began = [], time.perf_counter()
        for start in range(0, min(n, 8 * step), step):  # the model itself, chunk after chunk
            encoder.encode(texts[start : start + step])
            peaks.append(_peak())
        del texts
        gc.collect()
        seconds = time.perf_counter() - began
        # The first half fills what is bounded: the allocator, the kernels kept for each shape.
        model_grew = peaks[-1] - peaks[len(peaks) // 2 - 1]
        print(f"{8 * step:,} texts through the model in {seconds:,.0f} s: the second half raised "
              f"the peak by {model_grew:,.0f} MB")  # fmt: skip
        before = _peak()
        table = extract_features(catalog, encoder=Cheap(), cache=cache)
        vectors = table.vectors.nbytes / 2**20
        words = sum(view.data.nbytes / 2**20 for view in table.views.values())
        grown = _peak() - before
    print(f"{n:,} texts through the cache: peak grew by {grown:,.0f} MB; the result is "
          f"{vectors:,.0f} MB of vectors and {words:,.0f} MB of words")  # fmt: skip
    held = model_grew <= BAR_GROWTH and grown <= BAR_GROWTH + 3 * (vectors + words)
    print(f"bar: {BAR_GROWTH} MB beyond the result: {'held' if held else 'MISSED'}")
    return held


def _peak() -> float:
    """MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def main() -> None:
    import torch

    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--titles", type=int, default=2_000)
    parser.add_argument("--descriptions", type=int, default=200)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--encoder", default=MINILM)
    parser.add_argument("--memory", type=int, default=100_000, metavar="TEXTS")
    parser.add_argument("--peer", type=Path, help="folder with sentence-transformers")
    asked = parser.parse_args()
    torch.set_num_threads(asked.threads)
    encoder = load_encoder(asked.encoder, threads=asked.threads)
    encoder.encode(["warm up"])
    with tempfile.TemporaryDirectory() as folder:
        work, peer = Path(folder), None
        if asked.peer is not None and asked.peer.is_dir():
            peer = Peer(encoder.folder, asked.peer, asked.threads, work)
        held = speed(asked, encoder, peer)
        if peer is not None:
            peer.close()
        held &= once(encoder, 600, work)
        held &= memory(encoder, asked.memory, work)
    sys.exit(0 if held else 1)


if __name__ == "__main__":
    main()
