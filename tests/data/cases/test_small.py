"""Fourteen users: trained, and said to be too few to judge by."""

import pytest

from crossrec.cli import main


@pytest.mark.parametrize("privacy", [[], ["--pseudonymise"]])
def test_tiny(case, tmp_path, capsys, monkeypatch, privacy):
    monkeypatch.setenv("CROSSREC_WORKSPACE", str(tmp_path / "workspace"))
    folder, out = case("35-tiny"), str(tmp_path / "run")
    files = ["--interactions", str(folder / "log.csv"), "--items", str(folder / "items.csv")]
    for command in (
        ["audit", *files, *privacy, "-q"],
        ["run", *files, *privacy, "--out", out, "--encoder", "tfidf", "-q"],
        ["pairs", "--run", out],
    ):
        assert main(command) == 0
        told = capsys.readouterr().out
        assert "Nothing could be judged" in told
        assert "Empty DataFrame" not in told
