"""Four slides: native text and tables, in the chosen language."""

import io

import pytest
from pptx import Presentation

from crossrec.cli import main
from crossrec.errors import PackageMissing
from crossrec.evaluation import board, row_text
from crossrec.report import build_slides, slides, words_of
from crossrec.workspace import Run


@pytest.fixture
def run(finished_run):
    return Run(finished_run)


def read(content: bytes) -> list[list[str]]:
    """Per slide all that is written there."""
    told = []
    for slide in Presentation(io.BytesIO(content)).slides:
        lines = [one.text_frame.text for one in slide.shapes if one.has_text_frame]
        for one in slide.shapes:
            if one.has_table:
                lines += [cell.text for row in one.table.rows for cell in row.cells]
        told.append(lines)
    return told


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_four_slides_say_what_the_board_says(run, lang):
    decision, evidence, person, method = read(build_slides(run, lang=lang))
    words, figures = words_of(lang), words_of(lang, "plot")
    found = board(run.report(), least=run.least_shown)
    for row in found.rows:
        told = row_text(row, found.k, figures)
        assert {told.scenario, told.decision, f"{told.gain}\n{told.base}"} <= set(decision)
    assert evidence[0] == words("slide_evidence")
    assert {row.scenario for row in found.rows} <= set(evidence)
    assert any(row.scenario in person[0] for row in found.rows)
    assert words("slide_offline") in method[-1]
    everything = " ".join(line for slide in (decision, evidence, person, method) for line in slide)
    assert not any(user in everything.split() for user in run.log().users.ids)


def test_without_the_package_the_error_says_what_to_install(run, monkeypatch):
    monkeypatch.setattr(slides, "slides_possible", lambda: False)
    with pytest.raises(PackageMissing, match="python-pptx"):
        build_slides(run)


@pytest.mark.parametrize(("lang", "word"), [("en", "Switch on"), ("zh", "开启")])
def test_the_command_writes_report_and_slides_in_a_language(run, tmp_path, capsys, lang, word):
    page, deck = tmp_path / "report.html", tmp_path / "slides.pptx"
    assert (
        main(["report", str(run.path), "--out", str(page), "--pptx", str(deck), "--lang", lang])
        == 0
    )
    assert word in capsys.readouterr().out
    html = page.read_text(encoding="utf-8")
    assert f"<html lang='{lang}'>" in html
    assert words_of(lang)("title") in html
    assert word in html
    assert len(read(deck.read_bytes())) == 4
