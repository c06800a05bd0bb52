"""Home, Data and Features through AppTest: empty, filled, and with hostile or broken input."""

from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from crossrec import jobs
from crossrec.ui.i18n import wording
from tests.app.fabricate import interactions, make_run

APP = str(Path(__file__).parents[2] / "app.py")
WORDS = wording("en")


def open_page(name: str = "home", **query: str) -> AppTest:
    app = AppTest.from_file(APP, default_timeout=60)
    for key, value in query.items():
        app.query_params[key] = value
    if name != "home":
        app.run()
        app.switch_page(f"pages/{name}.py")
    return go(app)


def go(app: AppTest) -> AppTest:
    app.run()
    assert [box.value for box in app.exception] == []
    return app


def shown(app: AppTest) -> str:
    """Everything readable on the page, in one string."""
    kinds = ("header", "subheader", "markdown", "caption", "text", "error", "code")
    return "\n".join(str(part.value) for kind in kinds for part in app.get(kind))


@pytest.fixture
def csv(tmp_path) -> Path:
    path = tmp_path / "log.csv"
    frame = interactions()
    frame.loc[3, "user_id"] = ""
    frame.rename(columns={"timestamp": "when"}).to_csv(path, index=False)
    return path


def test_first_visit_offers_three_ways(workspace):
    app = open_page()
    text = shown(app)
    for key in ("home.answer_none", "home.demo.title", "home.own.title", "home.templates.title"):
        assert WORDS[key] in text
    assert not app.error


def test_home_says_what_was_found(run):
    app = open_page()
    assert app.header[0].value == (
        "Transfer helped 1 of 2 scenarios and hurt 1. One source alone hurts in 1 of 2 pairs."
    )
    table = app.table[0].value
    assert table[WORDS["cohort.cold"]].tolist()[0] == ("+0.041 [+0.033, +0.049] :blue-badge[helps]")
    assert "hurts" in table[WORDS["cohort.all"]].tolist()[1]
    assert "inconclusive: interval holds 0" in table[WORDS["cohort.warm"]].tolist()[0]


def test_home_in_chinese(run):
    app = open_page(lang="zh")
    assert app.header[0].value == (
        "2 个场景中有 1 个因迁移受益，1 个受损。 单独使用一个源场景时，2 个场景对中有 1 个有害。"
    )


def test_the_link_chooses_the_run(workspace):
    first, second = make_run(workspace), make_run(workspace, label="balanced")
    for chosen in (first, second):
        app = open_page(project="my-shop", run=chosen.id)
        assert app.selectbox(key="run_pick").value == chosen.id


def test_a_project_of_the_link_that_is_gone_is_said(run):
    app = open_page(project="no-such-project")
    assert any("no-such-project" in one.value for one in app.caption)


def test_a_run_of_the_link_that_is_gone_is_said(run):
    app = open_page(project="my-shop", run="20200101-000000-quick-abcd")
    assert "20200101-000000-quick-abcd" in shown(app).replace("\\", "")


def test_choosing_a_language_stays(run):
    app = open_page()
    app.session_state["_language"] = "zh"
    app.run()
    assert app.header[0].value.startswith("2 个场景")


def test_a_hostile_project_name_is_not_markdown(workspace):
    make_run(workspace, name="![x](http://evil.example/a.png)")
    assert r"\!\[x\](http\://evil.example/a.png)" in shown(open_page())


def test_data_begins_with_a_question(workspace):
    app = open_page("data")
    assert app.header[0].value == WORDS["data.answer_none"]


def test_uploaded_file_is_kept_and_recognised(workspace, csv):
    app = open_page("data")
    app.file_uploader(key="upload_log").set_value(("my log.csv", csv.read_bytes(), "text/csv"))
    go(app)
    assert app.header[0].value == "my log.csv is ready to be checked."
    assert app.selectbox(key="map_user_id").value == "user_id"
    assert app.selectbox(key="map_timestamp").value == "when"
    assert len(app.dataframe[0].value) == 20
    assert len(app.query_params["log"]) == 64


def test_a_corrected_column_stands_in_the_link(workspace, csv):
    app = open_page("data", log=str(csv))
    app.selectbox(key="map_timestamp").set_value("")
    go(app)
    assert app.query_params["map"] == '{"timestamp": ""}'
    again = open_page("data", log=str(csv), map='{"timestamp": ""}')
    assert again.selectbox(key="map_timestamp").value == ""


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ({"log": "/no/such/file.csv"}, "Check the path"),
        ({"log": "0" * 64}, "upload"),
        ({"log": __file__, "map": '{"nonsense": "x"}'}, "nonsense"),
    ],
    ids=["path", "upload", "map"],
)
def test_a_broken_link_says_what_to_do(workspace, query, said):
    assert said in open_page("data", **query).error[0].value


def test_a_binary_file_is_refused_with_a_sentence(workspace, tmp_path):
    path = tmp_path / "picture.csv"
    path.write_bytes(b"\x89PNG" + bytes(100))
    assert "picture" in open_page("data", log=str(path)).error[0].value


@pytest.mark.timeout(120)
def test_check_as_a_job(workspace, csv):
    app = open_page("data", log=str(csv))
    app.button(key="check").click()
    go(app)
    job = jobs.wait(workspace.jobs_db, jobs.list_jobs(workspace.jobs_db)[0].id, timeout=90)
    assert job.state == "done", job.error
    go(app)
    assert app.header[0].value == "2 of 2 scenarios can be trained on."
    assert app.button(key="train_start")
    app.query_params["part"] = "rows"
    go(app)
    rejects = next(t.value for t in app.dataframe if WORDS["data.rejects.line"] in t.value)
    assert rejects[WORDS["data.rejects.line"]].tolist() == [5]


def test_a_double_click_starts_one_job(workspace, csv):
    app = open_page("data", log=str(csv))
    app.button(key="check").click()
    go(app)
    other = open_page("data", log=str(csv))
    assert len(jobs.list_jobs(workspace.jobs_db)) == 1
    jobs.wait(workspace.jobs_db, jobs.list_jobs(workspace.jobs_db)[0].id, timeout=90)
    go(other)


def test_features_without_a_run(workspace):
    assert open_page("features").header[0].value == WORDS["empty.no_run.title"]


@pytest.mark.realmodel
def test_features_shows_the_text_sent(run):
    app = open_page("features", item="b01")
    text = shown(app)
    assert "Title of b01. b. A longer description of b01." in text
    assert "tokens of at most 256" in text
    assert len(app.dataframe[0].value) == 10


def test_features_finds_an_item(run):
    app = open_page("features")
    app.text_input(key="features_words").set_value("title F13")
    go(app)
    assert app.selectbox(key="features_item").options[0].endswith("f13")
