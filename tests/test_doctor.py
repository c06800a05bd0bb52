"""The checkup names what is there and what to do."""

from crossrec.doctor import checkup
from crossrec.language import KNOWN, bundled


def test_checkup_covers_what_is_needed_and_changes_nothing(tmp_path):
    checks = {check.name: check for check in checkup(tmp_path / "workspace")}
    assert {"python", "torch", "threads", "gpu", "cache disk", "workspace writable"} <= set(checks)
    assert {f"model {model.id}" for model in KNOWN} <= set(checks)
    assert all(check.state in ("ok", "warning", "missing") for check in checks.values())
    assert all(check.action for check in checks.values() if check.state != "ok")
    assert not (tmp_path / "workspace").exists()


def test_a_missing_model_comes_with_the_command(monkeypatch, tmp_path):
    monkeypatch.setattr(bundled, "find_spec", lambda _name: None)
    missing = [check for check in checkup(tmp_path) if check.state == "missing"]
    assert [check.name for check in missing] == [f"model {model.id}" for model in KNOWN]
    assert all("crossrec models install" in check.action for check in missing)


def test_a_place_that_cannot_be_written_is_told(tmp_path):
    (tmp_path / "file").write_text("in the way")
    checks = {check.name: check for check in checkup(tmp_path / "file" / "workspace")}
    assert checks["workspace writable"].state == "missing"
