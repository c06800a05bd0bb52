"""Try a user in a browser: a switch moves ranks, the link brings it back, a like and its undo."""

import re
import shutil

import pytest

from crossrec.workspace import Run, Workspace
from crossrec.workspace.feedback import FeedbackStore
from tests.browser.conftest import settled

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def run(server, finished_run) -> Run:
    """A finished run in the server's workspace, in a project of its own."""
    workspace = Workspace(server.workspace)
    path = workspace.new_run_path(workspace.create_project("Try a user"), "quick")
    shutil.copytree(finished_run, path)
    return Run(path)


def without_alarm(page) -> None:
    """The page has come to rest and shows neither an error nor a warning."""
    settled(page)
    assert page.locator("[data-testid=stException]").count() == 0
    assert page.locator("[data-testid=stAlert]").count() == 0


@pytest.mark.timeout(240)
def test_what_if_by_link_and_feedback(server, page, run):
    user = str(run.split().train.users.ids[0])
    address = f"{server.url}/user?project=try-a-user&run={run.id}&scenario=books&user={user}&k=5"
    page.goto(address)
    page.locator(".st-key-why_block .js-plotly-plot").wait_for(timeout=90_000)
    assert "user=" in page.url

    page.locator("[class*=st-key-on_films] label").first.click()
    page.get_by_text("Changed: films off").wait_for()
    page.wait_for_url(re.compile("what="))
    page.reload()
    page.get_by_text("Changed: films off").wait_for(timeout=60_000)
    page.locator(".st-key-what_reset button").click()
    page.get_by_text("Changed: films off").wait_for(state="detached")
    assert "what=" not in page.url

    store = FeedbackStore(Workspace(server.workspace))
    page.locator(".st-key-say_like button").click()
    page.locator(".st-key-say_keep button").wait_for()
    assert store.entries(user=user) == []
    page.locator(".st-key-say_keep button").click()
    page.locator(".st-key-say_undo button").wait_for()
    (said,) = store.entries(user=user)
    assert (said.user, said.verdict) == (user, "like")
    page.reload()  # a later visit
    page.get_by_text("Feedback that counts in this user's lists (1)").click(timeout=60_000)
    page.locator(f".st-key-feedback_delete_{said.id} button").first.click()
    page.get_by_text("Feedback that counts").wait_for(state="detached")
    assert store.entries(user=user) == []

    page.locator(".st-key-user_more").get_by_text("Cards", exact=True).click()
    page.locator(".st-key-cards_html button").wait_for()
    with page.expect_download() as download:
        page.locator(".st-key-cards_html button").click()
    assert "Content-Security-Policy" in download.value.path().read_text("utf-8")
    settled(page)
    assert page.locator("[data-testid=stException]").count() == 0


@pytest.mark.timeout(300)
def test_a_lasso_over_items_becomes_a_user(server, page, run):
    page.set_default_timeout(90_000)
    lasso(page, f"{server.url}/map?project=try-a-user&run={run.id}", "items")
    page.locator(".st-key-map_send button").first.click()
    page.wait_for_url(re.compile(r"/user.*sel="))
    page.get_by_text(re.compile(r"selected on the map|chosen on the map", re.I)).first.wait_for()
    page.locator(".st-key-basket_map button").click()
    page.wait_for_url(re.compile("made="))
    page.get_by_text(re.compile(r"^Checked: base")).wait_for()
    without_alarm(page)


@pytest.mark.timeout(300)
def test_a_lasso_over_users_is_explained_as_a_cohort(server, page, run):
    page.set_default_timeout(90_000)
    lasso(page, f"{server.url}/map?project=try-a-user&run={run.id}&what=users", "users")
    page.locator(".st-key-map_why button").first.click()
    page.wait_for_url(re.compile(r"/user.*sel="))
    page.get_by_text(re.compile(r"^\d+ of \d+ users, the first 10 places")).wait_for()
    page.locator(".st-key-cohort_sources_csv").wait_for()
    without_alarm(page)


def lasso(page, address: str, kind: str) -> None:
    """Choose the points in the middle of the map."""
    page.goto(address)
    chart = page.locator(f".st-key-map_{kind}_2d .nsewdrag").first
    chart.wait_for()
    settled(page)
    page.wait_for_timeout(2_000)
    box = chart.bounding_box()
    corners = ((0.1, 0.1), (0.9, 0.1), (0.9, 0.9), (0.1, 0.9), (0.1, 0.1))
    spots = [(box["x"] + a * box["width"], box["y"] + b * box["height"]) for a, b in corners]
    page.mouse.move(*spots[0])
    page.mouse.down()
    for spot in spots[1:]:
        page.mouse.move(*spot, steps=8)
    page.mouse.up()
    page.get_by_role("heading", name=re.compile(r"[\d,]+ selected")).wait_for()
    settled(page)
