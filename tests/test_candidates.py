"""Candidates by description: measured against the model's own at the same number."""

import re
import shutil
from dataclasses import asdict

import numpy as np
import pytest

from crossrec.data.catalog import Catalog
from crossrec.errors import ModelMissing
from crossrec.pipeline.candidates import Gain, gains_of, measure_candidates
from crossrec.transfer.baselines import Popularity
from crossrec.workspace import Run
from crossrec.workspace.knowledge import read_candidates, write_candidates


class Describes:
    """Names the taste that most of the shown titles have, or one nobody has."""

    id, revision = "describes", "1"

    def __init__(self, *, right: bool) -> None:
        self.right = right

    def write(self, prompts, *, max_tokens=48, answer="", words=None, progress=None):
        return [f"{answer} taste{self._taste(prompt)}" for prompt in prompts]

    def _taste(self, prompt: str) -> int:
        counts = np.bincount([int(found) for found in re.findall(r"taste(\d)", prompt)])
        return int(counts.argmax()) if self.right else int(counts.argmax() + 1) % 3


class Tastes:
    """The vector of a taste."""

    id, revision, dim = "fake", "1", 8

    def encode(self, texts, *, progress=None):
        return np.eye(3, 8, dtype=np.float32)[[int(text[-1]) for text in texts]]


@pytest.fixture
def titled(small_features, tmp_path, monkeypatch):
    monkeypatch.setenv("CROSSREC_CACHE", str(tmp_path / "cache"))
    titles = [f"{name} taste{int(name[1:]) % 3}" for name in small_features.items.ids]
    empty = np.full(len(titles), "", dtype=object)
    return Catalog(small_features.items, title=np.array(titles, dtype=object), text=empty)


def measured(split, features, catalog, *, right):
    model = Popularity().fit(split)
    writer = Describes(right=right)
    return gains_of(split, model, features, catalog, Tastes(), writer, users=40, k=8)


def test_a_right_description_adds_to_what_is_popular(small_split, small_features, titled):
    gains = measured(small_split, small_features, titled, right=True)
    assert [each.target for each in gains] == ["books", "films"]
    assert all(each.described > each.model for each in gains)
    assert all(each.low <= each.change <= each.high for each in gains)
    assert any(each.low > 0 for each in gains)
    assert all(example.startswith("taste") for each in gains for example in each.examples)


def test_a_wrong_one_takes_away(small_split, small_features, titled):
    gains = measured(small_split, small_features, titled, right=False)
    assert all(each.change < 0 for each in gains)


def test_it_is_kept_with_the_run(finished_run, tmp_path):
    shutil.copytree(finished_run, tmp_path / "run")
    run = Run(tmp_path / "run")
    assert read_candidates(run) is None
    told = {"generator": "x", "gains": [asdict(Gain("books", 9, 100, 0.1, 0.1, 0.1, 0, 0, 1))]}
    write_candidates(run, told)
    assert read_candidates(run)["gains"][0]["target"] == "books"
    # The run was read by TF-IDF: a described item has no vector there.
    with pytest.raises(ModelMissing, match="by a language model"):
        measure_candidates(tmp_path / "run")
