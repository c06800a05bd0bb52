"""Map, Transfer, Try a user and Compare through AppTest, on a small real run."""

import json
import re
import shutil

import pytest

from crossrec.data.sample.generator import generate_sample
from crossrec.pipeline import RunConfig, RunInputs
from crossrec.pipeline import run as run_pipeline
from crossrec.ui import i18n
from crossrec.ui.i18n import wording
from crossrec.workspace import Run, Workspace
from tests.app.fabricate import make_run
from tests.app.test_pages import go, open_page, shown

PAGES = ("map", "transfer", "user", "compare")
WORDS = wording("en")


@pytest.fixture(scope="module")
def finished(tmp_path_factory):
    """A folder with a run on a small sample, trained once for this file."""
    files = generate_sample(tmp_path_factory.mktemp("sample"), users=260)
    out = tmp_path_factory.mktemp("runs") / "run"
    inputs = RunInputs(files.interactions, files.items, files.users)
    return run_pipeline(inputs, out, RunConfig(encoder="tfidf"))


@pytest.fixture
def trained(workspace, finished) -> Run:
    """That run in the app's workspace."""
    return add_run(workspace, finished, "quick")


def add_run(workspace: Workspace, finished, label: str) -> Run:
    known = {project.name: project for project in workspace.projects()}
    project = known.get("Shop") or workspace.create_project("Shop")
    path = workspace.new_run_path(project, label)
    shutil.copytree(finished, path)
    return Run(path)


@pytest.mark.parametrize("page", PAGES)
def test_without_a_run_a_page_offers_the_ways_out(workspace, page):
    app = open_page(page)
    assert WORDS["empty.no_run.title"] in shown(app)


@pytest.mark.parametrize("page", PAGES)
def test_a_run_with_missing_parts_says_so_and_does_not_crash(run, page):
    open_page(page)


@pytest.mark.parametrize("page", PAGES)
@pytest.mark.parametrize("lang", ["en", "zh"])
def test_pages_open_with_an_answer_of_numbers(trained, page, lang, monkeypatch):
    # AppTest asks for option labels outside the page, where the language is the fallback
    monkeypatch.setattr(i18n, "FALLBACK", lang)
    app = open_page(page, lang=lang)
    assert not app.error
    assert re.search(r"\d", app.header[0].value)
    assert wording(lang)[f"{page}.question"] in shown(app)


def test_transfer_views_and_cohorts(trained):
    app = open_page("transfer")
    assert "Transfer helped" in app.header[0].value
    app.selectbox(key="cohort").set_value("cold")
    go(app)
    app.button_group(key="view").set_value("coefficient")
    go(app)
    assert WORDS["transfer.map.caption_coefficient"] in shown(app)


def test_the_linked_pair_is_shown(trained):
    app = open_page("transfer", pair="1-0")
    names = trained.info["scenarios"]
    assert f"{names[1]} → {names[0]}" in shown(app)


def test_parts_of_a_score_are_checked_on_the_page(trained):
    app = open_page("user")
    assert "Checked: base" in shown(app)
    assert "do not add up" not in shown(app)


def test_switching_a_source_off_moves_the_list(trained):
    app = open_page("user")
    before = app.dataframe[-1].value
    assert app.toggle
    for switch in [one for one in app.toggle if one.key.startswith("on_")]:
        switch.set_value(False)
    go(app)
    assert " off" in shown(app)
    assert "Checked: base" in shown(app)
    assert not before.equals(app.dataframe[-1].value)


def test_map_search_lists_what_was_found(trained):
    app = open_page("map")
    app.text_input(key="q").set_value("the")
    go(app)
    assert "found" in shown(app)
    app.button_group(key="what").set_value("users")
    go(app)
    assert not app.error


def test_compare_two_runs_of_one_split(trained, workspace, finished):
    add_run(workspace, finished, "again")
    app = open_page("compare")
    text = shown(app)
    assert "The second run is better in 0 of" in text
    assert WORDS["compare.settings.equal"] in text


def test_compare_tells_what_feedback_entered_a_training(trained, workspace, finished):
    told = WORDS["compare.feedback"].split("{likes}")[0].split("}")[1]
    assert told not in shown(open_page("compare"))
    again = add_run(workspace, finished, "again")
    record = again.path / "run.json"
    counts = {"likes": 3, "refusals": 2, "kept_from_training": 1, "of_other_data": 4}
    record.write_text(json.dumps({**json.loads(record.read_text()), "feedback": counts}))
    text = shown(open_page("compare"))
    assert f"{told}3 likes and 2 refusals; 1 of them" in text
    assert "left out: 4." in text


def test_compare_refuses_runs_of_other_splits(trained, workspace):
    make_run(workspace, name="Shop")
    app = open_page("compare")
    assert "on one split" in app.error[0].value


@pytest.mark.parametrize("page", ["map", "transfer", "features"])
def test_a_link_shows_its_run_whichever_is_the_newest(workspace, whole_app, page):
    for run in (make_run(workspace), make_run(workspace, label="second")):
        app = open_page()
        app.switch_page(f"pages/{page}.py")
        app.query_params["project"], app.query_params["run"] = "my-shop", run.id
        assert go(app).session_state["run_pick"] == run.id
        if page != "features":
            assert str(run.path) in shown(app)
