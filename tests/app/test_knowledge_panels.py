"""The Features page on attributes, users and adaptation: empty, filled, hostile."""

import json
from dataclasses import asdict, replace

import numpy as np
import pandas as pd

from crossrec.evaluation.adapted import Quality
from crossrec.evaluation.results import PER_USER_COLUMNS
from crossrec.language.attributes import AttributeTable, stated_attributes
from crossrec.language.calibration import Calibration
from crossrec.language.profiles import Profile
from crossrec.language.vocabulary import Facet, Value, Vocabulary
from crossrec.pipeline.adaptation import QUALITY
from crossrec.pipeline.candidates import Gain
from crossrec.schema import NO_ATTRIBUTES
from crossrec.workspace.knowledge import (
    read_attributes,
    write_attributes,
    write_candidates,
    write_profiles,
)
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
    found = [
        Quality("books", "films", 50, 0.01, 0.02, 0.005, 0.015, 0.01),
        Quality("films", "books", 12, 0.01, 0.02, 0.005, 0.015, 0.01),
    ]
    (folder / QUALITY).write_text(json.dumps([each.to_dict() for each in found]))
    points = [{"part": "pairs", "step": at, "loss": 1 / at} for at in (5, 10)]
    (folder / "curve.json").write_text(json.dumps(points))
    app = open_page("features", view="adaptation")
    table = app.dataframe[0].value
    assert isinstance(table, pd.DataFrame)
    assert "+0.0100 [+0.0050, +0.0150]" in table.to_numpy().ravel().tolist()
    assert table[WORDS["worth.verdict"]].tolist() == ["helps", "inconclusive: n < 20"]
    assert WORDS["adaptation.answer"].format(helped=1, n=2, harmed=0) in shown(app)


def trained_with_attributes(run) -> None:
    info = json.loads((run.path / "run.json").read_text())
    info["config"] = {**info.get("config", {}), "attributes": "auto"}
    (run.path / "run.json").write_text(json.dumps(info))


def test_attributes_that_no_scenario_took_are_worth_nothing(run):
    attributes_of(run)
    assert WORDS["worth.without"] in shown(open_page("features", view="attributes"))
    trained_with_attributes(run)
    assert WORDS["worth.not_taken"] in shown(open_page("features", view="attributes"))


def test_the_worth_of_attributes_is_the_run_s_own_comparison(run):
    attributes_of(run)
    trained_with_attributes(run)
    users = [f"u{at:03d}" for at in range(60)]
    base = {"scenario": "books", "user_id": users, "cohort": "warm", "target_items": 3,
            "other_items": 3}  # fmt: skip
    metrics = [name for name in PER_USER_COLUMNS if name not in (*base, "model")]
    judged = [
        pd.DataFrame({"model": model, **base, **dict.fromkeys(metrics, value)})
        for model, value in (("transfer", 0.11), (NO_ATTRIBUTES, 0.1))
    ]
    pd.concat(judged)[list(PER_USER_COLUMNS)].to_parquet(run.path / "per_user.parquet")
    app = open_page("features", view="attributes")
    changes = [one.value for one in app.dataframe if WORDS["worth.change"] in one.value]
    assert len(changes) == 1
    assert all(said.startswith("+0.010") for said in changes[0][WORDS["worth.change"]])


def test_training_with_these_attributes_goes_to_the_form(run):
    attributes_of(run)
    app = open_page("features", view="attributes")
    app.button(key="worth_use").click().run()
    assert not app.exception
    made = json.loads((run.path / "knowledge" / "vocabulary.json").read_text())
    assert made["facets"][0]["values"][1]["name"] == HOSTILE


def test_described_candidates_show_their_value_and_what_was_written(run):
    app = open_page("features", view="profiles")
    assert WORDS["candidates.none"] in shown(app)
    gain = Gain("books", 60, 100, 0.2, 0.05, 0.15, -0.08, -0.02, 0.01, (HOSTILE,))
    gains = [asdict(gain), asdict(replace(gain, p_holm=0.3))]
    write_candidates(run, {"generator": HOSTILE, "gains": gains})
    app = open_page("features", view="profiles")
    verdicts = app.dataframe[0].value[WORDS["worth.verdict"]].tolist()
    assert verdicts == ["hurts", "inconclusive: p ≥ 0.05"]
    assert WORDS["candidates.answer"].format(gains=0, n=2, losses=1) in shown(app)
    assert "−0.050 [−0.080, −0.020]" in app.dataframe[0].value.to_numpy().ravel().tolist()
    assert HOSTILE not in "".join(str(part.value) for part in [*app.markdown, *app.caption])
