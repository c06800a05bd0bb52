"""The whole way of an analyst, in a browser: from files to the reasons of one recommendation."""

import re
from importlib.util import find_spec
from pathlib import Path

import pytest

from crossrec.data.sample import generate_sample
from tests.browser.conftest import FirstVisit, settled

pytestmark = pytest.mark.browser

TRAINING = 280_000  # ms, on two busy cores


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    return generate_sample(tmp_path_factory.mktemp("files"), users=500)


def test_first_visit_by_a_deep_link_and_nothing_leaves_the_machine(server, page):
    visit = FirstVisit(page)
    page.goto(f"{server.url}/data")
    page.get_by_role("heading", name="Choose a file of interactions to begin.").wait_for()
    page.locator("[data-testid=stSidebarNavLink]", has_text="Try a user").wait_for()
    assert page.title() == "CrossRec"
    assert visit.outside == []


def upload(page, kind: str, path: Path) -> None:
    page.locator(f".st-key-upload_{kind} input[type=file]").set_input_files(str(path))


@pytest.mark.timeout(600)
@pytest.mark.skipif(find_spec("crossrec.pipeline") is None, reason="the pipeline is not there")
def test_from_files_to_reasons(server, page, files):
    page.goto(f"{server.url}/data")
    upload(page, "log", files.interactions)
    page.get_by_role("heading", name="interactions.csv is ready to be checked.").wait_for()
    page.get_by_text("Files", exact=True).click()
    upload(page, "items", files.items)
    page.wait_for_url(re.compile("items="))
    settled(page)

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

    page.locator(".st-key-pairs_block .js-plotly-plot").wait_for(timeout=60_000)
    page.wait_for_url(re.compile("run="))
    page.locator("[data-testid=stSidebarNavLink]", has_text="Try a user").click()
    page.locator(".st-key-why_block .js-plotly-plot").wait_for(timeout=90_000)
    assert "run=" in page.url
    assert page.locator("[data-testid=stException]").count() == 0


def test_the_language_stays_from_page_to_page(server, page):
    page.goto(f"{server.url}/?lang=zh")
    page.get_by_text("三种开始方式").wait_for()
    page.locator("[data-testid=stSidebarNavLink]", has_text="数据").click()
    page.get_by_text("我的数据能用吗？").wait_for()
    assert "lang=zh" in page.url
