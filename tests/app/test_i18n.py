"""Both languages say the same things, and pages say nothing outside them."""

import ast
import re
import string
from pathlib import Path

import pytest

from crossrec.data.phrases import PHRASES, phrase
from crossrec.ui import i18n
from crossrec.ui.data_words import said

ROOT = Path(__file__).parents[2]
FACES = sorted([ROOT / "app.py", *ROOT.glob("pages/*.py"), *ROOT.glob("crossrec/ui/*.py")])
QUIET = {
    "key", "type", "icon", "width", "height", "mime", "file_name", "layout", "on_click", "gap",
    "on_change",
    "on_select", "selection_mode", "vertical_alignment", "horizontal_alignment", "page_icon",
    "label_visibility", "format", "scope", "mode", "color", "border", "bind", "step", "position",
    "state", "options", "query_params", "url_path", "filter_mode", "text_alignment", "pinned",
}  # fmt: skip
WIDGETS = {
    "answer", "section", "caption", "markdown", "header", "subheader", "title", "text", "write",
    "button", "download_button", "link_button", "toggle", "radio", "selectbox", "multiselect",
    "segmented_control", "pills", "text_input", "number_input", "slider", "select_slider",
    "checkbox", "file_uploader", "expander", "popover", "metric", "info", "warning", "error",
    "success", "badge", "progress", "spinner", "status", "toast", "form_submit_button", "tabs",
    "page_link", "empty_state", "data_editor", "Page", "dialog", "Column", "TextColumn",
    "NumberColumn", "SelectboxColumn", "LinkColumn", "ProgressColumn", "CheckboxColumn",
    "table_with_download", "download_csv", "figure_with_table",
}  # fmt: skip
"""Calls whose first argument a person reads, in Streamlit and in crossrec.ui."""


def placeholders(sentence: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(sentence) if name is not None}


def test_both_languages_have_the_same_keys():
    assert i18n.wording("en").keys() == i18n.wording("zh").keys()


def test_both_languages_have_the_same_placeholders():
    english, chinese = i18n.wording("en"), i18n.wording("zh")
    unequal = [k for k in english if placeholders(english[k]) != placeholders(chinese.get(k, ""))]
    assert unequal == []


def test_placeholders_are_named():
    assert all("" not in placeholders(sentence) for sentence in i18n.wording("en").values())


def test_chinese_is_chinese():
    """Every sentence of more than one English word is translated."""
    left = {
        key
        for key, sentence in i18n.wording("zh").items()
        if sentence == i18n.wording("en")[key] and " " in re.sub(r"\{\w+\}", "", sentence).strip()
    }
    assert left == set()


def used_keys(tree: ast.AST) -> set[str]:
    return {
        call.args[0].value
        for call in ast.walk(tree)
        if isinstance(call, ast.Call)
        and isinstance(call.func, ast.Name)
        and call.func.id == "t"
        and call.args
        and isinstance(call.args[0], ast.Constant)
    }


@pytest.mark.parametrize("face", FACES, ids=lambda face: face.name)
def test_every_sentence_asked_for_exists(face):
    keys = used_keys(ast.parse(face.read_text(encoding="utf-8")))
    assert {key for key in keys if not i18n.has(key)} == set()


def literal_sentences(tree: ast.AST) -> list[str]:
    """String literals handed to something a person reads."""
    found = []
    for call in ast.walk(tree):
        if not isinstance(call, ast.Call):
            continue
        name = call.func.attr if isinstance(call.func, ast.Attribute) else ""
        name = call.func.id if isinstance(call.func, ast.Name) else name
        if name not in WIDGETS:
            continue
        shown = [*call.args[:1], *(k.value for k in call.keywords if k.arg not in QUIET)]
        for part in shown:
            for node in part.values if isinstance(part, ast.JoinedStr) else [part]:
                if isinstance(node, ast.Constant) and isinstance(node.value, str):
                    words = node.value.strip()
                    if any(mark.isalpha() for mark in words) and not words.startswith(":material"):
                        found.append(f"line {call.lineno}: {words!r}")
    return found


@pytest.mark.parametrize("face", FACES, ids=lambda face: face.name)
def test_no_literal_sentences(face):
    tree = ast.parse(face.read_text(encoding="utf-8"))
    pages_of_navigation = [s for s in literal_sentences(tree) if not s.endswith(".py'")]
    assert [s for s in pages_of_navigation if "pages/" not in s] == []


def test_the_check_sees_a_literal_sentence():
    assert literal_sentences(ast.parse('st.button("Go on", key="go")')) == ["line 1: 'Go on'"]
    assert literal_sentences(ast.parse('st.button(t("go"), key="go")')) == []
    assert literal_sentences(ast.parse('st.caption(f"{n} rows")')) == ["line 1: 'rows'"]


def test_without_a_page_the_language_is_english():
    assert i18n.t("nav.home") == "Home"


def test_the_reader_speaks_both_languages():
    missing = [word for word in PHRASES if not i18n.has(f"reader.{word}")]
    assert missing == []
    told = {word: placeholders(i18n.wording("en")[f"reader.{word}"]) for word in PHRASES}
    assert told == {word: placeholders(sentence) for word, sentence in PHRASES.items()}


def test_a_sentence_in_a_sentence_is_translated_too(monkeypatch):
    monkeypatch.setattr(i18n, "language", lambda: "zh")
    forms = " / ".join([phrase("iso"), phrase("epoch_days")])
    assert said(phrase("several", forms=forms)) == (
        "多种写法，逐值区分：日期和时间（ISO 8601） / 自 1970 年起的天数"
    )
    assert said(phrase("looks", form=phrase("a_year"))).endswith("看起来是单独的年份")
