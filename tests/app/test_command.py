"""What a page shows, as commands that can be typed."""

import json
from pathlib import Path

import pytest

from crossrec.cli.data_commands import inputs_of
from crossrec.cli.main import _parser
from crossrec.data.cleaning.plan import CleaningPlan
from crossrec.data.privacy.plan import PrivacyPlan
from crossrec.data.reading.readers import ReadOptions
from crossrec.intake import RunInputs
from crossrec.ui.command import options, reading
from tests.app.test_pages import open_page, shown

LOG, ITEMS, USERS = Path("a log.csv"), Path("items.csv"), Path("users.csv")


@pytest.mark.parametrize(
    "asked",
    [
        RunInputs(LOG),
        RunInputs(LOG, ITEMS, USERS, {"user_id": "buyer", "item_id": "asin"}),
        RunInputs(LOG, ITEMS, further=(Path("more.csv"),), further_items=(Path("b.csv"),)),
        RunInputs(Path("a.csv"), scenario_files={"a": Path("a.csv"), "b": Path("b.csv")}),
        RunInputs(LOG, reading=ReadOptions(0.1, "sum", "Asia/Shanghai", {"view": 1.0})),
        RunInputs(LOG, reading=ReadOptions(scenario_names={"App 1": "app", "app2": "app"})),
        RunInputs(
            LOG,
            reading=ReadOptions(
                signals={"event": {"3": "positive", "a=b": "negative"}, "ok": {"0": "exposure"}},
                positive_from=0.0,
            ),
        ),
        RunInputs(LOG, cleaning=CleaningPlan(True, "last", user_core=5, item_core=5)),
        RunInputs(LOG, privacy=PrivacyPlan(True, ("zip", "name"), {"age": (18.0, 35.5)}, 7)),
    ],
    ids=[
        "log",
        "tables",
        "several",
        "scenarios",
        "reading",
        "names",
        "signals",
        "cleaning",
        "privacy",
    ],
)
def test_the_command_reads_what_the_page_reads(asked):
    words = ["audit", *map(str, reading(asked))]
    assert inputs_of(_parser("auto").parse_args(words)) == asked


def test_a_plan_that_options_cannot_say_is_named_as_a_file():
    asked = RunInputs(LOG, cleaning=CleaningPlan(normalise="log"))
    assert reading(asked)[-2:] == ["--clean", "plan.json"]


def test_what_is_empty_is_left_out():
    assert options({"k": 5, "user": "", "item": None}) == ["--k", 5]


@pytest.mark.parametrize(
    ("page", "link", "said"),
    [
        ("features", {}, "crossrec features --items"),
        ("features", {"view": "profiles"}, "crossrec profiles --run"),
        ("map", {"what": "users", "colour": "cohort"}, "--what users --dim 2d --colour cohort"),
        ("transfer", {"view": "forced", "cohort": "all"}, "--view forced --cohort all"),
        ("user", {}, "crossrec explain --run"),
        ("compare", {}, "crossrec report"),
        ("settings", {"part": "jobs"}, "crossrec jobs list"),
    ],
)
def test_every_page_of_a_run_is_a_command(trained, page, link, said):
    assert said in shown(open_page(page, **link))


def test_the_files_of_the_data_page_are_a_command(workspace, tmp_path):
    log = tmp_path / "log.csv"
    log.write_text("buyer,asin,scenario\nu1,i1,a\nu1,i2,b\n")
    page = shown(open_page("data", log=str(log)))
    assert "crossrec audit --interactions" in page
    assert json.dumps(str(log))[1:-1] in page
