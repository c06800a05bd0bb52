"""What the reader says is found again, so that a page can say it in another language."""

import json
import re
from importlib import resources

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crossrec.data import read_log
from crossrec.data.phrases import PHRASES, phrase, recognised
from tests.data.files import BASIC, HEAD, zipped


@pytest.mark.parametrize("word", [word for word, said in PHRASES.items() if "{" not in said])
def test_a_sentence_is_found_by_itself(word):
    assert recognised(phrase(word)) == (word, {})


@given(st.integers(0), st.integers(0))
def test_what_stands_in_a_sentence_is_found(found, width):
    said = phrase("width", found=found, width=width)
    assert recognised(said) == ("width", {"found": str(found), "width": str(width)})


@given(st.text())
def test_other_text_is_nothing_of_ours(text):
    found = recognised(text)
    assert found is None or phrase(found[0], **found[1]) == text


def test_every_reason_and_reading_of_a_file_is_known(write):
    """Whatever the reader says about these files stands among its phrases."""
    bad = (
        HEAD.strip() + ",event,rating,timestamp\n"
        + "u,i,a,buy,3,2024-01-01\n" * 12
        + ",i,a,buy,3,2024-01-01\nu,,a,buy,3,2024-01-01\nu,i,,buy,3,2024-01-01\n"
        "u,i,a,return,3,2024-01-01\nu,i,a,buy,x,2024-01-01\nu,i,a,buy,-1,2024-01-01\n"
        "u,i,a,buy,3,soon\nu,i,a,buy,3,\nu,i,a,buy,3,1970-01-01\nu,i\n"
        'u,"i,a,buy,3,2024-01-01\n' + HEAD.strip() + ",event,rating,timestamp\n"
    )  # fmt: skip
    log = read_log(write(bad), max_rejects=0.9)
    reasons = {row.reason for row in log.rejects.rows}
    assert len(reasons) == 11
    packed = read_log(write(zipped(**{"a.csv": BASIC, "b.pdf": b"%PDF-1.4 ..."}), "a.zip"))
    said = reasons | {one.time for one in log.rejects.files} | {packed.rejects.files[-1].note}
    assert [sentence for sentence in said if recognised(sentence) is None] == []


@pytest.mark.parametrize("language", ["en", "zh"])
def test_every_sentence_stands_in_both_languages(language):
    words = resources.files("crossrec.ui.i18n").joinpath(f"{language}.json")
    said = json.loads(words.read_text(encoding="utf-8"))
    for word, sentence in PHRASES.items():
        translated = said[f"reader.{word}"]
        assert set(re.findall(r"{\w+}", translated)) == set(re.findall(r"{\w+}", sentence))
        assert language != "en" or translated == sentence
