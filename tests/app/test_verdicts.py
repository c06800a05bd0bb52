"""Home, the Transfer page, the report and the command line agree on every cell of one run."""

import html
import json

import pytest

from crossrec import evaluation
from crossrec.cli import main, tables
from crossrec.evaluation import summary
from crossrec.report import build_report
from crossrec.ui.i18n import wording
from crossrec.workspace import RunWriter
from tests.app import fabricate
from tests.app.fabricate import make_run
from tests.app.test_pages import go, open_page, shown

WORDS = wording("en")
HARMLESS = {  # no scenario is hurt: whatever hurts, hurts as a single source
    ("books", "all"): (0.012, 0.008, 0.016, 0.001, 100),
    ("books", "warm"): (0.020, 0.001, 0.040, 0.080, 80),  # Holm's p alone leaves it open
    ("books", "cold"): (0.242, 0.097, 0.415, 0.020, 12),  # too few users
    ("films", "all"): (0.0, 0.0, 0.0, 1.0, 60),  # equal lists
    ("films", "warm"): (0.0, 0.0, 0.0, 1.0, 40),
    ("films", "cold"): (0.004, -0.003, 0.011, 0.5, 20),
}
ALONE = {
    ("books", "all"): (-0.030, -0.050, -0.010, 0.045, 100),
    ("books", "warm"): (-0.030, -0.050, -0.010, 0.045, 80),
    ("books", "cold"): (-0.242, -0.415, -0.097, 0.020, 12),
    ("films", "all"): (0.0, 0.0, 0.0, 1.0, 60),
    ("films", "warm"): (0.010, 0.002, 0.018, 0.050, 40),
    ("films", "cold"): (0.010, 0.002, 0.018, 0.020, 20),
}
SAID = {
    ("books", "all"): "helps",
    ("books", "warm"): "inconclusive: p ≥ 0.05",
    ("books", "cold"): "inconclusive: n < 20",
    ("films", "all"): "unchanged",
    ("films", "warm"): "unchanged",
    ("films", "cold"): "inconclusive: interval holds 0",
}
SAID_ALONE = {
    ("books", "all"): "hurts",
    ("books", "warm"): "hurts",
    ("books", "cold"): "inconclusive: n < 20",
    ("films", "all"): "unchanged",
    ("films", "warm"): "inconclusive: p ≥ 0.05",
    ("films", "cold"): "helps",
}
TITLE = "Transfer helped 1 of 2 scenarios and hurt 0. One source alone hurts in 1 of 2 pairs."
NOTES = [
    "1 inconclusive, 0 unchanged. A scenario is hurt where any of these groups of users is, else "
    "helped where one of them is.",
    "For warm users: helped in 0 of 2, hurt in 0.",
    "For cold-start users: helped in 0 of 2, hurt in 0.",
    "One source alone helps some of these users in 1 of 2 pairs.",
    "It hurts: films → books (all users); films → books (warm users).",
]


@pytest.fixture
def tricky(workspace):
    """A run in which one source hurts though no scenario is hurt, and other edges."""
    run = make_run(workspace)
    RunWriter(run.path).report(fabricate.report(HARMLESS, ALONE))
    return run


def table_with(app, column: str):
    return next(one.value for one in app.dataframe if WORDS[column] in one.value)


def test_home_gives_every_cell_its_verdict(tricky):
    app = open_page()
    assert app.header[0].value == TITLE
    assert " ".join(NOTES) in shown(app)
    assert evaluation.rule() in shown(app)
    table = app.table[0].value.set_index(WORDS["home.card.scenario"])
    for (scenario, cohort), said in SAID.items():
        assert f"-badge[{said}]" in table.loc[scenario, WORDS[f"cohort.{cohort}"]]


@pytest.mark.parametrize("cohort", ["all", "warm", "cold"])
def test_so_does_the_transfer_page(tricky, cohort):
    app = open_page("transfer", cohort=cohort)
    assert app.header[0].value == TITLE
    assert " ".join(NOTES) in shown(app)
    assert evaluation.rule() in shown(app)
    for part in ("pairs", "forest"):
        app.toggle(key=f"{part}_as_table").set_value(True)
    go(app)
    pairs = table_with(app, "transfer.column.target").set_index(WORDS["transfer.column.target"])
    forest = table_with(app, "transfer.column.cohort")
    for scenario in ("books", "films"):
        said = pairs.loc[scenario, WORDS["transfer.column.verdict"]]
        assert said == SAID_ALONE[scenario, cohort]
    assert f"{SAID_ALONE['books', cohort]} · n =" in shown(app)  # the strongest pair is open
    for row in forest.to_dict("records"):
        place = row[WORDS["transfer.column.scenario"]], row[WORDS["transfer.column.cohort"]]
        assert row[WORDS["transfer.column.verdict"]] == SAID[place]


def test_so_does_the_report(tricky):
    page = html.unescape(build_report([tricky]))
    for sentence in (TITLE, " ".join(NOTES), evaluation.rule()):
        assert sentence in page
    users = {"all": "all users", "warm": "warm users", "cold": "cold-start users"}
    for (scenario, cohort), said in SAID.items():
        row = page[page.index(f"<td>{scenario}</td><td>{users[cohort]}</td>") :]
        assert row[: row.index("</tr>")].endswith(f"<td>{said}</td>")
    assert "films to books −0.030 (hurts); books to films 0.000 (unchanged)" in page


def test_so_does_the_command_line(tricky, capsys):
    told = tables.results(tricky.report())
    for sentence in (TITLE, *NOTES, evaluation.rule()):
        assert sentence in told
    for (scenario, cohort), said in SAID.items():
        row = next(line for line in told.splitlines() if line.split()[:2] == [scenario, cohort])
        assert row.rstrip().endswith(said)
    assert "hurts all users: films -> books -0.0300\nhurts warm users: films -> books" in told
    for cohort in ("all", "warm", "cold"):
        assert main(["pairs", "--run", str(tricky.path), "--cohort", cohort]) == 0
        told = capsys.readouterr().out
        assert evaluation.rule() in told
        assert f"films to books {ALONE['books', cohort][0]:+.3f} (".replace("-", "−") in told
        assert f"({SAID_ALONE['books', cohort]})" in told
        assert f"({SAID_ALONE['films', cohort]})" in told


def test_so_does_json(tricky):
    found = json.loads(json.dumps(summary(tricky.report()).to_dict()))
    for key, place, expected in (("answers", "scenario", SAID), ("pairs", "target", SAID_ALONE)):
        told = {
            (one[place], one["cohort"]): evaluation.tell(one["verdict"], one["why"])
            for one in found[key]
        }
        assert told == expected


def test_hurt_none_is_said_where_nothing_hurts_at_all(workspace):
    run = make_run(workspace)
    RunWriter(run.path).report(fabricate.report(HARMLESS))
    assert open_page().header[0].value == "Transfer helped 1 of 2 scenarios and hurt none."


def test_home_report_and_command_line_make_the_same_decision(tricky):
    card = next(one.proto.body for one in open_page().get("html") if "board-head" in one.proto.body)
    assert "Switch on" in card  # all users are helped, and no group of them is harmed
    assert "Alone, these sources hurt some of the users: films." in card
    assert card in build_report([tricky])
    told = tables.results(tricky.report())
    assert "books: Switch on (" in told
    assert "films: Needs more data (" in told  # cold-start users are open
