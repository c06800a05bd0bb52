"""A run whose items' attributes are offered to the model, and judged with and without them."""

import json
from dataclasses import replace

import numpy as np
import pytest

from crossrec.errors import DataError, FileUnreadable
from crossrec.language.table import unit_rows
from crossrec.language.views import KNOWLEDGE
from crossrec.pipeline import RunConfig, RunInputs, items, knowledge, run
from crossrec.pipeline.models import load_model
from crossrec.pipeline.use import histories_of
from crossrec.schema import NO_ATTRIBUTES
from crossrec.transfer.clearly import Chosen
from crossrec.transfer.config import TransferConfig
from crossrec.transfer.model import TransferModel
from crossrec.workspace import Run
from crossrec.workspace.knowledge import read_attributes, read_descriptions

TOPICS = ("space", "garden", "kitchen")


class TopicEncoder:
    """One number for each topic a text names."""

    id, revision, dim = "topics", "1", 4

    def encode(self, texts, *, progress=None):
        rows = [[*(float(topic in text) for topic in TOPICS), 1] for text in texts]
        return unit_rows(np.array(rows, dtype=np.float32))


@pytest.fixture
def vocabulary(tmp_path, monkeypatch):
    monkeypatch.setenv("CROSSREC_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr(knowledge, "chosen_encoder", lambda *_: TopicEncoder())
    path = tmp_path / "vocabulary.json"
    values = [{"name": topic, "words": topic} for topic in TOPICS]
    path.write_text(json.dumps({"facets": [{"name": "use", "values": values}]}))
    return str(path)


def test_attributes_are_kept_with_the_run_and_their_value_is_said(
    small_files, tmp_path, vocabulary
):
    config = RunConfig(encoder="bow", attributes=vocabulary, seed=1)
    made = Run(run(RunInputs(**small_files), tmp_path / "run", config))
    known = read_attributes(made)
    assert known is not None
    assert set(known.attributes["facet"]) == {"use"}
    report = made.report()
    (note,) = [one for one in report.notes if one.key.startswith("attributes_")]
    judged = NO_ATTRIBUTES in set(report.per_user["model"])
    assert judged == (note.key == "attributes_used")
    assert made.info["config"]["attributes"] == vocabulary


def test_without_attributes_is_the_same_model_on_the_other_views(small_split, small_features):
    codes = [int(name[1:]) % 3 for name in small_features.items.ids]
    told = np.eye(3, dtype=np.float32)[codes]
    # Vectors that say nothing: all that is known of an item is its attribute.
    noise = np.random.default_rng(0).normal(size=small_features.vectors.shape)
    blind = replace(small_features, vectors=noise.astype(np.float32))
    features = replace(blind, views={KNOWLEDGE: told})
    fitted = TransferModel(seed=1).fit(small_split, features).fitted_
    assert len(fitted.decided["views"]) == 2
    decided = {**fitted.decided, "views": (Chosen(1.0), Chosen(0.0))}  # 90 users decide nothing
    model = TransferModel.of(TransferConfig(seed=1), replace(fitted, decided=decided))
    assert items.took_attributes(model) == ["books"]
    plain = items.without_attributes(model, small_split, features)
    assert plain is not None
    assert not items.took_attributes(plain)
    same = TransferModel(seed=1).fit(small_split, blind)
    histories = small_split.histories()
    assert np.array_equal(plain.scores(histories, 0), same.scores(histories, 0))
    assert items.without_attributes(same, small_split, blind) is None


def test_attributes_of_items_without_text_are_refused(small_files, tmp_path, vocabulary):
    files = {**small_files, "items": None}
    with pytest.raises(DataError, match="items with text"):
        run(RunInputs(**files), tmp_path / "run", RunConfig(encoder="bow", attributes="auto"))


def test_a_run_with_typed_descriptions_can_be_used(small_files, tmp_path, monkeypatch, vocabulary):
    typed = tmp_path / "scenarios.json"
    typed.write_text(json.dumps({"books": "about space", "films": "about the garden"}))
    config = RunConfig(encoder="bow", scenario_texts=str(typed), seed=1)
    made = Run(run(RunInputs(**small_files), tmp_path / "run", config))
    assert read_descriptions(made) == json.loads(typed.read_text())
    model = load_model(made)
    asked = histories_of(made, model, everything=True)
    assert np.isfinite(model.scores(asked.take(np.arange(3)), 0)).all()
    typed.write_text(json.dumps({"books": "about space", "Films": "about the garden"}))
    with pytest.raises(DataError, match=r"scenarios 'books', 'films'.*'Films'.*scenarios\.json"):
        run(RunInputs(**small_files), tmp_path / "other", config)
    typed.write_text("[]")
    with pytest.raises(FileUnreadable, match="JSON object"):
        run(RunInputs(**small_files), tmp_path / "other", config)
