"""How fast texts are read, against the naive padded way, and how close the vectors stay.

    python -m bench.language [--titles 400] [--threads 1] [--encoder all-MiniLM-L6-v2]

Titles are made up from a small vocabulary (seeded). "naive" pads every text to the model's 256
tokens in fp32, and is measured on at most 64 of them; "cached" is the second reading of all.
"""

import argparse
import random
import tempfile
import time
from pathlib import Path

import numpy as np

from crossrec.data.catalog import Catalog
from crossrec.data.ids import IdMap
from crossrec.language import MINILM, extract_features, item_texts, load_encoder

NAIVE = 64
WORDS = (
    "stainless", "steel", "coffee", "maker", "garden", "hose", "organic", "dark", "chocolate",
    "espresso", "machine", "kettle", "non-stick", "frying", "pan", "whole", "bean", "roast", "pack",
    "of", "12", "ounce", "ceramic", "mug", "cast", "iron", "gluten", "free", "silicone", "baking",
    "mat", "storage", "jar", "with", "lid", "olive", "oil", "digital", "kitchen", "scale",
)  # fmt: skip


def titles(n: int, seed: int = 0) -> Catalog:
    rng = random.Random(seed)
    made = [f"{' '.join(rng.choices(WORDS, k=rng.randint(3, 18)))} {row}" for row in range(n)]
    ids = IdMap([f"i{row}" for row in range(n)])
    return Catalog(ids, np.array(made, dtype=object), np.full(n, "", dtype=object))


def naive(folder: Path, prefix: str, texts: list[str]) -> np.ndarray:
    """Every text padded to 256 tokens, fp32, mean pooling, shape (n, d)."""
    import torch
    from transformers import AutoModel, AutoTokenizer

    tokenizer = AutoTokenizer.from_pretrained(folder, local_files_only=True)
    network = AutoModel.from_pretrained(folder, local_files_only=True, dtype=torch.float32).eval()
    parts = []
    with torch.inference_mode():
        for start in range(0, len(texts), 32):
            tokens = tokenizer(
                [prefix + text for text in texts[start : start + 32]],
                padding="max_length",
                truncation=True,
                max_length=256,
                return_tensors="pt",
            )
            hidden = network(**tokens).last_hidden_state
            mask = tokens["attention_mask"][:, :, None]
            parts.append((hidden * mask).sum(1) / mask.sum(1))
    return torch.nn.functional.normalize(torch.cat(parts), dim=1).numpy()


def main() -> None:
    import torch

    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--titles", type=int, default=400)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--encoder", default=MINILM)
    asked = parser.parse_args()
    torch.set_num_threads(asked.threads)
    catalog = titles(asked.titles)
    encoder = load_encoder(asked.encoder, threads=asked.threads)
    encoder.encode(["warm up"])
    rows = []
    with tempfile.TemporaryDirectory() as folder:
        cache = Path(folder) / "vectors.sqlite"
        for name in ("crossrec", "cached"):
            began = time.perf_counter()
            features = extract_features(catalog, encoder=encoder, cache=cache)
            rows.append((name, asked.titles, time.perf_counter() - began))
    texts = item_texts(catalog)[:NAIVE]
    began = time.perf_counter()
    plain = naive(encoder.folder, encoder.prefix, texts)
    rows.insert(0, ("naive", len(texts), time.perf_counter() - began))
    agree = (features.vectors[: len(texts)] * plain).sum(axis=1).min()
    print(f"{asked.encoder}, {asked.threads} thread(s), lowest cosine to naive {agree:.5f}\n")
    print(f"{'way':<10}{'titles':>8}{'seconds':>10}{'titles/s':>12}")
    for name, n, seconds in rows:
        print(f"{name:<10}{n:>8,}{seconds:>10.2f}{n / seconds:>12,.0f}")


if __name__ == "__main__":
    main()
