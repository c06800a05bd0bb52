"""What the check blocks cannot be trained on, and what was too small to judge is said, on pages."""

from dataclasses import replace

import pandas as pd
import pytest

from crossrec import jobs
from crossrec.data.audit.findings import Finding, Severity
from crossrec.data.wording import Amount
from crossrec.ui import i18n
from crossrec.ui.i18n import wording
from crossrec.ui.spoken import spoken
from crossrec.workspace import RunWriter
from tests.app import fabricate
from tests.app.fabricate import interactions, make_run
from tests.app.test_pages import go, open_page, shown


@pytest.fixture
def check(workspace, tmp_path):
    """Check a log; gives the Data page after it, in a language."""

    def _check(frame: pd.DataFrame, lang: str = "en"):
        path = tmp_path / "log.csv"
        frame.to_csv(path, index=False)
        app = open_page("data", log=str(path))
        app.button(key="check").click()
        go(app)
        job = jobs.wait(workspace.jobs_db, jobs.list_jobs(workspace.jobs_db)[0].id, timeout=90)
        assert job.state == "done", job.error
        return open_page("data", log=str(path), lang=lang)

    return _check


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_one_scenario_cannot_be_trained_on(check, lang):
    words, log = wording(lang), interactions()
    app = check(log.loc[log["scenario"] == "books"], lang)
    assert app.button(key="train_start").disabled
    told = app.error[0].value
    assert words["train.blocked"] in told
    one = Finding("overlap.one_scenario", Severity.BLOCKER, "", 1)
    assert words[f"finding.{one.key}.what"].format(n=Amount(1)) in told
    assert words[f"finding.{one.key}.action"] in told
    assert "--" not in told


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_fewer_than_two_usable_scenarios_cannot_be_trained_on(check, lang):
    log = interactions()
    few = set(log["user_id"].unique()[:6])
    app = check(log.loc[(log["scenario"] == "books") | log["user_id"].isin(few)], lang)
    assert app.button(key="train_start").disabled
    told = app.error[0].value
    assert wording(lang)["train.blocked_few"].format(n=1, total=2) in told
    assert "films" in told
    assert "10" in told


def test_a_single_blocked_scenario_leaves_the_others(check):
    log = interactions()
    small = log.loc[log["user_id"].isin(log["user_id"].unique()[:6])].assign(scenario="small")
    app = check(pd.concat([log, small]))
    assert not app.button(key="train_start").disabled
    assert not app.error
    assert "2 of 3" in app.header[0].value


@pytest.mark.parametrize("lang", ["en", "zh"])
@pytest.mark.parametrize("page", ["home", "transfer"])
@pytest.mark.parametrize("held_out", [True, False])
def test_a_page_says_that_nothing_could_be_judged(workspace, monkeypatch, lang, page, held_out):
    monkeypatch.setattr(i18n, "FALLBACK", lang)  # AppTest asks for labels outside the page
    run, report = make_run(workspace), fabricate.report()
    report = replace(report, table=report.table.assign(n=7))
    if not held_out:
        config = {**report.config, "transfer": "", "baseline": ""}
        report = replace(report, table=report.table.iloc[:0], config=config)
    RunWriter(run.path).report(report)
    words = wording(lang)
    few = words["plot.unjudged_too_few"].format(needed=20, users=7, scenario="books")
    app = open_page(page, lang=lang)
    assert app.header[0].value == (few if held_out else words["plot.unjudged_no_holdout"])
    assert words["plot.unjudged_more" if held_out else "plot.unjudged_hold_out"] in shown(app)


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("Name one of these: --map user_id=COLUMN.", "Name one of these on the Data page"),
        ("Check which column is which (--map), or repair the file", "is which on the Data page"),
        ("Choose another column, or none: --map timestamp=", "or none on the Data page"),
        ("Write them as --band age=18/35/65", "Write them as age=18/35/65"),
        ("Name another with --key-file, or give the key in X", "Name another, or give the key"),
        ("Say which they are: --map user_id=COLUMN,item_id=COLUMN (the first line must hold"
         " the column names)", "Which column is which” (the first line"),
        ("Say which values are positive: --signal COLUMN:VALUE=positive, or --positive-from NUMBER",
         "are positive on the Data page, under “Values”"),
        ("Write it like --signal event:add to cart=exposure", "Choose it on the Data page, under"),
        ("Write it like --rename-scenario OLD=NEW", "Choose it on the Data page, under “Cleaning”"),
        ("Export the file again", "Export the file again"),
    ],
)  # fmt: skip
def test_errors_speak_of_the_app(typed, said):
    assert said in spoken(typed)
    assert not any(word in spoken(typed) for word in ("--", "COLUMN", "NUMBER", "OLD"))


def test_errors_name_the_parts_of_the_page_in_chinese(monkeypatch):
    monkeypatch.setattr(i18n, "language", lambda: "zh")
    assert spoken("Write it like --rename-scenario OLD=NEW") == "请在“数据”页的“清洗”中选择"
    assert "“值的含义”" in spoken("Say which: --signal COLUMN:VALUE=positive")
