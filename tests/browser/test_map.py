"""The map in a browser: a lasso is answered over all points, kept in the link, and sent on."""

import re

import pytest

from bench.map import ANSWER, CHART, lasso, made_up_run
from crossrec.workspace import Workspace
from tests.browser.conftest import Server, free_port, settled

pytestmark = pytest.mark.browser

POINTS = 30_000


@pytest.fixture(scope="module")
def many(tmp_path_factory):
    workspace = Workspace(tmp_path_factory.mktemp("many"))
    made_up_run(workspace, POINTS)
    running = Server(workspace.root, free_port()).start()
    yield running
    running.stop()


def test_a_lasso_counts_all_points_stays_in_the_link_and_goes_on(many, page):
    page.set_default_timeout(90_000)
    page.goto(f"{many.url}/map")
    page.wait_for_selector(CHART)
    settled(page)
    page.get_by_text(re.compile(rf"of {POINTS:,}; selections count all")).wait_for()
    page.wait_for_timeout(3_000)
    lasso(page)
    heading = page.get_by_role("heading", name=ANSWER).inner_text()
    chosen = int(heading.split()[0].replace(",", ""))
    assert 3_000 < chosen < POINTS
    assert chosen > 20_000 * 3_000 / POINTS  # more than were drawn inside it
    page.wait_for_url(re.compile("sel=[0-9a-f]{12}"))

    page.goto(page.url)  # as somebody who was sent the link
    page.get_by_role("heading", name=f"{chosen:,} selected (from the link)").wait_for()
    page.locator(".st-key-map_send button").first.click()
    page.wait_for_url(re.compile(r"/user.*sel="))
    assert page.locator("[data-testid=stException]").count() == 0


def test_a_figure_is_saved_as_svg_and_as_a_page_that_needs_no_network(many, page):
    page.set_default_timeout(90_000)
    page.goto(f"{many.url}/map")
    page.wait_for_selector(CHART)
    settled(page)
    page.get_by_role("button", name=re.compile("Save figure")).click()
    with page.expect_download() as got:
        page.locator(".st-key-map_items_2d_html button").click()
    text = got.value.path().read_text(encoding="utf-8")
    assert "Plotly.newPlot" in text
    assert len(text) > 3_000_000  # plotly.js itself is inside
    page.locator(".st-key-map_items_2d_format").get_by_text("SVG").click()
    page.keyboard.press("Escape")
    settled(page)
    page.locator(".st-key-map_items_2d .js-plotly-plot").hover()
    with page.expect_download() as got:
        page.locator(".st-key-map_items_2d [data-title='Download plot']").click()
    assert got.value.suggested_filename == "map_items_2d.svg"
