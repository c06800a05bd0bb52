"""The Data page on what files were taken for, and on what their values say."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from crossrec.ui import i18n
from crossrec.ui.i18n import wording
from tests.app.fabricate import interactions
from tests.app.test_data_page import finish
from tests.app.test_pages import go, open_page, shown

WORDS = wording("en")


def check(workspace, app) -> None:
    """Check the chosen files."""
    app.button(key="check").click()
    go(app)
    finish(workspace)


def write(path: Path, **columns: object) -> str:
    """A log with further columns, each a list that is repeated."""
    log = interactions()
    for name, values in columns.items():
        log[name] = np.resize(np.array(values, dtype=object), len(log))
    log.to_csv(path, index=False)
    return str(path)


def newest(workspace) -> dict:
    """What the last check says of itself."""
    records = (workspace.root / "checks").glob("*/run.json")
    return json.loads(max(records, key=lambda one: one.stat().st_mtime).read_text())


@pytest.fixture
def codes(workspace, tmp_path):
    """A checked log with bare codes as events; gives a way to open a part of the page."""
    path = write(tmp_path / "log.csv", event=["1", "2", "view"], is_ok=["yes", "no"])
    check(workspace, open_page("data", log=path))
    return lambda part, **query: open_page("data", log=path, part=part, **query)


# ------------------------------------------------------------------- how the files were read


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_the_page_says_how_the_files_were_read(codes, monkeypatch, lang):
    monkeypatch.setattr(i18n, "FALLBACK", lang)
    text = shown(codes("verdicts", lang=lang)).replace("\\", "")
    lines = {
        "en": ["Interactions: log.csv, 1,680 rows (utf-8, delimiter comma)",
               "User = user_id (recognised)", "Times: seconds since 1970",
               "What event says: 1 not known (560), 2 not known (560), view positive (560)",
               "The interactions: 120 users, 50 items, 2 scenarios"],
        "zh": ["交互日志：log.csv，1,680 行（utf-8、分隔符：逗号）", "用户 = user_id（已识别）",
               "event 列的含义：1 含义未知（560）", "交互中有 120 位用户、50 件物品、2 个场景"],
    }  # fmt: skip
    assert [line for line in lines[lang] if line not in text] == []


def test_a_column_somebody_named_is_told_so(workspace, tmp_path):
    path = write(tmp_path / "log.csv", other=["a", "b"])
    app = open_page("data", log=path, map='{"scenario": "other"}')
    check(workspace, app)
    text = shown(go(app)).replace("\\", "")
    assert "Scenario = other (as given)" in text
    assert "Item = item_id (recognised)" in text


def test_the_data_of_a_finished_run_is_shown(trained):
    for part, key in (
        ("verdicts", "data.verdict.title"),
        ("findings", "data.findings.title"),
        ("rows", "data.rejects.title"),
        ("curves", "data.activity.title"),
    ):
        app = open_page("data", project="shop", run=trained.id, part=part)
        assert not app.error
        assert app.header[0].value.startswith("Data of the run ")
        assert WORDS[key] in shown(app)
        assert "Interactions: interactions.csv" in shown(app).replace("\\", "")
        assert app.file_uploader(key="upload_log")
        buttons = {button.key or "" for button in app.button}
        assert not any(key.endswith("_go") or key == "train_start" for key in buttons)
    new = open_page("data", project="shop", run=trained.id, new="1")
    assert new.header[0].value == WORDS["data.answer_none"]


def test_a_run_whose_data_is_damaged_says_so_and_takes_new_files(run):
    app = open_page("data")  # its audit is missing
    assert app.header[0].value.startswith("Data of the run ")
    assert len(app.error) == 1
    assert app.file_uploader(key="upload_log")


# ------------------------------------------------------------------- what the values say


def test_unknown_values_are_asked_about_applied_linked_and_undone(workspace, codes):
    app = codes("verdicts")
    assert "It is not known what 2 values of event say; their 1,120 rows" in shown(app)
    app.button(key="go_signals").click()
    go(app)
    assert app.query_params["part"] == "signals"
    assert "What does **event = 1** say?" in shown(app)
    assert "560 rows · items such as b" in shown(app)
    assert app.button(key="signals_apply").disabled
    app.segmented_control(key="signal_event_1").set_value("exposure")
    app.segmented_control(key="signal_event_2").set_value("negative")
    go(app)
    app.button(key="signals_apply").click()
    go(app)
    said = {"signals": {"event": {"1": "exposure", "2": "negative"}}}
    assert json.loads(app.query_params["reading"]) == said
    finish(workspace)
    go(app)
    counts = newest(workspace)["reading"]["counts"]
    assert (counts["positive"], counts["exposure"], counts["negative"]) == (560, 560, 560)
    assert "What does" not in shown(app)
    assert app.selectbox(key="signal_event_1").value == "exposure"
    command = app.code[0].value
    assert "--signal event:1=exposure --signal event:2=negative" in command
    app.button(key="signals_undo").click()
    go(app)
    assert "reading" not in app.query_params
    assert "What does **event = 1** say?" in shown(app)


def test_the_strength_of_events_is_chosen_recorded_and_undone(workspace, codes):
    app = codes("signals")
    assert app.number_input(key="weight_view").value == 0.25
    app.number_input(key="weight_view").set_value(0.5)
    go(app)
    app.button(key="signals_apply").click()
    go(app)
    assert json.loads(app.query_params["reading"]) == {"event_weights": {"view": 0.5}}
    finish(workspace)
    go(app)
    weights = {one["value"]: one["weight"] for one in newest(workspace)["reading"]["signals"]}
    assert weights["view"] == 0.5
    app.selectbox(key="signal_event_view").set_value("exposure")  # its strength says nothing then
    go(app)
    app.button(key="signals_apply").click()
    go(app)
    said = {"signals": {"event": {"view": "exposure"}}}
    assert json.loads(app.query_params["reading"]) == said
    finish(workspace)
    go(app)
    assert newest(workspace)["reading"]["counts"]["exposure"] == 560
    app.button(key="signals_undo").click()
    go(app)
    assert app.number_input(key="weight_view").value == 0.25


def test_an_unused_column_of_yes_and_no_is_offered(workspace, codes):
    app = codes("signals")
    assert app.selectbox(key="binary_is_ok").value is None
    app.selectbox(key="binary_is_ok").set_value(("no", "exposure"))
    go(app)
    app.button(key="signals_apply").click()
    go(app)
    said = {"signals": {"is_ok": {"no": "exposure", "yes": "positive"}}}
    assert json.loads(app.query_params["reading"]) == said
    finish(workspace)
    go(app)
    signals = {
        one["value"]: one["kind"]
        for one in newest(workspace)["reading"]["signals"]
        if one["column"] == "is_ok"
    }
    assert signals == {"no": "exposure", "yes": "positive"}
    assert app.selectbox(key="signal_is_ok_no").value == "exposure"


def test_the_lowest_liked_rating_is_told_and_changed(workspace, tmp_path):
    path = write(tmp_path / "log.csv", rating=[1, 2, 3, 4, 5])
    check(workspace, open_page("data", log=path))
    app = open_page("data", log=path, part="signals")
    assert "books, films: 1 to 5; the middle is 3" in shown(app)
    start = app.number_input(key="positive_from")
    assert (start.value, start.placeholder) == (None, "3, the middle of the scale")
    taken = app.table[0].value[WORDS["data.signals.kind"]].tolist()
    assert taken == ["Against the item"] * 2 + ["Positive"] * 3
    start.set_value(4.0)
    go(app)
    app.button(key="signals_apply").click()
    go(app)
    assert json.loads(app.query_params["reading"]) == {"positive_from": 4.0}
    finish(workspace)
    go(app)
    counts = newest(workspace)["reading"]["counts"]
    assert (counts["positive"], counts["negative"]) == (672, 1008)
    assert "--positive-from 4" in app.code[0].value
    assert "the middle is 3" in shown(app)
    app.button(key="signals_undo").click()
    go(app)
    assert app.number_input(key="positive_from").value is None


def test_a_log_without_a_yes_is_asked_about_before_it_is_checked(workspace, tmp_path):
    path = write(tmp_path / "log.csv", event=["impression"])
    app = open_page("data", log=path)
    assert "signals_apply" not in {button.key for button in app.button}
    app.button(key="check").click()
    go(app)
    with pytest.raises(AssertionError, match="were only shown"):
        finish(workspace)
    go(app)
    assert "on the Data page, under “Values”" in app.error[0].value
    assert "--signal" not in app.error[0].value
    app.selectbox(key="signal_event_impression").set_value("positive")
    go(app)
    app.button(key="signals_apply").click()
    go(app)
    finish(workspace)
    go(app)
    assert app.header[0].value == "2 of 2 scenarios can be trained on."


def test_without_values_there_is_nothing_to_say(workspace, tmp_path):
    path = write(tmp_path / "log.csv")
    check(workspace, open_page("data", log=path))
    app = open_page("data", log=path, part="signals")
    assert WORDS["data.signals.title"] not in shown(app)
    assert WORDS["data.verdict.title"] in shown(app)


def test_hidden_people_stand_in_no_example(workspace, codes):
    app = codes("signals", privacy='{"pseudonymise": true}')
    check(workspace, app)
    assert "items such as" not in shown(go(app))


def test_findings_lead_to_where_they_are_answered(workspace, tmp_path):
    path = write(tmp_path / "log.csv", event=["1", "view"], scenario=["App", "app", "Web"])
    check(workspace, open_page("data", log=path))
    for key, part in (("unknown_signals", "signals"), ("merged_names", "clean")):
        app = open_page("data", log=path, part="findings")
        cards = [
            block for block in shown(app).split("\n") if f"**{WORDS[f'finding.{key}']}**" in block
        ]
        assert cards
        label = WORDS["data.findings.go"].format(part=WORDS[f"data.part.{part}"])
        button = next(one for one in app.button if one.label == label)
        button.click()
        go(app)
        assert app.query_params["part"] == part


# ------------------------------------------------------------------- columns nobody recognises


def test_a_column_of_its_own_in_every_row_is_never_asked_about_as_user_or_item(workspace, tmp_path):
    log = interactions()
    renamed = pd.DataFrame(
        {
            "k0": [f"r{at:05d}" for at in range(len(log))],
            "k1": log["user_id"],
            "k2": log["item_id"],
            "k3": log["timestamp"],
        }
    )
    renamed.to_csv(tmp_path / "log.csv", index=False)
    app = open_page("data", log=str(tmp_path / "log.csv"))
    labels = {button.key: button.label for button in app.button if "ask_" in str(button.key)}
    assert labels["ask_log_user_id"] == "Is it k1?"
    assert labels["ask_log_item_id"] == "Is it k2?"
    assert labels["ask_log_timestamp"] == "Is it k3?"
    for name in ("user_id", "item_id"):
        app.button(key=f"ask_log_{name}").click()
        go(app)
    check(workspace, app)
    text = shown(go(app)).replace("\\", "")
    assert "User = k1 (as given), Item = k2 (as given)" in text
