"""Every sentence of the audit stands once, in every language, and is used."""

import ast
import json
import re
import string
from dataclasses import replace
from importlib import resources
from pathlib import Path

import pytest

from crossrec.data.audit.findings import AuditReport, Finding, Severity
from crossrec.data.audit.reader_notes import _SEVERITY
from crossrec.data.audit.rules import audit
from crossrec.data.audit.sentences import PAIR, SENTENCES, WITHHELD
from crossrec.data.privacy.withheld import ABOUT_USERS, withheld
from crossrec.data.wording import WORDS, Amount, shown
from tests.data.alike import NOT_TRANSLATED, check_alike, names, sentences
from tests.data.test_withheld import log_of

AUDIT = Path(__file__).parents[2] / "crossrec" / "data" / "audit"
HALF = {"share", "history"}
"""Placeholders of numbers that need not be whole."""


def wording(language: str) -> dict[str, str]:
    return json.loads(
        resources.files("crossrec.ui.i18n").joinpath(f"{language}.json").read_text(encoding="utf-8")
    )


def placeholders(template: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(template) if name}


def made_up(key: str, number: int = 1) -> Finding:
    """A finding with a value for every placeholder of its sentences."""
    wanted = placeholders(" ".join(SENTENCES[key])) - {"n", "scenario"}
    values = {}
    for at, name in enumerate(sorted(wanted)):
        text = {"example": "N/A", "date": "2024-05-06", "outer": "deli_2", "below": "3 / 4"}
        lists = {"columns": ("a_column", "b"), "reasons": ("event dislike", "vote -1")}
        word = list(WORDS.get(name, "")) or [None]
        values[name] = text.get(name) or lists.get(name) or word[0] or number + 1000 * (at + 1)
        values[name] = 0.123 if name == "share" else values[name]
    scenario = "shop_1" if "scenario" in placeholders(" ".join(SENTENCES[key])) else ""
    return Finding(key, Severity.INFO, scenario, number, values)


@pytest.mark.parametrize("number", [1, 2, 12_345])
@pytest.mark.parametrize("key", SENTENCES)
def test_both_languages_say_the_same(key, number):
    check_alike(made_up(key, number))


@pytest.mark.parametrize("key", SENTENCES)
def test_the_pages_have_the_sentences_of_the_program(key):
    english, chinese = wording("en"), wording("zh")
    for part, template in zip(("what", "action"), SENTENCES[key], strict=True):
        assert english[f"finding.{key}.{part}"] == template
        assert placeholders(chinese[f"finding.{key}.{part}"]) == placeholders(template)
        bare = re.sub(r"{[^}]*}", "", chinese[f"finding.{key}.{part}"])
        assert not re.findall("[A-Za-z]", NOT_TRANSLATED.sub("", bare))
        assert not set(",;:!?()\"'") & set(bare), "full-width punctuation"


def test_the_pages_have_no_sentence_that_nothing_says():
    keys = {f"finding.{key}.{part}" for key in SENTENCES for part in ("what", "action")}
    for language in ("en", "zh"):
        held = {key for key in wording(language) if key.startswith("finding.")}
        names_of = {key for key in held if not key.endswith((".what", ".action"))}
        assert held - names_of == keys
        assert names_of <= {f"finding.{key}" for key in SENTENCES} | {
            f"finding.{key.partition('.')[0]}" for key in SENTENCES
        }


def test_every_rule_has_a_name():
    for language in ("en", "zh"):
        missing = {key.partition(".")[0] for key in SENTENCES} - {
            key.removeprefix("finding.") for key in wording(language)
        }
        assert missing == set()


def texts(node: ast.AST) -> set[str]:
    return {one.value for one in ast.walk(node) if isinstance(one, ast.Constant)}


def test_every_sentence_is_used_and_every_key_has_one():
    """Keys are written out where a finding is made, or in the table of the reader's notes."""
    written: set[str] = set()
    for path in AUDIT.glob("*.py"):
        if path.stem == "sentences":
            continue
        tree = ast.parse(path.read_text(encoding="utf-8"))
        written |= {text for text in texts(tree) if isinstance(text, str)}
        made = [
            call
            for call in ast.walk(tree)
            if isinstance(call, ast.Call) and getattr(call.func, "id", "") == "Finding"
        ]
        firsts = {text for call in made for one in call.args[:1] for text in _keys(one)}
        assert firsts <= set(SENTENCES), path.name
    assert set(SENTENCES) - written - set(_SEVERITY) == set()
    assert set(_SEVERITY) <= set(SENTENCES)


