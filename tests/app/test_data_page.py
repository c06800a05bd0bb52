"""The Data page in each of its states: columns, rows, cleaning, scenarios, privacy."""

import json
import zipfile
from pathlib import Path

import pandas as pd
import pytest

from crossrec import jobs
from crossrec.ui.i18n import wording
from tests.app.fabricate import interactions
from tests.app.test_pages import go, open_page, shown

WORDS = wording("en")


@pytest.fixture
def files(tmp_path) -> dict[str, str]:
    """A log with a few bad rows, titles for its items, profiles with an address."""
    log = interactions()
    lines = log.to_csv(index=False).splitlines()
    for at in range(8):
        lines.insert(3 + 2 * at, ",b01,books,1600000000")
    items = pd.DataFrame({"item_id": log["item_id"].unique()})
    items["title"] = "Title of " + items["item_id"]
    items["kind"] = items["item_id"].str[0]
    users = pd.DataFrame({"user_id": log["user_id"].unique()})
    users["age"] = range(20, 20 + len(users))
    users["mail"] = users["user_id"] + "@example.org"
    users["plan"] = ["rare" if at < 2 else "usual" for at in range(len(users))]
    (tmp_path / "log.csv").write_text("\n".join(lines) + "\n")
    items.to_csv(tmp_path / "items.csv", index=False)
    users.to_csv(tmp_path / "users.csv", index=False)
    return {kind: str(tmp_path / f"{kind}.csv") for kind in ("log", "items", "users")}


def finish(workspace) -> None:
    job = jobs.wait(workspace.jobs_db, jobs.list_jobs(workspace.jobs_db)[0].id, timeout=90)
    assert job.state == "done", job.error


@pytest.fixture
def checked(workspace, files):
    """The same files after their check; gives a way to open a part of the page."""
    app = open_page("data", **files)
    app.button(key="check").click()
    go(app)
    finish(workspace)
    return lambda part, **query: open_page("data", part=part, **files, **query)


def tables(app) -> list[pd.DataFrame]:
    return [table.value for table in (*app.table, *app.dataframe)]


# ------------------------------------------------------------------------- files and columns


def test_every_table_has_its_columns_and_first_rows(workspace, files):
    app = open_page("data", **files)
    assert app.selectbox(key="map_items_title").value == "title"
    assert app.selectbox(key="map_users_user_id").value == "user_id"
    text = shown(app)
    assert "encoding utf-8" in text
    assert "separated by comma" in text
    assert "3 profile columns: age, mail, plan" in text
    assert all(len(frame.value) == 20 for frame in app.dataframe if len(frame.value) > 8)


def test_a_correction_of_any_table_is_used_and_remembered(workspace, files):
    app = open_page("data", **files)
    app.selectbox(key="map_items_category").set_value("kind")
    go(app)
    assert json.loads(app.query_params["map_items"]) == {"category": "kind"}
    assert any("Category · kind" in frame.value for frame in app.dataframe)
    again = open_page("data", **files)
    assert again.selectbox(key="map_items_category").value == "kind"
    assert WORDS["data.mapping.remembered"] in shown(again)
    again.selectbox(key="map_items_category").set_value("")
    go(again)
    assert "map_items" not in again.query_params
    assert open_page("data", **files).selectbox(key="map_items_category").value == ""


def test_a_saved_mapping_is_used_for_the_next_file(workspace, files):
    held = {"columns": {"category": "kind"}, "confidence": {"category": "given"}}
    app = open_page("data", **files)
    app.file_uploader(key="map_load_items").set_value(
        ("mapping.json", json.dumps(held).encode(), "application/json")
    )
    go(app)
    assert app.selectbox(key="map_items_category").value == "kind"
    app = open_page("data", **files)
    app.file_uploader(key="map_load_log").set_value(
        ("mapping.json", b'{"columns": 3}', "application/json")
    )
    go(app)
    assert "column map" in app.error[0].value


def test_values_that_look_like_something_are_asked_about(workspace, tmp_path):
    frame = interactions()
    frame.columns = ["user_id", "item_id", "scenario", "c4"]
    frame.to_csv(tmp_path / "log.csv", index=False)
    app = open_page("data", log=str(tmp_path / "log.csv"))
    assert app.selectbox(key="map_timestamp").value == ""
    app.button(key="ask_log_timestamp").click()
    go(app)
    assert app.selectbox(key="map_timestamp").value == "c4"


def test_without_a_needed_column_nothing_is_checked(workspace, tmp_path):
    interactions().rename(columns={"item_id": "x1"}).to_csv(tmp_path / "log.csv", index=False)
    app = open_page("data", log=str(tmp_path / "log.csv"))
    assert "Item" in app.warning[0].value
    assert "check" not in {button.key for button in app.button}


