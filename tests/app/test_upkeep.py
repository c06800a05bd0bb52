"""Settings, jobs and the shelf of projects and runs through AppTest."""

import pytest

from crossrec import jobs
from crossrec.settings import Settings, read_settings, write_settings
from crossrec.ui.i18n import wording
from crossrec.workspace import archive_run, trash
from tests.app.fabricate import make_run
from tests.app.test_pages import go, open_page, shown

WORDS = wording("en")
pytestmark = pytest.mark.usefixtures("whole_app")


@pytest.fixture
def config(tmp_path, monkeypatch):
    path = tmp_path / "crossrec.toml"
    monkeypatch.setenv("CROSSREC_CONFIG", str(path))
    return path


def press(app, key):
    app.button(key=key).click()
    return go(app)


def test_an_empty_workspace_has_nothing_to_order(workspace):
    app = open_page("settings")
    assert "Projects: 0" in app.header[0].value
    assert WORDS["shelf.none.title"] in shown(app)
    app.query_params["part"] = "jobs"
    assert WORDS["jobs.none.title"] in shown(go(app))


def test_a_run_is_renamed_put_aside_deleted_and_brought_back(workspace):
    first, second = make_run(workspace), make_run(workspace, label="balanced")
    app = open_page("settings")
    app.text_input(key=f"name_run_{first.id}").set_value("The *good* one")
    press(app, f"save_run_{first.id}")
    assert workspace.find_run(first.id).name == "The *good* one"
    assert r"The \*good\* one" in shown(app)

    press(app, f"archive_run_{first.id}")
    assert [run.id for run in workspace.runs("my-shop")] == [second.id]
    press(app, "undo")
    assert len(workspace.runs("my-shop")) == 2

    press(app, f"delete_run_{second.id}")
    assert [one.id for one in trash(workspace)] == [second.id]
    press(app, "undo")
    assert trash(workspace) == []

    press(app, f"delete_run_{second.id}")
    press(app, "empty_trash_yes")
    assert trash(workspace) == []
    assert [run.id for run in workspace.runs("my-shop")] == [first.id]


def test_a_deleted_project_comes_back(run, workspace):
    app = open_page("settings", project="my-shop", run=run.id)
    press(app, "delete_project_my-shop")
    assert workspace.projects() == []
    assert "project" not in app.query_params
    press(app, "restore_project_my-shop")
    assert [project.slug for project in workspace.projects()] == ["my-shop"]


def test_what_cannot_be_done_is_said(run, workspace):
    app = open_page("settings")
    app.text_input(key="name_project_my-shop").set_value("  ")
    press(app, "save_project_my-shop")
    assert "name for the project" in app.error[0].value


def test_the_link_to_a_run_that_was_put_aside_shows_it(workspace):
    aside = make_run(workspace)
    make_run(workspace, label="balanced")
    archive_run(workspace, aside.id)
    app = open_page(project="my-shop", run=aside.id)
    assert app.selectbox(key="run_pick").value == aside.id


def test_settings_are_kept_in_the_file(workspace, config):
    app = open_page("settings", part="settings")
    app.number_input(key="set_threads").set_value(2)
    app.selectbox(key="set_language").set_value("zh")
    press(app, "settings_save")
    assert read_settings() == Settings(threads=2, language="zh")
    assert open_page().header[0].value == wording("zh")["home.answer_none"]


def test_a_broken_settings_file_is_said(workspace, config):
    config.write_text("colour = 1")
    assert "colour" in open_page("settings", part="settings").error[0].value
    assert not open_page().error


def test_the_usual_encoder_is_that_of_the_settings(workspace, config):
    write_settings(Settings(encoder="bow"))
    app = open_page("features")
    assert not app.error


def test_a_failed_job_says_why_and_can_go_on(workspace):
    missing = {"inputs": {"interactions": "/no/such.csv"}, "out": workspace.root / "check"}
    job_id = jobs.submit(workspace.jobs_db, "import_data", missing)
    jobs.wait(workspace.jobs_db, job_id, 90)
    app = open_page("settings", part="jobs", job=job_id)
    assert "such" in app.error[0].value
    assert WORDS["jobs.state.failed"] in app.dataframe[0].value.iloc[0].tolist()
    press(app, "job_resume_history")
    newest = jobs.list_jobs(workspace.jobs_db)[0]
    assert newest.resumes == job_id
    assert app.query_params["job"] == newest.id
    jobs.wait(workspace.jobs_db, newest.id, 90)


def test_the_tour_goes_from_page_to_page_and_can_be_left(run):
    app = open_page()
    app.button(key="tour_start").click()
    go(app)
    assert WORDS["tour.home.title"] in shown(app)
    app.button(key="tour_next").click()
    go(app)
    assert WORDS["tour.transfer.title"] in shown(app)
    assert app.query_params["tour"] == "2"
    press(app, "tour_end")
    assert "tour" not in app.query_params
    assert WORDS["tour.transfer.title"] not in shown(app)


def test_who_wants_no_tour_is_not_asked_again(run, workspace):
    press(open_page(), "tour_no")
    assert workspace.settings() == {"tour": "no"}
    assert WORDS["tour.start"] not in [button.label for button in open_page().button]


def test_every_page_as_a_command(run):
    assert f"crossrec runs show {run.path}" in shown(open_page())
