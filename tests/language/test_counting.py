"""Bundled tokenizers without transformers: the same tokens, at the same places."""

import pytest

from crossrec.errors import ModelMissing
from crossrec.language import E5, MINILM, SMOLLM, load_encoder
from crossrec.language.counting import plain_tokenizer

# Those that are unpacked first take half a minute.
NAMES = [MINILM, *(pytest.param(name, marks=pytest.mark.realmodel) for name in (E5, SMOLLM))]
TEXTS = [
    "coffee maker",
    "",
    "two  spaces, a\nline and a\ttab",
    "Wörld naïve ﬁ Ⅷ ½",
    "茶 green tea 🍵 日本語テキスト 한국어",
    "العربية ไทย 👩‍👩‍👧 zero\u200bwidth",
    "[SEP] [CLS] </s> <s> <|im_start|>",
    "x" * 700,
    "a long text " * 200,
]


@pytest.mark.parametrize("name", NAMES)
def test_bundled_tokenizers_say_the_same_without_transformers(name):
    try:
        encoder = load_encoder(name)
    except ModelMissing:
        pytest.skip(f"{name} is not installed")
    usual, plain = encoder.tokenizer, plain_tokenizer(encoder.folder)
    for text in TEXTS:
        expected = usual(text, return_offsets_mapping=True)
        found = plain(text, return_offsets_mapping=True)
        ids = found["input_ids"]
        assert ids == expected["input_ids"], text
        assert found["offset_mapping"] == list(map(tuple, expected["offset_mapping"])), text
        assert plain.convert_ids_to_tokens(ids) == usual.convert_ids_to_tokens(ids)
        bare = usual(text, add_special_tokens=False)["input_ids"]
        assert plain(text, add_special_tokens=False)["input_ids"] == bare
    assert plain(TEXTS)["input_ids"] == usual(TEXTS)["input_ids"]


@pytest.mark.parametrize("name", NAMES)
def test_a_text_is_counted_and_cut_alike(name):
    try:
        usual, plain = load_encoder(name), load_encoder(name)
    except ModelMissing:
        pytest.skip(f"{name} is not installed")
    plain.tokenizer = plain_tokenizer(plain.folder)
    assert plain.lengths(TEXTS) == usual.lengths(TEXTS)
    for text in TEXTS:
        assert plain.read_until(text) == usual.read_until(text)
        assert plain.pieces(text) == usual.pieces(text)