def test_a_known_layout_in_an_archive_is_named_and_its_items_offered(workspace, tmp_path):
    ratings = ["userId,movieId,rating,timestamp"]
    ratings += [f"{u},{m},4.0,{964982703 + u}" for u in range(1, 15) for m in range(1, 9)]
    movies = ["movieId,title,genres"] + [f"{m},Film {m} (1995),Drama|War" for m in range(1, 9)]
    path = tmp_path / "ml-latest-small.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("ml-latest-small/ratings.csv", "\n".join(ratings) + "\n")
        archive.writestr("ml-latest-small/movies.csv", "\n".join(movies) + "\n")
    app = open_page("data")
    app.file_uploader(key="upload_log").set_value((path.name, path.read_bytes(), "application/zip"))
    go(app)
    assert "MovieLens" in shown(app)
    app.button(key="also_items").click()
    go(app)
    assert app.selectbox(key="map_items_title").value == "title"


def test_several_files_may_be_one_scenario_each(workspace, tmp_path):
    paths = []
    for name, part in interactions().groupby("scenario"):
        path = tmp_path / f"{name}.csv"
        part.drop(columns="scenario").to_csv(path, index=False)
        paths.append(str(path))
    app = open_page("data")
    app.text_area(key="path_log").set_value("\n".join(paths))
    app.button(key="use_paths").click()
    go(app)
    assert "and 1 more" in app.header[0].value
    app.toggle(key="by_file").set_value(True)
    go(app)
    app.button(key="check").click()
    go(app)
    finish(workspace)
    go(app)
    assert app.table[0].value[WORDS["column.scenario"]].tolist() == ["books", "films"]


def test_a_damaged_link_says_so(workspace, files):
    for query in ({"clean": "{"}, {"clean": '{"colour": 1}'}, {"map": "[1]"}):
        assert "Choose the files again" in open_page("data", **files, **query).error[0].value


def test_the_scenario_a_layout_tells_stands_in_the_preview(workspace, tmp_path):
    rows = "".join(f"u{at % 9},b{at},{at % 5 + 1},2010-01-0{at % 9 + 1}\n" for at in range(30))
    (tmp_path / "bookreviews.csv").write_text("user_id,book_id,rating,time\n" + rows)
    app = open_page("data", log=str(tmp_path / "bookreviews.csv"))
    assert "Douban" in shown(app)
    assert WORDS["data.mapping.constant"].format(scenario="book") in shown(app)
    preview = next(one.value for one in app.dataframe if len(one.value) == 20)
    assert preview[WORDS["data.mapping.every_row"]].tolist() == ["book"] * 20


def test_the_limit_of_bad_rows_and_the_time_zone_are_chosen_and_linked(workspace, files):
    app = open_page("data", **files)
    assert (
        app.number_input(key="reading_limit").value,
        app.selectbox(key="reading_zone").value,
    ) == (50, "UTC")
    app.number_input(key="reading_limit").set_value(0.2)
    go(app)
    app.selectbox(key="reading_zone").set_value("Asia/Shanghai")
    go(app)
    reading = json.loads(app.query_params["reading"])
    assert reading == {"max_rejects": 0.002, "zone": "Asia/Shanghai"}
    again = open_page("data", **files, reading=json.dumps(reading))
    assert again.number_input(key="reading_limit").value == 0.2
    assert again.selectbox(key="reading_zone").value == "Asia/Shanghai"
    again.button(key="check").click()
    go(again)
    job = jobs.wait(workspace.jobs_db, jobs.list_jobs(workspace.jobs_db)[0].id, timeout=90)
    assert job.state == "failed"
    go(again)
    assert "at most 0.2% bad rows" in again.error[0].value


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("zero.csv", b"", "empty file (0 bytes)"),
        ("log.pdf", b"%PDF-1.4", "a PDF file"),
        ("gone.csv", None, "nothing there"),
    ],
)
def test_a_file_that_cannot_be_read_is_no_dead_end(workspace, tmp_path, name, content, said):
    if content is not None:
        (tmp_path / name).write_bytes(content)
    app = open_page("data", log=str(tmp_path / name))
    assert said in app.error[0].value.replace("\\", "")
    app.button(key="use_sample").click()
    go(app)
    assert not app.error
    assert app.button(key="check")


# ------------------------------------------------------------------------- what was found


def test_verdicts_say_whether_knowledge_can_move(checked):
    app = checked("verdicts")
    pairs = app.table[1].value
    assert pairs[WORDS["data.pairs.pair"]].tolist() == ["books → films", "films → books"]
    assert pairs[WORDS["data.pairs.by"]].tolist() == ["120 shared users, text"] * 2
    assert "2 of 2 ordered pairs" in shown(app)


def test_the_first_five_rejected_rows_and_all_counts(checked):
    app = checked("rows")
    balance = app.table[0].value
    assert balance[WORDS["data.rejects.rejected"]].tolist() == ["8", "0", "0"]
    rejects = next(one for one in tables(app) if WORDS["data.rejects.reason"] in one)
    assert rejects[WORDS["data.rejects.line"]].tolist() == [4, 6, 8, 10, 12]
    assert set(rejects[WORDS["data.rejects.file"]]) == {"log.csv"}


def test_curves_and_coverage(checked):
    app = checked("curves")
    assert WORDS["data.popularity.title"] in shown(app)
    assert app.table[0].value[WORDS["data.coverage.first"]].str.startswith("2020-09").all()


