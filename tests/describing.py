"""A generator and an encoder that cost nothing, for what describes items."""

from collections.abc import Callable

import numpy as np
import pytest

from crossrec.language.table import FeatureTable
from crossrec.pipeline import candidates, described
from crossrec.workspace import Run

SAID = "A thing of **wonder**"


class Says:
    """Always describes the same item."""

    id, revision = "says", "1"

    def write(self, prompts, *, max_tokens=48, answer="", words=None, progress=None):
        return [f"{answer} {SAID}" for _ in prompts]


class Like:
    """Reads every text as one item: what is described is near to that."""

    id, revision = "like", "1"

    def __init__(self, features: FeatureTable, item: str) -> None:
        self._row = features.rows(np.array([item], dtype=object))
        self.dim = features.dim

    def encode(self, texts, *, progress=None):
        return np.repeat(self._row, len(texts), axis=0)


@pytest.fixture
def describing(tmp_path, monkeypatch) -> Callable[[Run, str], None]:
    """Call it with a run and an item: that item is what everybody is described to want."""

    def describe(run: Run, item: str) -> None:
        monkeypatch.setenv("CROSSREC_CACHE", str(tmp_path / "cache"))
        encoder = Like(run.features(), item)
        for module in (candidates, described):
            monkeypatch.setattr(module, "encoder_of", lambda *_: encoder)
            monkeypatch.setattr(module, "installed_generator", Says)

    return describe
