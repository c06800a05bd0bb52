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
    page.locator(".st-key-say_undo button").wait_for()
    assert [(one.user, one.verdict) for one in store.entries(user=user)] == [(user, "like")]
    page.locator(".st-key-say_undo button").click()
    page.locator(".st-key-say_undo button").wait_for(state="detached")
    assert store.entries(user=user) == []

    page.locator(".st-key-user_more").get_by_text("Cards", exact=True).click()
    page.locator(".st-key-cards_html button").wait_for()
    with page.expect_download() as download:
        page.locator(".st-key-cards_html button").click()
    assert "Content-Security-Policy" in download.value.path().read_text("utf-8")
    settled(page)
    assert page.locator("[data-testid=stException]").count() == 0
