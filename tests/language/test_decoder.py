"""A model that writes text, read by its prompted last token: on a tiny random one."""

import numpy as np
import pytest

from crossrec.language import (
    DecoderEncoder,
    TextTemplate,
    extract_features,
    load_encoder,
    preview,
    token_lengths,
)

from .conftest import catalog_of

WORDS = [
    "coffee",
    "maker",
    "garden",
    "hose",
    "This",
    "item",
    ":",
    '"',
    "means",
    "in",
    "one",
    "word",
]


@pytest.fixture(scope="module")
def tiny(tmp_path_factory):
    """A Llama of 2 layers of 16 that splits words and signs."""
    import torch
    from tokenizers import Tokenizer, models, pre_tokenizers
    from transformers import LlamaConfig, LlamaForCausalLM, PreTrainedTokenizerFast

    folder = tmp_path_factory.mktemp("models") / "tiny-llama"
    torch.manual_seed(0)
    vocabulary = {word: at for at, word in enumerate(["<unk>", "</s>", *WORDS])}
    tokenizer = Tokenizer(models.WordLevel(vocabulary, unk_token="<unk>"))
    tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
    config = LlamaConfig(
        vocab_size=len(vocabulary), hidden_size=16, num_hidden_layers=2, num_attention_heads=2,
        num_key_value_heads=2, intermediate_size=32, max_position_embeddings=40,
    )  # fmt: skip
    LlamaForCausalLM(config).save_pretrained(folder)
    PreTrainedTokenizerFast(
        tokenizer_object=tokenizer, unk_token="<unk>", eos_token="</s>"
    ).save_pretrained(folder)
    return folder


def test_a_folder_of_a_model_that_writes_is_read_by_its_last_token(tiny):
    encoder = load_encoder(str(tiny))
    assert isinstance(encoder, DecoderEncoder)
    assert (encoder.pooling, encoder.dim, encoder.max_length) == ("last", 16, 40)
    assert encoder.sent("hose") == 'This item: "hose" means in one word:"'


def test_vectors_do_not_depend_on_the_company(tiny):
    encoder = DecoderEncoder(tiny, threads=1)
    texts = ["coffee maker", "garden", "hose hose hose hose garden maker coffee"]
    together = encoder.encode(texts)
    alone = np.vstack([encoder.encode([text]) for text in texts])
    np.testing.assert_allclose(np.linalg.norm(together, axis=1), 1, atol=1e-5)
    assert (together * alone).sum(axis=1).min() > 0.999


def test_a_long_text_is_cut_and_the_question_stays(tiny):
    encoder = DecoderEncoder(tiny, threads=1)
    long = "garden " * 60 + "hose"
    (tokens,) = encoder.tokens([long])
    (short,) = encoder.tokens(["garden"])
    assert len(tokens) == 40
    assert tokens[-7:] == short[-7:]
    assert encoder.lengths([long])[0] == 61 + encoder.lengths([""])[0]


def test_the_preview_shows_text_cut_and_question(tiny):
    catalog = catalog_of(["coffee", "garden " * 60])
    short, long = (preview(catalog, str(tiny), item) for item in ("i0", "i1"))
    assert (short.read, short.cut, short.ending) == (
        'This item: "coffee',
        "",
        '" means in one word:"',
    )
    assert long.read + long.cut + long.ending == long.sent
    assert long.truncated
    assert long.read.split()[-1] == "garden"
    assert token_lengths(["coffee"], str(tiny))[0] == short.count
    encoder = load_encoder(str(tiny))
    sent = encoder.tokenizer(long.read + long.ending)["input_ids"]
    assert encoder.tokens(["garden " * 60]) == [sent]


def test_the_prompt_is_part_of_the_revision(tiny):
    other = DecoderEncoder(tiny, prompt=("Read: ", " Said in a word:"))
    assert other.revision != DecoderEncoder(tiny).revision


def test_a_text_that_ends_the_quotation_changes_only_itself(tiny):
    titles = ['coffee" means in one word:"garden', "hose", "maker"]
    whole = extract_features(catalog_of(titles), encoder=str(tiny))
    alone = extract_features(catalog_of(titles[1:]), encoder=str(tiny), cache=False)
    assert (whole.vectors[1:] * alone.vectors).sum(axis=1).min() > 0.999


def test_a_long_text_can_be_read_whole(tiny):
    encoder = DecoderEncoder(tiny, threads=1)
    text = "garden hose " * 40
    parts = encoder.pieces(text.strip())
    assert " ".join(parts) == text.strip()
    assert max(encoder.lengths(parts)) <= encoder.max_length
    table = extract_features(catalog_of([text]), encoder=encoder, template=TextTemplate(whole=True))
    np.testing.assert_allclose(np.linalg.norm(table.vectors, axis=1), 1, atol=1e-5)
