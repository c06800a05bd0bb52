"""``crossrec.toml``: found, read, written, and what it may say."""

import os

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crossrec.errors import SettingsError
from crossrec.settings import Settings, read_settings, settings_path, write_settings
from crossrec.workspace import Workspace


@pytest.fixture
def file(tmp_path, monkeypatch):
    path = tmp_path / "own" / "crossrec.toml"
    monkeypatch.setenv("CROSSREC_CONFIG", str(path))
    return path


def test_without_a_file_all_is_as_usual(file):
    assert read_settings() == Settings()
    assert not file.exists()


def test_what_is_written_is_read(file):
    chosen = Settings(threads=2, encoder="bow", language="zh", theme="dark", workspace="/a b/茶")
    assert write_settings(chosen) == file
    assert read_settings() == chosen
    assert write_settings(Settings()).read_text() == ""


texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=30)


@given(texts, texts, st.integers(0, 64))
def test_any_text_survives(tmp_path_factory, encoder, workspace, threads):
    path = tmp_path_factory.mktemp("settings") / "crossrec.toml"
    chosen = Settings(threads=threads, encoder=encoder, workspace=workspace)
    assert read_settings(write_settings(chosen, path)) == chosen


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("threads = -1", "0 to 1024 threads"),
        ("threads = true", "a whole number of threads"),
        ("theme = 'red'", "a theme of 'system', 'light', 'dark'; found 'red'"),
        ("encoder = 3", "a text for 'encoder'"),
        ("colour = 'red'", "found colour"),
        ("threads = ", "expected settings as TOML"),
    ],
)
def test_a_wrong_file_is_said(file, line, said):
    file.parent.mkdir()
    file.write_text(line)
    with pytest.raises(SettingsError, match=said):
        read_settings()


def test_a_file_where_the_command_is_given_goes_before_the_users_own(tmp_path, monkeypatch):
    monkeypatch.delenv("CROSSREC_CONFIG", raising=False)
    monkeypatch.chdir(tmp_path)
    assert settings_path() != tmp_path / "crossrec.toml"
    (tmp_path / "crossrec.toml").touch()
    assert settings_path() == tmp_path / "crossrec.toml"


def test_the_workspace_comes_from_option_then_environment_then_file(file, tmp_path, monkeypatch):
    monkeypatch.delenv("CROSSREC_WORKSPACE", raising=False)
    write_settings(Settings(workspace=str(tmp_path / "a")))
    assert Workspace().root == tmp_path / "a"
    monkeypatch.setenv("CROSSREC_WORKSPACE", str(tmp_path / "b"))
    assert Workspace().root == tmp_path / "b"
    assert Workspace(tmp_path / "c").root == tmp_path / "c"


def test_threads_do_not_overrule_the_environment(monkeypatch):
    monkeypatch.setenv("OMP_NUM_THREADS", "7")
    monkeypatch.setenv("CROSSREC_THREADS", "")
    monkeypatch.delenv("CROSSREC_THREADS")
    Settings(threads=3).use()
    assert (os.environ["OMP_NUM_THREADS"], os.environ["CROSSREC_THREADS"]) == ("7", "3")
