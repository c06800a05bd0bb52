"""Every page in both themes: it can be read, nothing sticks out, a link opens the same view."""

import shutil

import pytest

from crossrec.workspace import Workspace
from tests.browser.conftest import Server, free_port, settled
from tests.browser.looks import CONTRAST, OVERFLOW

pytestmark = pytest.mark.browser

PAGES = ("home", "data", "features", "map", "transfer", "user", "compare", "settings")
TALL = {"width": 1280, "height": 900}
NARROW = {"width": 900, "height": 900}


@pytest.fixture(scope="module")
def shown(finished_run, tmp_path_factory):
    """A server over two runs on one split."""
    workspace = Workspace(tmp_path_factory.mktemp("workspace"))
    project = workspace.create_project("Shop")
    for label in ("quick", "again"):
        shutil.copytree(finished_run, workspace.new_run_path(project, label))
    running = Server(workspace.root, free_port()).start()
    yield running
    running.stop()


def stays_wrong(page, script: str) -> list[str]:
    """What is wrong and stays so: tables are laid out some time after the window, texts fade in."""
    for _ in range(30):
        if not (wrong := page.evaluate(script)):
            return []
        page.wait_for_timeout(500)
    return wrong


@pytest.mark.timeout(420)
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_every_page_can_be_read(shown, browser, theme):
    context = browser.new_context(viewport=TALL, color_scheme=theme, locale="en-GB")
    page = context.new_page()
    page.set_default_timeout(120_000)
    found = {}
    for name in PAGES:
        page.set_viewport_size(TALL)
        page.goto(f"{shown.url}/{'' if name == 'home' else name}")
        page.locator(".st-key-answer").wait_for()
        settled(page)
        assert page.locator("[data-testid=stException]").count() == 0, name
        found[name, "contrast"] = stays_wrong(page, CONTRAST)
        found[name, 1280] = stays_wrong(page, OVERFLOW)
        page.set_viewport_size(NARROW)
        page.wait_for_timeout(400)
        found[name, 900] = stays_wrong(page, OVERFLOW)
    context.close()
    assert {place: wrong for place, wrong in found.items() if wrong} == {}


@pytest.mark.parametrize(
    ("link", "key", "says"),
    [
        ("transfer?cohort=all&metric=recall", "cohort", "All users"),
        ("settings?part=settings&lang=zh", "answer", "这里保存了什么"),
        ("compare?tour=5", "tour", "step 5 of 5"),
    ],
)
def test_a_link_opens_the_same_view_in_a_fresh_browser(shown, page, link, key, says):
    page.set_default_timeout(120_000)
    page.goto(f"{shown.url}/{link}")
    place = page.locator(f".st-key-{key}")
    place.wait_for(timeout=60_000)
    settled(page)
    chosen = ""
    for _ in range(100):  # a select box has its value a moment after it is drawn
        fields = [field.input_value() for field in place.locator("input").all()]
        chosen = " ".join([place.inner_text(), *fields])
        if says in chosen:
            break
        page.wait_for_timeout(100)
    assert says in chosen
    for part in link.split("?")[1].split("&"):
        assert part in page.url


@pytest.mark.timeout(300)
def test_a_page_can_be_used_with_the_keyboard_alone(shown, page):
    page.set_default_timeout(120_000)
    page.goto(f"{shown.url}/transfer")
    page.locator(".st-key-pairs_block .js-plotly-plot").wait_for()
    settled(page)
    page.locator("[data-testid=stSidebarNavLink]").first.focus()
    passed = []
    for _ in range(60):
        page.keyboard.press("Tab")
        at = page.evaluate("document.activeElement.closest('[class*=st-key-]')?.className ?? ''")
        passed += [name for name in at.split() if name.startswith("st-key-")]
        if "st-key-pairs_as_table" in passed:
            break
    order = list(dict.fromkeys(passed))
    wanted = ["st-key-project_pick", "st-key-view", "st-key-cohort", "st-key-metric"]
    assert [name for name in order if name in wanted] == wanted
    page.keyboard.press("Space")  # on the toggle: the figure becomes a table
    page.locator(".st-key-pairs_block [data-testid=stDataFrame]").wait_for()


def test_the_check_sees_what_cannot_be_read(page):
    page.set_content(
        "<div data-testid=stMain style='width:100%'><p style='color:#999;background:#fff'>pale</p>"
        "<p style='color:#000'>dark</p><div style='width:3000px;height:9px'>wide</div></div>"
    )
    assert [said.split('"')[1] for said in page.evaluate(CONTRAST)] == ["pale"]
    assert len(page.evaluate(OVERFLOW)) >= 1
