"""The transformers encoder on a tiny random model, made here: batching, settings, looking in."""

import json
import shutil

import numpy as np
import pytest

from crossrec.errors import ModelMissing, UnknownId
from crossrec.language import (
    TransformersEncoder,
    extract_features,
    load_encoder,
    neighbours,
    preview,
    token_lengths,
)

from .conftest import catalog_of

WORDS = ["coffee", "maker", "garden", "hose", "the", "咖", "啡", "."]
HOSTILE = ["coffee " * 15_000, "👩‍🍳 🦄", "قهوة", "\x00\x1b[31mred", "\ud800", "x", "", "咖啡"]


@pytest.fixture(scope="module")
def tiny(tmp_path_factory):
    """A folder as ``save_pretrained`` leaves it: BERT with 2 layers of 16 and 13 words."""
    import torch
    from transformers import BertConfig, BertModel, BertTokenizer

    folder = tmp_path_factory.mktemp("models") / "tiny-bert"
    torch.manual_seed(0)
    specials = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
    vocabulary = {word: at for at, word in enumerate([*specials, *WORDS])}
    config = BertConfig(
        vocab_size=len(vocabulary), hidden_size=16, num_hidden_layers=2, num_attention_heads=2,
        intermediate_size=32, max_position_embeddings=64,
    )  # fmt: skip
    BertModel(config).save_pretrained(folder)
    BertTokenizer(vocab=vocabulary).save_pretrained(folder)
    return folder


def encoder_of(tiny, **settings):
    return TransformersEncoder(tiny, **{"max_length": 32, "threads": 1, **settings})


def test_vectors_have_length_one_and_do_not_depend_on_the_company(tiny):
    encoder = encoder_of(tiny, batch=3)
    texts = ["coffee maker", "the", "garden hose the garden", "coffee", "hose " * 9]
    vectors = encoder.encode(texts)
    assert vectors.shape == (5, 16)
    assert vectors.dtype == np.float32
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-5)
    alone = np.vstack([encoder.encode([text]) for text in texts])
    assert (vectors * alone).sum(axis=1).min() > 0.999


def test_encoding_nothing_and_hostile_texts(tiny):
    assert encoder_of(tiny).encode([]).shape == (0, 16)
    table = extract_features(catalog_of(HOSTILE), encoder=encoder_of(tiny))
    assert np.isfinite(table.vectors).all()
    silent_rows = [row for row, text in enumerate(HOSTILE) if text in ("", "\ud800")]
    np.testing.assert_array_equal(np.flatnonzero(~table.vectors.any(axis=1)), silent_rows)


def test_every_setting_is_part_of_the_revision(tiny, tmp_path):
    other = shutil.copytree(tiny, tmp_path / "other")
    config = json.loads((other / "config.json").read_text())
    (other / "config.json").write_text(json.dumps({**config, "layer_norm_eps": 1e-6}))
    revisions = [
        encoder_of(tiny).revision,
        encoder_of(tiny, pooling="cls").revision,
        encoder_of(tiny, prefix="query: ").revision,
        encoder_of(tiny, max_length=16).revision,
        encoder_of(other).revision,
    ]
    assert len(set(revisions)) == 5
    assert encoder_of(tiny, batch=1, threads=2, name="x").revision == revisions[0]


def test_progress_is_told_after_every_batch(tiny):
    said = []
    encoder_of(tiny, batch=2).encode(["the"] * 5, progress=lambda *told: said.append(told[1:3]))
    assert said == [(2, 5), (4, 5), (5, 5)]


def test_the_number_of_threads_is_given_back(tiny):
    import torch

    before = torch.get_num_threads()
    encoder_of(tiny, threads=before + 1).encode(["the"])
    assert torch.get_num_threads() == before


def test_a_local_folder_brings_its_own_settings(tiny, tmp_path):
    folder = shutil.copytree(tiny, tmp_path / "my-e5-base")
    (folder / "1_Pooling").mkdir()
    (folder / "1_Pooling" / "config.json").write_text('{"pooling_mode_cls_token": true}')
    encoder = load_encoder(str(folder))
    assert (encoder.id, encoder.pooling, encoder.prefix) == ("my-e5-base", "cls", "passage: ")
    assert load_encoder(str(tiny)).pooling == "mean"


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("tokenizer.json", None),
        ("model.safetensors", None),
        ("model.safetensors", "not weights"),
        ("config.json", None),
        ("config.json", "{"),
        ("config.json", '{"model_type": "bert"}'),
    ],
)
def test_a_broken_folder_is_named(tiny, tmp_path, name, content):
    folder = shutil.copytree(tiny, tmp_path / "broken")
    (folder / name).unlink()
    if content is not None:
        (folder / name).write_text(content)
    with pytest.raises(ModelMissing, match="broken"):
        TransformersEncoder(folder).encode(["the"])