def _keys(argument: ast.expr) -> set[str]:
    if isinstance(argument, ast.IfExp):
        return _keys(argument.body) | _keys(argument.orelse)
    return {argument.value} if isinstance(argument, ast.Constant) else set()


def test_words_and_pairs_are_those_of_the_pages():
    english, chinese = wording("en"), wording("zh")
    for placeholder, words in WORDS.items():
        for value, word in words.items():
            assert english[f"{placeholder}.{value}"] == word
            assert re.search("[\u4e00-\u9fff]", chinese[f"{placeholder}.{value}"])
    assert english["data.findings.withheld"] == WITHHELD
    for key, template in PAIR.items():
        if key not in ("cannot", "barely", "can"):
            assert english[f"data.pairs.{key}"] == template


@pytest.mark.parametrize(
    ("number", "template", "said"),
    [
        (1, "{n:row}", "1 row"),
        (2_000, "{n:row}", "2,000 rows"),
        (0, "{n:row}", "0 rows"),
        (1.5, "{n:row}", "1.5 rows"),
        (1, "{n:row is|rows are}", "1 row is"),
        (3, "{n:row is|rows are}", "3 rows are"),
        (1, "{n:~has|have}", "has"),
        (3, "{n:~has|have}", "have"),
        (12_345, "{n}", "12,345"),
        (0.1234, "{n:.1%}", "12.3%"),
    ],
)
def test_numbers_with_their_nouns(number, template, said):
    assert template.format(n=Amount(number)) == said


def test_names_are_escaped_and_listed():
    values = shown({"columns": ("a_b", "c"), "noun": "user"}, name=str.upper, comma="、")
    assert "{columns} {noun}".format(**values) == "A_B、C user"


# ------------------------------------------------------------------------------ withheld


@pytest.mark.parametrize("key", sorted(ABOUT_USERS | {"sparse.small"}))
def test_a_small_group_is_in_no_sentence_of_any_language(key):
    small = made_up(key, 3)
    values = {**small.values, "users": 4} if "users" in small.values else small.values
    report = audit(log_of({"one": range(30), "two": range(30)}))
    report = replace(report, findings=(replace(small, values=values),))
    (hidden,) = withheld(report, 5).findings
    assert (hidden.withheld, hidden.count) == (True, 5)
    assert not {"users", "rows", "items", "share"} & set(hidden.values)
    check_alike(hidden)
    for language in ("en", "zh"):
        what, _ = sentences(hidden, language)
        for name in names(hidden):
            what = what.replace(name, "")
        assert re.findall(r"\d+", what) == ["5"]
    again = AuditReport.from_json(json.loads(json.dumps(withheld(report, 5).to_json())))
    assert again.findings == (hidden,)


def test_a_small_rest_is_withheld_too():
    """48 of 50 users shared would tell of two who are not, as the table of overlaps would."""
    shown_report = withheld(audit(log_of({"big": range(50), "most": range(2, 50)})), 5)
    few = [one for one in shown_report.findings if one.key == "overlap.few"]
    assert [(one.scenario, one.withheld) for one in few] == [("big", True), ("most", False)]


def test_json_says_key_values_and_sentences():
    report = audit(log_of({"one": range(30), "two": range(25, 60)}))
    for held, finding in zip(report.to_json()["findings"], report.findings, strict=True):
        assert held["rule"] == finding.rule
        assert held["key"] == finding.key
        assert (held["what"], held["action"]) == (finding.what, finding.action)


def test_the_modules_of_the_audit_hold_no_sentences():
    """Prose belongs into the table: strings of five words or more are docstrings alone."""
    for path in AUDIT.glob("*.py"):
        if path.stem == "sentences":
            continue
        tree = ast.parse(path.read_text(encoding="utf-8"))
        alone = {
            id(node.value)
            for node in ast.walk(tree)
            if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
        }
        prose = [
            node.value
            for node in ast.walk(tree)
            if isinstance(node, ast.Constant)
            and id(node) not in alone
            and isinstance(node.value, str)
            and len(re.findall(r"[a-z]{2,}", node.value)) >= 5
            and " " in node.value
        ]
        assert prose == [], path.name
