"""The report prints its decisions on one page of A4, and lays out figures that are unfolded."""

import re

import pytest

from crossrec.report import build_report
from crossrec.workspace import Run

pytestmark = pytest.mark.browser


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_the_report_prints_on_one_page(page, finished_run, tmp_path, lang):
    file = tmp_path / "report.html"
    file.write_text(build_report([Run(finished_run)], lang=lang), encoding="utf-8")
    page.goto(file.as_uri())
    printed = page.pdf(prefer_css_page_size=True, print_background=True)
    assert len(re.findall(rb"/Type\s*/Page\b", printed)) == 1


def test_a_figure_that_is_unfolded_has_the_width_of_the_page(page, finished_run, tmp_path):
    file = tmp_path / "report.html"
    file.write_text(build_report([Run(finished_run)]), encoding="utf-8")
    page.goto(file.as_uri())
    folded = page.locator("details", has=page.locator(".plotly-graph-div")).first
    folded.locator("summary").press("Enter")  # by keyboard, too
    drawn = folded.locator(".main-svg").first
    page.wait_for_timeout(500)
    assert abs(drawn.bounding_box()["width"] - folded.bounding_box()["width"]) < 40
