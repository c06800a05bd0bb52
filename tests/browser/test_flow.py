"""The whole way of an analyst, in a browser: from files to the reasons of one recommendation."""

import re
from pathlib import Path

import pytest

from crossrec.data.sample.generator import generate_sample
from tests.browser.conftest import FirstVisit, settled

pytestmark = pytest.mark.browser

TRAINING = 280_000  # ms, on two busy cores


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    return generate_sample(tmp_path_factory.mktemp("files"), users=300)


def test_first_visit_by_a_deep_link_and_nothing_leaves_the_machine(empty_server, page):
    visit = FirstVisit(page)
    page.goto(f"{empty_server.url}/data")
    page.get_by_role("heading", name="Choose a file of interactions to begin.").wait_for()
    page.locator("[data-testid=stSidebarNavLink]", has_text="Try a user").wait_for()
    assert page.title() == "CrossRec"
    assert visit.outside == []


def upload(page, kind: str, path: Path) -> None:
    page.locator(f".st-key-upload_{kind} input[type=file]").set_input_files(str(path))


@pytest.mark.timeout(600)
def test_from_files_to_reasons(server, page, files, tmp_path):
    page.set_default_timeout(60_000)
    page.goto(f"{server.url}/data?new=1&encoder=tfidf")  # a baseline: this is not about the encoder
    upload(page, "log", files.interactions)
    page.get_by_role("heading", name="interactions.csv is ready to be checked.").wait_for()
    settled(page)  # a file given to a field that is about to be drawn anew is lost
    page.get_by_text("Files", exact=True).click()
    upload(page, "items", files.items)
    page.wait_for_url(re.compile("items="))
    settled(page)
    assert page.locator(".st-key-map_user_id").count() == 1

    page.locator(".st-key-check button").click()
    page.get_by_role("heading", name="4 of 4 scenarios can be trained on.").wait_for(timeout=90_000)
    page.locator(".st-key-overlap_block .js-plotly-plot").wait_for()

    page.locator(".st-key-train_start button").click()
    page.locator(".st-key-job_page [role=progressbar]").wait_for()
    page.reload()
    page.locator(".st-key-job_page [role=progressbar]").wait_for()
    page.locator(".st-key-job_sidebar").wait_for()
    link = page.get_by_role("link", name="See the result").first
    link.wait_for(timeout=TRAINING)
    link.click()

    page.wait_for_url(re.compile("run="))
    click_cell(page)
    page.wait_for_url(re.compile("pair="))
    walk(page, "Features")
    walk(page, "Map")
    page.locator(".js-plotly-plot:visible").first.wait_for(timeout=60_000)
    walk(page, "Try a user")
    page.locator(".st-key-why_block .js-plotly-plot").wait_for(timeout=90_000)
    page.locator("[class*=st-key-on_] label, [class*=_on_] label").first.click()
    page.wait_for_url(re.compile("what="))
    walk(page, "Compare")
    with page.expect_download(timeout=60_000) as download:
        page.locator(".st-key-report_file button").click()
    report = tmp_path / "report.html"
    download.value.save_as(report)
    assert 4_000_000 < report.stat().st_size < 10_000_000

    page.goto(report.as_uri())
    for fold in page.locator("summary").all():
        fold.click()
    page.locator(".js-plotly-plot:visible").first.wait_for()
    assert page.locator("table").count() > 2


def click_cell(page) -> None:
    """Click the middle of the first cell of the heat map, by the chart's own axes."""
    chart = ".st-key-pairs_block .js-plotly-plot"
    page.locator(chart).wait_for(timeout=60_000)
    settled(page)
    page.locator(chart).scroll_into_view_if_needed()
    at = page.evaluate(
        """(chart) => {
          const graph = document.querySelector(chart), layout = graph._fullLayout;
          const cells = graph._fullData[graph._fullData.length - 1];
          const box = graph.getBoundingClientRect(), { l, t } = layout._size;
          const pixel = (axis, value) => axis.l2p(axis.d2l ? axis.d2l(value) : value);
          return [
            box.left + l + pixel(layout.xaxis, cells.x[0]),
            box.top + t + pixel(layout.yaxis, cells.y[0]),
          ];
        }""",
        chart,
    )
    page.mouse.click(*at)


def walk(page, name: str) -> None:
    """To another page by the sidebar; the run goes along, and nothing breaks."""
    page.locator("[data-testid=stSidebarNavLink]", has_text=name).click()
    page.locator(".st-key-answer").wait_for(timeout=60_000)
    settled(page)
    assert "run=" in page.url
    assert page.locator("[data-testid=stException]").count() == 0


def test_the_language_stays_from_page_to_page(server, page):
    page.goto(f"{server.url}/?lang=zh")
    page.get_by_text("三种开始方式").wait_for()
    page.locator("[data-testid=stSidebarNavLink]", has_text="数据").click()
    page.get_by_text("我的数据能用吗？").wait_for()
    assert "lang=zh" in page.url
