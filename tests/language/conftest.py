"""A fake encoder that counts what it reads, small catalogues, and a cache of the test's own."""

import hashlib
from collections.abc import Sequence

import numpy as np
import pytest

from crossrec.data.catalog import Catalog
from crossrec.data.ids import IdMap
from crossrec.progress import silent


class FakeEncoder:
    """Unit vectors drawn from the hash of the text."""

    def __init__(self, name="fake", revision="1", dim=8):
        self.id, self.revision, self.dim = name, revision, dim
        self.read: list[str] = []

    def encode(self, texts: Sequence[str], *, progress=silent) -> np.ndarray:
        vectors = np.zeros((len(texts), self.dim), dtype=np.float32)
        for row, text in enumerate(texts):
            seed = int.from_bytes(hashlib.sha256(text.encode()).digest()[:8], "big")
            vectors[row] = np.random.default_rng(seed).normal(size=self.dim)
            self.read.append(text)
            progress("features", row + 1, len(texts))
        return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


def catalog_of(titles, texts=None, **attributes) -> Catalog:
    n = len(titles)
    return Catalog(
        items=IdMap([f"i{row}" for row in range(n)]),
        title=np.array(titles, dtype=object),
        text=np.array(texts or [""] * n, dtype=object),
        attributes={name: np.array(column, dtype=object) for name, column in attributes.items()},
    )


@pytest.fixture
def fake() -> FakeEncoder:
    return FakeEncoder()


@pytest.fixture(autouse=True)
def own_cache(tmp_path, monkeypatch):
    monkeypatch.setenv("CROSSREC_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache"


@pytest.fixture
def machine_cache(own_cache, monkeypatch):
    """The machine's own unpacked models, where they are there: unpacking again takes a minute."""
    monkeypatch.delenv("CROSSREC_CACHE")
    from crossrec.language.locations import cache_root

    usual = cache_root() / "models"
    monkeypatch.setenv("CROSSREC_CACHE", str(own_cache))
    if usual.is_dir():
        own_cache.mkdir(parents=True, exist_ok=True)
        (own_cache / "models").symlink_to(usual)
    return own_cache