def test_findings_in_chinese(checked):
    assert "电子邮件" in shown(checked("findings", lang="zh")) or wording("zh")[
        "finding.personal_data"
    ] in shown(checked("findings", lang="zh"))


def test_reasons_in_chinese(checked):
    zh = wording("zh")
    rejects = next(
        one for one in tables(checked("rows", lang="zh")) if zh["data.rejects.reason"] in one
    )
    assert set(rejects[zh["data.rejects.reason"]]) == {"没有用户"}


# ------------------------------------------------------------------------- cleaning


def test_cleaning_is_previewed_applied_recorded_and_undone(workspace, checked):
    app = checked("clean")
    assert app.button(key="clean_apply").disabled
    app.number_input(key="clean_user_core").set_value(7)
    go(app)
    steps = next(one for one in tables(app) if WORDS["data.clean.step"] in one)
    assert steps[WORDS["data.verdict.rows"]].str.contains("−").any()
    app.button(key="clean_apply").click()
    go(app)
    assert json.loads(app.query_params["clean"]) == {"user_core": 7}
    finish(workspace)
    go(app)
    assert WORDS["data.clean.done"] in shown(app)
    app.button(key="clean_undo").click()
    go(app)
    assert "clean" not in app.query_params
    assert WORDS["data.clean.done"] not in shown(app)


def test_cleaning_that_leaves_nothing_says_so(checked):
    app = checked("clean")
    app.number_input(key="clean_item_core").set_value(100)
    app.number_input(key="clean_user_core").set_value(100)
    go(app)
    assert "smaller k-core" in app.error[0].value


def test_scenarios_are_renamed_joined_recorded_and_undone(workspace, tmp_path):
    log = interactions()
    first, second, *others = sorted(log["scenario"].unique())
    log.to_csv(tmp_path / "log.csv", index=False)
    path = str(tmp_path / "log.csv")
    app = open_page("data", log=path)
    app.button(key="check").click()
    go(app)
    finish(workspace)
    app = open_page("data", log=path, part="clean")
    app.text_input(key=f"clean_n_{first}").set_value("one")
    app.text_input(key=f"clean_n_{second}").set_value("one")
    go(app)
    app.button(key="clean_apply").click()
    go(app)
    new = {first: "one", second: "one"}
    assert json.loads(app.query_params["reading"]) == {"scenario_names": new}
    finish(workspace)
    go(app)
    assert f"Scenarios renamed: {first} → one" in shown(app)
    record = max(
        (workspace.root / "checks").glob("*/run.json"), key=lambda one: one.stat().st_mtime
    )
    info = json.loads(record.read_text())
    assert info["read_options"] == {"scenario_names": new}
    assert info["scenarios"] == sorted(["one", *others])
    app.text_input(key="clean_n_one").set_value("two")
    go(app)
    app.button(key="clean_apply").click()
    go(app)
    assert json.loads(app.query_params["reading"]) == {
        "scenario_names": {first: "two", second: "two"}
    }
    finish(workspace)
    go(app)
    app.button(key="clean_undo").click()
    go(app)
    assert "reading" not in app.query_params


# ------------------------------------------------------------------------- scenarios


@pytest.mark.timeout(120)
def test_scenarios_are_told_on_request_and_applied_on_another(workspace, checked):
    app = checked("tell")
    app.button(key="tell_start").click()
    go(app)
    finish(workspace)
    go(app)
    text = shown(app)
    assert "Context tells the scenario in" in text
    assert WORDS["data.tell.confusion"] in text
    app.button(key="tell_apply").click()
    go(app)
    finish(workspace)
    go(app)
    app.button(key="tell_use").click()
    go(app)
    written = Path(app.query_params["log"])
    assert {"scenario", "scenario_confidence", "scenario_from"} <= set(pd.read_csv(written))
    assert written.name in app.header[0].value.replace("\\", "")


# ------------------------------------------------------------------------- privacy


def test_privacy_hides_people_and_small_groups(workspace, checked):
    app = checked("privacy")
    assert "mail" in app.warning[0].value
    app.multiselect(key="privacy_drop").set_value(["mail"])
    app.text_input(key="privacy_band").set_value("age=40/80")
    app.toggle(key="privacy_pseudonymise").set_value(True)
    app.button(key="privacy_apply").click()
    go(app)
    finish(workspace)
    go(app)
    assert WORDS["data.privacy.key"] in shown(app)
    assert not app.warning
    app.selectbox(key="privacy_column").set_value("plan")
    go(app)
    groups = next(one for one in tables(app) if WORDS["data.privacy.group"] in one)
    assert groups[WORDS["data.privacy.group"]].tolist() == ["other"]
    assert not any("u001" in table.to_csv() for table in tables(app))


def test_bands_that_cannot_be_read_are_refused(checked):
    app = checked("privacy")
    app.text_input(key="privacy_band").set_value("age=young")
    app.button(key="privacy_apply").click()
    go(app)
    assert "bands" in app.error[0].value
    assert "privacy" not in app.query_params