def test_missing_weights_are_never_made_up(tiny, tmp_path):
    from safetensors.torch import load_file, save_file

    folder = shutil.copytree(tiny, tmp_path / "half")
    weights = load_file(folder / "model.safetensors")
    body = {name: tensor for name, tensor in weights.items() if "pooler" not in name}
    save_file(body, folder / "model.safetensors", metadata={"format": "pt"})
    assert TransformersEncoder(folder).encode(["the"]).any()
    del body["encoder.layer.1.output.dense.weight"]
    save_file(body, folder / "model.safetensors", metadata={"format": "pt"})
    with pytest.raises(ModelMissing, match=r"1 missing.*layer\.1\.output"):
        TransformersEncoder(folder).encode(["the"])


def test_preview_shows_the_exact_text_and_the_cut(tiny):
    catalog = catalog_of(["coffee maker", "garden " * 80, ""], ["the", "", ""])
    short = preview(catalog, str(tiny), "i0")
    assert short.sent == short.read == "coffee maker. the"
    assert short.tokens == ("[CLS]", "coffee", "maker", ".", "the", "[SEP]")
    assert not short.truncated
    assert preview(catalog, str(tiny), "i2").sent == ""
    assert preview(catalog, "tfidf", "i0").tokens == ("coffee", "maker", "the")
    with pytest.raises(UnknownId):
        preview(catalog, str(tiny), "i9")


def test_preview_cuts_where_the_encoder_stops_reading(tiny):
    long = "garden " * 300
    seen = preview(catalog_of([long]), str(tiny), "i0")
    assert seen.truncated
    assert seen.limit == 64
    assert len(seen.tokens) == 302
    assert seen.read + seen.cut == seen.sent
    encoder = load_encoder(str(tiny))
    np.testing.assert_allclose(encoder.encode([seen.read]), encoder.encode([long]), atol=2e-2)
    assert len(seen.read.split()) == 62


def test_token_lengths_are_uncut(tiny):
    texts = ["", "coffee", "garden " * 300, "咖啡"]
    assert token_lengths(texts, str(tiny)).tolist() == [0, 3, 302, 4]
    assert token_lengths(texts, "bow").tolist() == [0, 1, 300, 3]


def test_neighbours_by_cosine_centred_or_not(fake):
    table = extract_features(catalog_of(["a", "b", "c", "d", ""]), encoder=fake)
    plain = neighbours(table, "i0", k=10, centred=False)
    assert set(plain["item_id"]) == {"i1", "i2", "i3"}
    cosines = table.vectors @ table.vectors[0]
    np.testing.assert_allclose(plain["similarity"], np.sort(cosines[1:4])[::-1], atol=1e-6)
    middle = table.vectors[:4] - table.vectors[:4].mean(axis=0)
    middle /= np.linalg.norm(middle, axis=1, keepdims=True)
    centred = neighbours(table, "i0", k=2)
    np.testing.assert_allclose(
        centred["similarity"], np.sort(middle[1:] @ middle[0])[::-1][:2], atol=1e-6
    )
    assert neighbours(table, "i4").empty
    with pytest.raises(UnknownId):
        neighbours(table, "nobody")


def test_neighbours_with_the_same_text_are_listed_once(fake):
    table = extract_features(catalog_of(["a", "b", "b", "c", "b", "d", "c"]), encoder=fake)
    found = neighbours(table, "i0", k=2, distinct=True)
    assert len(found) == 2
    counts = dict(zip(found["item_id"], found["alike"], strict=True))
    assert counts.get("i1", 3) == 3
    assert counts.get("i3", 2) == 2
    assert set(counts) <= {"i1", "i3", "i5"}
    assert neighbours(table, "i1", k=5, distinct=True)["item_id"].iloc[0] == "i2"
