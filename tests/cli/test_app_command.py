"""How the app is started: what the server is told."""

import os
import tomllib
from itertools import pairwise
from pathlib import Path

import pytest

from crossrec.cli import main
from crossrec.settings import LEAN


@pytest.fixture
def start(monkeypatch, tmp_path):
    """Start the app under settings: its options by name; nothing is really started."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("CROSSREC_CONFIG", str(tmp_path / "crossrec.toml"))
    for name in ("CROSSREC_WORKSPACE", *LEAN):
        monkeypatch.setenv(name, "")  # so that what the command sets is taken back
        monkeypatch.delenv(name)

    def started(settings: str = "") -> dict[str, str]:
        told: list[str] = []
        (tmp_path / "crossrec.toml").write_text(settings)
        with monkeypatch.context() as patch:
            patch.setattr(os, "execv", lambda _, command: told.extend(command))
            main(["app", "--workspace", "here", "--port", "8600"])
        return dict(pairwise(told))

    return started


def test_the_server_knows_port_workspace_and_gives_memory_back(start, tmp_path):
    assert start()["--server.port"] == "8600"
    assert os.environ["CROSSREC_WORKSPACE"] == str(tmp_path / "here")
    assert {name: os.environ[name] for name in LEAN} == dict(LEAN)


def test_the_theme_follows_the_browser_unless_one_is_set(start):
    assert not [option for option in start() if option.startswith("--theme")]
    options = start('theme = "dark"\n')
    config = Path(".streamlit/config.toml").read_text()  # the command has gone to the app's folder
    dark = tomllib.loads(config)["theme"]["dark"]
    assert options["--theme.base"] == "dark"
    for asked in ("light", "dark"):
        assert options[f"--theme.{asked}.backgroundColor"] == dark["backgroundColor"]
        sidebar = options[f"--theme.{asked}.sidebar.backgroundColor"]
        assert sidebar == dark["sidebar"]["backgroundColor"]
