"""The Features page on attributes, users and adaptation: empty, filled, hostile."""

import json

import numpy as np
import pandas as pd

from crossrec.language.adaptation import Quality
from crossrec.language.attributes import AttributeTable, stated_attributes
from crossrec.language.calibration import Calibration
from crossrec.language.profiles import Profile
from crossrec.language.vocabulary import Facet, Value, Vocabulary
from crossrec.pipeline.adaptation import QUALITY
from crossrec.workspace.knowledge import read_attributes, write_attributes, write_profiles
from tests.app.test_pages import WORDS, open_page, shown

HOSTILE = "![x](http://evil.example/a.png)"


def attributes_of(run) -> None:
    catalog = run.catalog()
    vocabulary = Vocabulary((Facet("use", (Value("coffee", "coffee"), Value(HOSTILE, "tea"))),))
    values = (np.arange(len(catalog)) % 2).astype(np.int16)[:, None]
    confidence = np.where(np.arange(len(catalog)) % 5, 0.9, 0.2).astype(np.float32)[:, None]
    curve = {"use": Calibration(1.0, 0.0, 80, 0.75, 0.04)}
    table = AttributeTable(catalog.items, vocabulary, values, confidence, "encoder:fake:1", curve)
    write_attributes(run, table, stated_attributes(catalog))


def test_before_anything_is_read_the_page_says_what_to_do(run):
    app = open_page("features", view="attributes")
    assert WORDS["attributes.none.title"] in shown(app)
    assert app.button(key="attributes_start").label == WORDS["attributes.start"]


def test_attributes_bridges_and_one_item(run):
    attributes_of(run)
    app = open_page("features", view="attributes")
    text = shown(app)
    assert "80" in text
    assert "75%" in text
    assert HOSTILE not in text.replace("\\", "|")  # escaped wherever markdown is rendered
    assert WORDS["bridges.title"] in text
    assert app.selectbox(key="bridges_source").options == ["books", "films"]
    assert {"coffee", HOSTILE} == set(app.dataframe[0].value[WORDS["attributes.value"]])


def test_attributes_survive_the_disk(run):
    attributes_of(run)
    known = read_attributes(run)
    assert known is not None
    assert known.vocabulary.facets[0].names == ("coffee", HOSTILE)
    assert set(known.attributes["facet"]) == {"use", "category"}
    assert known.calibration["use"]["examples"] == 80


def test_profiles_show_facts_evidence_and_who_wrote(run):
    first = Profile(
        "u001", "books", 8, 7, {"b": 1.0}, {"use: coffee": 0.5}, "low", {"evening": 1.0},
        (HOSTILE,), "The shopper is interested in coffee.", "SmolLM2", "A shopper chose ...",
    )  # fmt: skip
    second = Profile(
        "u001", "films", 2, 2, sentence="2 items in films.", prompt="x", refused="No [no]"
    )
    write_profiles(run, [first, second])
    app = open_page("features", view="profiles")
    text = shown(app)
    assert "The shopper is interested in coffee." in text
    assert "SmolLM2" in text
    assert "use: coffee  50%" in text
    table = app.dataframe[0].value
    assert table[WORDS["profiles.by"]].tolist() == ["SmolLM2", WORDS["profiles.from_numbers"]]
    app.selectbox(key="profiles_one").select(1).run()
    assert WORDS["profiles.numbers"] in shown(app)


def test_adaptation_is_offered_and_its_result_named(workspace, run):
    app = open_page("features", view="adaptation")
    assert not app.exception
    folder = workspace.root / "adapters" / run.id / "contrastive-lora-100-0"
    folder.mkdir(parents=True)
    found = [Quality("books", "films", 50, 0.01, 0.02, 0.005, 0.015)]
    (folder / QUALITY).write_text(json.dumps([each.to_dict() for each in found]))
    points = [{"part": "pairs", "step": at, "loss": 1 / at} for at in (5, 10)]
    (folder / "curve.json").write_text(json.dumps(points))
    app = open_page("features", view="adaptation")
    table = app.dataframe[0].value
    assert isinstance(table, pd.DataFrame)
    assert "0.010 [0.005, 0.015]" in table.to_numpy().ravel().tolist()
