"""What is sent to the model: the template, and hostile titles."""

import unicodedata

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from crossrec.language import choose_encoder, cjk_share, clean, item_text, item_texts
from crossrec.language.text import MAX_CHARACTERS, has_cjk

from .conftest import catalog_of


@given(st.text(st.characters(), max_size=300))
def test_clean_text_is_plain_stable_and_encodable(raw):
    said = clean(raw)
    assert clean(said) == said
    said.encode("utf-8")
    assert said == said.strip()
    assert "  " not in said
    assert not any(unicodedata.category(character) == "Cc" for character in said)


@pytest.mark.parametrize(
    ("raw", "said"),
    [
        ("  coffee \t\n maker ", "coffee maker"),
        ("cafe\u0301", "café"),
        ("a\x00b\x1b[31m", "ab[31m"),
        ("\u202egnp.exe", "gnp.exe"),
        ("\ufeffBOM and\u200b zero width", "BOM and zero width"),
        ("👩\u200d🍳 apron", "👩\u200d🍳 apron"),
        ("قهوة عربية", "قهوة عربية"),
        ("\ud800 lone", "lone"),
        ("", ""),
    ],
)
def test_hostile_titles(raw, said):
    assert clean(raw) == said


def test_a_text_of_any_length_is_cut_hard():
    assert len(clean("x" * 100_000)) == MAX_CHARACTERS
    assert len(item_text("t" * 5_000, "c", "d" * 100_000)) <= MAX_CHARACTERS


def test_template_joins_the_parts_as_sentences_and_says_each_once():
    assert item_text("Moka pot", "Kitchen", "Makes coffee.") == "Moka pot. Kitchen. Makes coffee."
    assert item_text("Really?", "", "Yes") == "Really? Yes"
    assert item_text("Moka pot", "", "Moka pot") == "Moka pot"
    assert item_text("", "", "only text") == "only text"
    assert item_text("", "", "") == ""


def test_item_texts_follow_the_catalogue_and_leave_it_alone():
    catalog = catalog_of(["Pan", ""], ["Iron", ""], category=["Kitchen", np.nan], price=[1.0, 2.0])
    before = catalog.to_frame()
    assert item_texts(catalog) == ["Pan. Kitchen. Iron", ""]
    assert before.equals(catalog.to_frame())
    assert item_texts(catalog_of(["A"], category=[3.0])) == ["A"]


def test_cjk_decides_the_encoder_for_all_texts():
    assert all(map(has_cjk, ["咖啡", "コーヒー", "커피", "𠀀"]))
    assert not any(map(has_cjk, ["café", "кофе", "☕", ""]))
    assert cjk_share([]) == 0
    assert cjk_share(["", "咖啡", "tea"]) == 0.5
    assert choose_encoder(["tea"] * 99 + ["咖啡"]) == "all-MiniLM-L6-v2"
    assert choose_encoder(["tea"] * 90 + ["咖啡"] * 10) == "multilingual-e5-small"
