"""The Features page: another way of reading, its cost, its text; languages; encoders compared."""

import json

import pytest

from crossrec.pipeline.encoders import compare_encoders
from crossrec.ui.i18n import wording
from tests.app.test_pages import open_page

WORDS = wording("en")


@pytest.fixture(autouse=True)
def own_cache(tmp_path, monkeypatch):
    monkeypatch.setenv("CROSSREC_CACHE", str(tmp_path / "cache"))


def said(app):
    return " ".join(str(part.value) for part in [*app.markdown, *app.caption, *app.code])


def test_texts_show_languages_and_offer_the_vectors(run):
    app = open_page("features", item="b01")
    assert WORDS["features.scripts.title"] in [part.value for part in app.subheader]
    assert "50 items with their ids" in said(app)


def test_another_way_of_reading_shows_its_cost_and_its_text(run):
    app = open_page("features", view="encoders", item="b01")
    app.selectbox(key="other_encoder").set_value("bow").run()
    assert "50 different texts" in said(app)
    app.multiselect(key="other_columns").set_value(["category", "title"]).run()
    assert "b. Title of b01" in said(app)
    app.multiselect(key="other_columns").set_value([]).run()
    assert not app.exception
    assert app.error


def test_a_server_is_not_asked_before_it_is_used(run):
    app = open_page("features", view="encoders", item="b01")
    app.selectbox(key="other_encoder").set_value("own").run()
    app.text_input(key="other_own").set_value("http://127.0.0.1:9/v1#m").run()
    assert not app.exception
    assert "tokens go to" in said(app)
    app.number_input(key="server_price").set_value(2.0).run()
    assert "in the currency of the price" in said(app)
    app.text_input(key="other_own").set_value("/no/such/folder").run()
    assert any("no/such/folder" in str(error.value) for error in app.error)


def test_a_link_cannot_choose_where_texts_are_sent(run):
    app = open_page("data", encoder="http://127.0.0.1:9/v1#m")
    assert not app.exception
    boxes = [box for box in app.selectbox if box.key == "train_encoder"]
    assert all("http" not in option for box in boxes for option in box.options)


def test_encoders_are_compared_on_a_run(run):
    told = compare_encoders(run.path, ["tfidf", "bow"], columns=["title", "text"])
    assert json.loads(json.dumps(told)) == told
    assert told["label"] == "category"
    assert [row["encoder"] for row in told["encoders"]] == ["tfidf", "bow"]


def test_the_comparison_names_its_cost_and_waits_for_a_second_encoder(run):
    app = open_page("features", view="encoders")
    app.multiselect(key="compare_encoders").set_value(["tfidf"]).run()
    assert WORDS["features.compare.two"] in said(app)
    app.multiselect(key="compare_encoders").set_value(["tfidf", "bow"]).run()
    assert [button for button in app.button if button.key == "compare_start"]
