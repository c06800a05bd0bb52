"""Workspaces to show: an empty one, and one with a finished run."""

import pytest

from crossrec.workspace import Workspace
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
