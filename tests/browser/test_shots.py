"""Pictures of every page, to look at: ``CROSSREC_SHOTS=folder pytest tests/browser/test_shots.py``.

They show the workspace of ``CROSSREC_WORKSPACE`` if that is set, else a run made by hand.
"""

import os
from pathlib import Path

import pytest

from crossrec.workspace import Workspace
from tests.app.fabricate import make_run
from tests.browser.conftest import Server, free_port, settled, whole_page

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif("CROSSREC_SHOTS" not in os.environ, reason="CROSSREC_SHOTS is not set"),
]

PAGES = ("home", "data", "features", "map", "transfer", "user", "compare", "settings")
WIDTHS = (1280, 900)
LOCALES = {"en": "en-GB", "zh": "zh-CN"}


@pytest.fixture(scope="module")
def shown(tmp_path_factory):
    chosen = os.environ.get("CROSSREC_WORKSPACE")
    workspace = Workspace(chosen or tmp_path_factory.mktemp("workspace"))
    if not workspace.projects():
        make_run(workspace)
    running = Server(workspace.root, free_port()).start()
    yield running
    running.stop()


@pytest.mark.parametrize("language", LOCALES)
@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.timeout(300)
def test_take_pictures(shown, browser, theme, language, width):
    folder = Path(os.environ["CROSSREC_SHOTS"])
    folder.mkdir(parents=True, exist_ok=True)
    context = browser.new_context(
        viewport={"width": width, "height": 900}, color_scheme=theme, locale=LOCALES[language]
    )
    page = context.new_page()
    page.set_default_timeout(60_000)
    for name in PAGES:
        page.goto(f"{shown.url}/{'' if name == 'home' else name}")
        page.locator(".st-key-answer, [data-testid=stAlert]").first.wait_for()
        settled(page)
        whole_page(page, folder / f"{name}-{theme}-{language}-{width}.png")
        assert page.locator("[data-testid=stException]").count() == 0, name
    context.close()
