"""Workspaces to show: an empty one, and one with a finished run."""

import shutil

import pytest
from streamlit.runtime.pages_manager import PagesManager
from streamlit.testing.v1 import app_test

from crossrec.workspace import Run, Workspace
from tests.app.fabricate import make_run


@pytest.fixture
def workspace(tmp_path, monkeypatch) -> Workspace:
    """An empty workspace that the app uses."""
    monkeypatch.setenv("CROSSREC_WORKSPACE", str(tmp_path / "workspace"))
    return Workspace()


@pytest.fixture
def run(workspace):
    """A finished run in that workspace."""
    return make_run(workspace)


@pytest.fixture(scope="session")
def finished(tmp_path_factory):
    """A folder with a real run on a small sample, trained once for all that ask for it."""
    from crossrec.data.sample.generator import generate_sample
    from crossrec.pipeline import RunConfig, RunInputs
    from crossrec.pipeline import run as run_pipeline

    files = generate_sample(tmp_path_factory.mktemp("sample"), users=260)
    inputs = RunInputs(files.interactions, files.items, files.users)
    out = tmp_path_factory.mktemp("runs") / "run"
    return run_pipeline(inputs, out, RunConfig(encoder="tfidf"))


@pytest.fixture
def trained(workspace, finished) -> Run:
    """That run in the app's workspace."""
    path = workspace.new_run_path(workspace.create_project("Shop"), "quick")
    shutil.copytree(finished, path)
    return Run(path)


class _Navigated(type):
    """A manager of pages that never looks for them in a folder named "pages"."""

    @property
    def uses_pages_directory(cls) -> bool:
        return False

    @uses_pages_directory.setter
    def uses_pages_directory(cls, _: object) -> None:
        """AppTest sets this before every run, and would then run a page without app.py."""


@pytest.fixture
def whole_app(monkeypatch):
    """Every run of an AppTest goes through app.py, as in a browser; not only the first."""
    monkeypatch.setattr(PagesManager, "uses_pages_directory", False)  # as an earlier test left it
    manager = _Navigated("PagesManager", (PagesManager,), {})
    monkeypatch.setattr(app_test, "PagesManager", manager)
