"""A real Streamlit server and a real Chromium, for what AppTest cannot show."""

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
CHROMIUM = Path(os.environ.get("CROSSREC_CHROMIUM", "/usr/bin/chromium"))
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--enable-unsafe-swiftshader",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]


@dataclass
class Server:
    """One app server over one workspace; it can be stopped and started again on its port."""

    workspace: Path
    port: int
    process: subprocess.Popen | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> "Server":
        self.workspace.mkdir(parents=True, exist_ok=True)
        with (self.workspace / "server.log").open("ab") as log:
            self.process = subprocess.Popen(
                [
                    sys.executable,
                    "-m",
                    "crossrec.ui.server",
                    "run",
                    "app.py",
                    "--server.port",
                    str(self.port),
                ],
                cwd=ROOT,
                env={**os.environ, "CROSSREC_WORKSPACE": str(self.workspace)},
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        for _ in range(300):
            if self.healthy():
                return self
            time.sleep(0.1)
        raise RuntimeError((self.workspace / "server.log").read_text())

    def healthy(self) -> bool:
        try:
            with urllib.request.urlopen(f"{self.url}/_stcore/health", timeout=1) as reply:
                return reply.read() == b"ok"
        except OSError:
            return False

    def stop(self) -> None:
        if self.process is not None and self.process.poll() is None:
            os.killpg(self.process.pid, signal.SIGTERM)
            try:
                self.process.wait(20)
            except subprocess.TimeoutExpired:  # busy with a page
                os.killpg(self.process.pid, signal.SIGKILL)
                self.process.wait(10)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@pytest.fixture(scope="session")
def browser():
    sync_api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    if not CHROMIUM.exists():
        said = f"no Chromium at {CHROMIUM}; set CROSSREC_CHROMIUM or install it"
        if "CROSSREC_REQUIRE_BROWSER" in os.environ:  # a clean machine must not pass by skipping
            pytest.fail(said)
        pytest.skip(said)
    with sync_api.sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=str(CHROMIUM), args=FLAGS)
        yield running
        running.close()


@pytest.fixture(scope="session")
def server(tmp_path_factory):
    running = Server(tmp_path_factory.mktemp("workspace"), free_port()).start()
    yield running
    running.stop()


@pytest.fixture
def empty_server(tmp_path):
    """A server nobody has visited: other tests leave their projects in the shared one."""
    running = Server(tmp_path / "workspace", free_port()).start()
    yield running
    running.stop()


@pytest.fixture
def page(browser):
    context = browser.new_context(viewport={"width": 1280, "height": 900}, locale="en-GB")
    tab = context.new_page()
    tab.set_default_timeout(60_000)
    yield tab
    context.close()


class FirstVisit:
    """Watches what a tab asks for; ``outside`` lists addresses that are not this machine."""

    def __init__(self, page) -> None:
        self.outside: list[str] = []
        page.on("request", self._note)

    def _note(self, request) -> None:
        if not request.url.startswith(("http://127.0.0.1", "ws://127.0.0.1", "data:", "blob:")):
            self.outside.append(request.url)


def settled(page) -> None:
    """Wait until the script run is finished: the app's root says so."""
    page.wait_for_selector("[data-testid=stApp][data-test-script-state=notRunning]")
    page.wait_for_timeout(300)
    page.wait_for_selector("[data-testid=stApp][data-test-script-state=notRunning]")


def whole_page(page, path: Path) -> None:
    """A picture of the whole page: Streamlit scrolls inside stMain, so the viewport grows."""
    height = page.evaluate(
        "() => Math.ceil(document.querySelector('[data-testid=stMain]').scrollHeight)"
    )
    width = page.viewport_size["width"]
    page.set_viewport_size({"width": width, "height": max(900, height)})
    page.wait_for_timeout(2500)
    page.screenshot(path=str(path), full_page=True)
    page.set_viewport_size({"width": width, "height": 900})
