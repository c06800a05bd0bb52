"""Home opens with the decision board, and leads on from it."""

import html
import re

import pytest

from crossrec import evaluation
from crossrec.ui.home import send
from crossrec.ui.i18n import wording
from crossrec.workspace import RunWriter
from tests.app import fabricate
from tests.app.fabricate import make_run
from tests.app.test_pages import go, open_page, shown
from tests.data.alike import speaking

WORDS = wording("en")


def board_of(app) -> str:
    """The cards as one string of HTML."""
    return "".join(str(one.proto.body) for one in app.get("html") if "board-card" in one.proto.body)


def said(app) -> str:
    """What a reader of the cards reads."""
    cards = "".join(
        str(one.proto.body) for one in app.get("html") if one.proto.body.startswith("<div class='b")
    )
    return html.unescape(re.sub("<[^>]+>", " ", cards))


def test_every_scenario_has_a_card_with_its_decision(trained):
    app = open_page()
    read = said(app)
    found = evaluation.board(trained.report())
    assert found.rows
    for row in found.rows:
        told = evaluation.row_text(row, found.k)
        for part in (told.scenario, told.decision, told.because, told.base, told.adds_up):
            assert part in read
        for group in told.groups:
            assert group.said in read
    assert evaluation.board_title(found) in shown(app)
    assert evaluation.board_rule() in shown(app)
    assert html.escape(evaluation.rule()) in board_of(app)  # on hover


def test_a_loss_is_switched_off_and_said_in_chinese(run):
    assert "Leave off" in said(open_page())
    read = said(open_page(lang="zh"))
    assert "不开启" in read
    assert "老用户明显受损" in read


def test_show_me_and_who_loses_lead_to_the_person_and_the_harmed(trained):
    found = evaluation.board(trained.report())
    at, row = next((at, row) for at, row in enumerate(found.rows) if row.person is not None)
    app = open_page()
    app.button(key=f"board_show_{at}").click()
    go(app)
    assert app.query_params["user"] == row.person.user
    *_, (at, row) = ((at, row) for at, row in enumerate(found.rows) if row.people.harmed)
    app = open_page()
    app.button(key=f"board_losers_{at}").click()
    go(app)
    assert WORDS["transfer.winners.title"] in shown(app)
    target = app.selectbox(key="winners_target")
    assert trained.info["scenarios"][int(target.value)] == row.scenario
    assert at > 0


def test_hostile_names_are_text_on_the_board(workspace):
    run = make_run(workspace)
    cells = {("<img src=x>", cohort): cell for (name, cohort), cell in fabricate.LIFTS.items()
             if name == "films"}  # fmt: skip
    RunWriter(run.path).report(fabricate.report(cells))
    cards = board_of(open_page())
    assert "<img" not in cards
    assert "&lt;img src=x&gt;" in cards


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_send_offers_link_report_and_slides(run, lang):
    app = open_page(lang=lang)
    labels = [one.proto.label for one in app.get("download_button")]
    assert wording(lang)["take.report_button"] in labels
    assert wording(lang)["take.slides_button"] in labels


def test_without_the_package_the_slides_say_what_to_install(run, monkeypatch):
    monkeypatch.setattr("crossrec.report.slides_possible", lambda: False)
    assert WORDS["take.slides_none"] in shown(open_page())


def test_a_report_from_the_chinese_app_is_chinese(run, monkeypatch):
    made = []
    monkeypatch.setattr(send.st, "download_button", lambda *_, data, **__: made.append(data))
    with speaking("zh"):
        send.report_button([run], key="report")
    [content] = made  # called on the click, where no page runs and no language is known
    page = content().decode()
    assert "<html lang='zh'>" in page
    assert wording("zh")["report.title"] in page
