"""Seen items in the app: the setting of a training, the lists of a user, both ways of judging."""

import shutil

import pytest

from crossrec.data.seen import SeenItems
from crossrec.explanation.whatif import WhatIf
from crossrec.pipeline import RunConfig, RunInputs
from crossrec.pipeline import run as run_pipeline
from crossrec.ui import i18n
from crossrec.ui.i18n import wording
from crossrec.workspace import Run
from tests.app.test_pages import go, open_page, shown
from tests.repeating import repeating_files

WORDS = wording("en")


@pytest.fixture(scope="module")
def finished(tmp_path_factory):
    """A run on groceries, which repeat, and films, which do not."""
    files = repeating_files(tmp_path_factory.mktemp("files"))
    out = tmp_path_factory.mktemp("runs") / "run"
    inputs = RunInputs(files["interactions"], files["items"])
    return run_pipeline(inputs, out, RunConfig(encoder="tfidf"))


@pytest.fixture
def trained(workspace, finished) -> Run:
    path = workspace.new_run_path(workspace.create_project("Shop"), "quick")
    shutil.copytree(finished, path)
    return Run(path)


def titles_had(run: Run, user: str, scenario: str) -> set[str]:
    log = run.split().train.to_frame()
    mine = log.loc[(log["user_id"] == user) & (log["scenario"] == scenario), "item_id"]
    return set(run.catalog().titles_of(mine.unique()))


def listed(app) -> list[str]:
    (table,) = (one.value for one in app.dataframe if one.key == "with")
    return table[WORDS["column.title"]].tolist()


def warm_user(run: Run, scenario: str) -> str:
    judged = run.report().per_user
    mine = judged[(judged["scenario"] == scenario) & (judged["cohort"] == "warm")]
    return str(mine["user_id"].iloc[0])


@pytest.mark.parametrize(("scenario", "usual"), [("groceries", False), ("films", True)])
def test_lists_of_a_user_do_as_the_run_does_until_he_says_otherwise(trained, scenario, usual):
    user = warm_user(trained, scenario)
    app = open_page("user", user=user, scenario=scenario, k="20")
    known = titles_had(trained, user, scenario)
    toggle = next(one for one in app.toggle if one.key.startswith("what_seen"))
    assert toggle.value is usual

    def seen() -> set[str]:
        return {title.split("↻ ")[1] for title in listed(app) if "↻ " in title}

    assert not app.error
    assert bool(seen() & known) is not usual
    toggle.set_value(not usual)
    go(app)
    assert not app.error
    assert bool(seen() & known) is usual
    word = "include" if usual else "exclude"
    assert WORDS[f"seen.told_{word}"] in shown(app)
    value = app.query_params["what"]
    state = WhatIf.from_text(value if isinstance(value, str) else value[0])
    assert state.seen == word
    next(one for one in app.toggle if one.key.startswith("what_seen")).set_value(usual)
    go(app)
    assert not app.query_params.get("what", [""])[0]  # what the run does anyway is no change


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_transfer_shows_both_ways(trained, lang, monkeypatch):
    monkeypatch.setattr(i18n, "FALLBACK", lang)
    app = open_page("transfer", lang=lang)
    assert not app.error
    column = wording(lang)["seen.repeats"]
    (table,) = (one.value for one in app.dataframe if column in one.value)
    assert table[wording(lang)["column.scenario"]].tolist() == ["groceries"]
    assert table[wording(lang)["seen.lists"]].tolist() == [wording(lang)["seen.told_include"]]


@pytest.mark.parametrize("view", ["variety", "cohort", "cards"])
def test_panels_of_a_user_open_where_lists_include_seen_items(trained, view):
    user = warm_user(trained, "groceries")
    app = open_page("user", user=user, scenario="groceries", more=view)
    assert not app.error


def form() -> None:
    import streamlit as st

    from crossrec.data.seen import SeenItems
    from crossrec.ui import seen

    seen.setting([SeenItems("films", 50, 1), SeenItems("groceries", 50, 23)])
    st.text(repr(seen.asked()))


def test_the_training_form_offers_what_the_audit_says_first():
    from streamlit.testing.v1 import AppTest

    app = AppTest.from_function(form).run()
    (radio,) = app.radio
    assert radio.value == "auto"
    assert app.text[0].value == "None"
    assert SeenItems("groceries", 50, 23).lists == "include"
    captions = " ".join(radio.proto.captions)
    assert "films (2%)" in captions
    assert "groceries (46%)" in captions
    radio.set_value("exclude").run()
    assert app.text[0].value == "'exclude'"
