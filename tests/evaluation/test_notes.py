"""What a reader must know of a run is said alike in every language."""

import json
import re
from dataclasses import replace
from importlib import resources

import pytest

from crossrec.data.wording import shown
from crossrec.evaluation import NOTES, Note
from crossrec.report import build_report
from crossrec.workspace import RunWriter, Workspace
from tests.app.fabricate import make_run


def note(key: str, n: int) -> Note:
    names = re.findall(r"{(\w+)", NOTES[key])
    values = {name: n + 1000 * at for at, name in enumerate(dict.fromkeys(names))}
    words = {"scenario": "shop_1", "scenarios": ("shop_1", "deli_2")}
    return Note(key, {name: words.get(name, value) for name, value in values.items()})


@pytest.mark.parametrize("n", [1, 12_345])
@pytest.mark.parametrize("key", NOTES)
def test_both_languages_say_the_same(key, n):
    page = resources.files("crossrec.ui.i18n").joinpath("zh.json").read_text(encoding="utf-8")
    one = note(key, n)
    chinese = json.loads(page)[f"report.note_{key}"].format(**shown(one.values))
    numbers = r"\d(?:[\d,]*\d)?"
    assert sorted(re.findall(numbers, str(one))) == sorted(re.findall(numbers, chinese))
    assert not re.findall("[A-Za-z]", re.sub(r"shop_1|deli_2|ID", "", chinese))
    assert str(one).endswith(".")
    assert chinese.endswith("。")


def test_a_report_in_chinese_has_its_notes_in_chinese(tmp_path):
    run = make_run(Workspace(tmp_path))
    blocked = Note("blocked", {"scenarios": ("books", "films")})
    RunWriter(run.path).report(replace(run.report(), notes=(Note("repeats"), blocked)))
    assert run.report().notes == (Note("repeats"), blocked)
    page = build_report([run], lang="zh")
    assert "检查认定以下场景不可用，其数字不可信：books、films。" in page
    assert str(blocked) in build_report([run])


def test_notes_are_kept_with_their_sentence():
    held = json.loads(json.dumps(note("blocked", 1).to_json()))
    assert held["text"] == "The audit blocks shop_1, deli_2: figures there cannot be trusted."
    assert Note.from_json(held) == note("blocked", 1)
